package switchboard_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/switchboard"
)

func whole() error { return nil }

// editAll makes a bulk edit that is taken.
func (r *rig) editAll(changes ...store.Change) store.Revision {
	r.t.Helper()
	revision, err := r.EditAll(r.t.Context(), ops, "", slices.Values(changes), whole)
	if err != nil {
		r.t.Fatalf("edit: %v", err)
	}
	return revision
}

func TestEditAllServesAndIsDurable(t *testing.T) {
	r := newRig(t)
	r.edit(createEntry("e2", "+1650555*"))
	moved := createEntry("e2", "+442079460000")
	moved.Op = store.OpUpdate
	revision := r.editAll(deleteEntry("e1"), moved, createEntry("e3", "+16505550123"))
	for _, when := range []string{"at once", "reopened"} {
		want := map[ani.Number]string{caller: "e3", stranger: "e2", ani.MustParse("+16505550124"): ""}
		for n, id := range want {
			a := r.Lookup("hook", flow.Call{ANI: n, DNIS: dialled})
			if a.Decision.Entry.ID() != id || a.Revision != revision.N {
				t.Errorf("%s: %s is the entry %q of revision %d, want %q of %d", when, n, a.Decision.Entry.ID(), a.Revision, id, revision.N)
			}
		}
		r.reopen()
	}
}

func TestRefusedEditAllChangesNothing(t *testing.T) {
	stale := createEntry("e1", "+16505550123")
	stale.Op, stale.IfVersion = store.OpUpdate, 7
	broken := errors.New("the file broke off")
	for _, tt := range []struct {
		name    string
		changes []store.Change
		failed  func() error
		is      error
		field   string
	}{
		{"a line that isn't there", []store.Change{createEntry("e2", "+442079460000", "nowhere")}, whole, nil, "lines[0]"},
		{"a pattern that is taken", []store.Change{createEntry("e2", "+442079460000"), createEntry("e3", "+16505550123")}, whole, store.ErrTaken, ""},
		{"a stale version", []store.Change{createEntry("e2", "+442079460000"), stale}, whole, store.ErrStale, ""},
		{"an entry that isn't there", []store.Change{createEntry("e2", "+442079460000"), deleteEntry("e9")}, whole, store.ErrNotFound, ""},
		{"a line that entries name", []store.Change{createEntry("e2", "+442079460000"), deleteLine("named")}, whole, switchboard.ErrInUse, ""},
		{"changes that break off", []store.Change{createEntry("e2", "+442079460000")}, func() error { return broken }, broken, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			named := flow.NewLine()
			named.Name = "named"
			r.edit(putLine(named), createEntry("named", "+16505550177", "named"))
			before, serving := r.dump(), r.Snapshot()
			_, err := r.EditAll(t.Context(), ops, "", slices.Values(tt.changes), tt.failed)
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("got %v, want %v", err, tt.is)
			}
			if tt.field != "" {
				checkRefusal(t, err, nil, "", tt.field, "")
			}
			if r.Snapshot() != serving {
				t.Error("another snapshot serves")
			}
			if diff := cmp.Diff(before, r.dump(), plain); diff != "" {
				t.Errorf("what is stored: -before +after\n%s", diff)
			}
		})
	}
}

// Changes that break off only when the store goes through them must not be
// committed as far as they came.
func TestEditAllThatBreaksOffInTheStore(t *testing.T) {
	r := newRig(t)
	before, passes := r.dump(), 0
	var failed error
	changes := func(yield func(store.Change) bool) {
		if passes++; passes == 1 {
			_ = yield(createEntry("e2", "+442079460000")) && yield(createEntry("e3", "+442079460001"))
			return
		}
		yield(createEntry("e2", "+442079460000"))
		failed = errors.New("the disk is gone")
	}
	if _, err := r.EditAll(t.Context(), ops, "", changes, func() error { return failed }); !errors.Is(err, failed) || failed == nil {
		t.Errorf("got %v, want %v", err, failed)
	}
	if diff := cmp.Diff(before, r.dump(), plain); diff != "" || r.Snapshot().List.Len() != 1 {
		t.Errorf("%d entries serve; what is stored: -before +after\n%s", r.Snapshot().List.Len(), diff)
	}
}

// A client that goes away before the commit has changed nothing.
func TestEditAllOfAClientThatGoes(t *testing.T) {
	r := newRig(t)
	before := r.dump()
	for pass := range 2 {
		ctx, cancel := context.WithCancel(t.Context())
		passes := 0
		changes := func(yield func(store.Change) bool) {
			for i := range 100 {
				if passes == pass && i == 50 {
					cancel()
				}
				if !yield(createEntry(fmt.Sprint("n", i), fmt.Sprintf("+4420794600%02d", i))) {
					break
				}
			}
			passes++
		}
		if _, err := r.EditAll(ctx, ops, "", changes, whole); !errors.Is(err, context.Canceled) || !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("gone in pass %d: %v", pass+1, err)
		}
		cancel()
	}
	if diff := cmp.Diff(before, r.dump(), plain); diff != "" || r.Snapshot().List.Len() != 1 {
		t.Errorf("%d entries serve; what is stored: -before +after\n%s", r.Snapshot().List.Len(), diff)
	}
}

