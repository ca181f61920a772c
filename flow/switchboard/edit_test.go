package switchboard_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
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

func TestEditServesAndIsDurable(t *testing.T) {
	r := newRig(t)
	if a := r.Lookup("hook", flow.Call{ANI: stranger, DNIS: dialled}); a.Decision.Reason != flow.ReasonNotListed {
		t.Fatalf("before: %s", a.Decision.Reason)
	}
	r.clock.forward(time.Second)
	revision := r.edit(createEntry("e2", "+442079460000"))
	a := r.Lookup("hook", flow.Call{ANI: stranger, DNIS: dialled})
	if a.Decision.Reason != flow.ReasonListed || a.Revision != revision.N {
		t.Errorf("after: %s, revision %d, want listed, revision %d", a.Decision.Reason, a.Revision, revision.N)
	}
	if !r.Changed().Equal(noon.Add(time.Second)) || !r.Changed().Equal(revision.At) {
		t.Errorf("changed at %s, the revision was made at %s", r.Changed(), revision.At)
	}
	r.reopen()
	a = r.Lookup("hook", flow.Call{ANI: stranger, DNIS: dialled})
	if a.Decision.Reason != flow.ReasonListed || a.Revision != revision.N || !r.Changed().Equal(revision.At) {
		t.Errorf("reopened: %s, revision %d, changed at %s", a.Decision.Reason, a.Revision, r.Changed())
	}
}

func TestChangedOfAnEmptyStore(t *testing.T) {
	r := &rig{t: t, dir: t.TempDir(), clock: &clock{now: noon}, drops: &drops{}, log: &lines{}}
	r.open()
	defer r.close()
	if !r.Changed().IsZero() {
		t.Errorf("changed at %s, want never", r.Changed())
	}
	if a := r.ring(); a.Decision.Reason != flow.ReasonLineUnknown || a.Revision != 0 {
		t.Errorf("%s, revision %d", a.Decision.Reason, a.Revision)
	}
}

// An edit that is refused leaves everything as it was: what serves, what is
// stored, and the number of revisions.
func TestRefusedEditChangesNothing(t *testing.T) {
	other := func(change func(*flow.Line)) store.Change {
		l := flow.NewLine()
		l.Name = "another"
		change(&l)
		return putLine(l)
	}
	stale := createEntry("e1", "+16505550199")
	stale.Op, stale.IfVersion = store.OpUpdate, 7
	missing := createEntry("e9", "+16505550199")
	missing.Op = store.OpUpdate
	for _, tt := range []struct {
		name    string
		changes []store.Change
		is      error  // what the error is, if not problems
		blamed  string // key of the change that a store.ChangeError names
		field   string // of the only problem
		text    string // part of what is said
	}{
		{"a number of another line", []store.Change{other(func(l *flow.Line) { l.Numbers = []ani.Number{stranger, dialled} })}, nil, "", "numbers[1]", "the line support-us"},
		{"a second default", []store.Change{other(func(l *flow.Line) { l.Default = true })}, nil, "", "default", "the line zz-default"},
		{"an entry for a line that isn't there", []store.Change{createEntry("e2", "+16505550199", "support-us", "nowhere")}, nil, "", "lines[1]", `"nowhere"`},
		{"an entry for a line that the edit deletes", []store.Change{createEntry("e2", "+16505550199", "zz-default"), deleteLine("zz-default")}, nil, "", "lines[0]", `"zz-default"`},
		{"a window for a line that isn't there", []store.Change{putWindow("w", flow.ModeListed, func(w *flow.Window) { w.Line = "nowhere" })}, nil, "", "line", `"nowhere"`},
		{"a stale version", []store.Change{stale}, store.ErrStale, "e1", "", ""},
		{"an entry that isn't there", []store.Change{missing}, store.ErrNotFound, "e9", "", ""},
		{"a pattern that is taken", []store.Change{createEntry("e2", "+16505550123")}, store.ErrTaken, "e2", "", "+16505550123"},
		{"a pattern twice in one edit", []store.Change{createEntry("e2", "+1650555*"), createEntry("e3", "+1650555*")}, store.ErrTaken, "e3", "", "+1650555*"},
		{"an id that is taken", []store.Change{createEntry("e1", "+16505550199")}, store.ErrTaken, "e1", "", ""},
		{"an entry that is deleted twice", []store.Change{deleteEntry("e1"), deleteEntry("e1")}, store.ErrNotFound, "e1", "", ""},
		{"a line that entries name", []store.Change{deleteLine("named")}, switchboard.ErrInUse, "", "", "delete line named: still named by entries: 1, of which the first is +16505550177"},
		{"the last of many changes", []store.Change{createEntry("e2", "+16505550199"), deleteEntry("e1"), deleteLine("nowhere")}, store.ErrNotFound, "nowhere", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			fallback, named := flow.NewLine(), flow.NewLine()
			fallback.Name, fallback.Default, named.Name = "zz-default", true, "named"
			r.edit(putLine(fallback), putLine(named), createEntry("named", "+16505550177", "named"))
			before, serving := r.dump(), r.Snapshot()

			_, err := r.Edit(t.Context(), ops, "", tt.changes...)
			checkRefusal(t, err, tt.is, tt.blamed, tt.field, tt.text)
			if r.Snapshot() != serving {
				t.Error("another snapshot serves")
			}
			if diff := cmp.Diff(before, r.dump(), plain); diff != "" {
				t.Errorf("what is stored: -before +after\n%s", diff)
			}
			if revision := r.edit(createEntry("e4", "+16505550144")); revision.N != 3 {
				t.Errorf("the next revision is %d, want 3", revision.N)
			}
		})
	}
}

