package ani

import (
	"slices"

	"github.com/nyaruka/phonenumbers"
)

const (
	writeItLikeThis = "Write + and the country code, then the number, as in +44 20 7946 0000."

	textFreephone = "Written like this, a freephone number is not recognised: the registration would be refused. " +
		"Write it with its country code and without the 0 in front of the 800, as in +44 800 123 4567; one that begins with 00800 is written +800 and eight digits."

	textShortCode = "This is a short code: it can be dialled inside one country or network only, and the activation call comes from abroad. " +
		"Register the whole number behind it, with + and the country code."
)

// costly are the kinds of number to which calls from abroad often fail.
var costly = []struct {
	kind phonenumbers.PhoneNumberType
	code FindingCode
	text string
}{
	{phonenumbers.TOLL_FREE, FindingTollFree, "This is a toll-free number. It is allowed with its country code, but the activation call comes from abroad: " +
		"ask the carrier to let international calls through to it, and dial it from another country before you start. Customers at home may not reach it when they dial it with the country code."},
	{phonenumbers.PREMIUM_RATE, FindingPremium, "This is a premium-rate number: whoever calls it pays extra, and many carriers refuse such calls from abroad. " +
		"Take an ordinary number if you have one; else dial this one from another country before you start."},
	{phonenumbers.SHARED_COST, FindingSharedCost, "This is a shared-cost number: caller and business split the price, which many carriers abroad can't bill and so refuse. " +
		"Take an ordinary number if you have one; else dial this one from another country before you start."},
	{phonenumbers.PERSONAL_NUMBER, FindingPersonal, "This is a personal number: it forwards to wherever one person is, mostly at a high price, and carriers abroad may refuse it. " +
		"Make sure that calls to it reach your IVR: dial it from another country before you start."},
}

// checklist is what somebody has to find out who knows the business.
func checklist() []string {
	return []string{
		"The number belongs to your business: a bill or a contract says so.",
		"It takes a voice call or a text message from abroad: somebody has dialled it from a foreign telephone.",
		"It is not active with another WhatsApp provider: it would have to be given up there first, since providers can't hand numbers over. Coming from the WhatsApp app is fine.",
		"Nobody is about to change the display name: a new one means a new certificate and with it a new code. Do that at a quiet hour, too.",
		"It has been test-dialled through a rehearsal, and whoever picked up had pen and paper and knows that a robot will speak six digits.",
	}
}

// rank is where findings of this code stand among others.
func (c FindingCode) rank() int {
	return slices.Index([]FindingCode{
		FindingNotANumber, FindingNoCountryCode, FindingFreephone, FindingShortCode, FindingBlockedCountry,
		FindingTollFree, FindingPremium, FindingSharedCost, FindingPersonal,
	}, c)
}
