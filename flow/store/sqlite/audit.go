package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"strconv"

	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/cursor"
	"github.com/ringthrough/ringthrough/flow/store/form"
)

const auditColumns = `id, at, actor, role, from_address, action, kind, key, before, after, note, refused, coalesce(revision, 0), erased`

// scanAudit reads a record, and what stands after its columns into more.
func scanAudit(row scanner, more ...any) (store.AuditRecord, error) {
	var r store.AuditRecord
	var revision int64
	to := []any{&r.ID, millis{&r.At}, &r.Actor, &r.Role, &r.From, &r.Action, &r.Kind, &r.Key, raw{&r.Before}, raw{&r.After}, &r.Note, &r.Refused, &revision, &r.Erased}
	err := row.Scan(append(to, more...)...)
	r.Revision = uint64(revision)
	return r, err
}

// raw reads JSON as it stands; NULL is none.
type raw struct{ to *json.RawMessage }

func (r raw) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*r.to = nil
	case string:
		*r.to = json.RawMessage(v)
	default:
		return unreadable(r.to)
	}
	return nil
}

// orNone is JSON for a column where NULL stands for none.
func orNone(b json.RawMessage) sql.NullString {
	return sql.NullString{String: string(b), Valid: len(b) > 0}
}

// Refuse adds a record of a try that changed nothing.
func (s *Store) Refuse(ctx context.Context, r store.AuditRecord) error {
	r.Refused, r.Revision = true, 0
	return s.write(ctx, "write audit", func(w *writing) error { return w.audit(r) })
}

// Audit reads a page of the records that q asks for, the newest first.
func (s *Store) Audit(ctx context.Context, q store.AuditQuery) (store.Page[store.AuditRecord], error) {
	selected, err := auditOf(q)
	if err != nil {
		return store.Page[store.AuditRecord]{}, faults.Of("list audit", err)
	}
	scan := func(row scanner) (store.AuditRecord, error) { return scanAudit(row) }
	page, err := paged(ctx, s.readers, selected, auditOrder, q.Limit, scan, func(r store.AuditRecord) string {
		return cursor.OfTime("audit", r.At, strconv.FormatInt(r.ID, 10))
	})
	return page, faults.In(ctx, "list audit", err)
}

const auditOrder = "ORDER BY at DESC, id DESC"

// auditOf asks the index of what is rarest. All but that of keys have the
// order of the listing; of one key there are few records, which are sorted.
func auditOf(q store.AuditQuery) (query, error) {
	index := "audit_by_time"
	var selected query
	if q.Kind != "" {
		selected.where("kind = ?", q.Kind)
	}
	if q.Kind != "" && q.Kind != store.KindEntry {
		index = "audit_by_kind"
		selected.where("kind <> 'entry'") // is how SQLite knows that the index has them all
	}
	if q.Actor != "" {
		index = "audit_by_actor"
		selected.where("actor = ?", q.Actor)
	}
	switch {
	case q.Refused == nil:
	case *q.Refused:
		index = "audit_refused"
		selected.where("refused")
	default:
		selected.where("NOT refused")
	}
	if q.Key != "" {
		index = "audit_by_key"
		selected.where("key = ?", q.Key)
	}
	if !q.Since.IsZero() {
		selected.where("at >= ?", form.CeilMillis(q.Since))
	}
	if !q.Until.IsZero() {
		selected.where("at < ?", form.CeilMillis(q.Until))
	}
	selected.sql = `SELECT ` + auditColumns + ` FROM audit INDEXED BY ` + index
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
