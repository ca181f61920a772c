package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

const (
	entriesByPattern = selectEntries + ` WHERE pattern IN (SELECT value FROM json_each(?))`
	exportOrder      = ` ORDER BY pattern` // by bytes, as an index has them
)

// EntriesByPattern reads those entries that have one of the patterns.
func (s *Store) EntriesByPattern(ctx context.Context, patterns []ani.Pattern) ([]ani.Entry, error) {
	const what = "entries by pattern"
	asked, err := marshal(patterns)
	if err != nil {
		return nil, faults.Of(what, err)
	}
	found, err := all(ctx, s.readers, scanEntry, entriesByPattern, asked)
	return found, faults.In(ctx, what, err)
}

// Export reads the revision, the lines and the entries in one transaction. It
// holds one of few connections until entry has had the last of them.
func (s *Store) Export(ctx context.Context, head func(store.Revision, []store.Line) bool, entry func(ani.Entry) bool) error {
	return s.read(ctx, "export store", func(tx *sql.Tx) error {
		revision, err := lastRevision(ctx, tx)
		if err != nil {
			return err
		}
		lines, err := allLines(ctx, tx)
		if err != nil || !head(revision, lines) {
			return err
		}
		return each(ctx, tx, scanEntry, entry, selectEntries+exportOrder)
	})
}

// read runs do in a transaction that sees the store as of one moment.
func (s *Store) read(ctx context.Context, what string, do func(*sql.Tx) error) error {
	tx, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return faults.In(ctx, what, err)
	}
	defer tx.Rollback()
	if err = do(tx); err == nil {
		err = ctx.Err() // it may have ended unnoticed with the last rows
	}
	return faults.In(ctx, what, err)
}

// lastRevision is the revision that serves; zero in an empty store.
func lastRevision(ctx context.Context, q querier) (r store.Revision, err error) {
	err = q.QueryRowContext(ctx, `SELECT n, at FROM revisions ORDER BY n DESC LIMIT 1`).Scan(&r.N, millis{&r.At})
	if errors.Is(err, sql.ErrNoRows) {
		return store.Revision{}, nil
	}
	return r, err
}
