package ani

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// outcome is what Parse gave, as the cases write it.
func outcome(n Number, err error) string {
	switch err {
	case nil:
		return n.String()
	case ErrMissing:
		return "missing"
	case ErrWithheld:
		return "withheld"
	case ErrUnparseable:
		return "unparseable"
	default:
		return "error: " + err.Error()
	}
}

func TestParseSharedCases(t *testing.T) {
	var cases []struct{ Raw, Region, DNIS, Want, Note string }
	b, err := os.ReadFile("testdata/numbers.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 40 {
		t.Fatalf("%d cases, want all of them", len(cases))
	}
	for _, c := range cases {
		t.Run(c.Raw+" "+c.Region, func(t *testing.T) {
			r := Reading{Region: c.Region}
			if c.DNIS != "" {
				r.Called = MustParse(c.DNIS)
			}
			if got := outcome(r.Parse(c.Raw)); got != c.Want {
				t.Errorf("Parse(%q) with %+v is %s, want %s (%s)", c.Raw, r, got, c.Want, c.Note)
			}
		})
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name, raw, region, want string
	}{
		{"null of a platform in capitals", "NULL", "", "missing"},
		{"template inside a scheme", "tel:${input.ani}", "", "missing"},
		{"template of Twilio Studio", "{{trigger.call.From}}", "", "missing"},
		{"quiet Velocity reference", "$!{input.ani}", "", "missing"},
		{"blanks of other scripts", "\u00a0\u3000\t", "", "missing"},
		{"too long, though a number", strings.Repeat(" ", 250) + "+16505550123", "", "unparseable"},
		{"the longest that is read", strings.Repeat(" ", 244) + "+16505550123", "", "+16505550123"},
		{"control character behind", "+16505550123\n", "", "unparseable"},
		{"control character percent-encoded", "sip:%0016505550123@host", "", "unparseable"},
		{"full-width plus percent-encoded", "sip:%EF%BC%8B16505550123@host", "", "+16505550123"},
		{"broken percent-encoding", "sip:%2@host", "", "unparseable"},
		{"not UTF-8", "+1650555\xff0123", "", "unparseable"},

		{"sips, capitals", "SIPS:+16505550123@HOST", "", "+16505550123"},
		{"display name with an angle bracket", `"a <b> \" c" <sip:+16505550123@host>`, "", "+16505550123"},
		{"display name is a number, withheld address", `"+16505550123" <sip:anonymous@anonymous.invalid>`, "", "withheld"},
		{"display name says anonymous, the address does not", `"Anonymous" <sip:+16505550123@host>`, "", "+16505550123"},
		{"quotes only", `"+16505550123"`, "", "+16505550123"},
		{"angle brackets without scheme", "WhatsApp <+16505550123>", "", "+16505550123"},
		{"open angle bracket", "<tel:+16505550123", "", "+16505550123"},
		{"password in the user part", "sip:+16505550123:secret@host", "", "+16505550123"},
		{"no host", "sip:+16505550123", "", "+16505550123"},
		{"no user, an IPv4 address with the digits of a number", "sip:91.23.45.67", "SG", "unparseable"},
		{"the same digits, grouped", "91.23.45.67", "SG", "+6591234567"},
		{"no user, a host name", "sip:genesys.com", "US", "unparseable"},
		{"host alone", "localhost", "US", "unparseable"},
		{"words for a user with digits", "sip:agent6505550123@host", "US", "unparseable"},
		{"lost plus inside a URI", "sip: 16505550123@host", "", "+16505550123"},
		{"extension of Genesys", "tel:+16505550123;ext=105", "", "+16505550123"},
		{"extension in the user part", "sip:+16505550123;ext=105@host", "", "+16505550123"},
		{"phone-context in capitals with dashes", "tel:555-0123;Phone-Context=+1-650", "", "+16505550123"},
		{"phone-context is a domain", "tel:6505550123;phone-context=example.com", "US", "+16505550123"},
		{"phone-context and trunk zero", "tel:020 7946 0000;phone-context=+44", "", "+442079460000"},

		{"withheld, dialled as a word", "Caller Unknown", "", "withheld"},
		{"withheld, no user part", "sip:anonymous.invalid", "", "withheld"},
		{"withheld, one zero", "0", "US", "withheld"},
		{"withheld, zeros behind a plus", "+0000000", "", "withheld"},
		{"withheld, zeros with blanks", "000 000 0000", "US", "withheld"},
		{"keypad word behind a 1", "12562533", "US", "withheld"},
		{"keypad word behind +1", "+17378742833", "", "withheld"},
		{"keypad word behind an international prefix", "00266696687", "", "withheld"},
		{"keypad word put together from its context", "tel:378742833;phone-context=+17", "", "withheld"},
		{"keypad word and more", "+2666966870", "", "+2666966870"},
		{"withheld word spelled on keys by a business", "1-800-PRIVATE", "US", "+18007748283"},

		{"a blank before zero is only a blank", " 020 7946 0000", "GB", "+442079460000"},
		{"a blank behind is only a blank", "16505550123 ", "", "+16505550123"},
		{"full-width plus", "＋16505550123", "", "+16505550123"},
		{"Arabic digits", "+٩٧١٥٠١٢٣٤٥٦٧", "", "+971501234567"},
		{"digits that libphonenumber reads as nothing", "+१६५०५५५०१२३", "", "unparseable"},
		{"marks of direction from an address book", "\u202a+44 20 7946 0000\u202c", "", "+442079460000"},
		{"brackets first", "(+44) 20 7946 0000", "", "+442079460000"},
		{"two trunk zeros", "+440020 7946 0000", "", "+442079460000"},
		{"service code in front", "*67 650 555 0123", "US", "unparseable"},
		{"word in front", "WhatsApp 6505550123", "US", "unparseable"},
		{"word behind", "+16505550123 home", "", "unparseable"},
		{"letter inside", "+1650555012a3", "", "unparseable"},
		{"two numbers", "+16505550123,+16505550124", "", "unparseable"},
		{"a plus inside", "+1+6505550123", "", "unparseable"},
		{"extension in words", "+1 650 555 0123 ext. 12", "", "+16505550123"},
		{"vanity with calling code", "+1 800 FLOWERS", "", "+18003569377"},

		{"six digits are too few", "+221234", "", "unparseable"},
		{"seven digits", "+2901234", "", "+2901234"},
		{"fifteen digits", "+441234567890123", "", "+441234567890123"},
		{"sixteen digits", "+4412345678901234", "", "unparseable"},
		{"calling code not assigned", "+2101234567", "", "unparseable"},
		{"not valid, but with its calling code", "+447700900123", "", "+447700900123"},
		{"foreign number behind the own calling code", "tel:+163288406444", "", "+163288406444"},
		{"non-geographic", "+870773111632", "", "+870773111632"},

		{"international, not valid", "00447700900123", "US", "+447700900123"},
		{"international, separators inside the prefix", "(00) 44 (0)20 7946 0000", "US", "+442079460000"},
		{"international, American prefix in Britain", "01116505550123", "GB", "+16505550123"},
		{"international, American prefix, no region", "011442079460000", "", "+442079460000"},
		{"Bristol begins with 011 too", "0117 496 0123", "GB", "+441174960123"},
		{"Delhi begins with 011 too", "011 2345 6789", "IN", "+911123456789"},
		{"Australia's own prefix", "0011 44 20 7946 0000", "AU", "+442079460000"},
		{"Singapore's own prefix", "001 44 20 7946 0000", "SG", "+442079460000"},
		{"Japan's free numbers look international", "0066 12345678", "JP", "+6612345678"},

		{"national, region in small letters", "020 7946 0000", "gb", "+442079460000"},
		{"national, region unknown", "020 7946 0000", "United Kingdom", "unparseable"},
		{"national, none valid but possible", "07700 900123", "GB", "+447700900123"},
		{"national, without its area code", "555 0123", "US", "unparseable"},
		{"possible at home, valid nowhere", "4420794600", "US", "+14420794600"},
		{"foreign without its plus", "442079460000", "US", "+442079460000"},
		{"with separators, without its plus", "1-650-555-0123", "", "+16505550123"},
		{"national, no region", "6505550123", "", "unparseable"},
		{"short code", "911", "US", "unparseable"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := outcome(Parse(c.raw, c.region)); got != c.want {
				t.Errorf("Parse(%q, %q) is %s, want %s", c.raw, c.region, got, c.want)
			}
		})
	}
}

func TestBareIsE164(t *testing.T) {
	for _, c := range []struct {
		name, raw, want string
		reading         Reading
	}{
		{"valid both ways, national first", "4792550123", "+14792550123", Reading{Region: "US"}},
		{"valid both ways, international first", "4792550123", "+4792550123", Reading{Region: "US", BareIsE164: true}},
		{"valid at home only", "6505550123", "+16505550123", Reading{Region: "US", BareIsE164: true}},
		{"valid nowhere", "447700900123", "+447700900123", Reading{Region: "US", BareIsE164: true}},
		{"valid nowhere, and not said to be international", "447700900123", "unparseable", Reading{Region: "US"}},
		{"region wins over the called number", "020 7946 0000", "+442079460000", Reading{Region: "GB", Called: MustParse("+18005550100")}},
		{"unknown region leaves the called number", "020 7946 0000", "+442079460000", Reading{Region: "XX", Called: MustParse("+442079460999")}},
		{"called number of no country", "020 7946 0000", "unparseable", Reading{Called: MustParse("+80012345678")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := outcome(c.reading.Parse(c.raw)); got != c.want {
				t.Errorf("Parse(%q) with %+v is %s, want %s", c.raw, c.reading, got, c.want)
			}
		})
	}
}
