package switchboard_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/switchboard"
)

func TestReport(t *testing.T) {
	for _, tt := range []struct {
		name   string
		reopen bool // the process knows the call from the store alone
	}{{"a call of this process", false}, {"a call of an earlier process", true}} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				a := r.ring()
				if tt.reopen {
					r.reopen()
				}
				report := func(result flow.Result, want switchboard.Reported) {
					t.Helper()
					got, err := r.Report(t.Context(), a.ID, flow.Report{Result: result, Ended: true, Duration: 12500 * time.Millisecond})
					if err != nil || got != want {
						t.Errorf("%s: got %+v and %v, want %+v", result, got, err, want)
					}
				}
				report(flow.ResultNoAnswer, switchboard.Reported{Line: "support-us", Kind: store.CallDirect})
				report(flow.ResultNoAnswer, switchboard.Reported{Line: "support-us", Kind: store.CallDirect, Repeated: true})
				report(flow.ResultAnswered, switchboard.Reported{Line: "support-us", Kind: store.CallDirect})
				if rows := r.stored(); len(rows) != 1 || rows[0].Result != flow.ResultAnswered || rows[0].Duration != 12 {
					t.Errorf("stored %+v", rows)
				}
				if hook, err := r.HookOf(t.Context(), a.ID); err != nil || hook != "hook" {
					t.Errorf("it came in on %q, %v", hook, err)
				}
			})
		})
	}
}

func TestReportOfAnUnknownCall(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		if _, err := r.Report(t.Context(), "nobody", flow.Report{Result: flow.ResultAnswered}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a report: %v, want store.ErrNotFound", err)
		}
		if _, err := r.HookOf(t.Context(), "nobody"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("its hook: %v, want store.ErrNotFound", err)
		}
		if _, err := r.LineOf(t.Context(), "nobody"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("its line: %v, want store.ErrNotFound", err)
		}
		if _, err := r.Unanswered(t.Context(), "nobody", nil); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("its backup: %v, want store.ErrNotFound", err)
		}
		if n := r.JournalPending(); n != 0 {
			t.Errorf("%d rows wait", n)
		}
	})
}

// What was reported decides who is rung next, in this process and in the next
// one.
func TestReportsDecideOnRedials(t *testing.T) {
	for _, tt := range []struct {
		result flow.Result
		target string
	}{
		{flow.ResultNoAnswer, "b"}, {flow.ResultBusy, "b"}, {flow.ResultFailed, "b"}, {flow.ResultAnswered, "a"}, {"", "b"},
	} {
		for _, reopen := range []bool{false, true} {
			bubble(t, func(t *testing.T, r *rig) {
				a := r.ring()
				if tt.result != "" {
					if _, err := r.Report(t.Context(), a.ID, flow.Report{Result: tt.result}); err != nil {
						t.Fatal(err)
					}
				}
				if reopen {
					r.reopen()
				}
				r.clock.forward(30 * time.Second)
				if again := r.ring(); again.Decision.Target.Address != tt.target {
					t.Errorf("after %q, reopened %t: %s is rung, want %s", tt.result, reopen, again.Decision.Target.Address, tt.target)
				}
			})
		}
	}
}

// Results come in for calls that the store doesn't have yet, too: in the
// process that answered them, and in the next one.
func TestReportWhileTheStoreIsAway(t *testing.T) {
	armed(t, func(t *testing.T, r *rig) {
		r.gate.set(fail)
		a := r.ring()
		b := r.ring()
		report := func(id string, result flow.Result, repeated bool) {
			t.Helper()
			start := time.Now()
			got, err := r.Report(t.Context(), id, flow.Report{Result: result})
			if err != nil || got.Line != "support-us" || got.Repeated != repeated {
				t.Errorf("got %+v and %v", got, err)
			}
			if took := time.Since(start); took > 50*time.Millisecond {
				t.Errorf("it took %s, want 50ms at most", took)
			}
		}
		report(a.ID, flow.ResultNoAnswer, false)
		r.shut()
		r.openHeld(fail)
		report(a.ID, flow.ResultNoAnswer, true)
		report(b.ID, flow.ResultAnswered, false)
		r.gate.set(nil)
		r.settle()
		got := map[string]flow.Result{}
		for _, c := range r.stored() {
			got[c.ID] = c.Result
		}
		if diff := cmp.Diff(map[string]flow.Result{a.ID: flow.ResultNoAnswer, b.ID: flow.ResultAnswered}, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}

// A store that hangs holds up a report on a call that only it knows, as long
// as whoever reports is ready to wait.
func TestReportMindsItsContext(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.ring()
		r.reopen()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := r.Report(ctx, a.ID, flow.Report{Result: flow.ResultAnswered}); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("got %v, want store.ErrUnavailable", err)
		}
	})
}

