package ani

import (
	"errors"
	"fmt"
	"strings"
)

// PatternKind is what a Pattern is.
type PatternKind uint8

// The kinds of pattern.
const (
	PatternNone   PatternKind = iota // the zero Pattern
	PatternNumber                    // one number
	PatternRange                     // all numbers from one to another
	PatternPrefix                    // all numbers that begin with the same digits
)

// MaxRange is how many numbers a range may have.
const MaxRange = 10_000

// The bounds of a prefix, in digits. One of fifteen would be a number.
const (
	minPrefixDigits = 6
	maxPrefixDigits = maxDigits - 1
)

// Pattern is a number (+16505550123), a range (+16505550100-+16505550199) or a
// prefix (+1650555*) of numbers. The zero Pattern is none and contains none.
// Patterns compare with ==, and have one form each: a range of one number is
// that number.
type Pattern struct {
	// packed has in its low 50 bits the digits of the number, of the first
	// number of the range, or of the prefix; above them how many numbers
	// follow the first in a range, or prefixMark.
	packed uint64
}

const (
	digitBits  = 50 // 15 digits fit
	prefixMark = 1<<(64-digitBits) - 1
)

// The errors of ParsePattern are the rest of a sentence that begins with
// "pattern".
var (
	errPatternMissing   = errors.New("is missing: write a number such as +16505550123, a prefix such as +1650555* or a range such as +16505550100-+16505550199")
	errPatternUnknown   = errors.New("is no number, prefix or range: write it as +16505550123, +1650555* or +16505550100-+16505550199")
	errPatternWithheld  = errors.New("is what platforms send for a withheld number, so it would match callers who hide theirs: write a number such as +16505550123")
	errNoCallingCode    = errors.New("has no country code: write + and the country code first, as in +16505550123")
	errBadCallingCode   = errors.New("begins with a country code that nobody has: write + and an assigned one, as in +16505550123")
	errNumberLength     = fmt.Errorf("has the wrong length: with its country code a number has %d to %d digits", minDigits, maxDigits)
	errPrefixTooBroad   = fmt.Errorf("is too broad: write %d digits or more before the *, country code included", minPrefixDigits)
	errPrefixTooLong    = fmt.Errorf("is too long: write %d digits at most before the *, or the whole number without it", maxPrefixDigits)
	errPrefixSyntax     = errors.New("is no prefix: write + and digits, with one * at the end, as in +1650555*")
	errRangeBackwards   = errors.New("ends before it begins: write the lower number first")
	errRangeLengths     = errors.New("joins numbers of different lengths: write both ends with the same number of digits")
	errRangeCallingCode = errors.New("joins numbers of different country codes: write one range for each")
	errRangeShortened   = errors.New("could be a range whose second number is shortened, or one number with a hyphen in it: write both ends of a range in full, as in +16505550100-+16505550199, and a number without the hyphen")
	errRangeTooLong     = fmt.Errorf("has too many numbers: a range has %d at most", MaxRange)
)

// PatternOf is the pattern of n alone; zero for the zero Number.
func PatternOf(n Number) Pattern { return Pattern{n.digits} }

// ParsePattern reads a number, a prefix or a range. Numbers may be written in
// all ways that Parse reads without a region. The error is the rest of a
// sentence that begins with "pattern", and says what would be right.
func ParsePattern(raw string) (Pattern, error) {
	if IsPlaceholder(raw) {
		return Pattern{}, errPatternMissing
	}
	s, ok := plain(strings.TrimSpace(raw))
	if !ok || len(s) > maxRaw {
		return Pattern{}, errPatternUnknown
	}
	if body, ok := strings.CutSuffix(s, "*"); ok {
		return parsePrefix(body)
	}
	if low, high, ok := cutRange(s); ok {
		return parseRange(low, high)
	}
	if isShortened(s) {
		return Pattern{}, errRangeShortened
	}
	n, err := parseListed(s)
	return PatternOf(n), err
}

// isShortened reports whether s is a whole number, a hyphen and more digits,
// as in +16505550500-600: taken for one number, it would match nobody.
func isShortened(s string) bool {
	number, rest, ok := strings.Cut(s, "-")
	digits, isNumber := digitsOf(strings.TrimPrefix(number, "+"))
	_, isRest := digitsOf(rest)
	return ok && isNumber && isRest && guess("+"+digits, "").valid()
}

// parseListed reads a number of a pattern, and says what is wrong with it.
func parseListed(s string) (Number, error) {
	n, err := Parse(s, "")
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, ErrMissing):
		return Number{}, errPatternMissing
	case errors.Is(err, ErrWithheld):
		return Number{}, errPatternWithheld
	}
	plus := strings.HasPrefix(s, "+")
	digits, ok := digitsOf(strings.TrimPrefix(s, "+"))
	switch {
	case !ok:
		return Number{}, errPatternUnknown
	case !plus:
		return Number{}, errNoCallingCode
	case len(digits) >= 3 && planFor(digits) == nil:
		return Number{}, errBadCallingCode
	default:
		return Number{}, errNumberLength
	}
}

