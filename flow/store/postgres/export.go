package postgres

import (
	"context"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

const (
	entriesByPattern = selectEntries + ` WHERE pattern = ANY($1)`
	exportOrder      = `ORDER BY pattern` // by bytes, as the column has them
)

// EntriesByPattern reads those entries that have one of the patterns.
func (s *Store) EntriesByPattern(ctx context.Context, patterns []ani.Pattern) (found []ani.Entry, err error) {
	err = s.on(ctx, "entries by pattern", func(q querier) (err error) {
		found, err = all(ctx, q, scanEntry, entriesByPattern, column(patterns, ani.Pattern.String))
		return err
	})
	return found, err
}

// Export reads the revision, the lines and the entries in one transaction. It
// holds one of few connections until entry has had the last of them.
func (s *Store) Export(ctx context.Context, head func(store.Revision, []store.Line) bool, entry func(ani.Entry) bool) error {
	return s.read(ctx, "export store", func(q querier) error {
		revision, _, err := position(ctx, q)
		if err != nil {
			return err
		}
		lines, err := allLines(ctx, q)
		if err != nil || !head(revision, lines) {
			return err
		}
		return each(ctx, q, scanEntry, entry, selectEntries+` `+exportOrder)
	})
}