func checkRefusal(t *testing.T, err, is error, blamed, field, text string) {
	t.Helper()
	if err == nil {
		t.Fatal("the edit was taken")
	}
	if is != nil && !errors.Is(err, is) {
		t.Errorf("%v, want %v", err, is)
	}
	if change := (*store.ChangeError)(nil); errors.As(err, &change) != (blamed != "") || change != nil && change.Change.Key != blamed {
		t.Errorf("%v, want the change to %q to be blamed", err, blamed)
	}
	var problems ani.Problems
	if errors.As(err, &problems) != (field != "") || field != "" && (len(problems) != 1 || problems[0].Field != field) {
		t.Errorf("problems %v, want one with %q", problems, field)
	}
	if !strings.Contains(err.Error(), text) {
		t.Errorf("%v, want %q in it", err, text)
	}
}

// dump is what the store holds.
func (r *rig) dump() []any {
	r.t.Helper()
	var entries []ani.Entry
	state, err := r.gate.Load(r.t.Context(), r.Now(), func(e ani.Entry) bool {
		entries = append(entries, e)
		return true
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return []any{entries, state}
}

// The store refuses what came about since the edit was planned, by itself: a
// replica may have been there.
func TestEditThatTheStoreRefuses(t *testing.T) {
	r := newRig(t)
	serving := r.Snapshot()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Edit(ctx, ops, "", createEntry("e2", "+442079460000")); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("got %v, want store.ErrUnavailable", err)
	}
	if r.Snapshot() != serving {
		t.Error("another snapshot serves")
	}
}

// What is wrong is said of the line that is being edited, be it before or
// behind the other one.
func TestEditBlamesTheLineThatChanges(t *testing.T) {
	for _, name := range []string{"a", "z"} {
		r := newRig(t)
		l := flow.NewLine()
		l.Name, l.Numbers = name, []ani.Number{stranger, tester, dialled}
		_, err := r.Edit(t.Context(), ops, "", putLine(l))
		checkRefusal(t, err, nil, "", "numbers[2]", "line "+name+": numbers[2] already belongs to the line support-us")
	}
}

// Numbers and the default may be handed on within an edit.
func TestEditHandsOnWhatALineHas(t *testing.T) {
	r := newRig(t)
	old, heir := usLine(), usLine()
	old.Numbers, heir.Name = nil, "a-heir"
	r.edit(putLine(heir), putLine(old))
	if a := r.ring(); a.Decision.Line != "a-heir" {
		t.Errorf("the call is for %q, want a-heir", a.Decision.Line)
	}
	r.edit(createEntry("e2", "+16505550199"), deleteEntry("e1"))
	r.edit(createEntry("e3", "+16505550123"), deleteEntry("e2"))
	if a := r.ring(); a.Decision.Entry.ID() != "e3" {
		t.Errorf("the entry is %q, want e3", a.Decision.Entry.ID())
	}
}

// An edit keeps what lines have lived through.
func TestEditKeepsLives(t *testing.T) {
	r := newRig(t)
	r.edit(putWindow("w", flow.ModeListed, func(w *flow.Window) { w.MaxCalls = 5 }))
	r.ring()
	r.clock.forward(time.Second)
	l := usLine()
	l.Announce = "changed"
	r.edit(putLine(l), createEntry("e2", "+442079460000"))
	if a := r.ring(); a.Decision.Target != user("b") || a.Decision.Attempt != 2 || a.Decision.Window != "w" {
		t.Errorf("the redial went to %q, attempt %d, window %q", a.Decision.Target.Address, a.Decision.Attempt, a.Decision.Window)
	}
	live := r.Snapshot().Live("support-us")
	if len(live.Directs) != 2 || live.Windows[0].Calls != 2 {
		t.Errorf("%d direct calls, %d in the window, want 2 and 2", len(live.Directs), live.Windows[0].Calls)
	}
}

func TestEditOfWindows(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		open := func() []string {
			var ids []string
			for _, w := range r.Snapshot().Live("support-us").Windows {
				ids = append(ids, fmt.Sprintf("%s %d", w.ID, w.Calls))
			}
			return ids
		}
		want := func(when string, want ...string) {
			t.Helper()
			if diff := cmp.Diff(want, open()); diff != "" {
				t.Errorf("%s: -want +got\n%s", when, diff)
			}
		}
		r.edit(putWindow("late", flow.ModeListed, func(w *flow.Window) { w.ClosesAt = noon.Add(2 * time.Hour) }))
		r.edit(putWindow("one", flow.ModeListed, func(w *flow.Window) { w.MaxCalls = 1; w.Calls = 9 }))
		want("opened, the one that closes first in front", "one 0", "late 0")
		r.ring()
		want("a call", "one 1", "late 0")
		r.edit(putWindow("one", flow.ModeListed, func(w *flow.Window) { w.MaxCalls = 2 }))
		want("a change keeps its calls", "one 1", "late 0")
		r.edit(putWindow("soon", flow.ModeRehearsal, func(w *flow.Window) { w.ClosesAt = noon.Add(time.Minute); w.Callers = []ani.Number{tester} }))
		want("a third", "soon 0", "one 1", "late 0")
		r.clock.forward(time.Minute)
		r.edit(putWindow("late", flow.ModeListed, func(w *flow.Window) { w.ClosesAt = noon.Add(time.Minute) }))
		want("one is closed, one is over", "one 1")
		r.edit(store.Change{Op: store.OpDelete, Kind: store.KindWindow, Key: "one"})
		want("deleted")
		before := r.dump()
		r.reopen()
		want("reopened")
		if diff := cmp.Diff(before, r.dump(), plain); diff != "" {
			t.Errorf("-before +after\n%s", diff)
		}
	})
}