// parsePrefix reads what stands before the *.
func parsePrefix(s string) (Pattern, error) {
	s, ok := strings.CutPrefix(s, "+")
	digits, isDigits := digitsOf(s)
	switch {
	case !isDigits:
		return Pattern{}, errPrefixSyntax
	case !ok:
		return Pattern{}, errNoCallingCode
	case len(digits) < minPrefixDigits:
		return Pattern{}, errPrefixTooBroad
	}
	p := planFor(digits)
	if p == nil {
		return Pattern{}, errBadCallingCode
	}
	digits = p.code + p.cutTrunkZero(digits[len(p.code):])
	switch {
	case len(digits) < minPrefixDigits:
		return Pattern{}, errPrefixTooBroad
	case len(digits) > maxPrefixDigits:
		return Pattern{}, errPrefixTooLong
	}
	return Pattern{number(digits) | prefixMark<<digitBits}, nil
}

// cutTrunkZero takes the 0 off national that is dialled inside the country
// only, as in +44 (0)20: no caller's number has it, so the prefix would match
// nobody.
func (p *plan) cutTrunkZero(national string) string {
	if p.trunk && !strings.HasPrefix(national, "00") {
		return strings.TrimPrefix(national, "0")
	}
	return national
}

// cutRange splits s at a dash with a + behind it.
func cutRange(s string) (low, high string, ok bool) {
	i := strings.LastIndexByte(s, '+')
	if i <= 0 {
		return "", "", false
	}
	low, high = strings.TrimRight(s[:i], " "), s[i:]
	for _, dash := range []string{"-", "\u2013", "\u2014", "\u2012", "\u2212"} {
		if l, ok := strings.CutSuffix(low, dash); ok {
			return l, high, true
		}
	}
	return "", "", false
}

func parseRange(from, to string) (Pattern, error) {
	low, err := parseListed(strings.TrimSpace(from))
	if err != nil {
		return Pattern{}, err
	}
	high, err := parseListed(to)
	if err != nil {
		return Pattern{}, err
	}
	switch l, h := low.String()[1:], high.String()[1:]; {
	case planFor(l) != planFor(h):
		return Pattern{}, errRangeCallingCode
	case len(l) != len(h):
		return Pattern{}, errRangeLengths
	case high.digits < low.digits:
		return Pattern{}, errRangeBackwards
	case high.digits-low.digits >= MaxRange:
		return Pattern{}, errRangeTooLong
	}
	return Pattern{low.digits | (high.digits-low.digits)<<digitBits}, nil
}

// IsZero reports whether p is no pattern.
func (p Pattern) IsZero() bool { return p == Pattern{} }

// Kind is what p is.
func (p Pattern) Kind() PatternKind {
	switch {
	case p.IsZero():
		return PatternNone
	case p.span() == 0:
		return PatternNumber
	case p.span() == prefixMark:
		return PatternPrefix
	default:
		return PatternRange
	}
}

// low is the first number of p, or its prefix.
func (p Pattern) low() uint64 { return p.packed & (1<<digitBits - 1) }

// span is how many numbers follow the first.
func (p Pattern) span() uint64 { return p.packed >> digitBits }

// high is the last number of a number or a range.
func (p Pattern) high() uint64 { return p.low() + p.span() }

// Number is the number that p is, and false where p is something else.
func (p Pattern) Number() (Number, bool) {
	if p.Kind() != PatternNumber {
		return Number{}, false
	}
	return Number{p.low()}, true
}

// Contains reports whether p is a pattern of n.
func (p Pattern) Contains(n Number) bool {
	if n.IsZero() {
		return false
	}
	if p.Kind() == PatternPrefix {
		surplus := countDigits(n.digits) - countDigits(p.low())
		return surplus >= 0 && n.digits/pow10[surplus] == p.low()
	}
	return p.low() <= n.digits && n.digits <= p.high()
}

// String is the canonical form of p, which ParsePattern reads back; "" for the
// zero Pattern.
func (p Pattern) String() string {
	low := Number{p.low()}.String()
	switch p.Kind() {
	case PatternPrefix:
		return low + "*"
	case PatternRange:
		return low + "-" + Number{p.high()}.String()
	default:
		return low
	}
}

// MarshalText writes String.
func (p Pattern) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what ParsePattern reads; an empty text is the zero
// Pattern.
func (p *Pattern) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*p = Pattern{}
		return nil
	}
	v, err := ParsePattern(string(b))
	if err == nil {
		*p = v
	}
	return err
}
