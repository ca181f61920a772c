package markup

import (
	"encoding/xml"
	"strings"
	"testing"
	"unicode/utf8"
)

type call struct {
	XMLName xml.Name `xml:"Call"`
	To      Text     `xml:"to,attr,omitempty"`
	Verbs   []any
}

type say struct {
	XMLName xml.Name `xml:"Say"`
	Words   Text     `xml:",chardata"`
}

type end struct {
	XMLName xml.Name `xml:"End"`
	Why     Text     `xml:"why,attr,omitempty"`
}

func TestDocument(t *testing.T) {
	tests := []struct {
		name string
		v    any
		want string
	}{
		{"nothing in it", call{}, `<Call/>`},
		{"an attribute alone", call{To: "a&b"}, `<Call to="a&amp;b"/>`},
		{"one empty element", call{Verbs: []any{end{}}}, `<Call><End/></Call>`},
		{"empty ones among others", call{Verbs: []any{end{Why: "x"}, say{Words: "hello"}, end{}, end{}}}, `<Call><End why="x"/><Say>hello</Say><End/><End/></Call>`},
		{"deep", call{Verbs: []any{call{Verbs: []any{call{Verbs: []any{end{}}}}}}}, `<Call><Call><Call><End/></Call></Call></Call>`},
		{"markup in texts", call{To: `"></`, Verbs: []any{say{Words: `</Say><End></End> ]]> & '`}}}, `<Call to="&#34;&gt;&lt;/"><Say>&lt;/Say&gt;&lt;End&gt;&lt;/End&gt; ]]&gt; &amp; &#39;</Say></Call>`},
		{"control characters", call{To: "a\x00b\x1fc", Verbs: []any{say{Words: "one\r\ntwo\tthree\x7f\u0085\ufffe\uffff🤙\u2028"}}}, "<Call to=\"abc\"><Say>one  two three🤙\u2028</Say></Call>"},
		{"no UTF-8", call{To: "\xff"}, "<Call to=\"\ufffd\"/>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(Document(tt.v)); got != "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"+tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// Whatever the texts are, the document reads back as what was written.
func FuzzDocument(f *testing.F) {
	f.Add("a", "b")
	f.Add(`"></Call>`, "</Say>\x00\xff\u2028<End></End>")
	f.Fuzz(func(t *testing.T, to, words string) {
		b := Document(call{To: Text(to), Verbs: []any{say{Words: Text(words)}, end{Why: Text(to)}, end{}}})
		var got struct {
			To  string `xml:"to,attr"`
			Say string `xml:"Say"`
			End []end  `xml:"End"`
		}
		if err := xml.Unmarshal(b, &got); err != nil || !utf8.Valid(b) {
			t.Fatalf("%q: %v", b, err)
		}
		if got.To != kept(to) || got.Say != kept(words) || len(got.End) != 2 || string(got.End[0].Why) != kept(to) {
			t.Fatalf("%q became %+v", b, got)
		}
	})
}

// kept is what is left of s, found the long way round.
func kept(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == 9 || r == 10 || r == 13:
			b.WriteByte(' ')
		case r >= 0x20 && (r < 0x7f || r > 0x9f) && r != 0xfffe && r != 0xffff:
			b.WriteRune(r)
		}
	}
	return b.String()
}
