package ani

import (
	"math/rand/v2"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// spellings are ways in which one E.164 number arrives.
var spellings = map[string]func(e164 string) string{
	"tel":                 func(s string) string { return "tel:" + s },
	"sip":                 func(s string) string { return "sip:" + s + "@10.0.0.1:5060;user=phone" },
	"name-addr":           func(s string) string { return `"+1 (900) <x>" <sips:` + s + `@host>;tag=1` },
	"number portability":  func(s string) string { return "<sip:" + s + ";npdi;rn=+16505550000@host>" },
	"percent-encoded":     func(s string) string { return "sip:" + url.QueryEscape(s) + "@host" },
	"lost plus":           func(s string) string { return " " + s[1:] },
	"bare":                func(s string) string { return s[1:] },
	"00":                  func(s string) string { return "00" + s[1:] },
	"011":                 func(s string) string { return "011" + s[1:] },
	"grouped":             func(s string) string { return s[:4] + " (" + s[4:6] + ") " + s[6:] },
	"grouped behind 00":   func(s string) string { return "00 " + s[1:4] + "-" + s[4:] },
	"extension":           func(s string) string { return s + " ext. 42" },
	"extension parameter": func(s string) string { return s + ";ext=42" },
	"phone-context":       func(s string) string { return "tel:" + s[3:] + ";phone-context=" + s[:3] },
	"full width": func(s string) string {
		return strings.Map(func(r rune) rune { return r - '!' + '！' }, s)
	},
}

func TestSpellingsOfOneNumber(t *testing.T) {
	rnd := rand.New(rand.NewPCG(2, 2))
	regions := []string{"", "US", "GB", "IT", "RU", "BR", "AU", "JP", "KE"}
	for _, e := range examples() {
		n, err := Parse(e, "")
		if err != nil {
			continue
		}
		for name, spell := range spellings {
			r := Reading{Region: regions[rnd.IntN(len(regions))], BareIsE164: name == "bare"}
			if !guess(e, "").valid() && (name == "bare" || name == "00" || name == "011" || name == "grouped behind 00") {
				continue
			}
			if got, err := r.Parse(spell(e)); got != n {
				t.Errorf("%s: %q with %+v is %s, %v; want %s", name, spell(e), r, got, err, n)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for name := range spellings {
		f.Add(spellings[name]("+442079460000"), "US", true)
	}
	for _, s := range []string{"anonymous", "<null>", "1-800-FLOWERS", "00016505551234", "*67 650 555 0123", "tel:1;phone-context=+", "\"\\", "sip:@", "%", "+٩"} {
		f.Add(s, "GB", false)
	}
	f.Fuzz(func(t *testing.T, raw, region string, bare bool) {
		n, err := Reading{Region: region, BareIsE164: bare}.Parse(raw)
		if (err == nil) == n.IsZero() {
			t.Fatalf("Parse(%q, %q) gives %q and %v", raw, region, n, err)
		}
		if err != nil {
			if err != ErrMissing && err != ErrWithheld && err != ErrUnparseable {
				t.Fatalf("Parse(%q, %q): %v", raw, region, err)
			}
			if (err == ErrMissing) != IsPlaceholder(raw) {
				t.Fatalf("Parse(%q, %q) is %v", raw, region, err)
			}
			return
		}
		if digits := len(n.String()) - 1; digits < minDigits || digits > maxDigits || planFor(n.String()[1:]) == nil {
			t.Fatalf("Parse(%q, %q) is %s, which is no E.164 number", raw, region, n)
		}
		for _, r := range []Reading{{}, {Region: region, BareIsE164: !bare}, {Called: n}} {
			if again, err := r.Parse(n.String()); again != n {
				t.Fatalf("Parse(%q, %q) is %s, which reads back as %s, %v with %+v", raw, region, n, again, err, r)
			}
		}
	})
}

func TestParseIsSafeForConcurrentUse(t *testing.T) {
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, e := range examples()[:200] {
				want, err := Parse(e, "")
				if err != nil {
					continue
				}
				if got, _ := Parse("tel:"+e, ""); got != want || got.Region() == "" {
					t.Errorf("tel:%s is %s in %q", e, got, got.Region())
				}
			}
		})
	}
	wg.Wait()
}
