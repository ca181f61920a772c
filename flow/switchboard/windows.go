package switchboard

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// closeWindows closes what is open, or still to open, on the lines that the
// edit deletes: neither a line that is made anew under the same name nor a
// restart may bring it back. It goes by what serves, so a window that was
// opened while the edit waited for its turn is closed, too. Windows that the
// edit changes by itself are left to it.
func (p *plan) closeWindows(serving *flow.Snapshot, now time.Time) {
	for _, name := range slices.Sorted(maps.Keys(p.gone)) {
		for _, w := range serving.Live(name).Windows {
			own := func(c store.Change) bool { return c.Key == w.ID }
			if w.State(now) == "closed" || slices.ContainsFunc(p.windows, own) {
				continue
			}
			w.ClosesAt = now.UTC().Truncate(time.Millisecond)
			p.closing = append(p.closing, store.Change{Op: store.OpUpdate, Kind: store.KindWindow, Key: w.ID, Window: &w})
		}
	}
	p.windows = append(p.windows, p.closing...)
}

// with yields what the edit does by itself before what it was asked for.
func (p *plan) with(changes iter.Seq[store.Change]) iter.Seq[store.Change] {
	return func(yield func(store.Change) bool) {
		for _, c := range p.closing {
			if !yield(c) {
				return
			}
		}
		changes(yield)
	}
}

// breath is how long a line has to be closed between two windows of one mode
// that don't count as one.
const breath = 15 * time.Minute

// checkSpans refuses windows that would make others last longer than their
// mode allows: a line must not be left diverted because somebody planned one
// window behind the other. Once a window has closed, the next one may be
// opened at once: somebody is there who does it.
func (p *plan) checkSpans(serving *flow.Snapshot, now time.Time) error {
	var problems ani.Problems
	for _, c := range p.windows {
		w := c.Window
		if w == nil || w.Mode == flow.ModeListed || !w.ClosesAt.After(now) {
			continue
		}
		opens, closes := p.span(c.Key, w, serving, now)
		if closes.Sub(opens) > w.Mode.MaxOpen() {
			problems.Add("closes_at", fmt.Sprintf("is too far off: with the windows of mode %s beside it the line would be open for %s, and %s is the most. Leave %s between them, or open this one once the others have closed",
				w.Mode, flow.Duration(closes.Sub(opens).Truncate(time.Second)), flow.Duration(w.Mode.MaxOpen()), flow.Duration(breath)))
		}
	}
	return problems.Err()
}

// span is how long w and the windows that serve beside it are open, one after
// another, for the same callers.
func (p *plan) span(id string, w *flow.Window, serving *flow.Snapshot, now time.Time) (opens, closes time.Time) {
	opens, closes = w.OpensAt, w.ClosesAt
	for grown := true; grown; {
		grown = false
		for _, v := range serving.Live(w.Line).Windows {
			if v.ID == id || v.State(now) == "closed" || !sameCallers(w, &v) || v.OpensAt.After(closes.Add(breath)) || v.ClosesAt.Before(opens.Add(-breath)) {
				continue
			}
			if v.OpensAt.Before(opens) {
				opens, grown = v.OpensAt, true
			}
			if v.ClosesAt.After(closes) {
				closes, grown = v.ClosesAt, true
			}
		}
	}
	return opens, closes
}

// sameCallers reports whether somebody is let through by both windows.
func sameCallers(w, v *flow.Window) bool {
	if w.Mode != v.Mode {
		return false
	}
	shared := func(n ani.Number) bool { return slices.Contains(v.Callers, n) }
	return w.Mode == flow.ModeAnyone || slices.ContainsFunc(w.Callers, shared)
}
