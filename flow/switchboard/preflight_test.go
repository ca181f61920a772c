package switchboard_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// desk is the line of the preflights: it can be activated, two people are
// there, and its day is Berlin's, an hour ahead.
func desk() flow.Line {
	l := usLine()
	l.Numbers, l.Timezone = []ani.Number{ani.MustParse("+442079460000")}, "Europe/Berlin"
	l.Targets = []flow.Target{{Kind: flow.KindUser, Address: "dana@example.com", Label: "Dana"}, {Kind: flow.KindQueue, Address: "activation"}}
	return l
}

// with is desk, changed.
func with(change func(*flow.Line)) store.Change {
	l := desk()
	change(&l)
	return putLine(l)
}

// check looks at the line and gives one check as "status: text".
func (r *rig) check(code string) string {
	r.t.Helper()
	p, err := r.Preflight(r.t.Context(), "support-us")
	if err != nil {
		r.t.Fatal(err)
	}
	for _, c := range p.Checks {
		if c.Code == code {
			return string(c.Status) + ": " + c.Text
		}
	}
	r.t.Fatalf("no check %s among %v", code, p.Checks)
	return ""
}

// asked lets a stranger ring the desk.
func (r *rig) asked(hook string, call flow.Call) {
	if call.DNIS.IsZero() && call.DNISFault == nil {
		call.DNIS = desk().Numbers[0]
	}
	call.ANI = tester
	r.Lookup(hook, call)
}

// expiring is an entry for every line.
func expiring(id, pattern string, change func(*ani.Entry)) store.Change {
	c := createEntry(id, pattern)
	change(c.Entry)
	return c
}

// rehearsed opens a rehearsal, has tester dial in, and tells how it ended.
func (r *rig) rehearsed(result flow.Result) string {
	r.t.Helper()
	r.edit(putWindow("rehearsal", flow.ModeRehearsal, func(w *flow.Window) {
		w.OpensAt, w.ClosesAt, w.Callers = r.Now(), r.Now().Add(time.Minute), []ani.Number{tester}
	}))
	a := r.Lookup("hook", flow.Call{ANI: tester, DNIS: desk().Numbers[0]})
	if result != "" {
		if _, err := r.Report(r.t.Context(), a.ID, flow.Report{Result: result, Ended: true}); err != nil {
			r.t.Fatal(err)
		}
	}
	r.settle()
	return a.ID
}

func (r *rig) outcome(id string, o store.Outcome) {
	r.t.Helper()
	if _, err := r.gate.SetOutcome(r.t.Context(), id, store.OutcomeOf{Outcome: o, Author: ops, At: r.Now()}); err != nil {
		r.t.Fatal(err)
	}
}

