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
)

// A window is open from its first millisecond to its last one, for whoever
// asks: nothing has to happen for it to close.
func TestWindowsCloseToTheMillisecond(t *testing.T) {
	opens, closes := noon.Add(time.Minute), noon.Add(2*time.Minute)
	for _, tt := range []struct {
		mode flow.Mode
		call flow.Call
		open flow.Reason
	}{
		{flow.ModeListed, flow.Call{ANI: caller, DNIS: dialled}, flow.ReasonListed},
		{flow.ModeAnyone, flow.Call{ANI: stranger, DNIS: dialled}, flow.ReasonWindow},
		{flow.ModeRehearsal, flow.Call{ANI: tester, DNIS: dialled}, flow.ReasonRehearsal},
	} {
		t.Run(string(tt.mode), func(t *testing.T) {
			r := newRig(t)
			l := usLine()
			l.Policy = flow.PolicyWindow
			r.edit(putLine(l), putWindow("w", tt.mode, func(w *flow.Window) {
				w.OpensAt, w.ClosesAt = opens, closes
				if tt.mode == flow.ModeRehearsal {
					w.Callers = []ani.Number{tester}
				}
			}))
			for _, at := range []struct {
				at   time.Time
				open bool
			}{{opens.Add(-1), false}, {opens, true}, {closes.Add(-time.Millisecond), true}, {closes.Add(-1), true}, {closes, false}, {closes.Add(time.Millisecond), false}} {
				r.clock.forward(at.at.Sub(r.clock.Now()))
				if d := r.Lookup("hook", tt.call).Decision; (d.Reason == tt.open) != at.open {
					t.Errorf("%s after it opens: %s", at.at.Sub(opens), d.Reason)
				}
			}
		})
	}
}

// However many ring at once, a window lets through as many as it is for.
func TestWindowClosesWithItsLastCall(t *testing.T) {
	for _, mode := range []flow.Mode{flow.ModeListed, flow.ModeAnyone, flow.ModeRehearsal} {
		bubble(t, func(t *testing.T, r *rig) {
			l := usLine()
			l.Policy, l.Limit.Calls = flow.PolicyWindow, 10000
			r.edit(putLine(l), createEntry("t", tester.String()), putWindow("w", mode, func(w *flow.Window) {
				w.MaxCalls = 3
				if mode == flow.ModeRehearsal {
					w.Callers = []ani.Number{tester}
				}
			}))
			var through, on sync.Map
			var calling sync.WaitGroup
			for i := range 60 {
				calling.Go(func() {
					a := r.Lookup("hook", flow.Call{ANI: tester, DNIS: dialled})
					if a.Decision.Route == flow.Direct {
						through.Store(i, a.Decision.Window)
					} else {
						on.Store(i, a.Decision.Reason)
					}
				})
			}
			calling.Wait()
			count := func(m *sync.Map, want any) (n int) {
				m.Range(func(_, got any) bool {
					if got == want {
						n++
					}
					return true
				})
				return n
			}
			if count(&through, "w") != 3 || count(&on, flow.ReasonWindowClosed) != 57 {
				t.Errorf("%s: %d went through, %d found it closed, want 3 and 57", mode, count(&through, "w"), count(&on, flow.ReasonWindowClosed))
			}
			r.settle()
			kept, err := r.gate.Window(t.Context(), "w")
			if err != nil || kept.Calls != 3 || kept.State(noon) != "closed" {
				t.Errorf("%s: %d calls are stored, %s, %v", mode, kept.Calls, kept.State(noon), err)
			}
		})
	}
}

