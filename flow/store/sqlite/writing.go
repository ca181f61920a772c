package sqlite

import (
	"context"
	"database/sql"

	"github.com/ringthrough/ringthrough/flow/store"
)

// writing is a transaction that writes. It prepares each statement once.
type writing struct {
	ctx   context.Context // of the statements; it ends with the transaction only
	tx    *sql.Tx
	stmts map[string]*sql.Stmt
	chain *store.ChainEnd // of the audit; nil until a record is added
}

func newWriting(ctx context.Context, tx *sql.Tx) *writing {
	// The end of ctx rolls the transaction back between two statements. To
	// have it interrupt each of them costs a goroutine a statement.
	return &writing{ctx: context.WithoutCancel(ctx), tx: tx, stmts: map[string]*sql.Stmt{}}
}

// write runs do in a transaction. Where that fails nothing is written.
func (s *Store) write(ctx context.Context, what string, do func(*writing) error) error {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return faults.In(ctx, what, err)
	}
	defer tx.Rollback()
	w := newWriting(ctx, tx)
	if err := do(w); err != nil {
		return faults.In(ctx, what, err)
	}
	if err := w.endChain(); err != nil {
		return faults.In(ctx, what, err)
	}
	return faults.In(ctx, what, tx.Commit())
}

func (w *writing) prepared(stmt string) (*sql.Stmt, error) {
	if s, ok := w.stmts[stmt]; ok {
		return s, nil
	}
	s, err := w.tx.PrepareContext(w.ctx, stmt)
	if err == nil {
		w.stmts[stmt] = s
	}
	return s, err
}

// exec gives the number of rows that the statement wrote.
func (w *writing) exec(stmt string, args ...any) (int64, error) {
	s, err := w.prepared(stmt) //nolint:sqlclosecheck // the transaction closes it
	if err != nil {
		return 0, err
	}
	result, err := s.ExecContext(w.ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (w *writing) queryRow(stmt string, args ...any) scanner {
	s, err := w.prepared(stmt) //nolint:sqlclosecheck // the transaction closes it
	if err != nil {
		return noRow{err}
	}
	return s.QueryRowContext(w.ctx, args...)
}

// noRow is the row of a statement that could not be prepared.
type noRow struct{ err error }

func (r noRow) Scan(...any) error { return r.err }
