package switchboard_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/sqlite"
	"github.com/ringthrough/ringthrough/flow/switchboard"
)

var sightings = cmp.Options{plain, cmpopts.IgnoreUnexported(switchboard.Sighting{})}

func TestSeen(t *testing.T) {
	r := newRig(t)
	want := func(when string, got, want switchboard.Sighting) {
		t.Helper()
		if diff := cmp.Diff(want, got, sightings); diff != "" {
			t.Errorf("%s: -want +got\n%s", when, diff)
		}
	}
	if !r.Started().Equal(noon) {
		t.Errorf("started at %s", r.Started())
	}
	r.clock.forward(time.Minute)
	want("before the first, the line", r.Seen("support-us"), switchboard.Sighting{})
	want("before the first, the hook", r.SeenBy("hook"), switchboard.Sighting{})
	r.Explain(r.call(), noon)
	want("explained", r.Seen("support-us"), switchboard.Sighting{})

	r.ring()
	direct := switchboard.Sighting{At: noon.Add(time.Minute), Hook: "hook", Line: "support-us", ANI: caller, DNIS: dialled, Route: flow.Direct, Reason: flow.ReasonListed}
	want("let through, the line", r.Seen("support-us"), direct)
	want("let through, the hook", r.SeenBy("hook"), direct)
	r.clock.forward(time.Second)
	r.Lookup("other", flow.Call{ANIFault: ani.ErrWithheld, DNIS: stranger})
	want("for no line, the line", r.Seen("support-us"), direct)
	want("for no line, the hook", r.SeenBy("hook"), direct)
	want("for no line, its hook", r.SeenBy("other"), switchboard.Sighting{At: noon.Add(61 * time.Second), Hook: "other", DNIS: stranger, Route: flow.Continue, Reason: flow.ReasonLineUnknown})
	r.Lookup("other", flow.Call{Malformed: true})
	if s := r.SeenBy("other"); s.Reason != flow.ReasonMalformed {
		t.Errorf("unreadable: %s", s.Reason)
	}
	want("a hook that isn't there", r.SeenBy("nobody"), switchboard.Sighting{})
	want("a line that isn't there", r.Seen("nobody"), switchboard.Sighting{})
}

// A platform that repeats its question is asking.
func TestRetriesAreSeen(t *testing.T) {
	r := newRig(t)
	call := r.call()
	call.ID = "CA1"
	for range 2 {
		r.Lookup("hook", call)
		r.clock.forward(20 * time.Second)
	}
	for _, s := range []switchboard.Sighting{r.Seen("support-us"), r.SeenBy("hook")} {
		if !s.At.Equal(noon.Add(20 * time.Second)) {
			t.Errorf("seen at %s", s.At)
		}
	}
}

// A fault in a decision is no silence of the IVR.
func TestFaultsAreSeen(t *testing.T) {
	r := newRig(t)
	call := r.call()
	call.Carries = func(flow.Target) bool { panic("a fault") }
	r.Lookup("hook", call)
	if s := r.SeenBy("hook"); s.Reason != flow.ReasonError {
		t.Errorf("seen %+v", s)
	}
}

// Edits keep what was seen of the lines that stay, and nothing of those that
// go, be it for a moment.
func TestSightingsAmongEdits(t *testing.T) {
	r := newRig(t)
	stray := func() { r.Lookup("hook", flow.Call{ANI: stranger, DNIS: dialled}) }
	stray()
	l := usLine()
	l.Announce = "changed"
	r.edit(putLine(l), createEntry("e2", "+16505550199"))
	if r.Seen("support-us").At.IsZero() || len(r.Recent("support-us")) != 1 {
		t.Error("an edit of the line forgets what was seen")
	}
	gone := func(when string) {
		t.Helper()
		if s := r.Seen("support-us"); !s.At.IsZero() || len(r.Recent("support-us")) != 0 {
			t.Errorf("%s: seen %+v and %v", when, s, r.Recent("support-us"))
		}
	}
	r.edit(deleteLine("support-us"))
	gone("deleted")
	r.edit(putLine(l))
	gone("made anew")
	stray()
	r.edit(deleteLine("support-us"), putLine(l))
	gone("deleted and made anew in one edit")
	if r.SeenBy("hook").At.IsZero() {
		t.Error("the hook is forgotten with the line")
	}
}

// What is seen while lines come and go belongs to lines that are there.
func TestSightingsWhileLinesChange(t *testing.T) {
	r := newRig(t)
	var asking sync.WaitGroup
	done := make(chan struct{})
	for i := range 3 {
		asking.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				r.Lookup(fmt.Sprintf("hook%d", (i+n)%5), flow.Call{ANI: stranger, DNIS: dialled})
				r.Recent("support-us")
				r.Seen("support-us")
			}
		})
	}
	for range 10 {
		r.edit(deleteLine("support-us"))
		r.edit(putLine(usLine()))
	}
	close(done)
	asking.Wait()
	r.Lookup("hook", flow.Call{ANI: tester, DNIS: dialled})
	if s := r.Seen("support-us"); s.ANI != tester {
		t.Errorf("seen %+v", s)
	}
	if all := r.Recent("support-us"); len(all) == 0 || all[0].ANI != tester || len(all) > 50 {
		t.Errorf("recent %v", all)
	}
}

// BenchmarkLookup is a lookup of a caller who carries on, as a switchboard
// answers it: what every call that isn't an activation costs.
func BenchmarkLookup(b *testing.B) {
	st, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "ringthrough.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	sb, err := switchboard.Open(b.Context(), switchboard.Options{Store: st, Spool: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer sb.Close(b.Context())
	line := usLine()
	if _, err := sb.Edit(b.Context(), ops, "", store.Change{Op: store.OpPut, Kind: store.KindLine, Key: line.Name, Line: &line}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			sb.Lookup("hook", flow.Call{ANI: stranger, DNIS: dialled})
		}
	})
}
