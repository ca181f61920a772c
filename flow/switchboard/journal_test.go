package switchboard_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/switchboard"
)

// settle lets time pass until the store has every row.
func (r *rig) settle() {
	r.t.Helper()
	for range 100 {
		synctest.Wait()
		if r.JournalPending() == 0 {
			return
		}
		<-time.After(time.Second)
	}
	r.t.Fatalf("%d rows still wait", r.JournalPending())
}

// spooled are the files in the spool, by name.
func (r *rig) spooled() []string {
	r.t.Helper()
	files, err := filepath.Glob(filepath.Join(r.spool(), "*"))
	if err != nil {
		r.t.Fatal(err)
	}
	return files
}

// idsOf are the ids of calls.
func idsOf(calls []store.Call) []string {
	var ids []string
	for _, c := range calls {
		ids = append(ids, c.ID)
	}
	return ids
}

func TestLookupDoesNotWaitForAHangingStore(t *testing.T) {
	armed(t, func(t *testing.T, r *rig) {
		r.gate.set(hang)
		start := time.Now()
		a := r.ring()
		if took := time.Since(start); took != 25*time.Millisecond {
			t.Errorf("the answer took %s, want 25ms", took)
		}
		if a.Decision.Route != flow.Direct || r.JournalPending() != 1 {
			t.Errorf("%s, %d rows wait", a.Decision.Reason, r.JournalPending())
		}
		files := r.spooled()
		if len(files) != 1 {
			t.Fatalf("in the spool when the answer goes out: %q", files)
		}
		if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the row's file is %v, %v, want it for its owner alone", info.Mode(), err)
		}
		if len(r.stored()) != 0 {
			t.Error("the row is in the store already")
		}
		r.gate.set(nil)
		r.settle()
		if got := r.gate.order(); len(got) != 1 || got[0] != a.ID || len(r.stored()) != 1 {
			t.Errorf("arrived: %q, want %s once", got, a.ID)
		}
		synctest.Wait()
		if files := r.spooled(); len(files) != 0 {
			t.Errorf("still in the spool: %q", files)
		}
	})
}

// A row that the store takes in time never touches the spool, and the answer
// goes out at once.
func TestLookupWaitsForTheRow(t *testing.T) {
	armed(t, func(t *testing.T, r *rig) {
		r.gate.set(func(context.Context) error {
			<-time.After(24 * time.Millisecond)
			return nil
		})
		start := time.Now()
		a := r.ring()
		if took := time.Since(start); took != 24*time.Millisecond {
			t.Errorf("the answer took %s, want 24ms", took)
		}
		if got := idsOf(r.stored()); len(got) != 1 || got[0] != a.ID {
			t.Errorf("stored when the answer goes out: %q", got)
		}
		<-time.After(time.Second)
		synctest.Wait()
		if files := r.spooled(); len(files) != 0 {
			t.Errorf("in the spool: %q", files)
		}
	})
}

