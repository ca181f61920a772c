package switchboard_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/switchboard"
)

// The IVR may say how long a caller stayed who was not let through: that
// stands in the journal like the result of a direct call.
func TestReportOfACandidate(t *testing.T) {
	for _, reopen := range []bool{false, true} {
		armed(t, func(t *testing.T, r *rig) {
			a := r.Lookup("hook", flow.Call{ANI: stranger, DNIS: dialled})
			if reopen {
				r.reopen()
			}
			got, err := r.Report(t.Context(), a.ID, flow.Report{Result: flow.ResultAnswered, Ended: true, Duration: 35 * time.Second})
			if want := (switchboard.Reported{Line: "support-us", Kind: store.CallCandidate}); err != nil || got != want {
				t.Errorf("got %+v and %v, want %+v", got, err, want)
			}
			if rows := r.stored(); len(rows) != 1 || rows[0].Result != flow.ResultAnswered || rows[0].Duration != 35 || rows[0].Kind != store.CallCandidate {
				t.Errorf("stored %+v", rows)
			}
			if live := r.Snapshot().Live("support-us"); live.Last.ID != "" {
				t.Errorf("it counts as the line's last direct call: %+v", live.Last)
			}
		})
	}
}

// A candidate is weighed among all of its window, and among no others.
func TestJudge(t *testing.T) {
	armed(t, func(t *testing.T, r *rig) {
		ring := func(from string) store.Call {
			t.Helper()
			r.clock.forward(30 * time.Second)
			id := r.Lookup("hook", flow.Call{ANI: ani.MustParse(from), DNIS: dialled}).ID
			r.settle()
			call, err := r.gate.Call(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			return call
		}
		first, customer, again := ring("+442079460000"), ring("+15125550123"), ring("+442079460000")
		direct := ring("+16505550123")
		r.edit(putWindow("w", flow.ModeListed, func(w *flow.Window) { w.ClosesAt = r.Now() }))
		r.edit(putWindow("w2", flow.ModeListed, func(w *flow.Window) { w.OpensAt = r.Now() }))
		later := ring("+442079460000")

		judge := func(calls ...store.Call) map[string]switchboard.Judged {
			t.Helper()
			judged, err := r.Judge(t.Context(), calls)
			if err != nil {
				t.Fatal(err)
			}
			return judged
		}
		all := judge(later, direct, again, customer, first)
		if len(all) != 4 {
			t.Errorf("judged %v, want the candidates alone", all)
		}
		for id, want := range map[string]bool{first.ID: true, customer.ID: false, again.ID: false, later.ID: true} {
			if all[id].Likely != want {
				t.Errorf("%v: likely %t, want %t", all[id].Signs, all[id].Likely, want)
			}
		}
		want := []string{"came 30s after the window opened, as quickly as the bot does", "calls from GB, and the line is in US", "called again 60s later"}
		if diff := cmp.Diff(want, all[first.ID].Signs); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		if diff := cmp.Diff(all[again.ID], judge(again)[again.ID]); diff != "" {
			t.Errorf("alone it is another: -among others +alone\n%s", diff)
		}
		r.edit(store.Change{Op: store.OpDelete, Kind: store.KindWindow, Key: "w"})
		if diff := cmp.Diff(want[1:], judge(first)[first.ID].Signs); diff != "" {
			t.Errorf("its window is gone: -want +got\n%s", diff)
		}
		if _, err := r.Judge(cancelled(t), []store.Call{first}); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("without a store: %v", err)
		}
	})
}

func cancelled(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
