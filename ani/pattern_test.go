package ani

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestParsePattern(t *testing.T) {
	for _, c := range []struct {
		name, raw, want string
		kind            PatternKind
	}{
		{"number", "+16505550123", "+16505550123", PatternNumber},
		{"decorated number", " tel:+44 (0)20 7946 0000 ", "+442079460000", PatternNumber},
		{"number that lost its plus in a spreadsheet", "16505550123", "+16505550123", PatternNumber},
		{"own calling code before a foreign number", "+163288406444", "+163288406444", PatternNumber},

		{"prefix", "+1650555*", "+1650555*", PatternPrefix},
		{"shortest prefix", "+165055*", "+165055*", PatternPrefix},
		{"longest prefix", "+44123456789012*", "+44123456789012*", PatternPrefix},
		{"decorated prefix", "+1 (650) 555-*", "+1650555*", PatternPrefix},
		{"prefix with the zero dialled at home", "+44 (0)20 7946*", "+44207946*", PatternPrefix},
		{"prefix with the zero that Italy keeps", "+39 06 12*", "+390612*", PatternPrefix},
		{"prefix of free numbers in Japan, which begin with zeros", "+81003768*", "+81003768*", PatternPrefix},
		{"full-width prefix", "＋１６５０５５５*", "+1650555*", PatternPrefix},

		{"range", "+16505550100-+16505550199", "+16505550100-+16505550199", PatternRange},
		{"decorated range with an en dash", "+1 650-555-0100 – +1 650-555-0199", "+16505550100-+16505550199", PatternRange},
		{"largest range", "+16505550000-+16505559999", "+16505550000-+16505559999", PatternRange},
		{"range of two", "+16505550100-+16505550101", "+16505550100-+16505550101", PatternRange},
		{"range of one is a number", "+16505550100-+16505550100", "+16505550100", PatternNumber},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := ParsePattern(c.raw)
			if err != nil {
				t.Fatal(err)
			}
			if p.String() != c.want || p.Kind() != c.kind {
				t.Errorf("ParsePattern(%q) is %s of kind %d, want %s of kind %d", c.raw, p, p.Kind(), c.want, c.kind)
			}
			if again, err := ParsePattern(p.String()); err != nil || again != p {
				t.Errorf("%s reads back as %s, %v", p, again, err)
			}
			if n, ok := p.Number(); ok != (c.kind == PatternNumber) || n.String() != c.want && ok {
				t.Errorf("Number is %s, %v", n, ok)
			}
		})
	}
}

func TestParsePatternSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name, raw string
		want      error
	}{
		{"nothing", " ", errPatternMissing},
		{"template", "${input.ani}", errPatternMissing},
		{"withheld", "anonymous", errPatternWithheld},
		{"keypad word", "+266696687", errPatternWithheld},
		{"words", "Meta call 1", errPatternUnknown},
		{"too long", "+1" + strings.Repeat("0", 300), errPatternUnknown},
		{"control character", "+1650555\x000123", errPatternUnknown},
		{"national number", "(650) 555-0123", errNoCallingCode},
		{"national number behind blanks is not a lost plus", "  6505550123", errNoCallingCode},
		{"calling code not assigned", "+2101234567", errBadCallingCode},
		{"too few digits", "+165055", errNumberLength},
		{"too many digits", "+1650555012345678", errNumberLength},
		{"prefix of five digits", "+16505*", errPrefixTooBroad},
		{"prefix of five digits without the zero dialled at home", "+44 (0)207*", errPrefixTooBroad},
		{"prefix of everything", "*", errPrefixSyntax},
		{"prefix without a plus", "1650555*", errNoCallingCode},
		{"prefix with an unassigned code", "+2101234*", errBadCallingCode},
		{"prefix of a whole number", "+441234567890123*", errPrefixTooLong},
		{"two stars", "+1650555**", errPrefixSyntax},
		{"star inside", "+1*6505550123", errPatternUnknown},
		{"words before the star", "+1650x555*", errPrefixSyntax},
		{"range backwards", "+16505550199-+16505550100", errRangeBackwards},
		{"range of 10,001", "+16505550000-+16505560000", errRangeTooLong},
		{"range over two lengths", "+44123456789-+441234567890", errRangeLengths},
		{"range over two codes", "+16505550100-+445550199000", errRangeCallingCode},
		{"range to nowhere", "+16505550100-+", errPatternUnknown},
		{"range from nowhere", "-+16505550100", errPatternMissing},
		{"range without its second plus", "+16505550100-16505550199", errRangeShortened},
		{"shortened range", "+16505550500-600", errRangeShortened},
		{"shortened range with blanks", "+1 650 555 0500-0599", errRangeShortened},
	} {
		t.Run(c.name, func(t *testing.T) {
			if p, err := ParsePattern(c.raw); err != c.want {
				t.Errorf("ParsePattern(%q) is %s, %v; want the error %v", c.raw, p, err, c.want)
			}
		})
	}
}

