package postgres

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/cursor"
	"github.com/ringthrough/ringthrough/flow/store/form"
)

const (
	entryColumns = `id, pattern, label, source, lines::text, not_before, expires_at, enabled, min_attestation,
	note, created_at, created_by, updated_at, coalesce(hits, 0), last_hit_at, version`
	selectEntries = `SELECT ` + entryColumns + ` FROM entries LEFT JOIN entry_hits ON entry = id`
)

func scanEntry(row pgx.Row) (ani.Entry, error) {
	var e ani.Entry
	err := row.Scan(intoEntry(&e)...)
	return e, err
}

func intoEntry(e *ani.Entry) []any {
	return []any{
		&e.ID, text{&e.Pattern}, &e.Label, &e.Source, names{&e.Lines},
		millis{&e.NotBefore}, millis{&e.ExpiresAt}, &e.Enabled, &e.MinAttestation, &e.Note,
		millis{&e.CreatedAt}, &e.CreatedBy, millis{&e.UpdatedAt}, &e.Hits, millis{&e.LastHitAt}, &e.Version,
	}
}

func scanString(row pgx.Row) (s string, err error) {
	err = row.Scan(&s)
	return s, err
}

// one reads one row of a statement.
func one[T any](ctx context.Context, s *Store, what string, scan func(pgx.Row) (T, error), stmt string, args ...any) (v T, err error) {
	err = s.on(ctx, what, func(q querier) (err error) {
		v, err = scan(q.QueryRow(ctx, stmt, args...))
		return err
	})
	return v, err
}

// Entry reads the entry called id.
func (s *Store) Entry(ctx context.Context, id string) (ani.Entry, error) {
	return one(ctx, s, "entry "+id, scanEntry, selectEntries+` WHERE id = $1`, id)
}

// EntryByPattern reads the entry that has the pattern p.
func (s *Store) EntryByPattern(ctx context.Context, p ani.Pattern) (ani.Entry, error) {
	return one(ctx, s, "entry by pattern", scanEntry, selectEntries+` WHERE pattern = $1`, p.String())
}

// Entries reads a page of the entries that q asks for.
func (s *Store) Entries(ctx context.Context, q store.EntryQuery) (store.Page[ani.Entry], error) {
	const what = "list entries"
	selected, err := entriesOf(q)
	if err != nil {
		return store.Page[ani.Entry]{}, faults.Of(what, err)
	}
	return paged(ctx, s, what, selected, exportOrder, q.Limit, scanEntry, func(e ani.Entry) string {
		return cursor.OfPattern("entries", e.Pattern)
	})
}

// entriesOf asks the index of patterns for those in a state, for it has all
// that this needs: no row is looked at in vain. A text is in no index.
func entriesOf(q store.EntryQuery) (query, error) {
	var selected query
	if err := selected.after(q.Cursor); err != nil {
		return query{}, err
	}
	if q.State != "" {
		selected.inState(q.State, q.At.UnixMilli())
	}
	if q.State != "" && q.Text == "" && q.Line == "" {
		selected.sql = `SELECT pattern FROM entries`
		found := selected.ordered(exportOrder + " LIMIT " + strconv.Itoa(pageOf(q.Limit)+1))
		return query{sql: selectEntries + ` WHERE pattern IN (` + found + `)`, args: selected.args}, nil
	}
	selected.sql = selectEntries
	if q.Text != "" {
		selected.where("strpos(pattern, ?) > 0 OR strpos(folded, ?) > 0", q.Text, form.Fold(q.Text))
	}
	if q.Line != "" {
		doc, err := documentOf([]string{clean(q.Line)})
		if err != nil {
			return query{}, err
		}
		selected.where("lines = '[]' OR lines @> ?", doc)
	}
	return selected, nil
}

// after adds the condition that entries stand after the place of a cursor.
func (q *query) after(at string) error {
	if at == "" {
		return nil
	}
	place, err := cursor.Pattern("entries", at)
	if err != nil {
		return err
	}
	q.where("pattern > ?", place)
	return nil
}

// inState adds the condition that an entry is in state at a time, in
// milliseconds; it is ani.Entry.State in SQL.
func (q *query) inState(state ani.State, at int64) {
	switch state {
	case ani.StateDisabled:
		q.where("NOT enabled")
	case ani.StateScheduled:
		q.where("enabled AND not_before > ?", at)
	case ani.StateExpired:
		q.where("enabled AND coalesce(not_before <= ?, true) AND expires_at <= ?", at, at)
	case ani.StateActive:
		q.where("enabled AND coalesce(not_before <= ?, true) AND coalesce(expires_at > ?, true)", at, at)
	default:
		q.where("false")
	}
}
