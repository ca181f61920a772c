package postgres

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// Changed reads what has become of what was changed after revision n. What
// isn't there any more comes first. A line's version is one more than the
// Since of its change, for a flow.Line has none.
func (s *Store) Changed(ctx context.Context, n uint64, yield func(store.Change) bool) (revision store.Revision, err error) {
	err = s.read(ctx, "changes after "+strconv.FormatUint(n, 10), func(q querier) error {
		if revision, _, err = position(ctx, q); err != nil || revision.N == n {
			return err
		}
		if revision.N < n {
			return fmt.Errorf("the last revision is %d: %w", revision.N, store.ErrNotFound)
		}
		return changedAfter(ctx, q, n, yield)
	})
	if err != nil {
		return store.Revision{}, err
	}
	return revision, nil
}

// changedAfter hands over what is there, or isn't any more, of what the edits
// after revision n have changed.
func changedAfter(ctx context.Context, q querier, n uint64, yield func(store.Change) bool) error {
	first, err := firstSince(ctx, q, n)
	if err != nil {
		return err
	}
	var erased bool
	if err := q.QueryRow(ctx, changedErased, first).Scan(&erased); err != nil {
		return err
	}
	if erased {
		return fmt.Errorf("what was changed after %d is erased: %w", n, store.ErrNotFound)
	}
	ctx, enough := context.WithCancel(ctx)
	defer enough()
	c := &changed{ctx: ctx, q: q, first: first, yield: yield, more: true, enough: enough}
	c.gone(store.KindEntry, "entries", "id")
	c.gone(store.KindLine, "lines", "name")
	c.gone(store.KindWindow, "windows", "id")
	c.gone(store.KindToken, "tokens", "id")
	handPut(c, store.KindLine, selectLines+` WHERE name`, scanLine, func(l store.Line) store.Change {
		return store.Change{Key: l.Name, Line: &l.Line, Since: l.Version - 1}
	})
	handPut(c, store.KindEntry, selectEntries+` WHERE id`, scanEntry, func(e ani.Entry) store.Change {
		return store.Change{Key: e.ID, Entry: &e}
	})
	handPut(c, store.KindWindow, selectWindows+` WHERE id`, scanWindow, func(w flow.Window) store.Change {
		return store.Change{Key: w.ID, Window: &w}
	})
	handPut(c, store.KindToken, selectTokens+` WHERE id`, scanToken, func(t store.Token) store.Change {
		return store.Change{Key: t.ID, Token: &t}
	})
	return c.err
}

// changedErased asks for records of edits of which nobody knows what they
// changed.
const changedErased = `SELECT EXISTS (SELECT 1 FROM audit WHERE erased AND key = '' AND revision IS NOT NULL AND id >= $1)`

// changed is a Changed on its way. After an error, or when yield has had
// enough, it reads nothing more.
type changed struct {
	ctx   context.Context
	q     querier
	first int64 // record
	yield func(store.Change) bool
	more  bool
	err   error

	enough func() // keeps the server from sending what nobody reads
}

// changedKeys are the keys of a kind that were changed from a record on. All
// kinds but entries are few, and found by their kind.
func changedKeys(kind store.Kind) string {
	of := `SELECT key FROM audit WHERE revision IS NOT NULL AND id >= $1 AND kind = '` + string(kind) + `'`
	if kind != store.KindEntry {
		of += ` AND kind <> 'entry'`
	}
	return of
}

// gone hands over what isn't there any more, before what is: it may have made
// room for that.
func (c *changed) gone(kind store.Kind, table, key string) {
	hand(c, scanString, func(gone string) store.Change { return store.Change{Op: store.OpDelete, Kind: kind, Key: gone} },
		`SELECT DISTINCT key FROM (`+changedKeys(kind)+`) AS changed WHERE NOT EXISTS (SELECT 1 FROM `+table+` WHERE `+key+` = changed.key)`)
}

// handPut hands over what is there.
func handPut[T any](c *changed, kind store.Kind, stmt string, scan func(pgx.Row) (T, error), change func(T) store.Change) {
	hand(c, scan, func(v T) store.Change {
		of := change(v)
		of.Op, of.Kind = store.OpPut, kind
		return of
	}, stmt+` IN (`+changedKeys(kind)+`)`)
}

func hand[T any](c *changed, scan func(pgx.Row) (T, error), change func(T) store.Change, stmt string) {
	if !c.more || c.err != nil {
		return
	}
	c.err = each(c.ctx, c.q, scan, func(v T) bool {
		if c.more = c.yield(change(v)); !c.more {
			c.enough()
		}
		return c.more
	}, stmt, c.first)
}
