package sqlite

import (
	"context"

	"github.com/ringthrough/ringthrough/flow/store"
)

const selectLines = `SELECT doc, created_at, updated_at, version FROM lines`

func scanLine(row scanner) (store.Line, error) {
	var l store.Line
	err := row.Scan(document{&l.Line}, millis{&l.CreatedAt}, millis{&l.UpdatedAt}, &l.Version)
	return l, err
}

// Line reads the line called name.
func (s *Store) Line(ctx context.Context, name string) (store.Line, error) {
	l, err := scanLine(s.readers.QueryRowContext(ctx, selectLines+` WHERE name = ?`, name))
	return l, faultIn(ctx, "line "+name, err)
}

// Lines reads all lines, by name.
func (s *Store) Lines(ctx context.Context) ([]store.Line, error) {
	found, err := allLines(ctx, s.readers)
	return found, faultIn(ctx, "list lines", err)
}

func allLines(ctx context.Context, q querier) ([]store.Line, error) {
	return all(ctx, q, scanLine, selectLines+` ORDER BY name`)
}

// lines keeps lines.
type lines struct{ *edit }

func (t lines) find(key string) (store.Line, error) {
	return scanLine(t.queryRow(selectLines+` WHERE name = ?`, key))
}

func (t lines) version(l store.Line) int64 { return l.Version }

func (t lines) record(l store.Line) any { return l }

func (t lines) next(c store.Change, before store.Line) (store.Line, error) {
	if c.Line == nil {
		return store.Line{}, missing(c)
	}
	l := store.Line{Line: *c.Line, Version: before.Version + 1, CreatedAt: before.CreatedAt, UpdatedAt: t.at}
	l.Name = c.Key
	if before.Version == 0 {
		l.CreatedAt = t.at
	}
	return l, nil
}

func (t lines) put(c store.Change, l store.Line) error {
	doc, err := marshal(l.Line)
	if err != nil {
		return err
	}
	_, err = t.exec(putting(c.Op, `INSERT INTO lines (name, doc, created_at, updated_at, version) VALUES (?, ?, ?, ?, ?)`,
		` ON CONFLICT (name) DO UPDATE SET doc = excluded.doc, updated_at = excluded.updated_at, version = excluded.version`),
		l.Name, doc, l.CreatedAt.UnixMilli(), l.UpdatedAt.UnixMilli(), l.Version)
	return err
}

func (t lines) remove(key string) error {
	_, err := t.exec(`DELETE FROM lines WHERE name = ?`, key)
	return err
}
