package sqlite

import (
	"context"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/cursor"
)

const selectWindows = `SELECT id, line, mode, callers, opens_at, closes_at, max_calls, calls, note, created_at, created_by FROM windows`

func scanWindow(row scanner) (flow.Window, error) {
	var w flow.Window
	err := row.Scan(&w.ID, &w.Line, &w.Mode, document{&w.Callers}, millis{&w.OpensAt}, millis{&w.ClosesAt},
		&w.MaxCalls, &w.Calls, &w.Note, millis{&w.CreatedAt}, &w.CreatedBy)
	return w, err
}

// Window reads the window called id.
func (s *Store) Window(ctx context.Context, id string) (flow.Window, error) {
	w, err := scanWindow(s.readers.QueryRowContext(ctx, selectWindows+` WHERE id = ?`, id))
	return w, faults.In(ctx, "window "+id, err)
}

// Windows reads a page of the windows that q asks for, the one made last
// first.
func (s *Store) Windows(ctx context.Context, q store.WindowQuery) (store.Page[flow.Window], error) {
	selected, err := windowsOf(q)
	if err != nil {
		return store.Page[flow.Window]{}, faults.Of("list windows", err)
	}
	page, err := paged(ctx, s.readers, selected, "ORDER BY created_at DESC, id DESC", q.Limit, scanWindow, func(w flow.Window) string {
		return cursor.OfTime("windows", w.CreatedAt, w.ID)
	})
	return page, faults.In(ctx, "list windows", err)
}

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
	const open = "opens_at <= ? AND closes_at > ? AND (max_calls = 0 OR calls < max_calls)"
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

// windows keeps windows.
type windows struct{ *writing }

func (t windows) Find(key string) (flow.Window, bool, error) {
	return found(scanWindow(t.queryRow(selectWindows+` WHERE id = ?`, key)))
}

func (t windows) Put(c store.Change, w flow.Window) error {
	callers, err := marshal(w.Callers)
	if err != nil {
		return err
	}
	_, err = t.exec(putting(c.Op, `INSERT INTO windows (id, line, mode, callers, opens_at, closes_at, max_calls, calls, note,
			created_at, created_by) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)`,
		` ON CONFLICT (id) DO UPDATE SET line = excluded.line, mode = excluded.mode, callers = excluded.callers,
			opens_at = excluded.opens_at, closes_at = excluded.closes_at, max_calls = excluded.max_calls, note = excluded.note`),
		w.ID, w.Line, w.Mode, callers, w.OpensAt.UnixMilli(), w.ClosesAt.UnixMilli(), w.MaxCalls, w.Note,
		w.CreatedAt.UnixMilli(), w.CreatedBy)
	return put(err)
}

func (t windows) Remove(key string) error {
	_, err := t.exec(`DELETE FROM windows WHERE id = ?`, key)
	return err
}