func TestUnanswered(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.ring()
		for _, reopen := range []bool{false, true} {
			if reopen {
				r.reopen()
			}
			left, err := r.Unanswered(t.Context(), a.ID, nil)
			if err != nil || left.Line.Name != "support-us" || left.Backup != user("b") {
				t.Errorf("reopened %t: %s of %s, %v, want b of support-us", reopen, left.Backup.Address, left.Line.Name, err)
			}
			notB := func(to flow.Target) bool { return to != user("b") }
			if left, _ := r.Unanswered(t.Context(), a.ID, notB); left.Backup != user("c") {
				t.Errorf("reopened %t: %s is next where b can't be carried, want c", reopen, left.Backup.Address)
			}
		}
		r.edit(deleteLine("support-us"))
		if _, err := r.Unanswered(t.Context(), a.ID, nil); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("once the line is gone: %v, want store.ErrNotFound", err)
		}
	})
}

func TestSubscribersAreToldOfCalls(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.edit(putWindow("w", flow.ModeListed, nil))
		one, cancelOne := r.Subscribe()
		two, cancelTwo := r.Subscribe()
		defer cancelTwo()
		direct := r.ring()
		candidate := r.Lookup("hook", flow.Call{ANI: stranger, DNIS: dialled})
		for _, calls := range []<-chan store.Call{one, two} {
			for _, want := range []switchboard.Answer{direct, candidate} {
				if got := <-calls; got.ID != want.ID || got.ANI != want.Decision.Call.ANI {
					t.Errorf("told of %+v, want %s", got, want.ID)
				}
			}
		}
		cancelOne()
		cancelOne()
		r.ring()
		if len(one) != 0 || len(two) != 1 {
			t.Errorf("%d and %d calls to be read, want 0 and 1", len(one), len(two))
		}
	})
}

// Whoever is told of a direct call finds it in the journal.
func TestSubscribersAreToldOfWhatIsStored(t *testing.T) {
	armed(t, func(t *testing.T, r *rig) {
		release := make(chan struct{})
		r.gate.set(func(context.Context) error {
			<-release
			return nil
		})
		calls, cancel := r.Subscribe()
		defer cancel()
		answered := make(chan switchboard.Answer, 1)
		go func() { answered <- r.ring() }()
		synctest.Wait()
		if len(calls) != 0 {
			t.Error("told of a call that is not stored")
		}
		close(release)
		if told, a := <-calls, <-answered; told.ID != a.ID {
			t.Errorf("told of %s, want %s", told.ID, a.ID)
		}
		if len(r.stored()) != 1 {
			t.Error("it is not stored")
		}
	})
}

// A watcher who doesn't keep up misses calls, which is counted, and holds up
// nobody.
func TestSlowSubscriber(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.edit(putWindow("w", flow.ModeListed, nil))
		slow, cancelSlow := r.Subscribe()
		defer cancelSlow()
		const room, more = 256, 3
		for range room + more {
			r.Lookup("hook", flow.Call{ANI: stranger, DNIS: dialled})
		}
		if n := r.drops.of("event slow"); n != more || len(slow) != room {
			t.Errorf("%d events were dropped and %d wait, want %d and %d", n, len(slow), more, room)
		}
		<-slow
		r.Lookup("hook", flow.Call{ANI: stranger, DNIS: dialled})
		if n := r.drops.of("event slow"); n != more || len(slow) != room {
			t.Errorf("once one is read: %d events were dropped and %d wait", n, len(slow))
		}
	})
}
