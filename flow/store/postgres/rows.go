package postgres

import (
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/ringthrough/ringthrough/flow/store"
)

// rows are the rows that a chunk of changes concerns, by key: as they are
// stored, and then as the changes leave them. It is an editing.Table.
type rows[T any] map[string]*row[T]

type row[T any] struct {
	value   T
	there   bool
	stored  bool // before the chunk
	changed bool // by it
	fresh   bool // made by it, whatever was there before
}

// loaded puts a stored row there.
func (r rows[T]) loaded(key string, v T) { r[key] = &row[T]{value: v, there: true, stored: true} }

// Find reads a row.
func (r rows[T]) Find(key string) (v T, found bool, err error) {
	if at, ok := r[key]; ok && at.there {
		return at.value, true, nil
	}
	return v, false, nil
}

// Put changes a row.
func (r rows[T]) Put(c store.Change, after T) error {
	at, ok := r[c.Key]
	if !ok {
		at = &row[T]{}
		r[c.Key] = at
	}
	if at.there && c.Op == store.OpCreate {
		return store.ErrTaken
	}
	at.fresh = at.fresh || !at.there
	at.value, at.there, at.changed = after, true, true
	return nil
}

// Remove takes a row away.
func (r rows[T]) Remove(key string) error {
	if at, ok := r[key]; ok {
		at.there, at.changed = false, true
	}
	return nil
}

// gone are the keys of what was stored and isn't any more, in order.
func (r rows[T]) gone() []string {
	return r.keys(func(at *row[T]) bool { return at.stored && !at.there })
}

// fresh are the keys of what was made, in order.
func (r rows[T]) fresh() []string {
	return r.keys(func(at *row[T]) bool { return at.fresh && at.there })
}

// changed is what is to be written, in the order of the keys.
func (r rows[T]) changed() []T {
	keys := r.keys(func(at *row[T]) bool { return at.changed && at.there })
	return column(keys, func(key string) T { return r[key].value })
}

// insertOrUpsert is the quicker of two statements that will do.
func (r rows[T]) insertOrUpsert(insert, upsert string) string {
	for _, at := range r {
		if at.stored {
			return upsert
		}
	}
	return insert
}

func (r rows[T]) keys(of func(*row[T]) bool) []string {
	var keys []string
	for key, at := range r {
		if of(at) {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, strings.Compare)
	return keys
}

// queueLoad reads the rows that have the keys.
func queueLoad[T any](b *batch, r rows[T], keys []string, stmt string, scan func(pgx.Row) (T, error), key func(T) string) {
	if len(keys) == 0 {
		return
	}
	b.queue(stmt, keys).Query(func(found pgx.Rows) error {
		for found.Next() {
			v, err := scan(found)
			if err != nil {
				return err
			}
			r.loaded(key(v), v)
		}
		return found.Err()
	})
}

// queueDelete deletes the rows that are gone.
func (r rows[T]) queueDelete(b *batch, stmt string) {
	if gone := r.gone(); len(gone) > 0 {
		b.queue(stmt, gone)
	}
}
