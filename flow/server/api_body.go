package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ringthrough/ringthrough/ani"
)

// body is a JSON object that its handler decodes over what holds where the
// object says nothing. By then it has been checked against T's schema.
type body[T any] struct{ raw []byte }

// UnmarshalJSON keeps the object as it is.
func (b *body[T]) UnmarshalJSON(raw []byte) error {
	b.raw = slices.Clone(raw)
	return nil
}

// Schema is T's, in the document and for the check.
func (body[T]) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[T](), true, "")
}

// over decodes b over v. Without a body, v stays as it is.
func (b *body[T]) over(v *T) error {
	if b == nil {
		return nil
	}
	err := json.Unmarshal(b.raw, v)
	// 1.0 and 1e3 are integers to the schema, and not to Go.
	if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
		return ani.Problems{{Field: wrong.Field, Text: "must be written as a plain whole number"}}
	}
	if err != nil {
		return newProblem(http.StatusBadRequest, "the body is not JSON")
	}
	return nil
}

// timeIn reads a time that the schema has found to be one; nil is none.
func timeIn(field string, s *string, p *ani.Problems) time.Time {
	if s == nil {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, *s)
	if err != nil {
		p.Add(field, mustBeTime)
	}
	return t.UTC().Truncate(time.Millisecond)
}

// timeOut is the opposite of timeIn.
func timeOut(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.Format(time.RFC3339Nano)
	return &s
}

// alsoIn adds the problems of err to p, but for fields that p names already,
// whole or in part: what could not be read is missing for whoever looks next.
func alsoIn(p ani.Problems, err error) error {
	var more ani.Problems
	if !errors.As(err, &more) {
		return errors.Join(p.Err(), err)
	}
	for _, problem := range more {
		named := func(q ani.Problem) bool {
			return q.Field == problem.Field || strings.HasPrefix(q.Field, problem.Field+"[")
		}
		if !slices.ContainsFunc(p, named) {
			p = append(p, problem)
		}
	}
	return p.Err()
}

// same reports whether a and b are the same to a client.
func same(a, b any) bool {
	left, errLeft := marshal(a)
	right, errRight := marshal(b)
	return errLeft == nil && errRight == nil && bytes.Equal(left, right)
}

// marshal writes v as JSON on one line; labels keep their <, > and &.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
