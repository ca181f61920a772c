package flow

import (
	"fmt"
	"slices"
	"time"

	"github.com/ringthrough/ringthrough/ani"
)

// Mode is what a window does to its line.
type Mode string

// The modes.
const (
	ModeListed    Mode = "listed"    // arms the line: a listed caller is expected
	ModeAnyone    Mode = "anyone"    // diverts every caller to the line's targets
	ModeRehearsal Mode = "rehearsal" // lets its own callers through, and arms nothing
)

// MaxOpen is how long a window of this mode may last.
func (m Mode) MaxOpen() time.Duration {
	if m == ModeListed {
		return 7 * 24 * time.Hour
	}
	return 2 * time.Hour
}

// Window is a half-open span [OpensAt, ClosesAt) in which a line expects a
// call. It closes by itself: at ClosesAt, or with the direct call that makes
// up MaxCalls.
type Window struct {
	ID        string       `json:"id"`
	Line      string       `json:"line"`
	Mode      Mode         `json:"mode" enum:"listed,anyone,rehearsal"`
	Callers   []ani.Number `json:"callers,omitempty" doc:"whom a rehearsal lets through"`
	OpensAt   time.Time    `json:"opens_at"`
	ClosesAt  time.Time    `json:"closes_at" doc:"it is open until just before"`
	MaxCalls  int          `json:"max_calls" doc:"direct calls that close it; 0: as many as come"`
	Calls     int          `json:"calls" doc:"direct calls so far"`
	Note      string       `json:"note"`
	CreatedAt time.Time    `json:"created_at"`
	CreatedBy string       `json:"created_by"`
}

// OpenAt reports whether w is open at now.
func (w *Window) OpenAt(now time.Time) bool {
	return !now.Before(w.OpensAt) && now.Before(w.ClosesAt) && (w.MaxCalls == 0 || w.Calls < w.MaxCalls)
}

// State is "scheduled", "open" or "closed" at now.
func (w *Window) State(now time.Time) string {
	switch {
	case w.OpenAt(now):
		return "open"
	case now.Before(w.OpensAt) && w.OpensAt.Before(w.ClosesAt):
		return "scheduled"
	default:
		return "closed"
	}
}

// admits reports whether n is one of w's callers.
func (w *Window) admits(n ani.Number) bool { return slices.Contains(w.Callers, n) }

// Normalize writes w in its canonical form, with times to the millisecond in
// UTC, and reports every field that cannot be taken, as ani.Problems.
func (w *Window) Normalize(now time.Time) error {
	w.OpensAt, w.ClosesAt = w.OpensAt.UTC().Truncate(time.Millisecond), w.ClosesAt.UTC().Truncate(time.Millisecond)
	var p ani.Problems
	switch w.Mode {
	case ModeListed, ModeAnyone, ModeRehearsal:
	default:
		p.Add("mode", "must be listed, anyone or rehearsal")
	}
	switch {
	case w.ClosesAt.IsZero():
		p.Add("duration", "is missing: say how long the window stays open, as in 15m, or give closes_at")
	case !w.ClosesAt.After(w.OpensAt):
		p.Add("closes_at", "is not after opens_at")
	case !w.ClosesAt.After(now):
		p.Add("closes_at", "is in the past")
	case w.ClosesAt.Sub(w.OpensAt) > w.Mode.MaxOpen():
		p.Add("closes_at", "is too far off: a window of mode "+string(w.Mode)+" may last "+Duration(w.Mode.MaxOpen()).String()+" at most")
	}
	if w.Mode == ModeRehearsal && len(w.Callers) == 0 {
		p.Add("callers", "are missing: name the telephone that you rehearse from")
	}
	if w.Mode != ModeRehearsal && len(w.Callers) > 0 {
		p.Add("callers", "belong to a rehearsal: leave them out, or use mode rehearsal")
	}
	if len(w.Callers) > 32 {
		p.Add("callers", "are too many: at most 32")
	}
	for i, n := range w.Callers {
		if n.IsZero() {
			p.Add(fmt.Sprintf("callers[%d]", i), "is empty: write it in E.164, as in +15125550123")
		}
	}
	if w.MaxCalls < 0 || w.MaxCalls > 10000 {
		p.Add("max_calls", "must be 0 to 10000")
	}
	p.Text("note", w.Note, 1000)
	return p.Err()
}
