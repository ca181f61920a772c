package switchboard_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

// step puts the clock to a time, be it back.
func (c *clock) step(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = to
}

// A window is open by the clock, whichever way that was put, and however often
// it has passed the window's edges.
func TestClockStepsAcrossAWindow(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		l := usLine()
		l.Policy = flow.PolicyWindow
		r.edit(putLine(l), putWindow("w", flow.ModeListed, nil))
		for i, at := range []struct {
			name string
			to   time.Time
			want flow.Reason
		}{
			{"inside", noon.Add(30 * time.Minute), flow.ReasonListed},
			{"back, before it opens", noon.Add(-time.Millisecond), flow.ReasonWindowClosed},
			{"at its first moment", noon, flow.ReasonListed},
			{"forward, past its end", noon.Add(3 * time.Hour), flow.ReasonWindowClosed},
			{"back inside", noon.Add(59 * time.Minute), flow.ReasonListed},
			{"at its end", noon.Add(time.Hour), flow.ReasonWindowClosed},
			{"back by a year", noon.AddDate(-1, 0, 0), flow.ReasonWindowClosed},
			{"its last moment", noon.Add(time.Hour - time.Millisecond), flow.ReasonListed},
		} {
			r.clock.step(at.to)
			if d := r.Lookup("hook", flow.Call{ID: fmt.Sprint(i), ANI: caller, DNIS: dialled}).Decision; d.Reason != at.want {
				t.Errorf("%s: %s, want %s", at.name, d.Reason, at.want)
			}
		}
		r.settle()
		w, err := r.gate.Window(t.Context(), "w")
		if err != nil || w.Calls != 4 || !w.ClosesAt.Equal(noon.Add(time.Hour)) {
			t.Errorf("the window is now %+v, %v: want 4 calls, and its edges where they were", w, err)
		}
	})
}

// A window that its last call has closed stays closed when the clock is put
// back to before that call.
func TestClockDoesNotReopenAWindow(t *testing.T) {
	r := newRig(t)
	r.edit(putWindow("w", flow.ModeAnyone, func(w *flow.Window) { w.MaxCalls = 1 }))
	stray := flow.Call{ANI: stranger, DNIS: dialled}
	r.clock.step(noon.Add(10 * time.Minute))
	if d := r.Lookup("hook", stray).Decision; d.Reason != flow.ReasonWindow {
		t.Fatalf("the window's call: %s", d.Reason)
	}
	for _, to := range []time.Time{noon, noon.Add(10 * time.Minute), noon.Add(30 * time.Minute)} {
		r.clock.step(to)
		if d := r.Lookup("hook", stray).Decision; d.Reason != flow.ReasonNotListed {
			t.Errorf("at %s: %s", to.Format(time.TimeOnly), d.Reason)
		}
	}
}

// A clock that is wrong for one call, and then right again, lets no more calls
// through than the limit of three an hour says.
func TestClockStepsDoNotWidenTheLimit(t *testing.T) {
	for name, wrong := range map[string]struct {
		by   time.Duration
		most int // with the one of two hours ago
	}{
		"back by two hours": {-2 * time.Hour, 4}, "back by a minute": {-time.Minute, 3}, "forward by a minute": {time.Minute, 3},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			l := usLine()
			l.Limit.Calls = 3
			r.edit(putLine(l))
			through := 0
			ring := func(at time.Time) {
				r.clock.step(at)
				if r.ring().Decision.Route == flow.Direct {
					through++
				}
			}
			ring(noon)
			ring(noon.Add(time.Second))
			ring(noon.Add(wrong.by))
			for i := range 10 {
				ring(noon.Add(time.Duration(2+i) * time.Second))
			}
			if through != wrong.most {
				t.Errorf("%d calls got through, want %d", through, wrong.most)
			}
		})
	}
}

