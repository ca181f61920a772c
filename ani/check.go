package ani

import (
	"errors"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Verdict is whether a number may be activated, as far as its digits tell.
type Verdict string

// The verdicts, best first.
const (
	VerdictEligible   Verdict = "eligible"   // nothing speaks against it
	VerdictCaution    Verdict = "caution"    // it may, once the findings have been looked into
	VerdictIneligible Verdict = "ineligible" // the registration would be refused, or the call never come
)

// FindingCode is what a finding is about. The set is closed.
type FindingCode string

// The codes, in the order in which findings stand.
const (
	FindingNotANumber     FindingCode = "not_a_number"
	FindingNoCountryCode  FindingCode = "no_country_code"
	FindingFreephone      FindingCode = "freephone_not_recognised"
	FindingShortCode      FindingCode = "short_code"
	FindingBlockedCountry FindingCode = "blocked_country"
	FindingTollFree       FindingCode = "toll_free"
	FindingPremium        FindingCode = "premium"
	FindingSharedCost     FindingCode = "shared_cost"
	FindingPersonal       FindingCode = "personal"
)

// Finding is one thing that speaks against a number. Its severity is
// VerdictIneligible or VerdictCaution; the text says what to do about it.
type Finding struct {
	Code     FindingCode `json:"code" enum:"not_a_number,no_country_code,freephone_not_recognised,short_code,blocked_country,toll_free,premium,shared_cost,personal"`
	Severity Verdict     `json:"severity" enum:"ineligible,caution"`
	Text     string      `json:"text" doc:"what it means and what to do, for people"`
}

// Checked is what Check found out. The verdict is the worst severity of the
// findings, eligible where there are none.
type Checked struct {
	Number    Number    `json:"number" doc:"in E.164; empty where it can't be known"`
	Verdict   Verdict   `json:"verdict" enum:"eligible,caution,ineligible"`
	Findings  []Finding `json:"findings" nullable:"false"`
	Checklist []string  `json:"checklist" nullable:"false" doc:"what no program can see"`
}

// Check tells whether a business may have its number activated, written as in
// raw. Region is where a number without country code would be dialled.
//
// A number without country code is checked as the one that its digits or the
// region tell; where nothing tells, it is ineligible (no_country_code). Freephone numbers as they are dialled at home (0800
// or 00800, and digits) are ineligible even where they can be read: with their
// country code they are toll free, which is a caution.
func Check(raw, region string) Checked {
	c := checking{written: writtenIn(raw), region: strings.ToUpper(region)}
	if !isRegion(c.region) {
		c.region = ""
	}
	n, err := Parse(raw, c.region)
	if err != nil {
		c.unread(err)
	} else {
		c.guessed = guess(n.String(), "")
		c.judgeWriting(n)
		c.judgeNumber(n)
	}
	return c.checked(n)
}

// writtenIn is what is left of raw to be read as a number.
func writtenIn(raw string) string {
	s, _ := peel(raw)
	return strings.TrimLeft(s, separators)
}

// checking is a number while it is being checked.
type checking struct {
	guessed

	written  string // peeled; "" where raw is too long or no text
	region   string // upper case; "" if it is unknown
	findings []Finding
}

func (c *checking) add(code FindingCode, severity Verdict, text string) {
	c.findings = append(c.findings, Finding{code, severity, text})
}

// checked is the result, with its findings in the order of their codes.
func (c *checking) checked(n Number) Checked {
	slices.SortStableFunc(c.findings, func(a, b Finding) int { return a.Code.rank() - b.Code.rank() })
	done := Checked{Number: n, Verdict: VerdictEligible, Findings: append([]Finding{}, c.findings...), Checklist: checklist()}
	for _, f := range done.Findings {
		if f.Severity == VerdictIneligible || done.Verdict == VerdictEligible {
			done.Verdict = f.Severity
		}
	}
	return done
}

// unread says why nothing can be read.
func (c *checking) unread(why error) {
	digits, isNumeric := digitsOf(strings.TrimPrefix(c.written, "+"))
	switch {
	case errors.Is(why, ErrMissing):
		c.add(FindingNotANumber, VerdictIneligible, "There is nothing to check. "+writeItLikeThis)
	case errors.Is(why, ErrWithheld):
		c.add(FindingNotANumber, VerdictIneligible, "This is what telephones show for a caller who hides the number, not a number. "+writeItLikeThis)
	case !isNumeric:
		c.add(FindingNotANumber, VerdictIneligible, "This can't be read as a telephone number. "+writeItLikeThis)
	case isFreephone(c.written):
		c.add(FindingFreephone, VerdictIneligible, textFreephone)
	case c.isShortCode(digits):
		c.add(FindingShortCode, VerdictIneligible, textShortCode)
	case strings.HasPrefix(c.written, "+"):
		c.add(FindingNotANumber, VerdictIneligible, "No number looks like this: its country code is assigned to nobody, or digits are missing or too many. Compare it with a bill, digit by digit.")
	default:
		c.add(FindingNoCountryCode, VerdictIneligible, "The country code is missing, and without it nobody can tell which country's number this is. "+
			"Put + and the country code in front, and leave out a 0 that is dialled only inside the country: 020 7946 0000 in the United Kingdom is +44 20 7946 0000.")
	}
}

// maxShortCode is how many digits a short code has at most, without country
// code.
const maxShortCode = 6

// isShortCode reports whether what can't be read as a number is one of those
// that only their own country or network knows.
func (c *checking) isShortCode(digits string) bool {
	if !strings.HasPrefix(c.written, "+") {
		return len(digits) <= maxShortCode
	}
	lib, err := phonenumbers.Parse(c.written, "")
	return err == nil && phonenumbers.IsValidShortNumber(lib)
}

// judgeWriting looks at how n is written.
func (c *checking) judgeWriting(n Number) {
	if isFreephone(c.written) && (c.is(phonenumbers.TOLL_FREE) || !c.valid()) {
		c.add(FindingFreephone, VerdictIneligible, textFreephone+" It reads as "+n.String()+".")
	}
}

// isFreephone reports whether s is a freephone number as it is dialled inside
// a country, 0800 and digits, or from many, 00800 and digits.
func isFreephone(s string) bool {
	digits, ok := digitsOf(s)
	return ok && (strings.HasPrefix(digits, "0800") || strings.HasPrefix(digits, "00800"))
}

// blocked are the beginnings of numbers in countries and territories where
// WhatsApp activates nobody.
var blocked = []struct{ digits, country string }{
	{"53", "Cuba"}, {"98", "Iran"}, {"850", "North Korea"}, {"963", "Syria"}, {"7978", "Crimea"},
}

// judgeNumber looks at what kind of number n is.
func (c *checking) judgeNumber(n Number) {
	digits := n.String()[1:]
	switch {
	case !c.valid() && c.lib != nil && phonenumbers.IsValidShortNumber(c.lib):
		c.add(FindingShortCode, VerdictIneligible, textShortCode)
	case !c.possible():
		c.add(FindingNotANumber, VerdictIneligible, "Numbers"+in(n)+" have more or fewer digits than "+n.String()+". Compare it with a bill, digit by digit.")
	case !c.valid():
		c.add(FindingNotANumber, VerdictCaution, "No number"+in(n)+" that is known looks like "+n.String()+". New ranges come up now and then, typing errors more often: compare it with a bill, and dial it from abroad before you spend an attempt.")
	}
	for _, b := range blocked {
		if strings.HasPrefix(digits, b.digits) {
			c.add(FindingBlockedCountry, VerdictIneligible, "Numbers of "+b.country+" (+"+b.digits+") can't be activated, whoever holds them. Use a number of another country.")
		}
	}
	for _, k := range costly {
		if c.is(k.kind) {
			c.add(k.code, VerdictCaution, k.text)
		}
	}
}

func (c *checking) is(kind phonenumbers.PhoneNumberType) bool {
	return c.lib != nil && phonenumbers.GetNumberType(c.lib) == kind
}

func in(n Number) string {
	if region := n.Region(); region != "" {
		return " of " + region
	}
	return " with this country code"
}