func TestEditMovesAWindow(t *testing.T) {
	r := newRig(t)
	other := flow.NewLine()
	other.Name = "another"
	r.edit(putLine(other), putWindow("w", flow.ModeListed, nil))
	r.ring()
	r.edit(putWindow("w", flow.ModeListed, func(w *flow.Window) { w.Line = "another" }))
	from, to := r.Snapshot().Live("support-us"), r.Snapshot().Live("another")
	if len(from.Windows) != 0 || len(to.Windows) != 1 || to.Windows[0].Calls != 1 {
		t.Errorf("from %+v to %+v", from.Windows, to.Windows)
	}
}

// Lookups go on while edits are made. Each sees one revision whole: the entry
// and the line that announces it change together.
func TestEditsAmongLookups(t *testing.T) {
	r := newRig(t)
	l := usLine()
	l.Limit.Calls = 10000
	r.edit(putLine(l))
	done := make(chan struct{})
	var lookups sync.WaitGroup
	for range 4 {
		lookups.Go(func() {
			last := uint64(0)
			for {
				select {
				case <-done:
					return
				default:
				}
				a := r.Lookup("hook", flow.Call{ANI: tester, DNIS: dialled})
				if listed := a.Decision.Reason == flow.ReasonListed; listed != (a.Decision.Announce == "listed") {
					t.Errorf("revision %d: %s with %q", a.Revision, a.Decision.Reason, a.Decision.Announce)
					return
				}
				if a.Revision < last {
					t.Errorf("revision %d after %d", a.Revision, last)
					return
				}
				last = a.Revision
			}
		})
	}
	for i := range 10 {
		l.Announce = "listed"
		r.edit(putLine(l), createEntry(fmt.Sprint("t", i), "+15125550188"))
		l.Announce = ""
		r.edit(putLine(l), deleteEntry(fmt.Sprint("t", i)))
	}
	close(done)
	lookups.Wait()
}

// A call that is counted while an edit is being served is not lost.
func TestCallsAmongEditsAreCounted(t *testing.T) {
	r := newRig(t)
	l := usLine()
	l.Limit.Calls = 10000
	r.edit(putLine(l), putWindow("w", flow.ModeListed, nil))
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			for range 50 {
				r.ring()
			}
		})
	}
	for i := range 20 {
		l.Announce = strconv.Itoa(i)
		r.edit(putLine(l))
	}
	callers.Wait()
	live := r.Snapshot().Live("support-us")
	if len(live.Directs) != 200 || live.Windows[0].Calls != 200 {
		t.Errorf("%d direct calls, %d in the window, want 200 and 200", len(live.Directs), live.Windows[0].Calls)
	}
}

// That holds for a call at any moment of an edit, too: those at which it looks
// at the clock, before it makes what serves and while it does.
func TestCallInTheMiddleOfAnEditIsCounted(t *testing.T) {
	r := newRig(t)
	r.edit(putWindow("w", flow.ModeListed, nil))
	calls := 0
	for range 6 {
		r.clock.once = append(r.clock.once, func() {
			calls++
			r.ring()
		})
	}
	for len(r.clock.once) > 0 {
		r.edit(putWindow("w2", flow.ModeRehearsal, func(w *flow.Window) { w.Callers = []ani.Number{tester} }))
	}
	live := r.Snapshot().Live("support-us")
	if calls != 6 || len(live.Directs) != 6 || live.Windows[0].Calls != 6 || len(live.Windows) != 2 {
		t.Errorf("of %d calls %d were counted, %d in the window, of which there are %d", calls, len(live.Directs), live.Windows[0].Calls, len(live.Windows))
	}
}
