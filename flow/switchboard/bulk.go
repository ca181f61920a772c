package switchboard

import (
	"cmp"
	"context"
	"iter"
	"runtime"
	"runtime/debug"

	"github.com/ringthrough/ringthrough/flow/store"
)

// EditAll is Edit for so many changes that they have no room in memory. It
// goes through changes more than once; they must be the same each time, and
// have no entry twice. failed says why they ended before their end, nil if
// they didn't; where they did nothing is written, and that is the error.
func (sb *Switchboard) EditAll(ctx context.Context, by store.Author, note string, changes iter.Seq[store.Change], failed func() error) (store.Revision, error) {
	if err := sb.begin(ctx); err != nil {
		return store.Revision{}, err
	}
	defer sb.end()
	sb.journal.busy.Store(true)
	defer sb.journal.busy.Store(false)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	count := 0
	gently := func(yield func(store.Change) bool) {
		for c := range changes {
			if ctx.Err() != nil || !yield(c) {
				return
			}
			count++
			runtime.Gosched() // lookups that wait for a processor come first
		}
		if failed() != nil {
			cancel() // a store doesn't commit what its context has ended for
		}
	}
	revision, err := sb.abreast(ctx, func() (store.Revision, error) {
		count = 0
		next, err := sb.check(ctx, gently)
		if err != nil {
			return store.Revision{}, err
		}
		if count > bulky {
			debug.FreeOSMemory()
		}
		return sb.commit(ctx, store.Edit{Author: by, Note: note, Changes: gently}, next)
	})
	if err != nil {
		return revision, cmp.Or(failed(), err)
	}
	return revision, nil
}

// CheckAll gives the error that EditAll would give before it writes anything.
func (sb *Switchboard) CheckAll(ctx context.Context, changes iter.Seq[store.Change], failed func() error) error {
	if err := sb.begin(ctx); err != nil {
		return err
	}
	defer sb.end()
	_, err := sb.check(ctx, changes)
	return cmp.Or(failed(), err)
}

// bulky is after how many changes the system gets back what compiling the list
// took: the store needs room too.
const bulky = 10_000
