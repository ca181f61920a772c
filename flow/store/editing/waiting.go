package editing

import (
	"cmp"
	"maps"
	"slices"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

// MaxWaiting bounds what an edit keeps in memory of entries that wait for
// their pattern.
const MaxWaiting = 10000

// Waiting are the entries that wait, until the end of their edit, for a
// pattern that another entry had when they were written. Till then they are
// kept without one.
type Waiting struct{ by map[string]Waiter } // by id of the entry

// Waiter is an entry that waits.
type Waiter struct {
	Change  store.Change // that was made last to it
	Pattern ani.Pattern

	seq int
}

// Add has the entry of c wait for p; no more than MaxWaiting may.
func (w *Waiting) Add(seq int, c store.Change, p ani.Pattern) error {
	if len(w.by) >= MaxWaiting {
		return &store.ChangeError{Change: c, Err: store.ErrTaken}
	}
	if w.by == nil {
		w.by = map[string]Waiter{}
	}
	w.by[c.Key] = Waiter{c, p, seq}
	return nil
}

// Drop forgets an entry.
func (w *Waiting) Drop(id string) { delete(w.by, id) }

// Pattern is what an entry waits for, if it does.
func (w *Waiting) Pattern(id string) (ani.Pattern, bool) {
	waiter, ok := w.by[id]
	return waiter.Pattern, ok
}

// InOrder are those who wait, in the order of their changes: who comes first
// gets the pattern that is free.
func (w *Waiting) InOrder() []Waiter {
	return slices.SortedFunc(maps.Values(w.by), func(a, b Waiter) int { return cmp.Compare(a.seq, b.seq) })
}