// An edit waits for the one before it, but not for ever.
func TestEditWaitsForABulkEdit(t *testing.T) {
	r := newRig(t)
	begun, goOn := make(chan struct{}), make(chan struct{})
	var first iter.Seq[store.Change] = func(yield func(store.Change) bool) {
		if begun != nil {
			close(begun)
			begun = nil
			<-goOn
		}
		yield(createEntry("e2", "+442079460000"))
	}
	started, done := begun, make(chan error)
	go func() {
		_, err := r.EditAll(t.Context(), ops, "", first, whole)
		done <- err
	}()
	<-started
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Edit(ctx, ops, "", createEntry("e3", "+442079460001")); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("an edit that can't wait: %v", err)
	}
	if a := r.ring(); a.Decision.Reason != flow.ReasonListed {
		t.Errorf("a lookup meanwhile: %s", a.Decision.Reason)
	}
	close(goOn)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if revision := r.edit(createEntry("e3", "+442079460001")); revision.N != 3 {
		t.Errorf("the edit after it is revision %d, want 3", revision.N)
	}
}

// While a bulk edit has the store, the row of a direct call goes to the spool
// at once, and its answer waits for nothing else.
func TestLookupDuringABulkEdit(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		begun, goOn := make(chan struct{}, 2), make(chan struct{})
		var edit sync.WaitGroup
		edit.Go(func() {
			_, err := r.EditAll(t.Context(), ops, "", func(yield func(store.Change) bool) {
				begun <- struct{}{}
				<-goOn
				yield(createEntry("e2", "+442079460000"))
			}, whole)
			if err != nil {
				t.Error(err)
			}
		})
		<-begun
		r.gate.set(hang)
		start := time.Now()
		if a := r.ring(); a.Decision.Reason != flow.ReasonListed {
			t.Errorf("the call is %s", a.Decision.Reason)
		}
		if took := time.Since(start); took > 0 {
			t.Errorf("the answer took %s", took)
		}
		if files, err := os.ReadDir(r.spool()); err != nil || len(files) != 1 {
			t.Errorf("%d rows are in the spool, %v", len(files), err)
		}
		r.gate.set(nil)
		close(goOn)
		edit.Wait()
	})
}

// lossy is a store whose answers to edits may be lost, and which may not be
// readable for a while.
type lossy struct {
	store.Store
	lost  error // instead of what Edit gives
	blind error // instead of what RevisionInfo gives
}

func (l *lossy) Edit(ctx context.Context, e store.Edit) (store.Revision, error) {
	r, err := l.Store.Edit(ctx, e)
	if err == nil && l.lost != nil {
		return store.Revision{}, l.lost
	}
	return r, err
}

func (l *lossy) RevisionInfo(ctx context.Context, n uint64) (store.RevisionInfo, error) {
	if l.blind != nil {
		return store.RevisionInfo{}, l.blind
	}
	return l.Store.RevisionInfo(ctx, n)
}

func TestEditWhoseAnswerIsLost(t *testing.T) {
	r := newRig(t)
	l := &lossy{Store: r.gate.Store, lost: store.ErrUnavailable}
	r.gate.Store = l
	r.edit(putWindow("w", flow.ModeListed, nil))
	r.ring()
	revision, err := r.Edit(t.Context(), ops, "why", createEntry("e2", "+442079460000"))
	if err != nil || revision.N != 3 || r.Snapshot().Revision != 3 || r.Snapshot().List.Len() != 2 {
		t.Errorf("revision %d, %v; %d serves with %d entries", revision.N, err, r.Snapshot().Revision, r.Snapshot().List.Len())
	}
	live := r.Snapshot().Live("support-us")
	if len(live.Directs) != 1 || len(live.Windows) != 1 || live.Windows[0].Calls != 1 {
		t.Errorf("%d direct calls, windows %+v", len(live.Directs), live.Windows)
	}
}

// What became of an edit whose answer was lost is found out before the next.
func TestEditAfterOneOfUnknownEnd(t *testing.T) {
	r := newRig(t)
	l := &lossy{Store: r.gate.Store, lost: store.ErrUnavailable, blind: store.ErrUnavailable}
	r.gate.Store = l
	other := flow.NewLine()
	other.Name = "another"
	if _, err := r.Edit(t.Context(), ops, "", putLine(other)); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	if _, ok := r.Snapshot().Line("another"); ok {
		t.Error("what may not be stored serves")
	}
	l.lost = nil
	revision := r.edit(createEntry("e3", "+442079460001", "another"))
	if revision.N != 3 || r.Snapshot().Revision != 3 || r.Snapshot().List.Len() != 2 {
		t.Errorf("revision %d; %d serves with %d entries", revision.N, r.Snapshot().Revision, r.Snapshot().List.Len())
	}
}

// Somebody else may edit the store.
func TestEditBehindSomebodysBack(t *testing.T) {
	r := newRig(t)
	theirs := putLine(usLine())
	theirs.Line.Announce = "theirs"
	_, err := r.gate.Store.Edit(t.Context(), store.Edit{Author: ops, At: noon, Changes: slices.Values([]store.Change{theirs, createEntry("e2", "+442079460000")})})
	if err != nil {
		t.Fatal(err)
	}
	r.edit(createEntry("e3", "+442079460001"))
	line, _ := r.Snapshot().Line("support-us")
	if r.Snapshot().Revision != 3 || r.Snapshot().List.Len() != 3 || line.Announce != "theirs" {
		t.Errorf("revision %d serves, with %d entries, announcing %q", r.Snapshot().Revision, r.Snapshot().List.Len(), line.Announce)
	}
}
