package signin

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestSplitAddress(t *testing.T) {
	for raw, want := range map[string]address{
		"https://route.example.com/a/b?c=d": {scheme: "https://", host: "route.example.com", path: "/a/b", query: "?c=d"},
		"https://u:p@host:8443/a":           {scheme: "https://", user: "u:p@", host: "host", port: ":8443", path: "/a"},
		"https://[2001:db8::1]/":            {scheme: "https://", host: "[2001:db8::1]", path: "/"},
		"https://[2001:db8::1]:80?a@b:c/d":  {scheme: "https://", host: "[2001:db8::1]", port: ":80", query: "?a@b:c/d"},
		"http://host?u=https://x":           {scheme: "http://", host: "host", query: "?u=https://x"},
		"":                                  {},
	} {
		if diff := cmp.Diff(want, splitAddress(raw), cmp.AllowUnexported(address{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", raw, diff)
		}
	}
}

func FuzzSplitAddress(f *testing.F) {
	f.Add("https://u:p@host:8443/a?b=c")
	f.Add("://@:/?")
	f.Add("[::1]:80")
	f.Fuzz(func(t *testing.T, raw string) {
		if got := splitAddress(raw).String(); got != raw {
			t.Errorf("%q comes back as %q", raw, got)
		}
	})
}

// FuzzStringify compares with encoding/json, which escapes U+2028 and U+2029
// and is right about everything else.
func FuzzStringify(f *testing.F) {
	f.Add("+1650 \"\\\b\f\n\r\t\x00\x1f\x7f<&>é\U0001F4DE")
	f.Add("\u2028\u2029")
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			t.Skip()
		}
		got := stringify(s)
		var back string
		if err := json.Unmarshal([]byte(got), &back); err != nil || back != s {
			t.Fatalf("%q is written %s and read %q, %v", s, got, back, err)
		}
		var want bytes.Buffer
		e := json.NewEncoder(&want)
		e.SetEscapeHTML(false)
		if err := e.Encode(s); err != nil {
			t.Fatal(err)
		}
		if !strings.ContainsAny(s, "\u2028\u2029") && got != strings.TrimSuffix(want.String(), "\n") {
			t.Errorf("%q is written %s, want %s", s, got, want.String())
		}
	})
}
