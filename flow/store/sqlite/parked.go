package sqlite

import (
	"cmp"
	"maps"
	"slices"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

// maxParked bounds what an edit keeps in memory of entries that wait for
// their pattern.
const maxParked = 10000

// parked is an entry that waits until the end of its edit for a pattern that
// another entry had when it was written.
type parked struct {
	seq     int // of the change
	change  store.Change
	pattern ani.Pattern
}

// park leaves an entry that is about to be written without its pattern.
func (e *edit) park(c store.Change, p ani.Pattern) error {
	if len(e.parked) >= maxParked {
		return &store.ChangeError{Change: c, Err: store.ErrTaken}
	}
	e.parked[c.Key] = parked{e.seq, c, p}
	return nil
}

// unpark gives the entries that wait their patterns, and fails where another
// entry has kept one.
func (e *edit) unpark() error {
	inOrder := slices.SortedFunc(maps.Values(e.parked), func(a, b parked) int { return cmp.Compare(a.seq, b.seq) })
	for _, p := range inOrder {
		_, err := e.exec(`UPDATE entries SET pattern = ? WHERE id = ?`, p.pattern.String(), p.change.Key)
		if isDuplicate(err) {
			return &store.ChangeError{Change: p.change, Err: store.ErrTaken}
		}
		if err != nil {
			return err
		}
	}
	return nil
}
