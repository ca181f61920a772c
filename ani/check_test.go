package ani

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// digest is a result as the cases write it: number, verdict, codes; those of
// a caution in brackets.
func (c Checked) digest() string {
	words := []string{c.Number.String(), string(c.Verdict)}
	for _, f := range c.Findings {
		code := string(f.Code)
		if f.Severity == VerdictCaution {
			code = "(" + code + ")"
		}
		words = append(words, code)
	}
	return strings.TrimSpace(strings.Join(words, " "))
}

func TestCheckWriting(t *testing.T) {
	for _, c := range []struct{ name, raw, region, want string }{
		{"E.164", "+16505550123", "", "+16505550123 eligible"},
		{"E.164, another region", "+16505550123", "GB", "+16505550123 eligible"},
		{"with a trunk zero in brackets", "+44 (0)20 7946 0000", "", "+442079460000 eligible"},
		{"dialled from Europe", "0044 20 7946 0000", "", "+442079460000 eligible"},
		{"dialled from Europe, trunk zero and all", "00 44 (0)20 7946 0000", "", "+442079460000 eligible"},
		{"dialled from America", "011 44 20 7946 0000", "US", "+442079460000 eligible"},
		{"dialled from Australia", "0011 44 20 7946 0000", "AU", "+442079460000 eligible"},
		{"as a link", "tel:+65-6123-4567", "", "+6561234567 eligible"},
		{"a link with the country beside it", "tel:20-7946-0000;phone-context=+44", "", "+442079460000 eligible"},

		{"national, and where", "020 7946 0000", "GB", "+442079460000 eligible"},
		{"national, and where in small letters", "020 7946 0000", "gb", "+442079460000 eligible"},
		{"national, and nobody knows where", "020 7946 0000", "", "ineligible no_country_code"},
		{"national, and a region that isn't one", "020 7946 0000", "XX", "ineligible no_country_code"},
		{"Bristol begins like an international prefix", "0117 496 0000", "GB", "+441174960000 eligible"},
		{"the + is missing", "442079460000", "", "+442079460000 eligible"},
		{"the + is missing, American", "16505550123", "", "+16505550123 eligible"},
		{"a short national number", "51234", "FK", "+50051234 eligible"},

		{"British freephone", "0800 123 4567", "", "ineligible freephone_not_recognised"},
		{"British freephone, and where", "0800 123 4567", "GB", "+448001234567 ineligible freephone_not_recognised (toll_free)"},
		{"Belgian freephone", "0800 12345", "BE", "+3280012345 ineligible freephone_not_recognised (toll_free)"},
		{"universal freephone as dialled", "00800 1234 5678", "", "+80012345678 ineligible freephone_not_recognised (toll_free)"},
		{"universal freephone as dialled, and where", "00800 1234 5678", "DE", "+80012345678 ineligible freephone_not_recognised (toll_free)"},
		{"universal freephone", "+800 1234 5678", "", "+80012345678 caution (toll_free)"},
		{"British freephone dialled from abroad", "0044 800 123 4567", "", "+448001234567 caution (toll_free)"},
		{"Bari begins like a freephone number", "080 0123456", "IT", "+390800123456 eligible"},
		{"American toll-free without its 1", "800 555 0100", "US", "+18005550100 caution (toll_free)"},
		{"spelled", "1-800-FLOWERS", "US", "+18003569377 caution (toll_free)"},

		{"an American short code", "32665", "US", "ineligible short_code"},
		{"an emergency number", "112", "", "ineligible short_code"},
		{"an emergency number with a country code", "+44 999", "", "ineligible short_code"},
		{"a helpline", "116 123", "GB", "ineligible short_code"},
		{"a helpline with a country code", "+44 116 123", "", "+44116123 ineligible short_code"},
		{"directory inquiries", "11833", "DE", "+4911833 ineligible short_code"},

		{"nothing", "", "", "ineligible not_a_number"},
		{"blanks", "  ", "GB", "ineligible not_a_number"},
		{"an unfilled template", "${dnis}", "", "ineligible not_a_number"},
		{"words", "the support line", "US", "ineligible not_a_number"},
		{"a hidden number", "anonymous", "US", "ineligible not_a_number"},
		{"a hidden number on the keypad", "+266696687", "", "ineligible not_a_number"},
		{"a pattern of the list", "+1650555*", "", "ineligible not_a_number"},
		{"a service code in front", "*67 650 555 0123", "US", "ineligible not_a_number"},
		{"a country code of nobody", "+999 1234567", "", "ineligible not_a_number"},
		{"a country code alone", "+44", "", "ineligible not_a_number"},
		{"two lines", "+16505550123\n+16505550124", "", "ineligible not_a_number"},
		{"a page", strings.Repeat("+16505550123 ", 100), "", "ineligible not_a_number"},
		{"no text", "+1650555\xff0123", "", "ineligible not_a_number"},
		{"a digit too many", "+44 20 7946 00000", "", "+4420794600000 ineligible not_a_number"},
		{"a digit too few", "+44 20 7946 000", "", "+44207946000 caution (not_a_number)"},
		{"an area that isn't there", "+1 555 555 0123", "", "+15555550123 caution (not_a_number)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Check(c.raw, c.region).digest(); got != c.want {
				t.Errorf("Check(%q, %q) is %s, want %s", c.raw, c.region, got, c.want)
			}
		})
	}
}

