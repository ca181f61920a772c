package switchboard_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// view is what the next calls rest on, in words.
func (r *rig) view() []string {
	s, now := r.Snapshot(), r.Now()
	seen := []string{fmt.Sprintf("revision %d, %d entries", s.Revision, s.List.Len())}
	for _, l := range s.Lines() {
		live := s.Live(l.Name)
		used := 0
		for _, at := range live.Directs {
			if now.Sub(at) < time.Duration(l.Limit.Per) {
				used++
			}
		}
		seen = append(seen, fmt.Sprintf("%+v has used %d, last %s, rehearsed %s", l, used, placed(live.Last), placed(live.Rehearsed)))
		for _, w := range live.Windows {
			if w.State(now) != "closed" {
				seen = append(seen, fmt.Sprintf("%s %s %s %v until %s: %d of %d calls", w.Line, w.ID, w.Mode, w.Callers, w.ClosesAt, w.Calls, w.MaxCalls))
			}
		}
		for _, n := range []ani.Number{caller, stranger, tester} {
			for _, dnis := range l.Numbers {
				a, _ := r.Explain(flow.Call{ANI: n, DNIS: dnis}, now)
				d := a.Decision
				seen = append(seen, fmt.Sprintf("%s: %s %s %s %s %d", n, d.Reason, d.Target.Address, d.Window, d.Entry.ID(), d.Attempt))
			}
		}
	}
	return seen
}

func placed(p flow.Placed) string {
	return fmt.Sprintf("%s at %s to %s #%d %s", p.ID, p.At, p.Target.Address, p.Attempt, p.Result)
}

// Whatever has happened, a process that starts on what is stored goes on
// where the last one stopped.
func TestReopeningKeepsTheState(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			r := newRig(t)
			rng := rand.New(rand.NewPCG(seed, 1))
			var last string
			for i := range 60 {
				last = r.anything(rng, last)
				if rng.IntN(6) > 0 {
					continue
				}
				before := r.view()
				r.reopen()
				if diff := cmp.Diff(before, r.view()); diff != "" {
					t.Fatalf("after %d steps: -before +after\n%s", i+1, diff)
				}
			}
		})
	}
}

// anything makes one random step, and gives the id of the last direct call.
func (r *rig) anything(rng *rand.Rand, last string) string {
	r.t.Helper()
	r.clock.forward(time.Duration(rng.IntN(90_000)) * time.Millisecond)
	switch n := rng.IntN(20); {
	case n < 9:
		call := r.call()
		call.ANI = []ani.Number{caller, caller, stranger, tester}[rng.IntN(4)]
		if a := r.Lookup("hook", call); a.Decision.Route == flow.Direct {
			return a.ID
		}
	case n < 12 && last != "":
		result := flow.Results()[rng.IntN(4)]
		if _, err := r.Report(r.t.Context(), last, flow.Report{Result: result}); err != nil {
			r.t.Fatal(err)
		}
	case n < 15:
		mode, id := []flow.Mode{flow.ModeListed, flow.ModeAnyone, flow.ModeRehearsal}[rng.IntN(3)], "w"+r.Now().String()
		if open := r.Snapshot().Live("support-us"); rng.IntN(2) == 0 && open.CountOpen(mode, r.Now()) > 0 {
			id = open.Open(mode, r.Now()).ID
		}
		r.edit(putWindow(id, mode, func(w *flow.Window) {
			w.OpensAt = r.Now()
			w.ClosesAt = w.OpensAt.Add(time.Duration(rng.IntN(20)) * time.Minute)
			w.MaxCalls = rng.IntN(4)
			if mode == flow.ModeRehearsal {
				w.Callers = []ani.Number{tester}
			}
		}))
	case n < 17:
		l := usLine()
		l.Limit.Calls, l.RedialWithin = 1+rng.IntN(6), flow.Duration(time.Duration(rng.IntN(180))*time.Second)
		l.Targets = l.Targets[:1+rng.IntN(3)]
		r.edit(putLine(l))
	case n < 19:
		c := createEntry("x", []string{"+442079*", "+4420794*"}[rng.IntN(2)], "support-us")
		c.Op, c.Entry.Enabled = store.OpPut, rng.IntN(2) == 0
		r.edit(c)
	default:
		r.edit(deleteEntry("e1"), createEntry("e1", "+16505550123", "support-us"))
	}
	return last
}

// A store may hold calls of another replica that came after those that wait
// in this one's spool.
func TestLoadPutsCallsInTheirOrder(t *testing.T) {
	armed(t, func(t *testing.T, r *rig) {
		r.gate.set(fail)
		spooled := r.ring()
		r.clock.forward(10 * time.Second)
		theirs := store.Call{
			ID: "theirs", At: r.Now(), Hook: "hook", Line: "support-us", Kind: store.CallDirect, Route: flow.Direct,
			Reason: flow.ReasonListed, TargetKind: flow.KindUser, Target: "b", Attempt: 2, Result: flow.ResultAnswered,
		}
		if err := r.gate.Store.Record(t.Context(), []store.Mark{{Call: &theirs}}); err != nil {
			t.Fatal(err)
		}
		r.shut()
		r.open()
		live := r.Snapshot().Live("support-us")
		if live.Last.ID != "theirs" || len(live.Directs) != 2 || !live.Directs[0].Equal(spooled.At) {
			t.Errorf("last %s, direct calls at %v", live.Last.ID, live.Directs)
		}
		r.settle()
	})
}
