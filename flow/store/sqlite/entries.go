package sqlite

import (
	"context"
	"encoding/json"

	"golang.org/x/text/cases"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
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
	return e, faultIn(ctx, "entry "+id, err)
}

// EntryByPattern reads the entry that has the pattern p.
func (s *Store) EntryByPattern(ctx context.Context, p ani.Pattern) (ani.Entry, error) {
	e, err := scanEntry(s.readers.QueryRowContext(ctx, selectEntries+` WHERE pattern = ?`, p.String()))
	return e, faultIn(ctx, "entry by pattern", err)
}

// Entries reads a page of the entries that q asks for.
func (s *Store) Entries(ctx context.Context, q store.EntryQuery) (store.Page[ani.Entry], error) {
	selected, err := entriesOf(q)
	if err != nil {
		return store.Page[ani.Entry]{}, fault("list entries", err)
	}
	page, err := paged(ctx, s.readers, selected, "ORDER BY pattern", q.Limit, scanEntry, func(e ani.Entry) string {
		return writeCursor("entries", e.Pattern.String())
	})
	return page, faultIn(ctx, "list entries", err)
}

// entriesOf asks the index that has all a filter needs, in the order of the
// listing: the first page comes at once where many entries qualify, and where
// few do, no row is looked at in vain. A text is in no index; there it is
// quickest to read the table from end to end.
func entriesOf(q store.EntryQuery) (query, error) {
	selected := query{sql: selectEntries + " INDEXED BY entries_by_filter"}
	if q.Text != "" {
		selected.sql = selectEntries + " NOT INDEXED"
		selected.where("instr(pattern, ?) OR instr(folded, ?)", q.Text, fold(q.Text))
	}
	if q.Line != "" {
		selected.where("lines = '[]' OR instr(lines, ?)", lineToken(q.Line))
	}
	if q.State != "" {
		selected.inState(q.State, q.At.UnixMilli())
	}
	return selected, selected.after(q.Cursor)
}

// after adds the condition that entries stand after the place of cursor.
func (q *query) after(cursor string) error {
	if cursor == "" {
		return nil
	}
	place, err := readCursor("entries", cursor)
	if err != nil {
		return err
	}
	if p, err := ani.ParsePattern(place); err != nil || p.String() != place {
		return badCursor("entries")
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

// fold is s in the form in which upper and lower case are the same.
func fold(s string) string { return cases.Fold().String(s) }

// lineToken is how the name of a line stands in the JSON of an entry's lines.
func lineToken(name string) string {
	b, _ := json.Marshal(name) // a string always has a JSON form
	return string(b)
}

// entries keeps entries.
type entries struct{ *edit }

func (t entries) find(key string) (ani.Entry, error) {
	e, err := scanEntry(t.queryRow(selectEntries+` WHERE id = ?`, key))
	if p, ok := t.parked[key]; ok {
		e.Pattern = p.pattern
	}
	return e, err
}

func (t entries) version(e ani.Entry) int64 { return e.Version }

func (t entries) record(e ani.Entry) any { return e }

func (t entries) next(c store.Change, before ani.Entry) (ani.Entry, error) {
	if c.Entry == nil {
		return ani.Entry{}, missing(c)
	}
	e := *c.Entry
	e.ID = c.Key
	if e.Lines == nil {
		e.Lines = []string{}
	}
	e.NotBefore, e.ExpiresAt = inMillis(e.NotBefore), inMillis(e.ExpiresAt)
	e.Hits, e.LastHitAt = before.Hits, before.LastHitAt
	e.CreatedAt, e.CreatedBy = before.CreatedAt, before.CreatedBy
	if before.Version == 0 {
		e.CreatedAt, e.CreatedBy = t.at, t.author.Name
	}
	e.UpdatedAt = t.at
	e.Version = before.Version + 1
	return e, nil
}

// put writes an entry. Where another one has its pattern, it is left without
// one until the end of the edit.
func (t entries) put(c store.Change, e ani.Entry) error {
	delete(t.parked, c.Key)
	err := t.write(c.Op, e, e.Pattern.String())
	if !isDuplicate(err) {
		return err
	}
	if err := t.park(c, e.Pattern); err != nil {
		return err
	}
	return t.write(c.Op, e, nil)
}

const (
	insertEntry = `INSERT INTO entries (id, pattern, label, source, lines, not_before, expires_at, enabled, min_attestation,
		note, folded, created_at, created_by, updated_at, hits, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)`
	overwriteEntry = ` ON CONFLICT (id) DO UPDATE SET pattern = excluded.pattern, label = excluded.label, source = excluded.source,
		lines = excluded.lines, not_before = excluded.not_before, expires_at = excluded.expires_at,
		enabled = excluded.enabled, min_attestation = excluded.min_attestation, note = excluded.note,
		folded = excluded.folded, updated_at = excluded.updated_at, version = excluded.version`
)

func (t entries) write(op store.Op, e ani.Entry, pattern any) error {
	lines, err := marshal(e.Lines)
	if err != nil {
		return err
	}
	_, err = t.exec(putting(op, insertEntry, overwriteEntry),
		e.ID, pattern, e.Label, e.Source, lines, orNull(e.NotBefore), orNull(e.ExpiresAt), e.Enabled, int(e.MinAttestation),
		e.Note, fold(e.Label+"\n"+e.Source+"\n"+e.Note), e.CreatedAt.UnixMilli(), e.CreatedBy, e.UpdatedAt.UnixMilli(), e.Version)
	return err
}

func (t entries) remove(key string) error {
	_, err := t.exec(`DELETE FROM entries WHERE id = ?`, key)
	return err
}