// However a line is deleted, its windows close with it: none comes back with
// a line of the same name, be it at once or after a restart.
func TestWindowsGoWithTheirLine(t *testing.T) {
	planned := putWindow("planned", flow.ModeAnyone, func(w *flow.Window) { w.OpensAt, w.ClosesAt = noon.Add(time.Hour), noon.Add(2*time.Hour) })
	used := putWindow("used", flow.ModeListed, func(w *flow.Window) { w.MaxCalls = 1 })
	other := flow.NewLine()
	other.Name = "another"
	elsewhere := putWindow("open", flow.ModeListed, func(w *flow.Window) { w.Line = "another" })
	for _, tt := range []struct {
		name   string
		delete func(*rig)
		want   string // what is left open or planned, and where
	}{
		{"alone", func(r *rig) { r.edit(deleteLine("support-us")) }, ""},
		{"closing one by itself", func(r *rig) {
			closed := putWindow("open", flow.ModeListed, func(w *flow.Window) { w.ClosesAt = noon })
			closed.Op = store.OpUpdate
			r.edit(closed, deleteLine("support-us"))
		}, ""},
		{"moving one to another line", func(r *rig) { r.edit(elsewhere, deleteLine("support-us")) }, "open on another"},
		{"and made anew in one edit", func(r *rig) { r.edit(deleteLine("support-us"), putLine(usLine())) }, ""},
		{"among many changes", func(r *rig) {
			changes := []store.Change{deleteLine("support-us"), createEntry("e2", "+442079460000")}
			_, err := r.EditAll(r.t.Context(), ops, "", func(yield func(store.Change) bool) {
				_ = yield(changes[0]) && yield(changes[1])
			}, func() error { return nil })
			if err != nil {
				r.t.Fatal(err)
			}
		}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			r.edit(putLine(other), used)
			r.ring()
			r.edit(putWindow("open", flow.ModeListed, nil), planned)
			tt.delete(r)
			r.edit(putLine(usLine()))
			for _, when := range []string{"at once", "after a restart"} {
				if diff := cmp.Diff(tt.want, r.openWindows()); diff != "" {
					t.Errorf("%s: -want +got\n%s", when, diff)
				}
				r.reopen()
			}
			if kept, err := r.gate.Window(t.Context(), "used"); err != nil || !kept.ClosesAt.After(noon) {
				t.Errorf("the used one closes at %s, %v: it was closed already", kept.ClosesAt, err)
			}
		})
	}
}

// openWindows are those that serve and those that are stored; an error where
// the two are not the same.
func (r *rig) openWindows() string {
	r.t.Helper()
	var serving []string
	for _, l := range r.Snapshot().Lines() {
		for _, w := range r.Snapshot().Live(l.Name).Windows {
			if w.State(r.Now()) != "closed" {
				serving = append(serving, w.ID+" on "+l.Name)
			}
		}
	}
	page, err := r.gate.Windows(r.t.Context(), store.WindowQuery{Limit: 1000})
	if err != nil {
		r.t.Fatal(err)
	}
	var stored []string
	for _, w := range page.Items {
		if w.State(r.Now()) != "closed" {
			stored = append(stored, w.ID+" on "+w.Line)
		}
	}
	if diff := cmp.Diff(stored, serving); diff != "" {
		r.t.Errorf("-stored +serving\n%s", diff)
	}
	return strings.Join(serving, ", ")
}

// Somebody opens windows while somebody else deletes the line and makes it
// anew. Whatever the order, no window is open on a line that isn't there.
func TestWindowsOpenedWhileTheirLineGoes(t *testing.T) {
	r := newRig(t)
	done := make(chan struct{})
	var opening sync.WaitGroup
	opening.Go(func() {
		defer close(done)
		for i := range 60 {
			_, _ = r.Edit(t.Context(), ops, "", putWindow(fmt.Sprint("w", i), flow.ModeListed, nil)) // refused while the line isn't there
		}
	})
	for deleting := true; deleting; {
		select {
		case <-done:
			deleting = false
		default:
		}
		r.edit(deleteLine("support-us"))
		if open := r.openWindows(); open != "" {
			t.Fatalf("open on a line that is deleted: %s", open)
		}
		r.edit(putLine(usLine()))
	}
	opening.Wait()
}

