package flow

import (
	"slices"
	"time"
)

// Live is what a line has lived through lately: its windows, and its direct
// calls as far as limits and redials need them. It is immutable.
type Live struct {
	Windows   []Window    // none of them closed when it was made
	Directs   []time.Time // direct calls within the line's limit span, oldest first; no rehearsals
	Last      Placed      // the last direct call
	Rehearsed Placed      // the last rehearsal
}

// Placed is a direct call as redials remember it.
type Placed struct {
	ID      string // of the lookup
	At      time.Time
	Target  Target
	Attempt int
	Result  Result // empty until somebody reports it
}

// Open is the first window of mode m that is open at now, the one that closes
// soonest if there are several; nil if there is none.
func (l *Live) Open(m Mode, now time.Time) *Window {
	var first *Window
	for i := range l.Windows {
		w := &l.Windows[i]
		if w.Mode == m && w.OpenAt(now) && (first == nil || w.ClosesAt.Before(first.ClosesAt)) {
			first = w
		}
	}
	return first
}

// CountOpen is how many windows of mode m are open at now.
func (l *Live) CountOpen(m Mode, now time.Time) int {
	n := 0
	for i := range l.Windows {
		if l.Windows[i].Mode == m && l.Windows[i].OpenAt(now) {
			n++
		}
	}
	return n
}

// armed is the window on account of which a call is expected at now: the one
// that diverts everybody before the one that arms. Nil if none is open.
func (l *Live) armed(now time.Time) *Window {
	if w := l.Open(ModeAnyone, now); w != nil {
		return w
	}
	return l.Open(ModeListed, now)
}

// rehearsal is the open window that n may rehearse in.
func (l *Live) rehearsal(call *Call, now time.Time) *Window {
	for i := range l.Windows {
		w := &l.Windows[i]
		if w.Mode == ModeRehearsal && w.OpenAt(now) && !call.ANI.IsZero() && w.admits(call.ANI) {
			return w
		}
	}
	return nil
}

// directsSince counts the direct calls after t.
func (l *Live) directsSince(t time.Time) int {
	n := 0
	for i := len(l.Directs) - 1; i >= 0 && l.Directs[i].After(t); i-- {
		n++
	}
	return n
}

// After is s once the call of d has been sent to its target at now: it counts
// in the window, in the limit and for the next redial. For a call that
// carried on it is s itself.
func (s *Snapshot) After(d Decision, id string, now time.Time) *Snapshot {
	if d.Route != Direct {
		return s
	}
	live := s.Live(d.Line)
	placed := Placed{ID: id, At: now, Target: d.Target, Attempt: d.Attempt}
	if d.Reason == ReasonRehearsal {
		live.Rehearsed = placed
	} else {
		line, _ := s.Line(d.Line)
		live.Last = placed
		live.Directs = inOrder(since(live.Directs, now.Add(-time.Duration(line.Limit.Per))), now)
	}
	live.Windows = slices.Clone(live.Windows)
	for i := range live.Windows {
		if live.Windows[i].ID == d.Window {
			live.Windows[i].Calls++
		}
	}
	return s.WithLive(d.Line, live)
}

// inOrder adds t to times. It may be earlier than some of them: clocks are put
// back, and those of other replicas go ahead.
func inOrder(times []time.Time, t time.Time) []time.Time {
	i, _ := slices.BinarySearchFunc(times, t, time.Time.Compare)
	return slices.Insert(times, i, t)
}

// since is a copy of the times after t, in their order.
func since(times []time.Time, t time.Time) []time.Time {
	i := slices.IndexFunc(times, func(at time.Time) bool { return at.After(t) })
	if i < 0 {
		return nil
	}
	return slices.Clone(times[i:])
}

// Reported is s once the leg of the lookup id on line has ended with result.
func (s *Snapshot) Reported(line, id string, result Result) *Snapshot {
	live := s.Live(line)
	switch id {
	case live.Last.ID:
		live.Last.Result = result
	case live.Rehearsed.ID:
		live.Rehearsed.Result = result
	default:
		return s
	}
	return s.WithLive(line, live)
}