func TestPreflightChecks(t *testing.T) {
	mailbox := flow.Target{Kind: flow.KindMailbox, Address: "100"}
	for _, tt := range []struct {
		name  string
		given func(*rig)
		code  string
		want  string
	}{
		{"a number that can be activated", func(*rig) {}, "number", "ok: Nothing about +442079460000 speaks against an activation."},
		{"many numbers", func(r *rig) {
			r.edit(with(func(l *flow.Line) {
				for i := range 4 {
					l.Numbers = append(l.Numbers, ani.MustParse(fmt.Sprint("+44207946000", i+1)))
				}
			}))
		}, "number", "ok: Nothing about +442079460000, +442079460001, +442079460002, 2 more speaks against an activation."},
		{"a toll-free number", func(r *rig) { r.edit(with(func(l *flow.Line) { l.Numbers = append(l.Numbers, dialled) })) }, "number", "warn: +18005550100: This is a toll-free number. …"},
		{"a number of a blocked country", func(r *rig) {
			r.edit(with(func(l *flow.Line) { l.Numbers = []ani.Number{dialled, ani.MustParse("+5351234567")} }))
		}, "number", "fail: +18005550100: This is a toll-free number. …"},
		{"no number", func(r *rig) { r.edit(with(func(l *flow.Line) { l.Numbers = nil })) }, "number", "fail: The line has no number, so no call can be for it. Give it the number that you are about to register."},
		{"no number, but the default", func(r *rig) { r.edit(with(func(l *flow.Line) { l.Numbers, l.Default = nil, true })) }, "number",
			"warn: The line has no number of its own: it takes the calls to all numbers of no line. Give it the number that you are about to register, so that it can be looked at."},

		{"an entry", func(*rig) {}, "entries", "ok: 1 entry is in force for this line."},
		{"wide entries alone", func(r *rig) {
			r.edit(deleteEntry("e1"), createEntry("e2", "+1650555*"), createEntry("e3", "+16505560100-+16505560199"))
		}, "entries",
			"ok: 2 entries are in force for this line. Among them is no exact number: a range or a prefix lets strangers through, too."},
		{"no entry", func(r *rig) { r.edit(deleteEntry("e1")) }, "entries", "fail: The list has nobody for this line. Put the numbers on it that WhatsApp's support named for this registration."},
		{"entries of another line", func(r *rig) {
			other := flow.NewLine()
			other.Name = "another"
			r.edit(deleteEntry("e1"), putLine(other), createEntry("e2", "+16505550199", "another"))
		}, "entries", "fail: The list has nobody for this line. …"},
		{"no entry while everybody is let through", func(r *rig) { r.edit(deleteEntry("e1"), putWindow("w", flow.ModeAnyone, nil)) }, "entries", "warn: The list has nobody for this line. …"},
		{"entries that are over", func(r *rig) {
			r.edit(deleteEntry("e1"), expiring("e2", "+16505550199", func(e *ani.Entry) { e.ExpiresAt = noon }), expiring("e3", "+16505550198", func(e *ani.Entry) { e.Enabled = false }))
		}, "entries", "fail: No entry for this line is in force: 2 are expired or switched off. Put the numbers on the list that WhatsApp's support named for this registration."},
		{"entries that are planned", func(r *rig) {
			r.edit(deleteEntry("e1"), expiring("e2", "+16505550199", func(e *ani.Entry) { e.NotBefore = noon.Add(50 * time.Hour) }), expiring("e3", "+16505550198", func(e *ani.Entry) { e.NotBefore = noon.Add(49 * time.Hour) }))
		}, "entries", "fail: No entry for this line is in force yet: 2 are planned, and the first, +16505550198, begins at Fri 6 Mar 14:00 Europe/Berlin. Let it begin earlier, or wait until then."},
		{"an entry that expires tonight", func(r *rig) {
			r.edit(expiring("e2", "+16505550199", func(e *ani.Entry) { e.ExpiresAt = noon.Add(5 * time.Hour) }))
		}, "entries", "warn: 2 entries are in force for this line. 1 of them expires within 24 hours, +16505550199 at 18:00 Europe/Berlin: give it a later date if the registration may last longer."},
		{"an entry that expires the day after tomorrow", func(r *rig) {
			r.edit(expiring("e2", "+16505550199", func(e *ani.Entry) { e.ExpiresAt = noon.Add(48 * time.Hour) }))
		}, "entries", "ok: 2 entries are in force for this line."},
		{"entries that expire before a window closes", func(r *rig) {
			r.edit(expiring("e2", "+16505550199", func(e *ani.Entry) { e.ExpiresAt = noon.Add(48 * time.Hour) }), expiring("e3", "+16505550198", func(e *ani.Entry) { e.ExpiresAt = noon.Add(47 * time.Hour) }),
				putWindow("w", flow.ModeListed, func(w *flow.Window) { w.OpensAt, w.ClosesAt = noon.Add(40*time.Hour), noon.Add(50*time.Hour) }))
		}, "entries", "warn: 3 entries are in force for this line. 2 of them expire before the window closes, first +16505550198 at Fri 6 Mar 12:00 Europe/Berlin: give it a later date if the registration may last longer."},
		{"a line that asks for attestation", func(r *rig) { r.edit(with(func(l *flow.Line) { l.Attestation = flow.AttestationAtLeastB })) }, "entries",
			"warn: 1 entry is in force for this line. The line asks for attestation B at least, and calls from abroad mostly come with none: such a call is not let through. Set the line's attestation to reject_failed for this registration."},
		{"entries that ask for attestation", func(r *rig) {
			r.edit(deleteEntry("e1"), expiring("e2", "+16505550199", func(e *ani.Entry) { e.MinAttestation = ani.AttestationA }))
		}, "entries", "warn: 1 entry is in force for this line. Each of them asks for an attestation, …"},
		{"some entries that ask for attestation", func(r *rig) {
			r.edit(expiring("e2", "+16505550199", func(e *ani.Entry) { e.MinAttestation = ani.AttestationC }))
		}, "entries", "ok: 2 entries are in force for this line. 1 of them asks for an attestation, which calls from abroad mostly don't have."},

		{"two who are there", func(*rig) {}, "target", "ok: The call goes to the user dana@example.com (Dana), and then to the queue activation."},
		{"one who is there", func(r *rig) { r.edit(with(func(l *flow.Line) { l.Targets = l.Targets[1:] })) }, "target",
			"warn: The call goes to the queue activation, and to nobody else: see that a second target is there, who is rung where the first doesn't pick up."},
		{"the line itself", func(r *rig) {
			r.edit(with(func(l *flow.Line) {
				l.Targets = []flow.Target{{Kind: flow.KindNumber, Address: l.Numbers[0].String()}}
			}))
		}, "target", "fail: The call goes to the number +442079460000, which is a number of this very line: it would come back to the IVR. Put somebody's own number in its place."},
		{"the line itself as backup", func(r *rig) {
			r.edit(with(func(l *flow.Line) {
				l.Targets[1] = flow.Target{Kind: flow.KindNumber, Address: l.Numbers[0].String()}
			}))
		}, "target", "warn: The call goes to the user dana@example.com (Dana), and then to the number +442079460000, which is a number of this very line: put somebody's own number in its place."},
		{"nobody", func(r *rig) { r.edit(with(func(l *flow.Line) { l.Targets = nil })) }, "target", "fail: Nobody stands behind the line. Give it at least two targets, who are rung one after the other."},
		{"a line that is switched off", func(r *rig) { r.edit(with(func(l *flow.Line) { l.Enabled = false })) }, "target", "fail: The line is switched off: every call carries on into the IVR, whoever calls. Switch it on."},
		{"who comes later", func(r *rig) {
			r.edit(with(func(l *flow.Line) { l.Targets[0].Hours, l.Targets[1].Hours = "Mo-Fr 08:00-12:00", "Mo-Fr 14:30-18:00" }))
		}, "target", "fail: Nobody can be reached now: the queue activation is the first to be there, from 14:30 Europe/Berlin."},
		{"who comes tomorrow", func(r *rig) {
			r.edit(with(func(l *flow.Line) { l.Targets[0].Hours, l.Targets[1].Hours = "Mo-Fr 08:00-12:00", "Mo 14:30-18:00" }))
		}, "target", "fail: Nobody can be reached now: the user dana@example.com (Dana) is the first to be there, from Thu 5 Mar 08:00 Europe/Berlin."},
		{"who never comes", func(r *rig) {
			r.edit(with(func(l *flow.Line) { l.Targets[0].Hours, l.Targets[1].Hours = "Mo-Su off", "Mo-Su off" }))
		}, "target", "fail: Nobody can be reached, now or later: the hours of the line's targets never open."},
		{"a mailbox alone", func(r *rig) { r.edit(with(func(l *flow.Line) { l.Targets = []flow.Target{mailbox} })) }, "target", "fail: Only mailboxes stand behind the line, …"},
		{"a mailbox alone while a window is open", func(r *rig) {
			r.edit(with(func(l *flow.Line) { l.Targets = []flow.Target{mailbox} }), putWindow("w", flow.ModeListed, nil))
		}, "target", "warn: Nobody can be reached now, so the call goes to the mailbox 100. …"},
		{"who has gone home when the window opens", func(r *rig) {
			r.edit(with(func(l *flow.Line) { l.Targets[0].Hours, l.Targets[1].Hours = "Mo-Fr 08:00-16:00", "Mo-Fr 08:00-16:00" }),
				putWindow("w", flow.ModeListed, func(w *flow.Window) { w.OpensAt, w.ClosesAt = noon.Add(9*time.Hour), noon.Add(10*time.Hour) }))
		}, "target", "warn: The call goes to the user dana@example.com (Dana), and then to the queue activation. When the window opens, at 22:00 Europe/Berlin, nobody is there."},

		{"the IVR asks", func(r *rig) { r.asked("genesys", flow.Call{}); r.clock.forward(5 * time.Minute) }, "lookups", "ok: The IVR last asked about this line 5m ago (13:00 Europe/Berlin), through the hook genesys."},
		{"the IVR has stopped asking", func(r *rig) { r.asked("genesys", flow.Call{}); r.clock.forward(25 * time.Hour) }, "lookups",
			"warn: The IVR last asked about this line 25h ago (Wed 4 Mar 13:00 Europe/Berlin), through the hook genesys. Dial the line once to see that it still does."},
		{"nothing has asked, right after the start", func(r *rig) { r.clock.forward(5 * time.Minute) }, "lookups",
			"warn: The IVR has not asked about this line since the service started, 5m ago (13:00 Europe/Berlin). Nor has it asked about any other. See that its flow asks this service about every call, and reaches it; then dial the line once."},
		{"nothing has asked", func(r *rig) { r.clock.forward(time.Hour) }, "lookups", "fail: The IVR has not asked about this line since the service started, 60m ago (13:00 Europe/Berlin). Nor has it asked …"},
		{"the IVR asks about a number of no line", func(r *rig) {
			r.clock.forward(time.Hour)
			r.asked("genesys", flow.Call{DNIS: ani.MustParse("+442079460001")})
		}, "lookups", "…The hook genesys asked 0s ago (14:00 Europe/Berlin) about +442079460001, which is no line's number: if that is this line's, give it to the line."},
		{"the IVR doesn't say which number was called", func(r *rig) { r.asked("genesys", flow.Call{DNISFault: ani.ErrMissing}) }, "lookups",
			"…The hook genesys asked 0s ago (13:00 Europe/Berlin), and didn't say which number was called: have the IVR's flow send it."},
		{"the IVR can't be understood", func(r *rig) { r.asked("genesys", flow.Call{Malformed: true}) }, "lookups", "…and the request could not be read: see what the IVR's flow sends."},
		{"the IVR asks about another line", func(r *rig) {
			other := flow.NewLine()
			other.Name, other.Numbers = "another", []ani.Number{dialled}
			r.edit(putLine(other))
			r.asked("genesys", flow.Call{DNIS: dialled})
		}, "lookups", "…The hook genesys asked 0s ago (13:00 Europe/Berlin) about another line. Dial this line once: if nothing comes then, its flow doesn't ask."},
		{"a platform that carries none of the targets", func(r *rig) {
			r.asked("twilio", flow.Call{Carries: func(t flow.Target) bool { return t.Kind == flow.KindNumber }})
		}, "lookups", "fail: The IVR last asked about this line 0s ago (13:00 Europe/Berlin), through the hook twilio, and that can't put calls through to any of the line's targets, which are of the kind user or queue. Give the line a target of a kind that the platform knows."},
		{"a platform that carries one of the targets", func(r *rig) {
			r.asked("twilio", flow.Call{Carries: func(t flow.Target) bool { return t.Kind == flow.KindQueue }})
		}, "lookups", "ok: The IVR last asked about this line 0s ago …"},

		{"nobody has rehearsed", func(*rig) {}, "rehearsal", "warn: Nobody has rehearsed on this line. Open a window of mode rehearsal for your own telephone and dial the line: it goes the way that the bot's call will."},
		{"a rehearsal", func(r *rig) { r.rehearsed(flow.ResultAnswered); r.clock.forward(7 * 24 * time.Hour) }, "rehearsal", "ok: The last rehearsal was answered, 7d ago (Wed 4 Mar 13:00 Europe/Berlin)."},
		{"an old rehearsal", func(r *rig) { r.rehearsed(flow.ResultAnswered); r.clock.forward(7*24*time.Hour + 1) }, "rehearsal", "warn: The last rehearsal was 7d ago (Wed 4 Mar 13:00 Europe/Berlin), and much may have changed since. …"},
		{"a rehearsal that nobody answered", func(r *rig) {
			r.rehearsed(flow.ResultAnswered)
			r.clock.forward(5 * time.Minute)
			r.rehearsed(flow.ResultNoAnswer)
		}, "rehearsal", "warn: The last rehearsal, 0s ago (13:05 Europe/Berlin), reached nobody. Find out why, then try it again. …"},
		{"a rehearsal of which nobody has told", func(r *rig) { r.rehearsed("") }, "rehearsal", "warn: The last rehearsal was 0s ago (13:00 Europe/Berlin), and nobody has told how it ended. …"},
		{"a rehearsal of which somebody has told", func(r *rig) { r.outcome(r.rehearsed(""), store.OutcomeReceived) }, "rehearsal", "ok: The last rehearsal was answered, …"},
		{"a rehearsal that was picked up in vain", func(r *rig) { r.outcome(r.rehearsed(flow.ResultAnswered), store.OutcomeMissed) }, "rehearsal", "warn: The last rehearsal, 0s ago (13:00 Europe/Berlin), reached nobody. …"},
		{"a line that was changed since", func(r *rig) {
			r.rehearsed(flow.ResultAnswered)
			r.clock.forward(5 * time.Minute)
			r.edit(with(func(l *flow.Line) { l.Announce = "changed" }))
		}, "rehearsal", "warn: The line was changed after its last rehearsal, 0s ago (13:05 Europe/Berlin). …"},

		{"armed", func(r *rig) { r.edit(putWindow("w", flow.ModeListed, nil)) }, "window", "ok: The line expects a call until 14:00 Europe/Berlin."},
		{"armed for two calls", func(r *rig) { r.edit(putWindow("w", flow.ModeListed, func(w *flow.Window) { w.MaxCalls = 2 })) }, "window",
			"ok: The line expects a call until 14:00 Europe/Berlin, or until 2 more calls have come."},
		{"everybody is diverted", func(r *rig) { r.edit(putWindow("w", flow.ModeAnyone, nil), putWindow("w2", flow.ModeListed, nil)) }, "window",
			"warn: Every caller of this line is put through to its targets until 14:00 Europe/Berlin, customers as well as the bot. Close the window once you have the code."},
		{"planned", func(r *rig) {
			r.edit(putWindow("w", flow.ModeListed, func(w *flow.Window) { w.OpensAt, w.ClosesAt = noon.Add(20*time.Hour), noon.Add(21*time.Hour) }))
		}, "window", "ok: A window is open from Thu 5 Mar 09:00 Europe/Berlin until Thu 5 Mar 10:00 Europe/Berlin. A call before that is let through, but counts as unexpected."},
		{"planned, and needed", func(r *rig) {
			r.edit(with(func(l *flow.Line) { l.Policy = flow.PolicyWindow }),
				putWindow("w", flow.ModeListed, func(w *flow.Window) { w.OpensAt, w.ClosesAt = noon.Add(20*time.Hour), noon.Add(21*time.Hour) }))
		}, "window", "ok: A window is open from Thu 5 Mar 09:00 Europe/Berlin until Thu 5 Mar 10:00 Europe/Berlin. Before that, no call is let through."},
		{"nothing is armed", func(*rig) {}, "window", "warn: Nothing is armed: an activation call would ring through, but count as unexpected and raise the alarm. Open a window of mode listed before you ask for the call."},
		{"nothing is armed, and it is needed", func(r *rig) { r.edit(with(func(l *flow.Line) { l.Policy = flow.PolicyWindow })) }, "window",
			"fail: No window is open, and this line lets nobody through without one. Open a window of mode listed before you ask for the call."},
		{"a rehearsal arms nothing", func(r *rig) {
			r.edit(putWindow("w", flow.ModeRehearsal, func(w *flow.Window) { w.Callers = []ani.Number{tester} }))
		}, "window", "warn: Nothing is armed: …"},
		{"a window that has had its calls", func(r *rig) {
			r.edit(putWindow("w", flow.ModeListed, func(w *flow.Window) { w.MaxCalls = 1 }))
			r.Lookup("hook", flow.Call{ANI: caller, DNIS: desk().Numbers[0]})
		}, "window", "warn: Nothing is armed: …"},

		{"all is written down", func(*rig) {}, "store", "ok: The store answers, and every call is written down."},
		{"a call that waits for the store", func(r *rig) {
			r.gate.set(hang)
			r.edit(putWindow("w", flow.ModeListed, nil))
			r.Lookup("hook", flow.Call{ANI: tester, DNIS: desk().Numbers[0]})
		}, "store", "warn: The store answers, but one call is still to be written down."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				r.edit(putLine(desk()))
				tt.given(r)
				got := r.check(tt.code)
				r.gate.set(nil)
				head, cut := strings.CutSuffix(tt.want, "…")
				end, from := strings.CutPrefix(tt.want, "…")
				if cut && strings.HasPrefix(got, head) || from && strings.HasSuffix(got, end) {
					return
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("-want +got\n%s", diff)
				}
			})
		})
	}
}

