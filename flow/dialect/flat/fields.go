package flat

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/go-faster/jx"

	"github.com/ringthrough/ringthrough/flow"
)

const (
	maxFields = 5
	maxName   = 32 // bytes; longer names are unknown
)

// fields is what a request gave, by field.
type fields [maxFields]value

// value is what a request gave for one field; the zero value is nothing. An
// empty text counts as nothing.
type value struct {
	text   string
	rank   int  // of the name that it stood under
	number bool // it was a JSON number, and is as it stood there
}

// dialled is v as a telephone number. Fractions and exponents are none: only
// digits say for sure what was dialled.
func (v value) dialled() string {
	if v.number && strings.Trim(v.text, "0123456789") != "" {
		return ""
	}
	return v.text
}

// read finds the fields called known in the body, and those that it doesn't
// have in the query.
func read(r flow.Request, known names) (fields, error) {
	var body, query fields
	if err := body.readBody(r, known); err != nil {
		return fields{}, err
	}
	if err := query.readForm(r.RawQuery, known); err != nil {
		return fields{}, err
	}
	for i, v := range query {
		if body[i].text == "" {
			body[i] = v
		}
	}
	return body, nil
}

// readBody goes by what the body looks like first: CXone calls its JSON a
// form. Some platforms put a byte order mark before it.
func (f *fields) readBody(r flow.Request, known names) error {
	body := bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSpace(r.Body), []byte("\ufeff")))
	switch {
	case len(body) == 0:
		return nil
	case strings.IndexByte(`{["`, body[0]) >= 0, string(body) == "null", isJSON(r.ContentType):
		return f.readJSON(body, known)
	case strings.HasPrefix(r.ContentType, "multipart/"):
		return malformed("a multipart form is not read: send it url-encoded, or JSON")
	default:
		return f.readForm(string(body), known)
	}
}

func isJSON(contentType string) bool {
	return strings.HasSuffix(contentType, "/json") || strings.HasSuffix(contentType, "+json")
}

func (f *fields) readJSON(body []byte, known names) error {
	var d jx.Decoder
	d.ResetBytes(body)
	object, err := d.ObjIter()
	if err != nil {
		return malformed("the body is no JSON object")
	}
	for object.Next() {
		if err := f.readValue(&d, find(known, object.Key())); err != nil {
			return malformed("the JSON is broken")
		}
	}
	if object.Err() != nil {
		return malformed("the JSON is broken")
	}
	if err := d.Skip(); !errors.Is(err, io.EOF) {
		return malformed("something stands after the JSON object")
	}
	return nil
}

// readValue reads or skips one value. Null, true, false and nested values
// count as nothing.
func (f *fields) readValue(d *jx.Decoder, at place) error {
	kind := d.Next()
	if !at.known || kind != jx.String && kind != jx.Number {
		return d.Skip()
	}
	if kind == jx.Number {
		raw, err := d.Raw()
		f.put(at, value{text: string(raw), number: true})
		return err
	}
	text, err := d.StrBytes()
	f.put(at, value{text: string(text)})
	return err
}

// readForm reads url-encoded pairs. What is wrong with an unknown field is
// nobody's business.
func (f *fields) readForm(pairs string, known names) error {
	for pair := range strings.SplitSeq(pairs, "&") {
		escaped, rest, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(escaped)
		if err != nil {
			continue
		}
		at := find(known, name)
		if !at.known {
			continue
		}
		text, err := url.QueryUnescape(rest)
		if err != nil {
			return malformed("a field that is asked for has a broken % escape in it")
		}
		f.put(at, value{text: text})
	}
	return nil
}

// put keeps v unless a name that wins, or the same one earlier, gave the field.
func (f *fields) put(at place, v value) {
	v.rank = at.rank
	if v.text != "" && (f[at.field].text == "" || v.rank < f[at.field].rank) {
		v.text = strings.ToValidUTF8(v.text, "\ufffd")
		f[at.field] = v
	}
}

// malformed never names a value: it may be a number, and errors are logged.
func malformed(what string) error { return fmt.Errorf("%w: %s", flow.ErrMalformed, what) }

// names says which field a name in lower case stands for.
type names map[string]place

type place struct {
	known       bool
	field, rank int
}

// newNames takes the names of each field, the winning one first.
func newNames(byField [][]string) names {
	n := names{}
	for field, all := range byField {
		for rank, name := range all {
			n[name] = place{known: true, field: field, rank: rank}
		}
	}
	return n
}

// find looks name up in any case, without allocating.
func find[S string | []byte](n names, name S) place {
	if len(name) > maxName {
		return place{}
	}
	var lower [maxName]byte
	for i := range len(name) {
		c := name[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	return n[string(lower[:len(name)])]
}
