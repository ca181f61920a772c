package flow_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

// Random scenes are drawn from so few numbers, patterns and times that they
// often meet.

var someNumbers = []ani.Number{caller, stranger, tester, dialled, ani.MustParse(desk.Address), ani.MustParse("+16505550124")}

var somePatterns = []string{
	"+16505550123", "+16505550124", "+16505550100-+16505550199", "+16505550120-+16505550129",
	"+1650555*", "+165055501*", "+442079460000", "+4420794*", "+15125550188", "+493012345678",
}

var someHours = []flow.Hours{"", "Mo-Fr 08:00-18:00", "Sa-Su 00:00-24:00", "12:00-13:00", "22:00-12:00"}

// drawScene is any call to any line.
func drawScene(t *rapid.T) *scene {
	s := &scene{now: drawTime(t, "now")}
	names := []string{"support-us", "support-de", "support-fr"}[:rapid.IntRange(1, 3).Draw(t, "lines")]
	numbers := rapid.Permutation(someNumbers[1:]).Draw(t, "numbers")
	fallback := rapid.IntRange(-1, len(names)-1).Draw(t, "default")
	for i, name := range names {
		line := drawLine(t, name)
		line.Numbers, line.Default = numbers[i:i+1], i == fallback
		s.others = append(s.others, line)
	}
	s.line, s.others = s.others[0], s.others[1:]
	s.entries = drawEntries(t)
	s.live = drawLive(t, s.now)
	s.call = drawCall(t, numbers[0])
	return s
}

// seldom is true for one draw in ten. What rapid likes to draw is what lies
// at the lower end.
func seldom(t *rapid.T, label string) bool { return rapid.IntRange(0, 99).Draw(t, label) >= 90 }

func drawTime(t *rapid.T, label string) time.Time {
	return noon.Add(time.Duration(rapid.IntRange(-6, 6).Draw(t, label)) * 20 * time.Minute)
}

func drawNumber(t *rapid.T, label string) (ani.Number, error) {
	if seldom(t, label+" is unknown") {
		return ani.Number{}, rapid.SampledFrom([]error{nil, ani.ErrMissing, ani.ErrWithheld, ani.ErrUnparseable}).Draw(t, label+" fault")
	}
	return rapid.SampledFrom(someNumbers).Draw(t, label), nil
}

// drawCall is a call, to dnis and from caller more often than not.
func drawCall(t *rapid.T, dnis ani.Number) flow.Call {
	c := flow.Call{Attestation: rapid.SampledFrom([]flow.Attestation{
		flow.AttestationFailed, flow.AttestationNone, flow.AttestationC, flow.AttestationB, flow.AttestationA,
	}).Draw(t, "attestation")}
	if c.ANI = caller; rapid.IntRange(0, 1).Draw(t, "another ani") == 1 {
		c.ANI, c.ANIFault = drawNumber(t, "ani")
	}
	if c.DNIS = dnis; rapid.IntRange(0, 2).Draw(t, "another dnis") == 2 {
		c.DNIS, c.DNISFault = drawNumber(t, "dnis")
	}
	if seldom(t, "diverted") {
		c.Diverter, _ = drawNumber(t, "diverter")
	}
	c.Malformed = seldom(t, "malformed") && seldom(t, "really malformed")
	if refused := rapid.SampledFrom([]flow.Kind{"", "", flow.KindNumber, flow.KindQueue}).Draw(t, "not carried"); refused != "" {
		c.Carries = func(to flow.Target) bool { return to.Kind != refused }
	}
	return c
}

func drawLine(t *rapid.T, name string) flow.Line {
	l := flow.NewLine()
	l.Name = name
	l.Enabled = !seldom(t, "disabled")
	l.Policy = rapid.SampledFrom([]flow.Policy{flow.PolicyAlways, flow.PolicyAlways, flow.PolicyWindow}).Draw(t, "policy")
	l.Attestation = rapid.SampledFrom([]flow.AttestationPolicy{
		flow.AttestationRejectFailed, flow.AttestationIgnore, flow.AttestationAtLeastC, flow.AttestationAtLeastA,
	}).Draw(t, "line asks")
	l.Limit.Calls = rapid.IntRange(1, 4).Draw(t, "limit")
	l.Timezone = rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "America/New_York"}).Draw(t, "zone")
	for i, kind := range rapid.SliceOfN(rapid.SampledFrom(flow.Kinds()), 0, 5).Draw(t, "targets") {
		l.Targets = append(l.Targets, targetOf(kind, i, rapid.SampledFrom(someHours).Draw(t, "hours")))
	}
	return l
}

