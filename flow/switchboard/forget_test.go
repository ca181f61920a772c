package switchboard_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// TestForget forgets one of several callers.
func TestForget(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		gone := r.stray(1).ANI
		r.stray(2)
		r.stray(1)
		if err := r.Forget(t.Context(), gone); err != nil {
			t.Fatal(err)
		}
		if got := r.recent(); got != "0002" {
			t.Errorf("recent callers are %q, want 0002", got)
		}
		for what, s := range map[string]ani.Number{"line": r.Seen("support-us").ANI, "hook": r.SeenBy("hook").ANI} {
			if !s.IsZero() {
				t.Errorf("the last caller of the %s is %s", what, s)
			}
		}
		if r.Seen("support-us").At.IsZero() {
			t.Error("that somebody called is forgotten, too")
		}
	})
}

// TestForgetKeepsWhatCounts holds that a limit still counts a call whose
// caller is forgotten, and that its result is still taken in.
func TestForgetKeepsWhatCounts(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		l := usLine()
		l.Limit.Calls = 1
		r.edit(putLine(l))
		a := r.ring()
		if err := r.Forget(t.Context(), caller); err != nil {
			t.Fatal(err)
		}
		if d := r.ring().Decision; d.Reason != flow.ReasonLimit {
			t.Errorf("the next call is %s", d.Reason)
		}
		done, err := r.Report(t.Context(), a.ID, flow.Report{Result: flow.ResultAnswered})
		if err != nil || done.Line != "support-us" {
			t.Errorf("the result is %+v, %v", done, err)
		}
	})
}

// TestForgetWaitsForTheJournal has a call of the number wait in the spool.
func TestForgetWaitsForTheJournal(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.gate.set(fail)
		r.ring()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := r.Forget(ctx, caller); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("while the store is away: %v", err)
		}
		if err := r.Forget(ctx, stranger); err != nil {
			t.Errorf("of somebody else: %v", err)
		}
		r.gate.set(nil)
		if err := r.Forget(t.Context(), caller); err != nil {
			t.Error(err)
		}
		if calls := r.stored(); len(calls) != 1 {
			t.Errorf("the journal has %v", calls)
		}
		r.reopen()
		left, err := os.ReadDir(r.spool())
		if err != nil || len(left) > 0 {
			t.Errorf("the spool has %v, %v", left, err)
		}
	})
}
