package ani

import "strings"

//go:generate go test -run TestPlans -update .

// plan is what the fast path must know of one country calling code. The table
// of them, plans, is made from libphonenumber's metadata.
type plan struct {
	code   string  // the calling code
	trunk  bool    // numbers are dialled with a 0 inside the country, and none begins with it
	strips []strip // how national numbers begin that libphonenumber might rewrite
}

// strip is a beginning of national numbers from which libphonenumber might
// take a national prefix or a carrier code. Bit n of lengths is set where it
// might do so to numbers of n digits.
type strip struct {
	prefix  string
	lengths uint16
}

// planOf has, for the first three digits of a number, the index of its plan in
// plans, plus one; 0 where no calling code begins so.
var planOf = indexPlans()

func indexPlans() (index [1000]uint8) {
	for i := range plans {
		p := &plans[i]
		first, width := 0, 1000
		for j := range len(p.code) {
			width /= 10
			first += int(p.code[j]-'0') * width
		}
		for k := range width {
			index[first+k] = uint8(i + 1)
		}
	}
	return index
}

// planFor finds the plan of digits, of which there are three or more; nil if
// their calling code is not assigned.
func planFor(digits string) *plan {
	i := planOf[int(digits[0]-'0')*100+int(digits[1]-'0')*10+int(digits[2]-'0')]
	if i == 0 {
		return nil
	}
	return &plans[i-1]
}

// mayStrip reports whether libphonenumber might take something off national.
func (p *plan) mayStrip(national string) bool {
	for i := range p.strips {
		s := &p.strips[i]
		if s.lengths>>len(national)&1 != 0 && strings.HasPrefix(national, s.prefix) {
			return true
		}
	}
	return false
}

// parseE164 reads + and the digits of a number that libphonenumber would leave
// as it is, and allocates nothing. What it refuses may still be a number.
func parseE164(s string) (Number, bool) {
	if len(s) < 1+minDigits || len(s) > 1+maxDigits || s[0] != '+' {
		return Number{}, false
	}
	var digits uint64
	for i := 1; i < len(s); i++ {
		if !isDigit(s[i]) {
			return Number{}, false
		}
		digits = digits*10 + uint64(s[i]-'0')
	}
	p := planFor(s[1:])
	if p == nil || p.mayStrip(s[1+len(p.code):]) || isKeypadWord(digits) {
		return Number{}, false
	}
	return Number{digits}, true
}
