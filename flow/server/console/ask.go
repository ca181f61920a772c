package console

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// question is one request to the ops API.
type question struct {
	method, path string
	query        url.Values
	body         any // nil: none; an io.Reader as it is; anything else as JSON
	ifMatch      string
	ifNoneMatch  string
	wait         time.Duration // for the answer; 0: patience
}

// refusal is an answer of the API that grants nothing (RFC 9457).
type refusal struct {
	Status int
	Detail string
	Errors []fieldError
}

// fieldError is what is wrong with one field.
type fieldError struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

func (r *refusal) Error() string { return r.Detail }

// Of is what is wrong with a field, and with what is below it.
func (r *refusal) Of(field string) string {
	if r == nil {
		return ""
	}
	for _, e := range r.Errors {
		if e.Field == field || len(e.Field) > len(field) && e.Field[:len(field)] == field && (e.Field[len(field)] == '[' || e.Field[len(field)] == '.') {
			return e.Detail
		}
	}
	return ""
}

// recorder keeps the API's answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}

// ask puts a question in the name of whoever visits, and decodes what is
// answered into out, unless that is nil. What is not granted is a *refusal.
func (v *visit) ask(q question, out any) error {
	ctx, cancel := context.WithTimeout(v.r.Context(), cmp.Or(q.wait, patience))
	defer cancel()
	body, err := q.reader()
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, q.method, (&url.URL{Path: q.path, RawQuery: q.query.Encode()}).String(), body)
	if err != nil {
		return fmt.Errorf("ask the API: %w", err)
	}
	if _, raw := q.body.(io.Reader); body != nil && !raw {
		r.Header.Set("Content-Type", "application/json")
	}
	if q.ifMatch != "" {
		r.Header.Set("If-Match", q.ifMatch)
	}
	if q.ifNoneMatch != "" {
		r.Header.Set("If-None-Match", q.ifNoneMatch)
	}
	answer := &recorder{header: http.Header{}}
	v.api(v.who.token(), v.from(), answer, r)
	if answer.status/100 != 2 {
		return answer.refusal()
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer.body.Bytes(), out); err != nil {
		return fmt.Errorf("read what the API answers: %w", err)
	}
	return nil
}

func (q question) reader() (io.Reader, error) {
	switch b := q.body.(type) {
	case nil:
		return nil, nil
	case io.Reader:
		return b, nil
	default:
		text, err := json.Marshal(b)
		if err != nil {
			return nil, fmt.Errorf("ask the API: %w", err)
		}
		return bytes.NewReader(text), nil
	}
}

func (r *recorder) refusal() error {
	refused := &refusal{Status: r.status}
	if json.Unmarshal(r.body.Bytes(), refused) != nil || refused.Detail == "" {
		refused.Detail = http.StatusText(r.status)
	}
	refused.Status = r.status
	return refused
}

// get asks for what is at path.
func get[T any](v *visit, path string, query url.Values) (T, error) {
	var out T
	err := v.ask(question{method: http.MethodGet, path: path, query: query}, &out)
	return out, err
}

// from is the network address of whoever visits.
func (v *visit) from() string {
	if host, _, err := net.SplitHostPort(v.r.RemoteAddr); err == nil {
		return host
	}
	return v.r.RemoteAddr
}