// A retry gets the answer that the first one got, though the clock was put
// back in between.
func TestClockStepsBackBeforeARetry(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		call := flow.Call{ID: "call-1", ANI: caller, DNIS: dialled}
		first := r.Lookup("hook", call)
		r.clock.step(noon.Add(-30 * time.Second))
		again := r.Lookup("hook", call)
		r.settle()
		if again.ID != first.ID || !again.Repeated || len(r.stored()) != 1 {
			t.Errorf("the retry of %s is %+v, %d rows", first.ID, again, len(r.stored()))
		}
	})
}

// An entry serves by the clock, too.
func TestClockStepsAcrossAnExpiry(t *testing.T) {
	r := newRig(t)
	change := createEntry("e2", stranger.String())
	change.Entry.NotBefore, change.Entry.ExpiresAt = noon, noon.Add(time.Hour)
	r.edit(change)
	for _, at := range []struct {
		to   time.Time
		want flow.Reason
	}{
		{noon.Add(time.Hour), flow.ReasonEntryInactive},
		{noon.Add(time.Hour - time.Millisecond), flow.ReasonListed},
		{noon.Add(-time.Millisecond), flow.ReasonEntryInactive},
		{noon, flow.ReasonListed},
	} {
		r.clock.step(at.to)
		if d := r.Lookup("hook", flow.Call{ANI: stranger, DNIS: dialled}).Decision; d.Reason != at.want {
			t.Errorf("at %s: %s, want %s", at.to.Format(time.TimeOnly), d.Reason, at.want)
		}
	}
}

// The night in which clocks are changed makes no window longer or shorter, and
// the people's hours follow the clock on their wall.
func TestWindowAcrossTheChangeOfClocks(t *testing.T) {
	spring := time.Date(2026, 3, 29, 0, 30, 0, 0, time.UTC)  // 01:30 in Berlin; 02:00 becomes 03:00
	autumn := time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC) // 02:30 in Berlin; 03:00 becomes 02:00
	for name, c := range map[string]struct {
		opens time.Time
		after time.Duration
		want  flow.Reason
		rings string
	}{
		"spring, before the change":           {spring, 29 * time.Minute, flow.ReasonListed, "night"},
		"spring, the hour that isn't there":   {spring, 31 * time.Minute, flow.ReasonListed, "day"},
		"spring, an hour after it opened":     {spring, time.Hour, flow.ReasonListed, "day"},
		"spring, its last moment":             {spring, 2*time.Hour - time.Millisecond, flow.ReasonListed, "day"},
		"spring, closed after two hours":      {spring, 2 * time.Hour, flow.ReasonWindowClosed, ""},
		"autumn, the hour for the first time": {autumn, 10 * time.Minute, flow.ReasonListed, "night"},
		"autumn, the hour again":              {autumn, 70 * time.Minute, flow.ReasonListed, "night"},
		"autumn, after the hour":              {autumn, 91 * time.Minute, flow.ReasonListed, "day"},
		"autumn, closed after two hours":      {autumn, 2 * time.Hour, flow.ReasonWindowClosed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.clock.step(c.opens)
			r.edit(putLine(berlin()), putWindow("w", flow.ModeListed, func(w *flow.Window) {
				w.OpensAt, w.ClosesAt = c.opens, c.opens.Add(2*time.Hour)
			}))
			r.clock.step(c.opens.Add(c.after))
			if d := r.ring().Decision; d.Reason != c.want || d.Target.Address != c.rings {
				t.Errorf("%s to %q, want %s to %q", d.Reason, d.Target.Address, c.want, c.rings)
			}
		})
	}
}

// berlin is a line whose night shift ends at three on the wall.
func berlin() flow.Line {
	l := flow.NewLine()
	l.Name, l.Numbers, l.Policy, l.Timezone = "support-us", []ani.Number{dialled}, flow.PolicyWindow, "Europe/Berlin"
	l.Targets = []flow.Target{
		{Kind: flow.KindUser, Address: "night", Hours: "00:00-03:00"},
		{Kind: flow.KindUser, Address: "day", Hours: "03:00-24:00"},
	}
	return l
}
