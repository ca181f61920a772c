package ani

import (
	"errors"
	"strings"
)

// Why a caller has no Number. Parse returns them as they are, so they compare
// with ==, cost nothing, and hold nothing of what was sent.
var (
	ErrMissing     = errors.New("number is missing")
	ErrWithheld    = errors.New("number is withheld")
	ErrUnparseable = errors.New("number is unparseable")
)

// maxRaw bounds what is read as a number, in bytes.
const maxRaw = 256

// Reading is how a number is read that came without its calling code. The
// zero Reading reads only what is valid wherever it was dialled.
type Reading struct {
	Region     string // ISO 3166 alpha-2, any case; one that is unknown counts as empty
	Called     Number // whose region serves where Region is empty; looked at only when a number needs it
	BareIsE164 bool   // digits without + are international before they are national
}

// Parse is Reading{Region: region}.Parse(raw).
func Parse(raw, region string) (Number, error) {
	return Reading{Region: region}.Parse(raw)
}

// Parse reads raw, in any of the spellings that IVRs, carriers and people use.
// The error is ErrMissing, ErrWithheld or ErrUnparseable itself. A number that
// came with its calling code is taken though libphonenumber knows no such
// number: bots call from odd ones. What Parse gives reads back as itself.
func (r Reading) Parse(raw string) (Number, error) {
	if n, ok := parseE164(raw); ok {
		return n, nil
	}
	if IsPlaceholder(raw) {
		return Number{}, ErrMissing
	}
	s, ok := peel(raw)
	if !ok {
		return Number{}, ErrUnparseable
	}
	if isWithheld(s) {
		return Number{}, ErrWithheld
	}
	n := r.read(s)
	switch {
	case n.IsZero():
		return Number{}, ErrUnparseable
	case isKeypadWord(n.digits):
		return Number{}, ErrWithheld
	default:
		return n, nil
	}
}

// separators are what people write between the digits of a number.
const separators = " \u00a0-./()[]~\u2010\u2011\u2012\u2013\u2014\u2015\u2212"

// read is the number that a peeled s stands for; zero if there is none. A word
// or a service code (*67) in front makes it something else than a number.
func (r Reading) read(s string) Number {
	s = strings.TrimLeft(s, separators)
	if s == "" || strings.Contains(s, "*") {
		return Number{}
	}
	if s[0] == '+' {
		return guess(s, "").number
	}
	if !isDigit(s[0]) {
		return Number{}
	}
	for _, prefix := range []string{"00", "011"} {
		if rest, ok := cutDigits(s, prefix); ok {
			return r.readDialled(s, prefix, rest)
		}
	}
	return r.readNational(s)
}

// readDialled reads s, which is an international prefix and rest. 0011 (from
// Australia) and 0117 (Bristol) begin like one too: where rest is no valid
// number, a valid reading in the region is better.
func (r Reading) readDialled(s, prefix, rest string) Number {
	abroad := guess("+"+rest, "")
	if abroad.valid() {
		return abroad.number
	}
	region := r.region()
	home := guess(s, region)
	if home.valid() && (prefix == "011" || !home.isIn(region)) {
		return home.number
	}
	return abroad.number
}

// readNational reads s, which came without calling code or with one that
// lacks its +.
func (r Reading) readNational(s string) Number {
	var bare guessed
	if digits, ok := digitsOf(s); ok {
		bare = guess("+"+digits, "")
	}
	if r.BareIsE164 && bare.valid() {
		return bare.number
	}
	home := guess(s, r.region())
	switch {
	case home.valid():
		return home.number
	case bare.valid():
		return bare.number
	case home.possible():
		return home.number
	case r.BareIsE164 && bare.possible():
		return bare.number
	default:
		return Number{}
	}
}

func (r Reading) region() string {
	if region := strings.ToUpper(r.Region); isRegion(region) {
		return region
	}
	return r.Called.Region()
}

// cutDigits takes the digits of prefix off the front of s, whatever separators
// stand between them.
func cutDigits(s, prefix string) (rest string, ok bool) {
	for i := range len(prefix) {
		s = strings.TrimLeft(s, separators)
		if s == "" || s[0] != prefix[i] {
			return "", false
		}
		s = s[1:]
	}
	return strings.TrimLeft(s, separators), true
}

// digitsOf is s without its separators, if nothing but digits is left then.
func digitsOf(s string) (string, bool) {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(separators, r) {
			return -1
		}
		return r
	}, s)
	return s, s != "" && strings.Trim(s, "0123456789") == ""
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }
