package switchboard

import (
	"context"
	"fmt"

	"github.com/ringthrough/ringthrough/flow"
)

// window asks whether the call is expected, and warns of windows that do more
// than expect it.
func (f *flight) window(_ context.Context, r *remarks) {
	if w := f.live.Open(flow.ModeAnyone, f.now); w != nil {
		r.warn("Every caller of this line is put through to its targets until %s, customers as well as the bot. Close the window once you have the code.", f.end(w))
		return
	}
	if w := f.live.Open(flow.ModeListed, f.now); w != nil {
		r.ok("The line expects a call until %s.", f.end(w))
		return
	}
	needed := f.line.Policy == flow.PolicyWindow
	w := f.planned()
	switch {
	case w != nil && needed:
		r.ok("A window is open from %s until %s. Before that, no call is let through.", f.at(w.OpensAt), f.end(w))
	case w != nil:
		r.ok("A window is open from %s until %s. A call before that is let through, but counts as unexpected.", f.at(w.OpensAt), f.end(w))
	case needed:
		r.fail("No window is open, and this line lets nobody through without one. Open a window of mode listed before you ask for the call.")
	default:
		r.warn("Nothing is armed: an activation call would ring through, but count as unexpected and raise the alarm. Open a window of mode listed before you ask for the call.")
	}
}

// end is when a window closes.
func (f *flight) end(w *flow.Window) string {
	if w.MaxCalls == 0 {
		return f.at(w.ClosesAt)
	}
	return fmt.Sprintf("%s, or until %s", f.at(w.ClosesAt), many(w.MaxCalls-w.Calls, "more call has come", "more calls have come"))
}

// armed is the open window on account of which a call is expected; nil if
// there is none.
func (f *flight) armed() *flow.Window {
	if w := f.live.Open(flow.ModeAnyone, f.now); w != nil {
		return w
	}
	return f.live.Open(flow.ModeListed, f.now)
}

// planned is the next window that will expect a call; nil if there is none.
func (f *flight) planned() (next *flow.Window) {
	for i := range f.live.Windows {
		w := &f.live.Windows[i]
		if w.Mode != flow.ModeRehearsal && w.State(f.now) == "scheduled" && (next == nil || w.OpensAt.Before(next.OpensAt)) {
			next = w
		}
	}
	return next
}

// many counts things.
func many(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}