// targetOf is the nth target, which is like no other.
func targetOf(kind flow.Kind, n int, hours flow.Hours) flow.Target {
	to := flow.Target{Kind: kind, Address: fmt.Sprintf("place %d", n), Hours: hours}
	switch kind {
	case flow.KindNumber:
		to.Address = fmt.Sprintf("+1512555012%d", n)
	case flow.KindSIP:
		to.Address = fmt.Sprintf("sip:desk%d@pbx.example.com", n)
	}
	return to
}

func drawEntries(t *rapid.T) []ani.Entry {
	patterns := rapid.Permutation(somePatterns).Draw(t, "patterns")
	entries := make([]ani.Entry, rapid.IntRange(0, 8).Draw(t, "entries"))
	for i := range entries {
		e := entryOf(fmt.Sprintf("e%d", i), patterns[i])
		e.Enabled = !seldom(t, "off")
		e.Lines = rapid.SampledFrom([][]string{nil, {"support-us"}, {"support-de", "support-us"}, {"support-de"}}).Draw(t, "for")
		e.MinAttestation = rapid.SampledFrom([]flow.Attestation{flow.AttestationNone, flow.AttestationNone, flow.AttestationC, flow.AttestationA}).Draw(t, "entry asks")
		if rapid.IntRange(0, 2).Draw(t, "dated") == 2 {
			e.NotBefore = drawTime(t, "not before")
			e.ExpiresAt = e.NotBefore.Add(time.Duration(rapid.IntRange(1, 6).Draw(t, "for as long as")) * 20 * time.Minute)
		}
		entries[i] = e
	}
	return entries
}

func drawLive(t *rapid.T, now time.Time) flow.Live {
	live := flow.Live{Windows: rapid.SliceOfN(rapid.Custom(drawWindow), 0, 3).Draw(t, "windows")}
	for i := range live.Windows {
		live.Windows[i].ID = fmt.Sprintf("w%d", i)
	}
	for range rapid.IntRange(0, 4).Draw(t, "directs") {
		live.Directs = append(live.Directs, now.Add(-time.Duration(4-len(live.Directs))*20*time.Minute))
	}
	if rapid.Bool().Draw(t, "called before") {
		live.Last = drawPlaced(t, now)
	}
	if rapid.Bool().Draw(t, "rehearsed before") {
		live.Rehearsed = drawPlaced(t, now)
	}
	return live
}

func drawWindow(t *rapid.T) flow.Window {
	w := flow.Window{
		Line: "support-us", Mode: rapid.SampledFrom([]flow.Mode{flow.ModeListed, flow.ModeAnyone, flow.ModeRehearsal}).Draw(t, "mode"),
		OpensAt: drawTime(t, "opens"), MaxCalls: rapid.IntRange(0, 3).Draw(t, "max calls"), Calls: rapid.IntRange(0, 2).Draw(t, "calls"),
	}
	w.ClosesAt = w.OpensAt.Add(time.Duration(rapid.IntRange(1, 6).Draw(t, "open for")) * 20 * time.Minute)
	if w.Mode == flow.ModeRehearsal {
		w.Callers = rapid.SliceOfN(rapid.SampledFrom(someNumbers), 1, 2).Draw(t, "callers")
	}
	return w
}

func drawPlaced(t *rapid.T, now time.Time) flow.Placed {
	kind, n := rapid.SampledFrom(flow.Kinds()).Draw(t, "placed kind"), rapid.IntRange(0, 3).Draw(t, "placed target")
	return flow.Placed{
		ID: "last", At: now.Add(-time.Duration(rapid.IntRange(0, 180).Draw(t, "placed ago")) * time.Second),
		Target: targetOf(kind, n, ""), Attempt: rapid.IntRange(1, 3).Draw(t, "placed attempt"),
		Result: rapid.SampledFrom(append(flow.Results(), "")).Draw(t, "placed result"),
	}
}

// check draws a thousand times.
func check(t *testing.T, property func(*rapid.T)) {
	t.Helper()
	for range 10 {
		rapid.Check(t, property)
	}
}
