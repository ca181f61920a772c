package postgres

import (
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"math"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/fault"
)

// codeUnique is a row whose key is there already.
const codeUnique = "23505"

// Fill writes rows in one transaction and in chunks, so any number of them
// takes little memory.
func (s *Store) Fill(ctx context.Context, rows iter.Seq2[store.Row, error]) error {
	var wrong error // that came with a row
	err := s.writeTried(ctx, "fill store", func(w *writing) error {
		f := &filling{writing: w}
		if err := f.empty(); err != nil {
			return err
		}
		for row, err := range rows {
			if wrong = err; err != nil {
				return err
			}
			if err := f.put(row); err != nil {
				return err
			}
		}
		return f.finish()
	})
	if wrong != nil {
		return wrong
	}
	return err
}

// filling is a Fill on its way.
type filling struct {
	*writing
	waiting []store.Row    // that are to be written
	last    store.ChainEnd // record that came
	edit    uint64         // whose records come
	edits   []editStart
	calls   int64
}

// editStart is where the records of an edit begin, and with them those of
// edits before it, after another, that changed nothing.
type editStart struct{ after, edit, record int64 }

const isEmpty = `SELECT EXISTS (SELECT FROM keys) OR EXISTS (SELECT FROM tokens) OR EXISTS (SELECT FROM lines) OR EXISTS (SELECT FROM entries)
	OR EXISTS (SELECT FROM windows) OR EXISTS (SELECT FROM calls) OR EXISTS (SELECT FROM revisions) OR EXISTS (SELECT FROM audit)
	OR EXISTS (SELECT FROM audit_base WHERE records > 0) OR EXISTS (SELECT FROM deliveries)`

// empty gives store.ErrTaken where anything is kept already, and keeps others
// from writing anything meanwhile.
func (f *filling) empty() error {
	var some bool
	_, err := f.q.Exec(f.ctx, `LOCK TABLE keys, deliveries, journal_head IN EXCLUSIVE MODE`)
	if err == nil {
		err = f.q.QueryRow(f.ctx, isEmpty).Scan(&some)
	}
	if err == nil && some {
		err = fmt.Errorf("the store is not empty: %w", store.ErrTaken)
	}
	return err
}

func (f *filling) put(row store.Row) error {
	if row.Pruned != nil {
		return f.pruned(*row.Pruned)
	}
	if row.Audit != nil {
		if err := f.record(*row.Audit); err != nil {
			return err
		}
	}
	if f.waiting = append(f.waiting, row); len(f.waiting) < chunk {
		return nil
	}
	return f.flush()
}

func (f *filling) pruned(p store.PrunedRow) error {
	if len(p.Hash) != sha256.Size || p.Records < 1 || f.last.Records > 0 {
		return fmt.Errorf("%w: the audit does not begin there", fault.ErrMisuse)
	}
	f.last.Records = p.Records
	copy(f.last.Hash[:], p.Hash)
	_, err := f.q.Exec(f.ctx, `UPDATE audit_base SET records = $1, hash = $2`, p.Records, p.Hash)
	return err
}

// record takes an audit record as it stands in its chain, be that whole or
// not: VerifyAudit finds here what it found there.
func (f *filling) record(r store.AuditRow) error {
	if r.ID <= f.last.Records || len(r.Hash) != sha256.Size {
		return fmt.Errorf("%w: audit record %d comes after %d", fault.ErrMisuse, r.ID, f.last.Records)
	}
	if r.Edit > f.edit {
		f.begin(r.Edit, r.ID)
	}
	f.last.Records = r.ID
	copy(f.last.Hash[:], r.Hash)
	return nil
}

func (f *filling) begin(edit uint64, record int64) {
	f.edits = append(f.edits, editStart{revisionOf(f.edit), revisionOf(edit), record})
	f.edit = edit
}

// finish marks where the audit and the journal end.
func (f *filling) finish() error {
	f.begin(math.MaxInt64, f.last.Records+1)
	if err := f.flush(); err != nil {
		return err
	}
	f.chain = f.last
	_, err := f.q.Exec(f.ctx, `UPDATE journal_head SET calls = $1`, f.calls)
	return err
}

