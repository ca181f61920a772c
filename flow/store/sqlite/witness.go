package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// witnessed makes sure that what decides on calls is what was last written.
// SQLite keeps no checksums: a bit that has turned over in a value is a value
// to it. But each entry, line and window stands in the file twice, as it is and
// in the audit. What the audit doesn't have, because it was pruned or erased,
// has no witness.
func (s *Store) witnessed(ctx context.Context) error {
	return s.read(ctx, "compare with the audit", func(tx *sql.Tx) error {
		if err := witness(ctx, tx, store.KindEntry, scanEntry, selectEntries, "id", func(e *ani.Entry) string {
			e.Hits, e.LastHitAt = 0, time.Time{}
			return e.ID
		}); err != nil {
			return err
		}
		if err := witness(ctx, tx, store.KindLine, scanLine, selectLines, "name", func(l *store.Line) string { return l.Name }); err != nil {
			return err
		}
		return witness(ctx, tx, store.KindWindow, scanWindow, selectWindows, "id", func(w *flow.Window) string {
			w.Calls = 0
			return w.ID
		})
	})
}

// witness compares the rows of a statement with their last audit records. name
// takes off a thing what no edit writes, and gives its key, of the column key.
func witness[T any](ctx context.Context, tx *sql.Tx, kind store.Kind, scan func(scanner) (T, error), stmt, key string, name func(*T) string) error {
	type pair struct {
		is   T
		last json.RawMessage
	}
	both := func(row scanner) (p pair, err error) {
		p.is, err = scan(withLast{row, &p.last})
		return p, err
	}
	var wrong error
	err := each(ctx, tx, both, func(p pair) bool {
		if len(p.last) > 0 {
			wrong = differs(kind, p.is, p.last, name)
		}
		return wrong == nil
	}, lastWritten(stmt, kind, key))
	if err != nil {
		return err
	}
	return wrong
}

// lastWritten is a statement with another column, of what the audit has last.
func lastWritten(stmt string, kind store.Kind, key string) string {
	columns, table, _ := strings.Cut(stmt, " FROM ")
	return fmt.Sprintf(`%s, (SELECT after FROM audit INDEXED BY audit_by_key WHERE audit.key = %s.%s AND audit.kind = '%s' AND revision IS NOT NULL
		ORDER BY audit.id DESC LIMIT 1) FROM %s`, columns, table, key, kind, table)
}

func differs[T any](kind store.Kind, is T, last json.RawMessage, name func(*T) string) error {
	key := name(&is)
	stored, err := json.Marshal(is)
	if err == nil && bytes.Equal(stored, last) {
		return nil // most things were written once, and say the same to the letter
	}
	var was T
	if err == nil {
		err = json.Unmarshal(last, &was)
	}
	if err == nil {
		name(&was)
		var written []byte
		if written, err = json.Marshal(was); err == nil && bytes.Equal(stored, written) {
			return nil
		}
	}
	return fmt.Errorf("%w: the %s %s is not as it was last written", store.ErrDamaged, kind, key)
}

// withLast scans a row whose last column is JSON, or NULL.
type withLast struct {
	row  scanner
	last *json.RawMessage
}

func (w withLast) Scan(dest ...any) error { return w.row.Scan(append(dest, raw{w.last})...) }
