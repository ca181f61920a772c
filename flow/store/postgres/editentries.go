package postgres

import (
	"encoding/json"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/form"
)

// entries are the entries that a chunk concerns, and who holds the patterns
// that it concerns. It is an editing.Table.
type entries struct {
	rows[ani.Entry]
	*edit
	holders map[string]string // id by pattern
}

func newEntries(e *edit) *entries {
	return &entries{rows: rows[ani.Entry]{}, edit: e, holders: map[string]string{}}
}

// Find reads an entry.
func (t *entries) Find(key string) (ani.Entry, bool, error) { return t.rows.Find(key) }

// Put changes an entry. Where another one has its pattern, it is left without
// one until the end of the edit.
func (t *entries) Put(c store.Change, e ani.Entry) error {
	if _, there, _ := t.rows.Find(c.Key); there && c.Op == store.OpCreate {
		return store.ErrTaken
	}
	t.letGo(c.Key)
	p := e.Pattern.String()
	if _, held := t.holders[p]; held {
		if err := t.waiting.Add(t.Made, c, e.Pattern); err != nil {
			return err
		}
	} else {
		t.holders[p] = c.Key
	}
	return t.rows.Put(c, e)
}

// Remove takes an entry away.
func (t *entries) Remove(key string) error {
	t.letGo(key)
	return t.rows.Remove(key)
}

// letGo takes its pattern from an entry, or its wish for one.
func (t *entries) letGo(key string) {
	t.waiting.Drop(key)
	if e, there, _ := t.rows.Find(key); there && t.holders[e.Pattern.String()] == key {
		delete(t.holders, e.Pattern.String())
	}
}

// queueLoad reads the entries that have the keys, and who holds the patterns
// that the changes want.
func (t *entries) queueLoad(b *batch, keys []string, changes []store.Change) {
	if len(keys) == 0 {
		return
	}
	queueLoad(b, t.rows, keys, selectEntries+` WHERE id = ANY($1)`, scanEntry, func(e ani.Entry) string { return e.ID })
	var wanted []string
	for _, c := range changes {
		if c.Kind == store.KindEntry && c.Entry != nil {
			wanted = append(wanted, c.Entry.Pattern.String())
		}
	}
	if len(wanted) == 0 {
		return
	}
	b.queue(`SELECT pattern, id FROM entries WHERE pattern = ANY($1)`, wanted).Query(func(found pgx.Rows) error {
		var pattern, id string
		_, err := pgx.ForEachRow(found, []any{&pattern, &id}, func() error {
			t.holders[pattern] = id
			return nil
		})
		return err
	})
}

// settle gives the entries that were read the patterns that they have or wait
// for.
func (t *entries) settle() {
	for key, at := range t.rows {
		if p, waits := t.waiting.Pattern(key); waits {
			at.value.Pattern = p
		} else {
			t.holders[at.value.Pattern.String()] = key
		}
	}
}

const insertEntries = `INSERT INTO entries (id, pattern, label, source, lines, not_before, expires_at, enabled, min_attestation,
		note, folded, created_at, created_by, updated_at, version)
	SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::bigint[], $7::bigint[], $8::boolean[], $9::integer[],
		$10::text[], $11::text[], $12::bigint[], $13::text[], $14::bigint[], $15::bigint[])`

const upsertEntries = insertEntries + ` ON CONFLICT (id) DO UPDATE SET pattern = excluded.pattern, label = excluded.label, source = excluded.source,
		lines = excluded.lines, not_before = excluded.not_before, expires_at = excluded.expires_at,
		enabled = excluded.enabled, min_attestation = excluded.min_attestation, note = excluded.note,
		folded = excluded.folded, created_at = excluded.created_at, created_by = excluded.created_by,
		updated_at = excluded.updated_at, version = excluded.version`

func (t *entries) queueFlush(b *batch) {
	t.queueDelete(b, `DELETE FROM entries WHERE id = ANY($1)`)
	t.queueDelete(b, `DELETE FROM entry_hits WHERE entry = ANY($1)`)
	changed := t.changed()
	if len(changed) == 0 {
		return
	}
	b.queue(t.insertOrUpsert(insertEntries, upsertEntries), entryColumnsOf(changed, t.pattern)...)
	t.queueHits(b)
}

func entryColumnsOf(es []ani.Entry, pattern func(ani.Entry) pgtype.Text) []any {
	return []any{
		column(es, func(e ani.Entry) string { return e.ID }),
		column(es, pattern),
		column(es, func(e ani.Entry) string { return e.Label }),
		column(es, func(e ani.Entry) string { return e.Source }),
		column(es, linesOf),
		column(es, func(e ani.Entry) pgtype.Int8 { return orNull(e.NotBefore) }),
		column(es, func(e ani.Entry) pgtype.Int8 { return orNull(e.ExpiresAt) }),
		column(es, func(e ani.Entry) bool { return e.Enabled }),
		column(es, func(e ani.Entry) int32 { return int32(e.MinAttestation) }),
		column(es, func(e ani.Entry) string { return e.Note }),
		column(es, form.Folded),
		column(es, func(e ani.Entry) int64 { return e.CreatedAt.UnixMilli() }),
		column(es, func(e ani.Entry) string { return e.CreatedBy }),
		column(es, func(e ani.Entry) int64 { return e.UpdatedAt.UnixMilli() }),
		column(es, func(e ani.Entry) int64 { return e.Version }),
	}
}

// pattern is what is written of an entry's pattern: none while it waits.
func (t *entries) pattern(e ani.Entry) pgtype.Text {
	if _, waits := t.waiting.Pattern(e.ID); waits {
		return pgtype.Text{}
	}
	return patternOf(e)
}

func patternOf(e ani.Entry) pgtype.Text {
	return pgtype.Text{String: e.Pattern.String(), Valid: true}
}

func linesOf(e ani.Entry) string {
	if len(e.Lines) == 0 {
		return "[]"
	}
	b, _ := json.Marshal(e.Lines) // strings always have a JSON form
	return string(b)
}

// queueHits has entries that are new begin without hits, or with those they go
// on with.
func (t *entries) queueHits(b *batch) {
	fresh := t.fresh()
	if len(fresh) == 0 {
		return
	}
	b.queue(`DELETE FROM entry_hits WHERE entry = ANY($1)`, fresh)
	queueHits(b, hit(column(fresh, func(key string) ani.Entry { return t.rows[key].value })))
}

// hit are those that have hits.
func hit(es []ani.Entry) []ani.Entry {
	return slices.DeleteFunc(slices.Clone(es), func(e ani.Entry) bool { return e.Hits == 0 && e.LastHitAt.IsZero() })
}

func queueHits(b *batch, es []ani.Entry) {
	if len(es) == 0 {
		return
	}
	b.queue(`INSERT INTO entry_hits (entry, hits, last_hit_at) SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[])`,
		column(es, func(e ani.Entry) string { return e.ID }),
		column(es, func(e ani.Entry) int64 { return e.Hits }),
		column(es, func(e ani.Entry) pgtype.Int8 { return orNull(e.LastHitAt) }))
}
