// Package ani holds telephone numbers and the list of numbers that WhatsApp's
// activation calls come from. It knows nothing of calls, of IVRs or of where
// the list is kept.
package ani

import (
	"errors"
	"strconv"
	"strings"
)

// Number is a telephone number in E.164 form, such as +442079460000: an
// assigned calling code and 7 to 15 digits in all. The zero Number means that
// there is none. Numbers compare with == and serve as keys of maps.
type Number struct{ digits uint64 }

// The bounds of E.164, in digits. Recommendation E.164 gives the upper one;
// the lower is what the shortest national plans need.
const (
	minDigits = 7
	maxDigits = 15
)

var errNotE164 = errors.New("is not a number in E.164: write + and the country code first, as in +16505550123")

// MustParse is the number that s is with no region to help. It panics where s
// is none, so it is for tests and constants.
func MustParse(s string) Number {
	n, err := Parse(s, "")
	if err != nil {
		panic("ani: " + strconv.Quote(s) + ": " + err.Error())
	}
	return n
}

// IsZero reports whether n is no number.
func (n Number) IsZero() bool { return n.digits == 0 }

// String is n in E.164, such as "+16505550123", and "" for the zero Number.
// Logs take Masked instead.
func (n Number) String() string {
	var b [maxDigits + 1]byte
	return string(n.AppendTo(b[:0]))
}

// AppendTo appends String to b.
func (n Number) AppendTo(b []byte) []byte {
	if n.IsZero() {
		return b
	}
	return strconv.AppendUint(append(b, '+'), n.digits, 10)
}

// Masked is n with at least five of its digits hidden, such as
// "+1650•••••34", for logs; "" for the zero Number.
func (n Number) Masked() string {
	if n.IsZero() {
		return ""
	}
	const hidden, tail = 5, 2
	s := n.String()
	head := 1 + min(4, len(s)-1-hidden-tail)
	return s[:head] + strings.Repeat("•", len(s)-head-tail) + s[len(s)-tail:]
}

// Region is the ISO 3166 alpha-2 region that n belongs to by its digits. Where
// n is not a valid number of any region it is the main region of n's calling
// code (US for +1). It is "" for the zero Number and for codes that belong to
// no country, such as +800.
func (n Number) Region() string {
	if n.IsZero() {
		return ""
	}
	return regionOf(n)
}

// MarshalText writes String.
func (n Number) MarshalText() ([]byte, error) {
	return n.AppendTo(make([]byte, 0, maxDigits+1)), nil
}

// UnmarshalText reads what Parse reads without a region; an empty text is the
// zero Number. The error is the rest of a sentence that begins with the name
// of the field, and holds nothing of the text.
func (n *Number) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*n = Number{}
		return nil
	}
	v, err := Parse(string(b), "")
	if err != nil {
		return errNotE164
	}
	*n = v
	return nil
}
