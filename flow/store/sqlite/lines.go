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
	return l, faults.In(ctx, "line "+name, err)
}

// Lines reads all lines, by name.
func (s *Store) Lines(ctx context.Context) ([]store.Line, error) {
	found, err := allLines(ctx, s.readers)
	return found, faults.In(ctx, "list lines", err)
}

func allLines(ctx context.Context, q querier) ([]store.Line, error) {
	return all(ctx, q, scanLine, selectLines+` ORDER BY name`)
}

// lines keeps lines.
type lines struct{ *writing }

func (t lines) Find(key string) (store.Line, bool, error) {
	return found(scanLine(t.queryRow(selectLines+` WHERE name = ?`, key)))
}

func (t lines) Put(c store.Change, l store.Line) error {
	doc, err := marshal(l.Line)
	if err != nil {
		return err
	}
	_, err = t.exec(putting(c.Op, `INSERT INTO lines (name, doc, created_at, updated_at, version) VALUES (?, ?, ?, ?, ?)`,
		` ON CONFLICT (name) DO UPDATE SET doc = excluded.doc, updated_at = excluded.updated_at, version = excluded.version`),
		l.Name, doc, l.CreatedAt.UnixMilli(), l.UpdatedAt.UnixMilli(), l.Version)
	return put(err)
}

func (t lines) Remove(key string) error {
	_, err := t.exec(`DELETE FROM lines WHERE name = ?`, key)
	return err
}
