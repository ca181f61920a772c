package sqlite

import (
	"context"
	"encoding/json"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/cursor"
	"github.com/ringthrough/ringthrough/flow/store/form"
)

const selectEntries = `SELECT id, pattern, label, source, lines, not_before, expires_at, enabled, min_attestation,
	note, created_at, created_by, updated_at, hits, last_hit_at, version FROM entries`

func scanEntry(row scanner) (ani.Entry, error) {
	var e ani.Entry
	err := row.Scan(&e.ID, text{&e.Pattern}, &e.Label, &e.Source, document{&e.Lines},
		millis{&e.NotBefore}, millis{&e.ExpiresAt}, &e.Enabled, &e.MinAttestation, &e.Note,
		millis{&e.CreatedAt}, &e.CreatedBy, millis{&e.UpdatedAt}, &e.Hits, millis{&e.LastHitAt}, &e.Version)
	return e, err
}

// Entry reads the entry called id.
func (s *Store) Entry(ctx context.Context, id string) (ani.Entry, error) {
	e, err := scanEntry(s.readers.QueryRowContext(ctx, selectEntries+` WHERE id = ?`, id))
	return e, faults.In(ctx, "entry "+id, err)
}

// EntryByPattern reads the entry that has the pattern p.
func (s *Store) EntryByPattern(ctx context.Context, p ani.Pattern) (ani.Entry, error) {
	e, err := scanEntry(s.readers.QueryRowContext(ctx, selectEntries+` WHERE pattern = ?`, p.String()))
	return e, faults.In(ctx, "entry by pattern", err)
}

// Entries reads a page of the entries that q asks for.
func (s *Store) Entries(ctx context.Context, q store.EntryQuery) (store.Page[ani.Entry], error) {
	selected, err := entriesOf(q)
	if err != nil {
		return store.Page[ani.Entry]{}, faults.Of("list entries", err)
	}
	page, err := paged(ctx, s.readers, selected, "ORDER BY pattern", q.Limit, scanEntry, func(e ani.Entry) string {
		return cursor.OfPattern("entries", e.Pattern)
	})
	return page, faults.In(ctx, "list entries", err)
}

// entriesOf asks the index that has all a filter needs, in the order of the
// listing: the first page comes at once where many entries qualify, and where
// few do, no row is looked at in vain. A text is in no index; there it is
// quickest to read the table from end to end.
func entriesOf(q store.EntryQuery) (query, error) {
	selected := query{sql: selectEntries + " INDEXED BY entries_by_filter"}
	if q.Text != "" {
		selected.sql = selectEntries + " NOT INDEXED"
		selected.where("instr(pattern, ?) OR instr(folded, ?)", q.Text, form.Fold(q.Text))
	}
	if q.Line != "" {
		selected.where("lines = '[]' OR instr(lines, ?)", lineToken(q.Line))
	}
	if q.State != "" {
		selected.inState(q.State, q.At.UnixMilli())
	}
	return selected, selected.after(q.Cursor)
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

// lineToken is how the name of a line stands in the JSON of an entry's lines.
func lineToken(name string) string {
	b, _ := json.Marshal(name) // a string always has a JSON form
	return string(b)
}

// entries keeps entries.
type entries struct{ *edit }

func (t entries) Find(key string) (ani.Entry, bool, error) {
	e, err := scanEntry(t.queryRow(selectEntries+` WHERE id = ?`, key))
	if p, ok := t.waiting.Pattern(key); ok {
		e.Pattern = p
	}
	return found(e, err)
}

// Put writes an entry. Where another one has its pattern, it is left without
// one until the end of the edit.
func (t entries) Put(c store.Change, e ani.Entry) error {
	t.waiting.Drop(c.Key)
	err := t.write(c.Op, e, e.Pattern.String())
	if !isDuplicate(err) {
		return put(err)
	}
	if err := t.waiting.Add(t.Made, c, e.Pattern); err != nil {
		return err
	}
	return put(t.write(c.Op, e, nil))
}

const (
	insertEntry = `INSERT INTO entries (id, pattern, label, source, lines, not_before, expires_at, enabled, min_attestation,
		note, folded, created_at, created_by, updated_at, hits, last_hit_at, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	overwriteEntry = ` ON CONFLICT (id) DO UPDATE SET pattern = excluded.pattern, label = excluded.label, source = excluded.source,
		lines = excluded.lines, not_before = excluded.not_before, expires_at = excluded.expires_at,
		enabled = excluded.enabled, min_attestation = excluded.min_attestation, note = excluded.note,
		folded = excluded.folded, updated_at = excluded.updated_at, version = excluded.version`
)

func (w *writing) entry(stmt string, e ani.Entry, pattern any) error {
	lines, err := marshal(e.Lines)
	if err != nil {
		return err
	}
	_, err = w.exec(stmt,
		e.ID, pattern, e.Label, e.Source, lines, orNull(e.NotBefore), orNull(e.ExpiresAt), e.Enabled, int(e.MinAttestation),
		e.Note, form.Folded(e), e.CreatedAt.UnixMilli(), e.CreatedBy, e.UpdatedAt.UnixMilli(), e.Hits, orNull(e.LastHitAt), e.Version)
	return err
}

func (t entries) write(op store.Op, e ani.Entry, pattern any) error {
	return t.entry(putting(op, insertEntry, overwriteEntry), e, pattern)
}

func (t entries) Remove(key string) error {
	t.waiting.Drop(key)
	_, err := t.exec(`DELETE FROM entries WHERE id = ?`, key)
	return err
}
