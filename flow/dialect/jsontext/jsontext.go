// Package jsontext is JSON as the platforms that speak it send and take it:
// one object in, one line out. It knows no platform's names of fields.
package jsontext

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/flow"
)

// MediaType is the Content-Type of every reply.
const MediaType = "application/json"

// Read fills in v, a struct, from a body that is one JSON object. A field of
// another type than v's counts as absent: one odd field of many must cost no
// caller the answer. The error is flow.ErrMalformed, wrapped, and names
// nothing of the body.
func Read(body []byte, v any) error {
	body = bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSpace(body), []byte("\ufeff")))
	if len(body) == 0 || body[0] != '{' {
		return fmt.Errorf("%w: the body is no JSON object", flow.ErrMalformed)
	}
	err := json.Unmarshal(body, v)
	if odd := (*json.UnmarshalTypeError)(nil); err != nil && !errors.As(err, &odd) {
		return fmt.Errorf("%w: the JSON is broken", flow.ErrMalformed)
	}
	return nil
}

// Reply is v on one line, with status 200.
func Reply(v any) flow.Reply {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("encode a reply: %v", err)) // only types that JSON has are ever replied
	}
	return flow.Reply{Status: 200, ContentType: MediaType, Body: bytes.TrimSuffix(b.Bytes(), []byte("\n"))}
}

// Text is a string, or an integer as its digits. Whatever else JSON has is
// empty: fractions and exponents are no numbers that somebody dialled.
type Text string

// UnmarshalJSON takes any valid JSON.
func (t *Text) UnmarshalJSON(b []byte) error {
	*t = ""
	if b[0] == '"' {
		return json.Unmarshal(b, (*string)(t))
	}
	if strings.Trim(string(b), "0123456789") == "" {
		*t = Text(b)
	}
	return nil
}

// Texts is one string or many.
type Texts []string

// UnmarshalJSON takes any valid JSON. What is no string is left out.
func (t *Texts) UnmarshalJSON(b []byte) error {
	var one Text
	var many []Text
	if b[0] != '[' {
		many = []Text{one}
		if err := json.Unmarshal(b, &many[0]); err != nil {
			return err
		}
	} else if err := json.Unmarshal(b, &many); err != nil {
		return err
	}
	*t = nil
	for _, s := range many {
		if s != "" {
			*t = append(*t, string(s))
		}
	}
	return nil
}

// Seconds is t as a span of whole seconds, such as "12"; anything else, and
// more than a day, is none.
func (t Text) Seconds() time.Duration {
	if t == "" || len(t) > 5 || strings.Trim(string(t), "0123456789") != "" {
		return 0
	}
	var d time.Duration
	for _, digit := range t {
		d = d*10 + time.Duration(digit-'0')*time.Second
	}
	return min(d, 24*time.Hour)
}

// Spoken is text without control characters, for a voice to read out. One
// that begins with <speak> would be taken for SSML, and be silence where it is
// none.
func Spoken(text string) string {
	spoken := strings.TrimSpace(strings.Map(printable, strings.ToValidUTF8(text, "\ufffd")))
	if strings.HasPrefix(strings.ToLower(spoken), "<speak") {
		return ". " + spoken
	}
	return spoken
}

func printable(r rune) rune {
	switch {
	case r == '\n' || r == '\r' || r == '\t':
		return ' '
	case r < ' ' || r == 0x7f:
		return -1
	default:
		return r
	}
}

var language = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$`)

// Language is the language that announcements are spoken in: the hook's
// option of that name, such as pt-BR. Empty: the platform's own.
func Language(h *flow.Hook) string {
	if l := h.Options["language"]; language.MatchString(l) {
		return l
	}
	return ""
}

// MaxPassedOn is how many bytes of a customer's own answer are passed on.
const MaxPassedOn = 64 << 10

// IsArray reports whether b is a JSON array of objects, of a size that can be
// passed on. An empty array is one.
func IsArray(b []byte) bool {
	var items []map[string]json.RawMessage
	return first(b) == '[' && json.Unmarshal(b, &items) == nil
}

// IsObject reports whether b is a JSON object with one of the keys, of a size
// that can be passed on.
func IsObject(b []byte, keys ...string) bool {
	var object map[string]json.RawMessage
	if first(b) != '{' || json.Unmarshal(b, &object) != nil {
		return false
	}
	for _, key := range keys {
		if _, ok := object[key]; ok {
			return true
		}
	}
	return false
}

// first is the byte that b begins with after blanks, 0 if there is none or b
// is too large.
func first(b []byte) byte {
	if b = bytes.TrimSpace(b); len(b) == 0 || len(b) > MaxPassedOn {
		return 0
	}
	return b[0]
}