// A line is ready where no check fails, whatever they warn of.
func TestPreflight(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.edit(putLine(desk()), putWindow("w", flow.ModeListed, nil))
		statuses := func() string {
			p, err := r.Preflight(t.Context(), "support-us")
			if err != nil {
				t.Fatal(err)
			}
			words := []string{fmt.Sprint(p.Line, " ready ", p.Ready)}
			for _, c := range p.Checks {
				words = append(words, c.Code+" "+string(c.Status))
			}
			return strings.Join(words, ", ")
		}
		for _, step := range []struct {
			name  string
			given func()
			want  string
		}{
			{"nobody has asked", func() { r.clock.forward(15 * time.Minute) }, "support-us ready false, number ok, entries ok, target ok, lookups fail, rehearsal warn, window ok, store ok"},
			{"everything is in order", func() { r.rehearsed(flow.ResultAnswered) }, "support-us ready true, number ok, entries ok, target ok, lookups ok, rehearsal ok, window ok, store ok"},
			{"nothing is armed", func() { r.clock.forward(time.Hour) }, "support-us ready true, number ok, entries ok, target ok, lookups ok, rehearsal ok, window warn, store ok"},
		} {
			step.given()
			if diff := cmp.Diff(step.want, statuses()); diff != "" {
				t.Errorf("%s: -want +got\n%s", step.name, diff)
			}
		}
		if _, err := r.Preflight(t.Context(), "nobody"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a line that isn't there: %v", err)
		}
	})
}

// unreachable is a store that has gone away.
type unreachable struct{ store.Store }

func (unreachable) Ping(context.Context) error { return store.ErrUnavailable }
func (unreachable) Calls(context.Context, store.CallQuery) (store.Page[store.Call], error) {
	return store.Page[store.Call]{}, store.ErrUnavailable
}

// Without its store, the preflight says so, and whatever else it knows.
func TestPreflightWithoutStore(t *testing.T) {
	r := newRig(t)
	r.edit(putLine(desk()))
	r.gate.Store = unreachable{r.gate.Store}
	for code, want := range map[string]string{
		"entries":   "ok: 1 entry is in force for this line.",
		"rehearsal": "warn: Whether somebody has rehearsed can't be seen while the store can't be reached.",
		"store":     "fail: The store can't be reached. Lookups go on as before, but nothing can be changed, and calls wait on this machine to be written down. Whoever runs the service finds the cause in its log.",
	} {
		if diff := cmp.Diff(want, r.check(code)); diff != "" {
			t.Errorf("%s: -want +got\n%s", code, diff)
		}
	}
}
