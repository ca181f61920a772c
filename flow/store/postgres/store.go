// Package postgres keeps a store in a PostgreSQL database, which any number of
// replicas share. It knows SQL and nothing of what its rows mean to a call.
//
// Every store wants a database, or at least a schema (search_path), of its
// own, and PostgreSQL 15 or later. A pooler in between must be one of sessions:
// where it shares connections by transaction, no notification comes through,
// the lock on migrations may stay behind on a connection that somebody else
// uses, and statements can't be prepared unless the pooler knows how.
package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/ringthrough/ringthrough/flow/store"
)

// Store is a store.Store in a PostgreSQL database.
//
// Those who write to the audit, edits among them, wait for each other in Go
// before they do in the database, and so do those who write to the journal:
// however many there are, they leave connections to readers.
type Store struct {
	pool     *pgxpool.Pool
	auditing turn
	journal  turn
	checking checking
	chunk    int // how many changes of an edit are made at a time
}

var _ store.Shared = (*Store)(nil)

var errReadOnly = errors.New("the database is read-only, as a standby is")

// Open makes a store of the database at url, a postgres:// URL with the
// parameters of libpq and of pgxpool (pool_max_conns, by default 10, and so
// on). It doesn't reach for the database: the first method that does checks
// the schema and brings it up to date, and until that has succeeded every
// method gives store.ErrUnavailable with the reason, or store.ErrNewer where
// the schema needs a later program. No error has the password.
func Open(ctx context.Context, url string) (*Store, error) {
	config, err := configOf(url)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, faults.Of("open store", err)
	}
	return &Store{pool: pool, auditing: newTurn(), journal: newTurn(), chunk: chunk}, nil
}

// Ping makes sure that the database can be reached and written to.
func (s *Store) Ping(ctx context.Context) error {
	return s.on(ctx, "ping store", func(q querier) error {
		var readOnly bool
		if err := q.QueryRow(ctx, `SELECT current_setting('transaction_read_only')::boolean`).Scan(&readOnly); err != nil {
			return err
		}
		if readOnly {
			s.pool.Reset() // what is reached next may be another server
			return errReadOnly
		}
		return nil
	})
}

// Close lets go of all connections, once they are given back.
func (s *Store) Close() error {
	s.pool.Close()
	return nil
}
