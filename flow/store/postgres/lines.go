package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/ringthrough/ringthrough/flow/store"
)

const selectLines = `SELECT doc, created_at, updated_at, version FROM lines`

func scanLine(row pgx.Row) (store.Line, error) {
	var l store.Line
	err := row.Scan(document{&l.Line}, millis{&l.CreatedAt}, millis{&l.UpdatedAt}, &l.Version)
	return l, err
}

// Line reads the line called name.
func (s *Store) Line(ctx context.Context, name string) (store.Line, error) {
	return one(ctx, s, "line "+name, scanLine, selectLines+` WHERE name = $1`, name)
}

// Lines reads all lines, by name.
func (s *Store) Lines(ctx context.Context) (found []store.Line, err error) {
	err = s.on(ctx, "list lines", func(q querier) (err error) {
		found, err = allLines(ctx, q)
		return err
	})
	return found, err
}

func allLines(ctx context.Context, q querier) ([]store.Line, error) {
	return all(ctx, q, scanLine, selectLines+` ORDER BY name`)
}

const insertLines = `INSERT INTO lines (name, doc, created_at, updated_at, version)
	SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])`

const upsertLines = insertLines + ` ON CONFLICT (name) DO UPDATE SET doc = excluded.doc, created_at = excluded.created_at, updated_at = excluded.updated_at, version = excluded.version`

func queueLines(b *batch, r rows[store.Line]) error {
	r.queueDelete(b, `DELETE FROM lines WHERE name = ANY($1)`)
	changed := r.changed()
	if len(changed) == 0 {
		return nil
	}
	columns, err := lineColumns(changed)
	b.queue(upsertLines, columns...)
	return err
}

func lineColumns(lines []store.Line) ([]any, error) {
	docs := make([]string, len(lines))
	for i, l := range lines {
		doc, err := documentOf(l.Line)
		if err != nil {
			return nil, err
		}
		docs[i] = doc
	}
	return []any{
		column(lines, func(l store.Line) string { return l.Name }), docs,
		column(lines, func(l store.Line) int64 { return l.CreatedAt.UnixMilli() }),
		column(lines, func(l store.Line) int64 { return l.UpdatedAt.UnixMilli() }),
		column(lines, func(l store.Line) int64 { return l.Version }),
	}, nil
}
