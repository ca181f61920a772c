package switchboard_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/switchboard"
)

// The row of a direct call is in the store when the answer goes out.
func TestDirectCallIsJournalled(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.edit(putWindow("w", flow.ModeListed, nil))
		call := r.call()
		call.ID, call.Attestation = "CA1", flow.AttestationB
		a := r.Lookup("twilio", call)
		want := store.Call{
			ID: a.ID, At: noon, Hook: "twilio", CallID: "CA1", Line: "support-us", ANI: caller, DNIS: dialled,
			Kind: store.CallDirect, Route: flow.Direct, Reason: flow.ReasonListed, Expected: true, Entry: "e1", Label: "Meta e1",
			Window: "w", TargetKind: flow.KindUser, Target: "a", Attempt: 1, Attestation: flow.AttestationB,
		}
		if diff := cmp.Diff([]store.Call{want}, r.stored(), plain); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		if a.At != noon || a.Revision != 2 || a.Repeated || a.ID == "" {
			t.Errorf("answered %+v", a)
		}
		entry, err := r.gate.Entry(t.Context(), "e1")
		if err != nil || entry.Hits != 1 || !entry.LastHitAt.Equal(noon) {
			t.Errorf("the entry has %d hits, the last at %s, %v", entry.Hits, entry.LastHitAt, err)
		}
		if n := r.JournalPending(); n != 0 {
			t.Errorf("%d rows wait", n)
		}
	})
}

func TestRehearsalIsJournalled(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.edit(putWindow("r", flow.ModeRehearsal, func(w *flow.Window) { w.Callers = []ani.Number{tester} }))
		r.Lookup("hook", flow.Call{ANI: tester, DNIS: dialled})
		got := r.stored()
		if len(got) != 1 || got[0].Kind != store.CallRehearsal || got[0].Window != "r" || got[0].Entry != "" {
			t.Errorf("got %+v", got)
		}
	})
}

// A caller who is not let through leaves nothing behind.
func TestOtherCallsAreNotJournalled(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		events, cancel := r.Subscribe()
		defer cancel()
		for _, c := range []flow.Call{
			{ANI: stranger, DNIS: dialled}, {ANI: caller, DNIS: stranger}, {ANIFault: ani.ErrWithheld, DNIS: dialled}, {Malformed: true},
		} {
			a := r.Lookup("hook", c)
			if a.Decision.Route != flow.Continue || a.ID == "" {
				t.Errorf("answered %+v", a)
			}
			if _, err := r.Report(t.Context(), a.ID, flow.Report{Result: flow.ResultAnswered}); err == nil {
				t.Errorf("a result of %s is taken", a.Decision.Reason)
			}
		}
		r.Explain(r.call(), noon)
		if got := r.stored(); len(got) != 0 {
			t.Errorf("stored: %+v", got)
		}
		select {
		case c := <-events:
			t.Errorf("told of %+v", c)
		default:
		}
	})
}

func TestExplainLeavesNoTrace(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		before := r.Snapshot()
		a, steps := r.Explain(r.call(), noon.Add(time.Hour))
		if a.Decision.Reason != flow.ReasonListed || a.Revision != 1 || a.At != noon.Add(time.Hour) || len(steps) != 16 || a.ID != "" {
			t.Errorf("got %+v with %d steps", a, len(steps))
		}
		if r.Snapshot() != before || len(r.stored()) != 0 {
			t.Error("it left something behind")
		}
	})
}

func TestRetryGetsTheSameAnswer(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.edit(putWindow("w", flow.ModeListed, nil))
		events, cancel := r.Subscribe()
		defer cancel()
		call := r.call()
		call.ID = "CA1"
		first := r.Lookup("hook", call)
		r.clock.forward(time.Minute - time.Millisecond)
		again := r.Lookup("hook", call)
		if !again.Repeated || first.Repeated {
			t.Errorf("repeated: first %t, then %t", first.Repeated, again.Repeated)
		}
		again.Repeated = false
		if diff := cmp.Diff(fmt.Sprint(first), fmt.Sprint(again)); diff != "" {
			t.Errorf("-first +again\n%s", diff)
		}
		if live := r.Snapshot().Live("support-us"); len(r.stored()) != 1 || len(live.Directs) != 1 || live.Windows[0].Calls != 1 || len(events) != 1 {
			t.Errorf("%d rows, %d direct calls, %d in the window, %d events, want one each", len(r.stored()), len(live.Directs), live.Windows[0].Calls, len(events))
		}

		r.clock.forward(time.Millisecond)
		anew := r.Lookup("hook", call)
		if anew.Repeated || anew.ID == first.ID || anew.Decision.Attempt != 2 || len(r.stored()) != 2 {
			t.Errorf("after a minute: repeated %t, attempt %d, %d rows", anew.Repeated, anew.Decision.Attempt, len(r.stored()))
		}
		if late := r.Lookup("hook", call); !late.Repeated || late.ID != anew.ID {
			t.Errorf("the answer after that: repeated %t, %s, want %s", late.Repeated, late.ID, anew.ID)
		}
	})
}

// A retry keeps its answer though the list has changed meanwhile.
func TestRetryOutlivesAnEdit(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		call := r.call()
		call.ID = "CA1"
		first := r.Lookup("hook", call)
		r.edit(deleteEntry("e1"))
		if again := r.Lookup("hook", call); again.ID != first.ID || again.Decision.Route != flow.Direct || again.Revision != first.Revision {
			t.Errorf("got %+v", again)
		}
		call.ID = "CA2"
		if other := r.Lookup("hook", call); other.Decision.Reason != flow.ReasonNotListed {
			t.Errorf("another call: %s", other.Decision.Reason)
		}
	})
}

