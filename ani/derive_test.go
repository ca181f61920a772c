package ani

import (
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// deriver tells which national numbers of one calling code libphonenumber
// might rewrite.
type deriver struct {
	meta    *phonenumbers.PhoneMetadata
	prog    *syntax.Prog // national prefix for parsing; nil if there is none
	valid   *syntax.Prog // national numbers that somebody could have
	group   uint32       // the last capturing group of prog, which the rule puts back
	literal int          // digits that the rule puts in front of the group
}

func newDeriver(t *testing.T, meta *phonenumbers.PhoneMetadata) deriver {
	t.Helper()
	d := deriver{meta: meta}
	if meta.GetNationalPrefixForParsing() == "" {
		return d
	}
	d.prog, d.group = compile(t, meta.GetNationalPrefixForParsing())
	d.valid, _ = compile(t, meta.GetGeneralDesc().GetNationalNumberPattern())
	if rule := meta.GetNationalPrefixTransformRule(); rule != "" {
		literal, ok := strings.CutSuffix(rule, fmt.Sprintf("$%d", d.group))
		if !ok || strings.Contains(literal, "$") {
			t.Fatalf("+%d: rule %q does not end with its last group alone", meta.GetCountryCode(), rule)
		}
		d.literal = len(literal)
	}
	return d
}

// maxPrefix is how many digits a strip goes into.
const maxPrefix = 4

// strips lists the beginnings under prefix. It goes into more digits only
// where that spares numbers that are in use and takes few strips: every number
// of the code is held against all of them.
func (d deriver) strips(prefix string) []strip {
	mask := d.mask(prefix)
	if mask == 0 {
		return nil
	}
	if prefix != "" && !d.spares(prefix, mask) {
		return []strip{{prefix, mask}}
	}
	var all []strip
	for digit := '0'; digit <= '9'; digit++ {
		all = append(all, d.strips(prefix+string(digit))...)
	}
	if prefix != "" && len(all) > 4 {
		return []strip{{prefix, mask}}
	}
	return all
}

// spares reports whether a prefix longer than this one would let numbers pass
// that are in use and have a length of mask.
func (d deriver) spares(prefix string, mask uint16) bool {
	if len(prefix) == maxPrefix {
		return false
	}
	for digit := '0'; digit <= '9'; digit++ {
		child := prefix + string(digit)
		inUse := d.inUse(child) & mask
		if inUse != 0 && (inUse&^d.mask(child) != 0 || d.spares(child, inUse)) {
			return true
		}
	}
	return false
}

// mask has the lengths of the national numbers that begin with prefix and that
// might be rewritten.
func (d deriver) mask(prefix string) uint16 {
	return lengths(func(length int) bool {
		return reaches(d.prog, d.group, prefix, length, func(th thread, at int) bool {
			return d.changes(th, at, length)
		})
	})
}

// inUse has the lengths of the national numbers that begin with prefix and
// that somebody could have.
func (d deriver) inUse(prefix string) uint16 {
	return lengths(func(length int) bool {
		return reaches(d.valid, 0, prefix, length, func(_ thread, at int) bool { return at == length })
	})
}

// trunk reports whether 0 is what is dialled before numbers inside the
// country, and no more than that.
func (d deriver) trunk() bool {
	for digit := '1'; digit <= '9'; digit++ {
		if d.inUse("0"+string(digit)) != 0 {
			return false
		}
	}
	return reaches(d.prog, d.group, "0", maxDigits, func(th thread, at int) bool { return at == 1 && th.end < 0 })
}

// lengths has a bit for each length of a national number that has it.
func lengths(has func(length int) bool) (mask uint16) {
	for length := minDigits - 3; length < maxDigits; length++ {
		if has(length) {
			mask |= 1 << length
		}
	}
	return mask
}

// changes reports whether libphonenumber would take what is left once th
// matched the first digits of a number: as in its parse, where that has a
// length that can be dialled from anywhere, or is too long.
func (d deriver) changes(th thread, matched, length int) bool {
	left := length - matched
	if d.meta.GetNationalPrefixTransformRule() != "" && th.end >= 0 {
		left += d.literal + th.end - th.begin
	} else if matched == 0 {
		return false
	}
	general := d.meta.GetGeneralDesc()
	if slices.Contains(general.GetPossibleLengthLocalOnly(), int32(left)) {
		return false
	}
	possible := general.GetPossibleLength()
	return slices.Contains(possible, int32(left)) || int32(left) > slices.Max(possible)
}

// compile compiles a pattern as libphonenumber matches it, from the first
// digit on, and counts its groups.
func compile(t *testing.T, pattern string) (*syntax.Prog, uint32) {
	t.Helper()
	re, err := syntax.Parse("^(?:"+pattern+")", syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	groups := uint32(re.MaxCap())
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		t.Fatal(err)
	}
	return prog, groups
}