func TestPatternContains(t *testing.T) {
	for _, c := range []struct {
		name, pattern, number string
		want                  bool
	}{
		{"the number", "+16505550123", "+16505550123", true},
		{"another number", "+16505550123", "+16505550124", false},
		{"first of the range", "+16505550100-+16505550199", "+16505550100", true},
		{"last of the range", "+16505550100-+16505550199", "+16505550199", true},
		{"before the range", "+16505550100-+16505550199", "+16505550099", false},
		{"behind the range", "+16505550100-+16505550199", "+16505550200", false},
		{"in the range but for one more digit", "+44123456780-+44123456789", "+441234567850", false},
		{"with the prefix", "+1650555*", "+16505550123", true},
		{"with the prefix, shorter", "+44207946*", "+4420794600", true},
		{"the prefix itself", "+4420794600*", "+4420794600", true},
		{"shorter than the prefix", "+44207946001*", "+4420794600", false},
		{"with another prefix", "+1650555*", "+16505560123", false},
		{"longest number of a prefix", "+441234*", "+441234567890123", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := ParsePattern(c.pattern)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Contains(MustParse(c.number)); got != c.want {
				t.Errorf("%s contains %s: %v, want %v", p, c.number, got, c.want)
			}
			if p.Contains(Number{}) {
				t.Errorf("%s contains the zero Number", p)
			}
		})
	}
	if (Pattern{}).Contains(MustParse("+16505550123")) || (Pattern{}).Contains(Number{}) {
		t.Error("the zero Pattern contains something")
	}
}

// A caller whose national number is dialled with a zero at home must match a
// prefix that was written with it. (Numbers of Rwanda may begin with one.)
func TestPrefixesLeaveOutTheTrunkZeroAsNumbersDo(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for _, e := range examples() {
		p := planFor(e[1:])
		for _, zero := range []string{"", "0"} {
			raw := "+" + p.code + zero + e[1+len(p.code):]
			n, err := Parse(raw, "")
			if err != nil || len(raw) < 9 || zero != "" && !p.trunk {
				continue
			}
			prefix, err := ParsePattern(raw[:8+rnd.IntN(len(raw)-8)] + "*")
			if err != nil {
				continue
			}
			if n == MustParse(e) && !prefix.Contains(n) {
				t.Errorf("%s, read from %s, is not in %s", n, raw, prefix)
			}
		}
	}
}

func TestPatternText(t *testing.T) {
	p := PatternOf(MustParse("+16505550123"))
	if err := p.UnmarshalText([]byte("+1650*")); err != errPrefixTooBroad || p != PatternOf(MustParse("+16505550123")) {
		t.Errorf("a bad text gives %v and leaves %s", err, p)
	}
	if err := p.UnmarshalText(nil); err != nil || !p.IsZero() || p.Kind() != PatternNone {
		t.Errorf("an empty text gives %v and leaves %s", err, p)
	}
	if b, err := p.MarshalText(); err != nil || len(b) != 0 {
		t.Errorf("the zero Pattern writes %q, %v", b, err)
	}
}

func FuzzParsePattern(f *testing.F) {
	for _, s := range []string{"+16505550123", "+1650555*", "+16505550100-+16505550199", "+44 (0)20 7946*", "+1-+2", "-+", "*", "+39*0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		p, err := ParsePattern(raw)
		if err != nil {
			if !p.IsZero() {
				t.Fatalf("ParsePattern(%q) gives %s and the error %v", raw, p, err)
			}
			return
		}
		if again, err := ParsePattern(p.String()); err != nil || again != p {
			t.Fatalf("%q is %s, which reads back as %s, %v", raw, p, again, err)
		}
		if n, ok := p.Number(); ok && (!p.Contains(n) || PatternOf(n) != p) {
			t.Fatalf("%s is a number that it does not contain", p)
		}
	})
}
