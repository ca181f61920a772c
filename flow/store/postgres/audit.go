package postgres

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/cursor"
	"github.com/ringthrough/ringthrough/flow/store/form"
)

// scanAudit reads a record, and what stands after its columns into more.
func scanAudit(row pgx.Row, more ...any) (store.AuditRecord, error) {
	var r store.AuditRecord
	var revision pgtype.Int8
	to := []any{&r.ID, millis{&r.At}, &r.Actor, &r.Role, &r.From, &r.Action, &r.Kind, &r.Key, raw{&r.Before}, raw{&r.After}, &r.Note, &r.Refused, &revision, &r.Erased}
	err := row.Scan(append(to, more...)...)
	r.Revision = uint64(revision.Int64)
	return r, err
}

func scanAuditRecord(row pgx.Row) (store.AuditRecord, error) { return scanAudit(row) }

// Refuse adds a record of a try that changed nothing.
func (s *Store) Refuse(ctx context.Context, r store.AuditRecord) error {
	r.Refused, r.Revision = true, 0
	return s.write(ctx, "write audit", func(w *writing) error {
		w.audit(r)
		return nil
	})
}

// Audit reads a page of the records that q asks for, the newest first.
func (s *Store) Audit(ctx context.Context, q store.AuditQuery) (store.Page[store.AuditRecord], error) {
	const what = "list audit"
	selected, err := auditOf(q)
	if err != nil {
		return store.Page[store.AuditRecord]{}, faults.Of(what, err)
	}
	return paged(ctx, s, what, selected, auditOrder, q.Limit, scanAuditRecord, func(r store.AuditRecord) string {
		return cursor.OfTime("audit", r.At, strconv.FormatInt(r.ID, 10))
	})
}

const auditOrder = "ORDER BY at DESC, id DESC"

func auditOf(q store.AuditQuery) (query, error) {
	selected := query{sql: `SELECT ` + auditColumns + ` FROM audit`}
	if q.Kind != "" {
		selected.where("kind = ?", q.Kind)
	}
	if q.Kind != "" && q.Kind != store.KindEntry {
		selected.where("kind <> 'entry'") // is how the planner knows that the index has them all
	}
	if q.Actor != "" {
		selected.where("left(actor, 200) = left(?, 200) AND actor = ?", q.Actor, q.Actor)
	}
	switch {
	case q.Refused == nil:
	case *q.Refused:
		selected.where("refused")
	default:
		selected.where("NOT refused")
	}
	if q.Key != "" {
		selected.where("key = ?", q.Key)
	}
	if !q.Since.IsZero() {
		selected.where("at >= ?", form.CeilMillis(q.Since))
	}
	if !q.Until.IsZero() {
		selected.where("at < ?", form.CeilMillis(q.Until))
	}
	return selected, selected.beforeRecord(q.Cursor)
}

// beforeRecord is before for ids that are numbers.
func (q *query) beforeRecord(at string) error {
	if at == "" {
		return nil
	}
	ms, id, err := cursor.TimeNumber("audit", at)
	if err != nil {
		return err
	}
	q.where("(at, id) < (?, ?)", ms, id)
	return nil
}