func TestWhatIsNoRetry(t *testing.T) {
	for name, change := range map[string]func(hook *string, c *flow.Call){
		"another hook":          func(hook *string, _ *flow.Call) { *hook = "another" },
		"another id":            func(_ *string, c *flow.Call) { c.ID = "CA2" },
		"another caller":        func(_ *string, c *flow.Call) { c.ANI = stranger },
		"another called number": func(_ *string, c *flow.Call) { c.DNIS = stranger },
		"no id":                 func(_ *string, c *flow.Call) { c.ID = "" },
	} {
		r := newRig(t)
		hook, call := "hook", r.call()
		call.ID = "CA1"
		first := r.Lookup(hook, call)
		change(&hook, &call)
		if second := r.Lookup(hook, call); second.Repeated || second.ID == first.ID {
			t.Errorf("%s is taken for a retry", name)
		}
	}
	r := newRig(t)
	if a, b := r.ring(), r.ring(); a.ID == b.ID || b.Repeated {
		t.Error("two calls without an id are taken for one")
	}
}

// A platform that asks twice at once gets one answer, and one person is rung.
func TestRetriesAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		call := r.call()
		call.ID = "CA1"
		answers := make([]switchboard.Answer, 16)
		var asking sync.WaitGroup
		for i := range answers {
			asking.Go(func() { answers[i] = r.Lookup("hook", call) })
		}
		asking.Wait()
		first := 0
		for _, a := range answers {
			if !a.Repeated {
				first++
			}
			if a.ID != answers[0].ID {
				t.Errorf("two ids: %s and %s", a.ID, answers[0].ID)
			}
		}
		if first != 1 || len(r.stored()) != 1 || len(r.Snapshot().Live("support-us").Directs) != 1 {
			t.Errorf("%d answers are not repeated, %d rows, want one", first, len(r.stored()))
		}
	})
}

// Calls that come at the same moment don't both take the last place.
func TestLimitIsExact(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		l := usLine()
		l.Limit.Calls = 7
		r.edit(putLine(l), putWindow("w", flow.ModeListed, func(w *flow.Window) { w.MaxCalls = 3 }))
		start := make(chan struct{})
		reasons := make([]flow.Reason, 100)
		var calling sync.WaitGroup
		for i := range reasons {
			calling.Go(func() {
				<-start
				reasons[i] = r.ring().Decision.Reason
			})
		}
		close(start)
		calling.Wait()
		count := map[flow.Reason]int{}
		for _, reason := range reasons {
			count[reason]++
		}
		if diff := cmp.Diff(map[flow.Reason]int{flow.ReasonListed: 7, flow.ReasonLimit: 93}, count); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		live := r.Snapshot().Live("support-us")
		if len(live.Directs) != 7 || live.Windows[0].Calls != 3 || live.Last.Attempt != 7 {
			t.Errorf("%d direct calls, %d in the window, attempt %d, want 7, 3 and 7", len(live.Directs), live.Windows[0].Calls, live.Last.Attempt)
		}
		if rows := r.stored(); len(rows) != 7 {
			t.Errorf("%d rows, want 7", len(rows))
		}
	})
}

// A fault in a decision carries the call on, counts nowhere, and is logged
// without a number.
func TestPanicCarriesTheCallOn(t *testing.T) {
	for _, id := range []string{"", "CA1"} {
		bubble(t, func(t *testing.T, r *rig) {
			call := r.call()
			call.ID = id
			call.Carries = func(flow.Target) bool { panic(fmt.Sprintf("no %s", "carrier")) }
			a := r.Lookup("hook", call)
			if a.Decision.Route != flow.Continue || a.Decision.Reason != flow.ReasonError || a.ID == "" || a.At != noon || a.Decision.Call.ANI != caller {
				t.Errorf("answered %+v", a)
			}
			log := r.log.String()
			if !strings.Contains(log, "no carrier") || !strings.Contains(log, "TestPanicCarriesTheCallOn") || strings.Contains(log, "6505550123") {
				t.Errorf("logged %s", log)
			}
			if len(r.stored()) != 0 || len(r.Snapshot().Live("support-us").Directs) != 0 {
				t.Error("it was counted")
			}
			call.Carries = nil
			if a := r.Lookup("hook", call); a.Decision.Reason != flow.ReasonListed || a.Repeated {
				t.Errorf("the next one, without the fault: %s, repeated %t", a.Decision.Reason, a.Repeated)
			}
		})
	}
}

func TestPanicsOfTheRuntimeAreLogged(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		call := r.call()
		var none []int
		call.Carries = func(flow.Target) bool { return none[call.Attestation] == 0 }
		r.Lookup("hook", call)
		if log := r.log.String(); !strings.Contains(log, "index out of range [0]") {
			t.Errorf("logged %s", log)
		}
	})
}

// Whoever watches limits is told of every call that one turned away, but not
// of a platform's second question about it.
func TestLimitIsTold(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		line := usLine()
		line.Limit = flow.Limit{Calls: 1, Per: flow.Duration(time.Hour)}
		r.edit(putLine(line))
		r.ring()
		call := r.call()
		call.ID = "CA1"
		first := r.Lookup("hook", call)
		r.Lookup("hook", call)
		call.ID = "CA2"
		second := r.Lookup("hook", call)
		r.Lookup("hook", flow.Call{ANI: stranger, DNIS: dialled})
		want := []limited{{"support-us", 1, first.At, flow.ReasonLimit}, {"support-us", 1, second.At, flow.ReasonLimit}}
		if diff := cmp.Diff(want, r.limited, cmp.AllowUnexported(limited{})); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}
