package flow_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

func TestWindowNormalize(t *testing.T) {
	const day = 24 * time.Hour
	for _, tt := range []struct {
		name   string
		mode   flow.Mode
		change func(*flow.Window)
		want   []string // the fields that are complained of
	}{
		{"listed", flow.ModeListed, func(*flow.Window) {}, nil},
		{"anyone", flow.ModeAnyone, func(*flow.Window) {}, nil},
		{"a rehearsal", flow.ModeRehearsal, func(*flow.Window) {}, nil},
		{"no mode", "", func(*flow.Window) {}, []string{"mode"}},
		{"another mode", "everybody", func(*flow.Window) {}, []string{"mode"}},

		{"no end", flow.ModeListed, func(w *flow.Window) { w.ClosesAt = time.Time{} }, []string{"duration"}},
		{"it ends as it begins", flow.ModeListed, func(w *flow.Window) { w.ClosesAt = w.OpensAt }, []string{"closes_at"}},
		{"it ends before it begins", flow.ModeListed, func(w *flow.Window) { w.ClosesAt = w.OpensAt.Add(-time.Second) }, []string{"closes_at"}},
		{"it is over", flow.ModeListed, func(w *flow.Window) { w.OpensAt, w.ClosesAt = noon.Add(-time.Hour), noon }, []string{"closes_at"}},
		{"it opens tomorrow", flow.ModeListed, func(w *flow.Window) { w.OpensAt, w.ClosesAt = noon.Add(day), noon.Add(2*day) }, nil},
		{"listed for seven days", flow.ModeListed, func(w *flow.Window) { w.ClosesAt = w.OpensAt.Add(7 * day) }, nil},
		{"listed for longer", flow.ModeListed, func(w *flow.Window) { w.ClosesAt = w.OpensAt.Add(7*day + time.Millisecond) }, []string{"closes_at"}},
		{"anyone for two hours", flow.ModeAnyone, func(w *flow.Window) { w.ClosesAt = w.OpensAt.Add(2 * time.Hour) }, nil},
		{"anyone for longer", flow.ModeAnyone, func(w *flow.Window) { w.ClosesAt = w.OpensAt.Add(2*time.Hour + time.Millisecond) }, []string{"closes_at"}},
		{"a rehearsal for two hours", flow.ModeRehearsal, func(w *flow.Window) { w.ClosesAt = w.OpensAt.Add(2 * time.Hour) }, nil},
		{"a rehearsal for longer", flow.ModeRehearsal, func(w *flow.Window) { w.ClosesAt = w.OpensAt.Add(2*time.Hour + time.Millisecond) }, []string{"closes_at"}},
		{"from the beginning of time", flow.ModeListed, func(w *flow.Window) { w.OpensAt = time.Time{} }, []string{"closes_at"}},

		{"a rehearsal of nobody", flow.ModeRehearsal, func(w *flow.Window) { w.Callers = nil }, []string{"callers"}},
		{"a rehearsal of an empty number", flow.ModeRehearsal, func(w *flow.Window) { w.Callers = []ani.Number{tester, {}} }, []string{"callers[1]"}},
		{"a rehearsal of 32", flow.ModeRehearsal, func(w *flow.Window) { w.Callers = slices.Repeat([]ani.Number{tester}, 32) }, nil},
		{"a rehearsal of 33", flow.ModeRehearsal, func(w *flow.Window) { w.Callers = slices.Repeat([]ani.Number{tester}, 33) }, []string{"callers"}},
		{"callers of a listed window", flow.ModeListed, func(w *flow.Window) { w.Callers = []ani.Number{tester} }, []string{"callers"}},
		{"callers of a window for anyone", flow.ModeAnyone, func(w *flow.Window) { w.Callers = []ani.Number{tester} }, []string{"callers"}},

		{"10,000 calls", flow.ModeListed, func(w *flow.Window) { w.MaxCalls = 10000 }, nil},
		{"too many calls", flow.ModeListed, func(w *flow.Window) { w.MaxCalls = 10001 }, []string{"max_calls"}},
		{"fewer than none", flow.ModeListed, func(w *flow.Window) { w.MaxCalls = -1 }, []string{"max_calls"}},
		{"a long note", flow.ModeListed, func(w *flow.Window) { w.Note = strings.Repeat("a", 1001) }, []string{"note"}},
		{"a note on two lines", flow.ModeListed, func(w *flow.Window) { w.Note = "a\nb" }, []string{"note"}},
		{"every field at once", "x", func(w *flow.Window) {
			*w = flow.Window{Mode: "x", Callers: []ani.Number{{}}, MaxCalls: -1, Note: "\x00"}
		}, []string{"mode", "duration", "callers", "callers[0]", "max_calls", "note"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := flow.Window{Line: "support-us", Mode: tt.mode, OpensAt: noon, ClosesAt: noon.Add(15 * time.Minute)}
			if tt.mode == flow.ModeRehearsal {
				w.Callers = []ani.Number{tester}
			}
			tt.change(&w)
			if diff := cmp.Diff(tt.want, problemsOf(t, w.Normalize(noon))); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// Stores keep milliseconds: what serves must not differ from what is kept.
func TestWindowNormalizeRoundsTimes(t *testing.T) {
	zone := time.FixedZone("", 3600)
	w := flow.Window{Mode: flow.ModeListed, OpensAt: noon.Add(1234567).In(zone), ClosesAt: noon.Add(time.Hour + 999_999).In(zone)}
	if err := w.Normalize(noon); err != nil {
		t.Fatal(err)
	}
	if want := noon.Add(time.Millisecond); w.OpensAt != want {
		t.Errorf("opens at %v, want %v", w.OpensAt, want)
	}
	if want := noon.Add(time.Hour); w.ClosesAt != want {
		t.Errorf("closes at %v, want %v", w.ClosesAt, want)
	}
}

func TestWindowState(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*flow.Window)
		want   string
	}{
		{"open", func(*flow.Window) {}, "open"},
		{"its first instant", func(w *flow.Window) { w.OpensAt = noon }, "open"},
		{"just before", func(w *flow.Window) { w.OpensAt = noon.Add(1) }, "scheduled"},
		{"its last instant", func(w *flow.Window) { w.ClosesAt = noon.Add(1) }, "open"},
		{"just after", func(w *flow.Window) { w.ClosesAt = noon }, "closed"},
		{"one call is left", func(w *flow.Window) { w.MaxCalls, w.Calls = 2, 1 }, "open"},
		{"no call is left", func(w *flow.Window) { w.MaxCalls, w.Calls = 2, 2 }, "closed"},
		{"as many as come", func(w *flow.Window) { w.Calls = 1000 }, "open"},
		{"taken back before it opened", func(w *flow.Window) { w.OpensAt, w.ClosesAt = noon.Add(time.Hour), noon }, "closed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := flow.Window{Mode: flow.ModeListed, OpensAt: noon.Add(-time.Minute), ClosesAt: noon.Add(2 * time.Hour)}
			tt.change(&w)
			if got := w.State(noon); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