// A line is not left diverted because one window was planned behind the other.
func TestWindowsInARow(t *testing.T) {
	hours := func(id string, m flow.Mode, from, to float64, callers ...ani.Number) store.Change {
		return putWindow(id, m, func(w *flow.Window) {
			w.OpensAt, w.ClosesAt = noon.Add(time.Duration(from*float64(time.Hour))), noon.Add(time.Duration(to*float64(time.Hour)))
			w.Callers = callers
		})
	}
	other := flow.NewLine()
	other.Name = "another"
	for _, tt := range []struct {
		name    string
		windows []store.Change
		span    string // how long the last one would make it; "" where it is taken
	}{
		{"one of two hours", []store.Change{hours("a", flow.ModeAnyone, 0, 2)}, ""},
		{"one behind the other", []store.Change{hours("a", flow.ModeAnyone, 0, 1), hours("b", flow.ModeAnyone, 1, 2.5)}, "150m"},
		{"one behind the other, two hours in all", []store.Change{hours("a", flow.ModeAnyone, 0, 1), hours("b", flow.ModeAnyone, 1, 2)}, ""},
		{"one before the other", []store.Change{hours("a", flow.ModeAnyone, 2, 4), hours("b", flow.ModeAnyone, 0, 2)}, "4h"},
		{"one over the other", []store.Change{hours("a", flow.ModeAnyone, 0, 2), hours("b", flow.ModeAnyone, 1, 3)}, "3h"},
		{"hardly a pause", []store.Change{hours("a", flow.ModeAnyone, 0, 2), hours("b", flow.ModeAnyone, 2.25, 3)}, "3h"},
		{"a pause", []store.Change{hours("a", flow.ModeAnyone, 0, 2), hours("b", flow.ModeAnyone, 2.26, 4)}, ""},
		{"the third joins the others", []store.Change{hours("a", flow.ModeAnyone, 0, 1), hours("b", flow.ModeAnyone, 2, 3), hours("c", flow.ModeAnyone, 1, 2)}, "3h"},
		{"listed ones divert nobody", []store.Change{hours("a", flow.ModeListed, 0, 100), hours("b", flow.ModeListed, 100, 200)}, ""},
		{"another mode", []store.Change{hours("a", flow.ModeAnyone, 0, 2), hours("b", flow.ModeRehearsal, 2, 3, tester)}, ""},
		{"another line", []store.Change{hours("a", flow.ModeAnyone, 0, 2), putWindow("b", flow.ModeAnyone, func(w *flow.Window) {
			w.Line, w.OpensAt, w.ClosesAt = "another", noon.Add(2*time.Hour), noon.Add(4*time.Hour)
		})}, ""},
		{"a rehearsal of somebody else", []store.Change{hours("a", flow.ModeRehearsal, 0, 2, tester), hours("b", flow.ModeRehearsal, 1, 3, caller)}, ""},
		{"a rehearsal of the same", []store.Change{hours("a", flow.ModeRehearsal, 0, 2, tester), hours("b", flow.ModeRehearsal, 1, 3, caller, tester)}, "3h"},
		{"itself, once more", []store.Change{hours("a", flow.ModeAnyone, 0, 2), hours("a", flow.ModeAnyone, 1, 3)}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			r.edit(putLine(other))
			last := len(tt.windows) - 1
			for _, w := range tt.windows[:last] {
				r.edit(w)
			}
			_, err := r.Edit(t.Context(), ops, "", tt.windows[last])
			if tt.span != "" {
				checkRefusal(t, err, nil, "", "closes_at", "would be open for "+tt.span+", and 2h is the most")
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

// Whoever is there may open the next one once the last one has closed.
func TestWindowAfterWindow(t *testing.T) {
	r := newRig(t)
	r.edit(putWindow("a", flow.ModeAnyone, func(w *flow.Window) { w.ClosesAt = noon.Add(2 * time.Hour) }))
	next := putWindow("b", flow.ModeAnyone, func(w *flow.Window) { w.OpensAt, w.ClosesAt = noon.Add(2*time.Hour), noon.Add(4*time.Hour) })
	r.clock.forward(2*time.Hour - time.Millisecond)
	if _, err := r.Edit(t.Context(), ops, "", next); err == nil {
		t.Error("taken while the last one is open")
	}
	r.clock.forward(time.Millisecond)
	r.edit(next)
}
