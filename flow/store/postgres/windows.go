package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/cursor"
)

const selectWindows = `SELECT id, line, mode, callers, opens_at, closes_at, max_calls, coalesce(calls, 0), note, created_at, created_by
	FROM windows LEFT JOIN window_calls ON "window" = id`

func scanWindow(row pgx.Row) (flow.Window, error) {
	var w flow.Window
	err := row.Scan(intoWindow(&w)...)
	return w, err
}

func intoWindow(w *flow.Window) []any {
	return []any{
		&w.ID, &w.Line, &w.Mode, document{&w.Callers}, millis{&w.OpensAt}, millis{&w.ClosesAt},
		&w.MaxCalls, &w.Calls, &w.Note, millis{&w.CreatedAt}, &w.CreatedBy,
	}
}

// Window reads the window called id.
func (s *Store) Window(ctx context.Context, id string) (flow.Window, error) {
	return one(ctx, s, "window "+id, scanWindow, selectWindows+` WHERE id = $1`, id)
}

// Windows reads a page of the windows that q asks for, the one made last
// first.
func (s *Store) Windows(ctx context.Context, q store.WindowQuery) (store.Page[flow.Window], error) {
	const what = "list windows"
	selected, err := windowsOf(q)
	if err != nil {
		return store.Page[flow.Window]{}, faults.Of(what, err)
	}
	return paged(ctx, s, what, selected, windowOrder, q.Limit, scanWindow, func(w flow.Window) string {
		return cursor.OfTime("windows", w.CreatedAt, w.ID)
	})
}

const windowOrder = "ORDER BY created_at DESC, id DESC"

func windowsOf(q store.WindowQuery) (query, error) {
	selected := query{sql: selectWindows}
	if q.Line != "" {
		selected.where("line = ?", q.Line)
	}
	if q.State != "" {
		selected.windowsIn(q.State, q.At.UnixMilli())
	}
	return selected, selected.before("windows", "created_at", q.Cursor)
}

// windowsIn adds the condition that a window is in state at a time, in
// milliseconds; it is flow.Window.State in SQL.
func (q *query) windowsIn(state string, at int64) {
	const open = "opens_at <= ? AND closes_at > ? AND (max_calls = 0 OR coalesce(calls, 0) < max_calls)"
	const scheduled = "opens_at > ? AND opens_at < closes_at"
	switch state {
	case "open":
		q.where(open, at, at)
	case "scheduled":
		q.where(scheduled, at)
	case "closed":
		q.where("NOT ("+open+") AND NOT ("+scheduled+")", at, at, at)
	default:
		q.where("false")
	}
}

const insertWindows = `INSERT INTO windows (id, line, mode, callers, opens_at, closes_at, max_calls, note, created_at, created_by)
	SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[], $9::bigint[], $10::text[])`

const upsertWindows = insertWindows + ` ON CONFLICT (id) DO UPDATE SET line = excluded.line, mode = excluded.mode, callers = excluded.callers,
		opens_at = excluded.opens_at, closes_at = excluded.closes_at, max_calls = excluded.max_calls, note = excluded.note,
		created_at = excluded.created_at, created_by = excluded.created_by`

func queueWindows(b *batch, r rows[flow.Window]) error {
	r.queueDelete(b, `DELETE FROM windows WHERE id = ANY($1)`)
	r.queueDelete(b, `DELETE FROM window_calls WHERE "window" = ANY($1)`)
	changed := r.changed()
	if len(changed) == 0 {
		return nil
	}
	columns, err := windowColumns(changed)
	b.queue(upsertWindows, columns...)
	if fresh := r.fresh(); len(fresh) > 0 {
		b.queue(`DELETE FROM window_calls WHERE "window" = ANY($1)`, fresh)
	}
	return err
}

func windowColumns(windows []flow.Window) ([]any, error) {
	callers := make([]string, len(windows))
	for i, w := range windows {
		doc, err := documentOf(w.Callers)
		if err != nil {
			return nil, err
		}
		callers[i] = doc
	}
	return []any{
		column(windows, func(w flow.Window) string { return w.ID }),
		column(windows, func(w flow.Window) string { return w.Line }),
		column(windows, func(w flow.Window) string { return string(w.Mode) }), callers,
		column(windows, func(w flow.Window) int64 { return w.OpensAt.UnixMilli() }),
		column(windows, func(w flow.Window) int64 { return w.ClosesAt.UnixMilli() }),
		column(windows, func(w flow.Window) int64 { return int64(w.MaxCalls) }),
		column(windows, func(w flow.Window) string { return w.Note }),
		column(windows, func(w flow.Window) int64 { return w.CreatedAt.UnixMilli() }),
		column(windows, func(w flow.Window) string { return w.CreatedBy }),
	}, nil
}
