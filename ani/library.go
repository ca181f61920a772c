package ani

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// guessed is what libphonenumber makes of a text. The zero value: nothing.
type guessed struct {
	number Number
	lib    *phonenumbers.PhoneNumber
}

// maxStrips bounds how many national prefixes are taken off one number.
const maxStrips = maxRaw

// guess reads s as dialled in region; with region "", s must begin with +.
func guess(s, region string) guessed {
	if region == "" && !strings.HasPrefix(s, "+") {
		return guessed{}
	}
	phone, vanity, ok := readLetters(s)
	if !ok {
		return guessed{}
	}
	lib, err := phonenumbers.Parse(phone, region)
	if err != nil {
		return guessed{}
	}
	if g := settle(lib); !vanity || g.valid() {
		return g
	}
	return guessed{}
}

// settle has libphonenumber read its own number until that stays as it is: it
// takes one national prefix off a time (+44 0 0 20…).
func settle(lib *phonenumbers.PhoneNumber) guessed {
	var last Number
	for range maxStrips {
		n := fromLibrary(lib)
		if n.IsZero() {
			break
		}
		if _, stays := parseE164(n.String()); stays || n == last {
			return guessed{n, lib}
		}
		var err error
		if lib, err = phonenumbers.Parse(n.String(), ""); err != nil {
			break
		}
		last = n
	}
	return guessed{}
}

// readLetters holds letters to extensions, which it drops, and to numbers
// spelled as words, whole; libphonenumber would drop a letter or two, and read
// any word behind a number as more digits.
func readLetters(s string) (phone string, vanity, ok bool) {
	if !strings.ContainsFunc(s, unicode.IsLetter) {
		return s, false, true
	}
	phone, _ = phonenumbers.MaybeSeparateExtensionFromPhone(s)
	vanity = strings.ContainsFunc(phone, unicode.IsLetter)
	return phone, vanity, !vanity || phonenumbers.IsAlphaNumber(phone)
}

// fromLibrary is p as a Number; zero where it has not the length of one.
func fromLibrary(p *phonenumbers.PhoneNumber) Number {
	s := strconv.Itoa(int(p.GetCountryCode())) + phonenumbers.GetNationalSignificantNumber(p)
	if len(s) < minDigits || len(s) > maxDigits {
		return Number{}
	}
	digits, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return Number{}
	}
	return Number{digits}
}

// valid reports whether such a number is known to be in use.
func (g guessed) valid() bool { return g.lib != nil && phonenumbers.IsValidNumber(g.lib) }

// possible reports whether the number has a length that can be dialled from
// anywhere: a number that lacks its area code is not possible.
func (g guessed) possible() bool {
	return g.lib != nil && phonenumbers.IsPossibleNumberWithReason(g.lib) == phonenumbers.IS_POSSIBLE
}

// isIn reports whether the number has the calling code of region.
func (g guessed) isIn(region string) bool {
	return int(g.lib.GetCountryCode()) == phonenumbers.GetCountryCodeForRegion(region)
}

func isRegion(region string) bool { return phonenumbers.GetSupportedRegions()[region] }

func regionOf(n Number) string {
	p, err := phonenumbers.Parse(n.String(), "")
	if err != nil {
		return ""
	}
	region := phonenumbers.GetRegionCodeForNumber(p)
	if region == "" {
		region = phonenumbers.GetRegionCodeForCountryCode(int(p.GetCountryCode()))
	}
	if region == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY {
		return ""
	}
	return region
}
