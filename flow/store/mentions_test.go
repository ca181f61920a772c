package store

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ringthrough/ringthrough/ani"
)

func TestMentions(t *testing.T) {
	n := ani.MustParse("+16505550123")
	for text, want := range map[string]bool{
		"":                            false,
		"+16505550123":                true,
		`{"ani":"+16505550123"}`:      true,
		"sip:+16505550123@gw":         true,
		"+165055501234":               false, // another number
		"+1650555012":                 false,
		"+165055501234 +16505550123.": true,
		"+16505550123-+16505550199":   true, // a range that begins with it
		"16505550123":                 false,
		"+1 650 555 0123":             false,
		"++16505550123":               true,
	} {
		if got := Mentions(text, n); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	if Mentions("+", ani.Number{}) || Mentions("", ani.Number{}) {
		t.Error("a text mentions no number at all")
	}
}

// TestMentionsWhatIsWritten puts a number between other texts.
func TestMentionsWhatIsWritten(t *testing.T) {
	n := ani.MustParse("+16505550123")
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.StringOf(rapid.SampledFrom([]rune("+0123456789 x")))
		before, after := parts.Draw(t, "before"), parts.Draw(t, "after")
		longer := after != "" && strings.ContainsRune("0123456789", rune(after[0]))
		if text := before + n.String() + after; !Mentions(text, n) && !longer {
			t.Errorf("%q", text)
		}
		if other := before + after; Mentions(other, n) && !strings.Contains(other, n.String()) {
			t.Errorf("%q has it", other)
		}
	})
}
