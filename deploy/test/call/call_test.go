// Package call_test makes real calls and listens to them. Kamailio stands in
// front of an IVR, with the script that is shipped, and asks the real
// ringthrough about each INVITE. Everybody on the telephone is a baresip: the
// bot, which speaks a code the moment it is answered, as WhatsApp's does, and
// hangs up when it has read it three times; a customer; the person who should
// hear the code, and the colleague who is the backup; the IVR, which answers
// at once and plays a greeting. What they say is made by espeak-ng and sent as
// G.711 over RTP, and what a baresip hears it writes down: a case is decided
// by comparing that recording with what was said. All of it runs in a network
// namespace of the test's own, where nothing is lost on the way and nothing
// takes long.
//
// No time is asserted. What the lookup costs the caller is printed:
//
//	go test -v ./deploy/test/call
package call_test

import (
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/deploy/test/call/sound"
)

// The lines, by the number that is called. Each has limits, redials and
// targets of its own, so what one case did doesn't change the next.
const (
	support  = "+18005550100" // the person, then the colleague
	redialed = "+18005550101" // the same
	single   = "+18005550102" // the person alone
)

// aMoment is how long a person lets it ring.
const aMoment = time.Second

func TestCall(t *testing.T) {
	w := openWorld(t)
	t.Run("a listed bot rings the person, who hears the first reading whole", w.codeReachesThePerson)
	t.Run("the bot's leg is answered when the person answers, and not before", w.ringsBeforeAnswer)
	t.Run("an unlisted caller hears the IVR, and nobody's phone rings", func(t *testing.T) { w.hearsTheIVR(t, w.customer) })
	t.Run("the person doesn't answer: the redial reaches the backup", w.redialReachesTheBackup)
	t.Run("what the lookup costs the caller", w.printWaits)
	w.service.Freeze(t)
	t.Run("ringthrough is frozen: a listed bot hears the IVR", func(t *testing.T) { w.hearsTheIVR(t, w.bot) })
	t.Run("ringthrough is frozen: an unlisted caller hears the IVR", func(t *testing.T) { w.hearsTheIVR(t, w.customer) })
	w.service.Kill(t)
	t.Run("ringthrough is stopped: a listed bot hears the IVR", func(t *testing.T) { w.hearsTheIVR(t, w.bot) })
	t.Run("ringthrough is stopped: an unlisted caller hears the IVR", func(t *testing.T) { w.hearsTheIVR(t, w.customer) })
}

// codeReachesThePerson lets the bot speak to its end: it hangs up by itself.
func (w *world) codeReachesThePerson(t *testing.T) {
	w.begin(t)
	w.bot.dial(t, support, proxyPort)
	w.person.await(t, incoming)
	w.bot.quietFor(t, aMoment, established, closed)
	w.person.command(t, "accept", "")
	w.person.listen(t, w.readings[0].Duration())
	w.bot.await(t, closed)
	w.person.await(t, closed)
	hasWhole(t, "the first reading at the person's ear", w.readings[0], w.person.ear(t))
	w.ivr.never(t, established)
	w.colleague.never(t, incoming)
}

func (w *world) ringsBeforeAnswer(t *testing.T) {
	w.begin(t)
	w.bot.dial(t, single, proxyPort)
	w.person.await(t, incoming)
	w.bot.await(t, ringing)
	w.bot.quietFor(t, aMoment, established, progress, closed)
	w.bot.hasHeardNothing(t)
	w.person.command(t, "accept", "")
	w.bot.await(t, established)
	w.person.listen(t, aMoment)
	w.hangUp(t, w.bot, w.person)
}

func (w *world) hearsTheIVR(t *testing.T, caller *phone) {
	t.Helper()
	w.begin(t)
	began := caller.dial(t, support, proxyPort)
	caller.await(t, established)
	t.Logf("answered after %v", caller.when(established).Sub(began).Round(time.Millisecond))
	caller.listen(t, breath+w.greeting.Duration()+frames)
	w.hangUp(t, caller, w.ivr)
	hears(t, "the greeting at the caller's ear", w.greeting, caller.ear(t))
	w.person.never(t, incoming)
	w.colleague.never(t, incoming)
}

// redialReachesTheBackup has the bot give up while the person's phone rings.
func (w *world) redialReachesTheBackup(t *testing.T) {
	w.begin(t)
	w.bot.dial(t, redialed, proxyPort)
	w.person.await(t, incoming)
	w.bot.await(t, ringing)
	w.hangUp(t, w.bot, w.person)
	w.colleague.never(t, incoming)
	w.ivr.never(t, established)

	w.begin(t)
	w.bot.dial(t, redialed, proxyPort)
	w.colleague.await(t, incoming)
	w.colleague.command(t, "accept", "")
	w.colleague.listen(t, w.readings[0].Duration()+frames)
	w.hangUp(t, w.bot, w.colleague)
	hasWhole(t, "the first reading at the colleague's ear", w.readings[0], w.colleague.ear(t))
	w.person.never(t, incoming)
	w.ivr.never(t, established)
}

// frames is some more than what is to be heard: those that the far end keeps
// back to put them in order.
const frames = 100 * time.Millisecond

// breath is what the IVR waits before it speaks. Its sound goes straight to
// the caller, its answer by way of the proxy: a caller who doesn't know yet of
// the answer hears nothing. Nothing of the sort befalls the bot's code: the
// bot speaks when the answer has come, and the person has listened since.
const breath = 500 * time.Millisecond

// familiar is the correlation from which a sound is known again, if a fifth of
// it is missing.
const familiar = 0.9

func hears(t *testing.T, what string, spoken, recording sound.Sound) {
	t.Helper()
	v := sound.Compare(spoken, recording)
	t.Logf("%s: %v", what, v)
	if v.Correlation < familiar {
		t.Errorf("%s isn't what was said", what)
	}
}

func hasWhole(t *testing.T, what string, spoken, recording sound.Sound) {
	t.Helper()
	v := sound.Compare(spoken, recording)
	t.Logf("%s: %v", what, v)
	if !v.Whole() {
		t.Errorf("%s isn't whole", what)
	}
}
