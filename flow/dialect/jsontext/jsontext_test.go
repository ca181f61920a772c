package jsontext

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/flow"
)

type sample struct {
	A Text  `json:"a"`
	B Texts `json:"b"`
	C struct {
		D Text `json:"d"`
	} `json:"c"`
}

func TestRead(t *testing.T) {
	tests := []struct {
		name string
		body string
		want sample
		ok   bool
	}{
		{"all of it", `{"a":"x","b":["y","z"],"c":{"d":"w"}}`, sample{A: "x", B: Texts{"y", "z"}, C: struct {
			D Text `json:"d"`
		}{"w"}}, true},
		{"numbers", `{"a":16505550123,"b":7}`, sample{A: "16505550123", B: Texts{"7"}}, true},
		{"odd numbers are nothing", `{"a":-1,"b":[1.5,1e9]}`, sample{}, true},
		{"null, true and nested are nothing", `{"a":null,"b":[true,{"x":1},["y"],"z"],"c":"d"}`, sample{B: Texts{"z"}}, true},
		{"a field of another type costs no other field", `{"c":[1],"a":"x"}`, sample{A: "x"}, true},
		{"a byte order mark and blanks", " \ufeff\r\n{\"a\":\"x\"} \n", sample{A: "x"}, true},
		{"a surrogate alone", `{"a":"\ud800x"}`, sample{A: "\ufffdx"}, true},
		{"nothing", "", sample{}, false},
		{"a list", `[{"a":"x"}]`, sample{}, false},
		{"a text", `"a"`, sample{}, false},
		{"cut short", `{"a":"x"`, sample{}, false},
		{"more behind it", `{"a":"x"}{}`, sample{}, false},
		{"too deep", strings.Repeat(`{"x":`, 20000) + "1" + strings.Repeat("}", 20000), sample{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got sample
			err := Read([]byte(tt.body), &got)
			if (err == nil) != tt.ok || err != nil && !errors.Is(err, flow.ErrMalformed) {
				t.Fatalf("got %v", err)
			}
			if !tt.ok {
				return
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestReply(t *testing.T) {
	r := Reply([]string{"a&b <c>", "\u2028"})
	if want := `["a&b <c>","\u2028"]`; string(r.Body) != want || r.Status != 200 || r.ContentType != "application/json" {
		t.Errorf("got %d %s %s, want %s", r.Status, r.ContentType, r.Body, want)
	}
}

func TestSeconds(t *testing.T) {
	for text, want := range map[Text]time.Duration{
		"12": 12 * time.Second, "0": 0, "": 0, "-1": 0, "1.5": 0, "99999": 24 * time.Hour, "999999": 0, "x": 0, "٣": 0,
	} {
		if got := text.Seconds(); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

func TestLanguage(t *testing.T) {
	for option, want := range map[string]string{
		"de": "de", "pt-BR": "pt-BR", "zh-Hans-CN": "zh-Hans-CN", "cmn": "cmn", "": "", "english": "", "de_DE": "", "de\n": "", `de"`: "",
	} {
		if got := Language(&flow.Hook{Options: map[string]string{"language": option}}); got != want {
			t.Errorf("%q is %q", option, got)
		}
	}
}

func TestIsArray(t *testing.T) {
	for text, want := range map[string]bool{
		`[]`: true, ` [{"a":1}] `: true, `[{},{}]`: true,
		``: false, `{}`: false, `[1]`: false, `["a"]`: false, `[{]`: false, `[] []`: false, `[null]`: true,
		`[{"a":"` + strings.Repeat("x", MaxPassedOn) + `"}]`: false,
	} {
		if got := IsArray([]byte(text)); got != want {
			t.Errorf("IsArray(%.20q) is %t", text, got)
		}
	}
}

func TestIsObject(t *testing.T) {
	for text, want := range map[string]bool{
		`{"a":1}`: true, ` {"x":{},"b":null} `: true,
		``: false, `{}`: false, `{"A":1}`: false, `[{"a":1}]`: false, `{"a":1`: false, `null`: false,
	} {
		if got := IsObject([]byte(text), "a", "b"); got != want {
			t.Errorf("IsObject(%q) is %t", text, got)
		}
	}
}

// What is spoken is valid text without control characters, and has all the
// other characters.
func FuzzSpoken(f *testing.F) {
	f.Add("Write down \"six\" digits & <hang up> 📞")
	f.Add("\x00\n\t<speak>\x7f")
	f.Add("\xff <SPEAK")
	f.Fuzz(func(t *testing.T, text string) {
		got := Spoken(text)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			t.Fatalf("Spoken(%q) is %q", text, got)
		}
		if strings.HasPrefix(strings.ToLower(got), "<speak") {
			t.Fatalf("%q would be taken for SSML", got)
		}
		bare := func(s string) string {
			return strings.Map(func(r rune) rune {
				if r <= ' ' || r == 0x7f {
					return -1
				}
				return r
			}, s)
		}
		if want := bare(strings.ToValidUTF8(text, "\ufffd")); !strings.HasSuffix(bare(got), strings.TrimSpace(want)) {
			t.Fatalf("Spoken(%q) is %q: something is lost", text, got)
		}
	})
}

// Read takes what is JSON and an object, and nothing else.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"a":"x","b":["y"],"c":{"d":1}}`))
	f.Add([]byte("\ufeff{\"a\":1e400}"))
	f.Add([]byte(`{"b":[[]],"c":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var got sample
		err := Read(body, &got)
		trimmed := bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSpace(body), []byte("\ufeff")))
		if want := json.Valid(trimmed) && len(trimmed) > 0 && trimmed[0] == '{'; want != (err == nil) {
			t.Fatalf("%v for %q", err, body)
		}
		if !utf8.ValidString(string(got.A)) {
			t.Fatalf("%q", got.A)
		}
	})
}