func TestCheckNumbers(t *testing.T) {
	for _, c := range []struct{ name, raw, want string }{
		{"Cuba", "+53 5 1234567", "ineligible blocked_country"},
		{"Iran", "+98 21 1234 5678", "ineligible blocked_country"},
		{"Iran, a number that isn't known", "+98 00 0000 0000", "ineligible (not_a_number) blocked_country"},
		{"North Korea", "+850 2 123 4567", "ineligible blocked_country"},
		{"Syria", "+963 11 123 4567", "ineligible blocked_country"},
		{"Crimea is part of +7", "+7 978 123-45-67", "ineligible blocked_country"},
		{"Moscow is +7, too", "+7 495 123-45-67", "eligible"},
		{"Uzbekistan begins with the digits of Iran", "+998 90 123 45 67", "eligible"},

		{"toll-free of America", "+1 800 555 0100", "caution (toll_free)"},
		{"toll-free of France", "+33 800 123 456", "caution (toll_free)"},
		{"toll-free of Germany", "+49 800 1234567", "caution (toll_free)"},
		{"toll-free of India", "+91 1800 123 4567", "caution (toll_free)"},
		{"toll-free of Japan", "+81 120 123 456", "caution (toll_free)"},
		{"toll-free of Brazil", "+55 800 123 4567", "caution (toll_free)"},
		{"toll-free of Mexico", "+52 800 123 4567", "caution (toll_free)"},
		{"toll-free of the Emirates", "+971 800 12345", "caution (toll_free)"},
		{"premium of America", "+1 900 555 0123", "caution (premium)"},
		{"premium of Britain", "+44 909 879 0000", "caution (premium)"},
		{"premium of France", "+33 892 123 456", "caution (premium)"},
		{"premium of no country", "+979 1 1234 5678", "caution (premium)"},
		{"shared cost of Germany", "+49 180 5 123456", "caution (shared_cost)"},
		{"shared cost of Switzerland", "+41 848 123 456", "caution (shared_cost)"},
		{"shared cost of Australia", "+61 1300 123 456", "caution (shared_cost)"},
		{"shared cost of no country", "+808 1234 5678", "caution (shared_cost)"},
		{"personal of Britain", "+44 70 1234 5678", "caution (personal)"},
		{"personal of Germany", "+49 700 12345678", "caution (personal)"},

		{"mobile of Brazil", "+55 11 91234 5678", "eligible"},
		{"geographic of Australia", "+61 2 9876 5432", "eligible"},
		{"geographic of Italy", "+39 080 123 4567", "eligible"},
		{"geographic of Sweden", "+46 8 123 456 78", "eligible"},
		{"mobile of Nigeria", "+234 803 123 4567", "eligible"},
		{"company-wide of Turkey", "+90 444 1 234", "eligible"},
		{"satellite", "+881 6 1234 5678", "eligible"},
	} {
		t.Run(c.name, func(t *testing.T) {
			checked := Check(c.raw, "")
			if got, _ := strings.CutPrefix(checked.digest(), checked.Number.String()+" "); got != c.want {
				t.Errorf("Check(%q) is %s, want %s", c.raw, got, c.want)
			}
		})
	}
}

// A finding says which number is meant as far as it is known, and what to do.
func TestCheckTexts(t *testing.T) {
	if got := Check("020 7946 0000", "").Findings[0].Text; !strings.HasPrefix(got, "The country code is missing, ") {
		t.Errorf("no country code: %s", got)
	}
	if got := Check("+44 20 7946 00000", "").Findings[0].Text; !strings.HasPrefix(got, "Numbers of GB have more or fewer digits than +4420794600000. ") {
		t.Errorf("a digit too many: %s", got)
	}
	if n := len(Check("+16505550123", "").Checklist); n != 5 {
		t.Errorf("%d things to find out, want 5", n)
	}
}

func FuzzCheck(f *testing.F) {
	for _, raw := range []string{"+16505550123", "020 7946 0000", "0800 123 4567", "00800 1234 5678", "112", "+44 999", "+7978 1234567", "anonymous", "tel:+1-800-555-0100", "0011 44 20 7946 0000", "1-800-FLOWERS", "٠١٢٣"} {
		for _, region := range []string{"", "GB", "AU", "xx"} {
			f.Add(raw, region)
		}
	}
	f.Fuzz(func(t *testing.T, raw, region string) {
		c := Check(raw, region)
		worst := VerdictEligible
		for i, finding := range c.Findings {
			if finding.Text == "" || finding.Code.rank() < 0 || i > 0 && c.Findings[i-1].Code.rank() >= finding.Code.rank() {
				t.Errorf("findings %v", c.Findings)
			}
			if worst == VerdictEligible || finding.Severity == VerdictIneligible {
				worst = finding.Severity
			}
		}
		if c.Verdict != worst {
			t.Errorf("verdict %s, the findings say %s", c.Verdict, worst)
		}
		if c.Number.IsZero() {
			if c.Verdict != VerdictIneligible {
				t.Errorf("%q is %s without a number", raw, c.Verdict)
			}
			return
		}
		// Written in E.164, the number has the same findings but for those
		// about how it was written.
		about := slices.DeleteFunc(slices.Clone(c.Findings), func(f Finding) bool {
			return f.Code == FindingNoCountryCode || f.Code == FindingFreephone
		})
		if diff := cmp.Diff(about, Check(c.Number.String(), region).Findings); diff != "" {
			t.Errorf("%q as %s: -want +got\n%s", raw, c.Number, diff)
		}
	})
}
