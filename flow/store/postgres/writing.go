package postgres

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ringthrough/ringthrough/flow/store"
)

// channel is where writers tell that they have written.
const channel = "ringthrough"

const notify = `SELECT pg_notify('` + channel + `', '')`

// maxIdle is for how long the end of the audit stays locked by somebody of
// whom nothing is heard.
const maxIdle = time.Minute

// writing is a transaction that may write to the audit.
type writing struct {
	ctx     context.Context
	q       querier
	last    uint64 // revision
	chain   store.ChainEnd
	records []store.AuditRow // that are still to be written
}

// lockHead keeps everybody else from writing to the audit, and so from making
// edits. What is read after it is as they have left it.
var lockHead = `SELECT set_config('idle_in_transaction_session_timeout', '` + strconv.FormatInt(maxIdle.Milliseconds(), 10) + `', true), records, hash
	FROM audit_head FOR UPDATE`

// write runs do in a transaction, with the end of the audit locked. Where that
// fails nothing is written. Whoever can do it over is tried again where the
// database has undone it.
func (s *Store) write(ctx context.Context, what string, do func(*writing) error) error {
	return s.written(ctx, what, func() error { return s.writeOnce(ctx, do) }, again)
}

// writeTried is write for what can't be done over.
func (s *Store) writeTried(ctx context.Context, what string, do func(*writing) error) error {
	return s.written(ctx, what, func() error { return s.writeOnce(ctx, do) }, func(do func() error) error { return do() })
}

func (s *Store) written(ctx context.Context, what string, once func() error, repeat func(func() error) error) error {
	err := s.ready(ctx)
	if err == nil {
		err = s.auditing.wait(ctx)
	}
	if err != nil {
		return s.fault(ctx, what, err)
	}
	defer s.auditing.pass()
	return s.fault(ctx, what, repeat(once))
}

func (s *Store) writeOnce(ctx context.Context, do func(*writing) error) error {
	tx, err := s.pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx) //nolint:errcheck // after a commit it says so, before one the first error counts
	w := &writing{ctx: ctx, q: cleaning{tx}}
	if err := w.lock(); err != nil {
		return err
	}
	if err := do(w); err != nil {
		return err
	}
	if err := w.end(); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

func (w *writing) lock() error {
	b := newBatch()
	b.queue(lockHead).QueryRow(func(row pgx.Row) (err error) {
		w.chain, err = scanChainEnd(row, new(string))
		return err
	})
	b.queue(lastRevision).QueryRow(func(row pgx.Row) error { return row.Scan(&w.last, nil) })
	return b.send(w.ctx, w.q)
}

// audit adds a record to the end of the chain.
func (w *writing) audit(r store.AuditRecord) {
	w.records = append(w.records, w.chain.Add(cleanRecord(r)))
}

// end writes what is left to be written, marks the new end of the chain, and
// tells everybody.
func (w *writing) end() error {
	b := newBatch()
	w.queueRecords(b)
	b.queue(`UPDATE audit_head SET records = $1, hash = $2 WHERE records <> $1`, w.chain.Records, w.chain.Hash[:])
	b.queue(notify)
	return b.send(w.ctx, w.q)
}

// batch is statements that go out together.
type batch struct{ pgx.Batch }

func newBatch() *batch { return &batch{} }

func (b *batch) queue(stmt string, args ...any) *pgx.QueuedQuery {
	return b.Queue(stmt, cleaned(args)...)
}

// send carries the statements out, up to the first that fails.
func (b *batch) send(ctx context.Context, q querier) error {
	if b.Len() == 0 {
		return nil
	}
	return q.SendBatch(ctx, &b.Batch).Close()
}