func TestCandidatesAreJournalledWithoutWaiting(t *testing.T) {
	armed(t, func(t *testing.T, r *rig) {
		r.gate.set(hang)
		start := time.Now()
		a := r.Lookup("hook", flow.Call{ANI: stranger, DNIS: dialled})
		if took := time.Since(start); took != 0 {
			t.Errorf("the answer took %s, want nothing", took)
		}
		r.gate.set(nil)
		r.settle()
		want := []store.Call{{
			ID: a.ID, At: noon, Hook: "hook", Line: "support-us", ANI: stranger, DNIS: dialled,
			Kind: store.CallCandidate, Route: flow.Continue, Reason: flow.ReasonNotListed, Expected: true, Window: "w",
		}}
		if diff := cmp.Diff(want, r.stored(), plain); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}

// Rows arrive once each, and in the order in which they came: a result never
// before its call.
func TestRowsArriveInOrder(t *testing.T) {
	armed(t, func(t *testing.T, r *rig) {
		r.gate.set(fail)
		var want []string
		for range 10 {
			a := r.ring()
			if _, err := r.Report(t.Context(), a.ID, flow.Report{Result: flow.ResultNoAnswer}); err != nil {
				t.Fatal(err)
			}
			b := r.Lookup("hook", flow.Call{ANI: stranger, DNIS: dialled})
			want = append(want, a.ID, a.ID+" no_answer", b.ID)
			r.clock.forward(time.Second)
		}
		synctest.Wait()
		if r.JournalPending() != 30 {
			t.Errorf("%d rows wait, want 30", r.JournalPending())
		}
		r.gate.set(nil)
		r.settle()
		if diff := cmp.Diff(want, r.gate.order()); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		for _, c := range r.stored() {
			if c.Kind == store.CallDirect && c.Result != flow.ResultNoAnswer {
				t.Errorf("the result of %s is %q", c.ID, c.Result)
			}
		}
	})
}

// A store that took the rows though nobody heard of it is asked again, and
// counts nothing twice.
func TestRecordWhoseAnswerWasLost(t *testing.T) {
	armed(t, func(t *testing.T, r *rig) {
		r.gate.lose = true
		a := r.ring()
		r.settle()
		if got := r.gate.order(); len(got) != 2 {
			t.Errorf("recorded %q, want it twice", got)
		}
		if got := idsOf(r.stored()); len(got) != 1 || got[0] != a.ID {
			t.Errorf("stored %q, want it once", got)
		}
		w, err := r.gate.Window(t.Context(), "w")
		if err != nil || w.Calls != 1 {
			t.Errorf("%d calls in the window, %v, want 1", w.Calls, err)
		}
	})
}

func TestCloseFlushes(t *testing.T) {
	armed(t, func(t *testing.T, r *rig) {
		r.gate.set(func(context.Context) error {
			<-time.After(3 * time.Second)
			return nil
		})
		var want []string
		for range 3 {
			want = append(want, r.Lookup("hook", flow.Call{ANI: stranger, DNIS: dialled}).ID)
		}
		r.close()
		r.open()
		if diff := cmp.Diff(want, idsOf(r.stored())); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		if files := r.spooled(); len(files) != 0 {
			t.Errorf("in the spool: %q", files)
		}
	})
}

// A store that doesn't even mind its context holds nobody up for longer than
// he is ready to wait, and the rows are kept.
func TestCloseGivesUpInTime(t *testing.T) {
	armed(t, func(t *testing.T, r *rig) {
		release := make(chan struct{})
		r.gate.set(func(context.Context) error {
			<-release
			return store.ErrUnavailable
		})
		a := r.Lookup("hook", flow.Call{ANI: stranger, DNIS: dialled})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if err := r.Close(ctx); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("it took %s, want 1s", took)
		}
		if n := len(r.spooled()); n != 1 {
			t.Errorf("%d rows in the spool, want 1", n)
		}
		close(release)
		synctest.Wait()
		if err := r.gate.Store.Close(); err != nil {
			t.Error(err)
		}
		r.open()
		r.settle()
		if got := idsOf(r.stored()); len(got) != 1 || got[0] != a.ID {
			t.Errorf("stored %q, want %s", got, a.ID)
		}
	})
}

// What waits is bounded; what is too much is counted, and its answer goes out
// all the same.
func TestJournalIsBounded(t *testing.T) {
	armed(t, func(t *testing.T, r *rig) {
		release := make(chan struct{})
		r.gate.set(func(context.Context) error {
			<-release
			return nil
		})
		const room, more = 20_000, 5
		for range room + more {
			if a := r.Lookup("hook", flow.Call{ANI: stranger, DNIS: dialled}); a.Decision.Reason != flow.ReasonNotListed {
				t.Fatal(a.Decision.Reason)
			}
		}
		if n := r.drops.of("journal full"); n != more || r.JournalPending() != room {
			t.Errorf("%d rows were dropped and %d wait, want %d and %d", n, r.JournalPending(), more, room)
		}
		close(release)
		r.settle()
		if n := len(r.gate.order()); n != room {
			t.Errorf("%d rows arrived, want %d", n, room)
		}
	})
}

func TestOpenFails(t *testing.T) {
	r := newRig(t)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := switchboard.Open(ended, switchboard.Options{Store: r.gate.Store, Spool: t.TempDir()}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("a store that can't be read: got %v, want store.ErrUnavailable", err)
	}
	_, err := switchboard.Open(t.Context(), switchboard.Options{Store: r.gate.Store, Spool: r.database()})
	if err == nil || !strings.HasPrefix(err.Error(), "open journal spool: ") {
		t.Errorf("a spool that is a file: got %v", err)
	}
}
