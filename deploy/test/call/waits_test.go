package call_test

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// rounds is how often each wait is measured.
const rounds = 15

// waiting is a caller and the first sign of somebody at the far end.
type waiting struct {
	name           string
	caller, called *phone
	sign           string // the event at the caller
	there          string // the event at the far end, from which on the call can be ended
	dialled        string // through the proxy that asks
	direct         string // through one that doesn't
	directPort     int
}

// printWaits prints how long callers wait, with the lookup and without it, in
// turns: so what else the machine does is felt by both. It asserts nothing.
func (w *world) printWaits(t *testing.T) {
	t.Helper()
	for _, wait := range []waiting{
		{"an unlisted caller, from the INVITE until the IVR answers", w.customer, w.ivr, established, established, support, support, ivrOnlyPort},
		{"a listed bot, from the INVITE until it hears the person's phone ring", w.bot, w.person, ringing, incoming, single, person, personOnlyPort},
	} {
		var with, without []time.Duration
		for range rounds {
			with = append(with, w.wait(t, wait, wait.dialled, proxyPort))
			without = append(without, w.wait(t, wait, wait.direct, wait.directPort))
		}
		a, b := spread(with), spread(without)
		t.Logf("%s: with the lookup %v, without it %v: %.1f ms more", wait.name, a, b, a.median-b.median)
	}
}

// wait makes a call, and gives the time from the INVITE to the sign.
func (w *world) wait(t *testing.T, of waiting, number string, port int) time.Duration {
	t.Helper()
	w.begin(t)
	began := of.caller.dial(t, number, port)
	of.caller.await(t, of.sign)
	of.called.await(t, of.there)
	w.hangUp(t, of.caller, of.called)
	return of.caller.when(of.sign).Sub(began)
}

// figures are milliseconds.
type figures struct{ median, lowest, highest float64 }

func spread(times []time.Duration) figures {
	slices.Sort(times)
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	return figures{ms(times[len(times)/2]), ms(times[0]), ms(times[len(times)-1])}
}

func (f figures) String() string {
	return fmt.Sprintf("%.1f ms (%.1f to %.1f)", f.median, f.lowest, f.highest)
}
