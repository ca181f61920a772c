package ani

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// settled is what libphonenumber alone makes of s, asked until the number stays
// as it is; "" where there is none.
func settled(s string) string {
	for range maxRaw {
		p, err := phonenumbers.Parse(s, "")
		if err != nil {
			return ""
		}
		next := phonenumbers.Format(&phonenumbers.PhoneNumber{
			CountryCode: p.CountryCode, NationalNumber: p.NationalNumber,
			ItalianLeadingZero: p.ItalianLeadingZero, NumberOfLeadingZeros: p.NumberOfLeadingZeros,
		}, phonenumbers.E164)
		if digits := len(next) - 1; digits < minDigits || digits > maxDigits {
			return ""
		}
		if next == s {
			return s
		}
		s = next
	}
	return ""
}

// examples are libphonenumber's example numbers of every type in every region
// and in every calling code of no country.
func examples() []string {
	var all []string
	add := func(p *phonenumbers.PhoneNumber) {
		if p != nil {
			all = append(all, phonenumbers.Format(p, phonenumbers.E164))
		}
	}
	for _, region := range slices.Sorted(maps.Keys(phonenumbers.GetSupportedRegions())) {
		for kind := phonenumbers.FIXED_LINE; kind <= phonenumbers.VOICEMAIL; kind++ {
			add(phonenumbers.GetExampleNumberForType(region, kind))
		}
	}
	for _, code := range slices.Sorted(maps.Keys(phonenumbers.GetSupportedGlobalNetworkCallingCodes())) {
		add(phonenumbers.GetExampleNumberForNonGeoEntity(code))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func randomDigits(rnd *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = '0' + byte(rnd.IntN(10))
	}
	return string(b)
}

// checkE164 holds Parse and its fast path to libphonenumber on one + and
// digits.
func checkE164(t *testing.T, s string) (fast bool) {
	t.Helper()
	want := settled(s)
	n, fast := parseE164(s)
	if fast && n.String() != want {
		t.Errorf("fast path reads %q as %s, libphonenumber as %q", s, n, want)
	}
	if digits, err := strconv.ParseUint(strings.TrimPrefix(want, "+"), 10, 64); err == nil && isKeypadWord(digits) || isWithheld(s) {
		return fast
	}
	if n, _ := Parse(s, "US"); n.String() != want {
		t.Errorf("Parse reads %q as %q, libphonenumber as %q", s, n, want)
	}
	return fast
}

func TestE164EqualsLibphonenumber(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	fast, all := 0, 0
	check := func(s string) {
		all++
		if checkE164(t, s) {
			fast++
		}
	}
	for _, code := range slices.Sorted(maps.Keys(phonenumbers.GetSupportedCallingCodes())) {
		prefix := "+" + strconv.Itoa(code)
		for range 50 {
			check(prefix + randomDigits(rnd, 3+rnd.IntN(13)))
			check(prefix + string("018"[rnd.IntN(3)]) + randomDigits(rnd, 4+rnd.IntN(9)))
		}
	}
	for _, e := range examples() {
		check(e)
		for range 5 {
			keep := len(e) - 1 - rnd.IntN(5)
			check(e[:keep] + randomDigits(rnd, len(e)-keep))
		}
	}
	if fast*2 < all {
		t.Errorf("%d of %d numbers took the fast path: the numbers or the path are wrong", fast, all)
	}
}

func TestE164AllocatesNothingInAnyRegion(t *testing.T) {
	slow := 0
	all := examples()
	for _, e := range all {
		if _, ok := parseE164(e); !ok {
			slow++
			t.Log(e, "takes the slow path")
			continue
		}
		if allocs := testing.AllocsPerRun(10, func() { _, _ = Parse(e, "") }); allocs != 0 {
			t.Errorf("Parse(%q) allocates %v times", e, allocs)
		}
	}
	if slow*100 > len(all) {
		t.Errorf("%d of %d example numbers take the slow path", slow, len(all))
	}
}

func TestPlanForUnassignedCodes(t *testing.T) {
	assigned := phonenumbers.GetSupportedCallingCodes()
	for i := range 1000 {
		s := strconv.Itoa(1000 + i)[1:]
		want := false
		for width := 1; width <= 3; width++ {
			code, _ := strconv.Atoi(s[:width])
			want = want || s[0] != '0' && assigned[code]
		}
		if got := planFor(s) != nil; got != want {
			t.Errorf("numbers that begin with %s have a plan: %v, want %v", s, got, want)
		}
	}
}

func FuzzE164(f *testing.F) {
	f.Add("16505550123")
	f.Add("4402079460000")
	f.Add("54111512345678")
	f.Fuzz(func(t *testing.T, digits string) {
		if len(digits) > 20 || strings.Trim(digits, "0123456789") != "" {
			t.Skip()
		}
		checkE164(t, "+"+digits)
	})
}