// flush writes the rows that wait.
func (f *filling) flush() error {
	b := newBatch()
	queueKeys(b, picked(f.waiting, func(r store.Row) *store.KeyRow { return r.Key }))
	queueFilled(b, insertTokens, filledTokens(picked(f.waiting, func(r store.Row) *store.TokenRow { return r.Token })), tokenColumns)
	if err := f.queueThings(b); err != nil {
		return err
	}
	f.queueCalls(b, picked(f.waiting, func(r store.Row) *store.Call { return r.Call }))
	queueFilled(b, insertRevisions, picked(f.waiting, func(r store.Row) *store.RevisionInfo { return r.Revision }), revisionColumns)
	queueAudit(b, picked(f.waiting, func(r store.Row) *store.AuditRow { return r.Audit }))
	queueFilled(b, insertDeliveries, picked(f.waiting, func(r store.Row) *store.DeliveryRow { return r.Delivery }), deliveryColumns)
	queueFilled(b, startRevisions, f.edits, startColumns)
	f.waiting, f.edits = f.waiting[:0], f.edits[:0]
	err := b.send(f.ctx, f.q)
	if isCode(err, codeUnique) {
		return fmt.Errorf("%w: a row comes twice", fault.ErrMisuse)
	}
	return err
}

func (f *filling) queueThings(b *batch) error {
	if lines := picked(f.waiting, func(r store.Row) *store.Line { return r.Line }); len(lines) > 0 {
		columns, err := lineColumns(lines)
		if err != nil {
			return err
		}
		b.queue(insertLines, columns...)
	}
	if es := picked(f.waiting, func(r store.Row) *ani.Entry { return r.Entry }); len(es) > 0 {
		b.queue(insertEntries, entryColumnsOf(es, patternOf)...)
		queueHits(b, hit(es))
	}
	windows := picked(f.waiting, func(r store.Row) *flow.Window { return r.Window })
	if len(windows) == 0 {
		return nil
	}
	columns, err := windowColumns(windows)
	b.queue(insertWindows, columns...)
	b.queue(`INSERT INTO window_calls ("window", calls) SELECT * FROM unnest($1::text[], $2::bigint[]) AS c (w, calls) WHERE calls > 0`,
		column(windows, func(w flow.Window) string { return w.ID }), column(windows, func(w flow.Window) int64 { return int64(w.Calls) }))
	return err
}

// queueCalls numbers the calls as if each had just been written.
func (f *filling) queueCalls(b *batch, calls []store.Call) {
	if len(calls) == 0 {
		return
	}
	b.queue(fillCalls, append(columnsOfCalls(calls), f.calls)...)
	f.calls += int64(len(calls))
}

// picked are the rows of one kind.
func picked[T any](rows []store.Row, of func(store.Row) *T) []T {
	var found []T
	for _, r := range rows {
		if v := of(r); v != nil {
			found = append(found, *v)
		}
	}
	return found
}

func queueFilled[T any](b *batch, stmt string, rows []T, columns func([]T) []any) {
	if len(rows) > 0 {
		b.queue(stmt, columns(rows)...)
	}
}

func queueKeys(b *batch, keys []store.KeyRow) {
	queueFilled(b, `INSERT INTO keys (name, secret) SELECT * FROM unnest($1::text[], $2::bytea[])`, keys, func(keys []store.KeyRow) []any {
		return []any{column(keys, func(k store.KeyRow) string { return k.Name }), column(keys, func(k store.KeyRow) []byte { return k.Secret })}
	})
}

func filledTokens(rows []store.TokenRow) []store.Token {
	return column(rows, func(t store.TokenRow) store.Token {
		v := store.Token{ID: t.ID, Name: t.Name, Role: t.Role, CreatedAt: t.CreatedAt, CreatedBy: t.CreatedBy, ExpiresAt: t.ExpiresAt}
		copy(v.Hash[:], t.Hash)
		return v
	})
}

const (
	insertRevisions = `INSERT INTO revisions (n, at, author, role, from_address, note, changes, first_record)
		SELECT *, 0 FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[])`
	startRevisions = `UPDATE revisions SET first_record = s.record FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS s (after, edit, record)
		WHERE n > s.after AND n <= s.edit`
)

func revisionColumns(rows []store.RevisionInfo) []any {
	return []any{
		column(rows, func(r store.RevisionInfo) int64 { return revisionOf(r.N) }),
		column(rows, func(r store.RevisionInfo) int64 { return r.At.UnixMilli() }),
		column(rows, func(r store.RevisionInfo) string { return r.Author }),
		column(rows, func(r store.RevisionInfo) string { return string(r.Role) }),
		column(rows, func(r store.RevisionInfo) string { return r.From }),
		column(rows, func(r store.RevisionInfo) string { return r.Note }),
		column(rows, func(r store.RevisionInfo) int64 { return int64(r.Changes) }),
	}
}

func startColumns(starts []editStart) []any {
	return []any{
		column(starts, func(s editStart) int64 { return s.after }),
		column(starts, func(s editStart) int64 { return s.edit }),
		column(starts, func(s editStart) int64 { return s.record }),
	}
}
