package form

import (
	"errors"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/flow"
)

func TestRead(t *testing.T) {
	tests := []struct {
		name                string
		method, query, body string
		want                Fields // nil: malformed
	}{
		{"a body", "POST", "", "From=%2B16505550123&To=%2B18005550100&Other=x", Fields{"From": "+16505550123", "To": "+18005550100"}},
		{"the query of a GET", "GET", "From=%2B1&To=", "From=2", Fields{"From": "+1", "To": ""}},
		{"the query of a POST is nobody's word", "POST", "From=%2B1&To=2", "", Fields{}},
		{"names have a case", "POST", "", "from=1&TO=2", Fields{}},
		{"the same twice", "POST", "", "From=1&From=1", Fields{"From": "1"}},
		{"two values", "POST", "", "From=1&From=2", nil},
		{"two values of another field", "POST", "", "Other=1&Other=2", Fields{}},
		{"a broken escape", "POST", "", "From=%zz", nil},
		{"a semicolon", "POST", "", "From=1;To=2", nil},
		{"no UTF-8", "POST", "", "From=%ff", Fields{"From": "\ufffd"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Read(flow.Request{Method: tt.method, RawQuery: tt.query, Body: []byte(tt.body)}, "From", "To")
			if errors.Is(err, flow.ErrMalformed) != (tt.want == nil) {
				t.Fatalf("got %v, %v", got, err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestHas(t *testing.T) {
	f := Fields{"To": ""}
	if !f.Has("From", "To") || f.Has("From") || f.Has() {
		t.Error("an empty field is there, one that isn't there is not")
	}
}

func TestSeconds(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "12": 12 * time.Second, "86400": 24 * time.Hour,
		"": 0, "86401": 0, "-1": 0, "+1": 0, "1.5": 0, "1e3": 0, " 1": 0, "4294967296": 0, "99999999999999999999": 0,
	} {
		if got := (Fields{"Duration": text}).Seconds("Duration"); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
	if got := (Fields{}).Seconds("Duration"); got != 0 {
		t.Errorf("a missing field is %s", got)
	}
}

// What is read is text, and only what was asked for.
func FuzzRead(f *testing.F) {
	f.Add("POST", "From=1&To=2")
	f.Add("GET", "From=%ff&From=%fe")
	f.Add("POST", "{\"From\":\"+1\"}")
	f.Fuzz(func(t *testing.T, method, text string) {
		got, err := Read(flow.Request{Method: method, RawQuery: text, Body: []byte(text)}, "From")
		if err != nil {
			if !errors.Is(err, flow.ErrMalformed) {
				t.Fatal(err)
			}
			return
		}
		if len(got) > 1 || !utf8.ValidString(got["From"]) {
			t.Fatalf("%q", got)
		}
	})
}
