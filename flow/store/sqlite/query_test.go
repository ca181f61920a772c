package sqlite

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

// FuzzCursor holds that each listing takes no cursors but those that it has
// written itself.
func FuzzCursor(f *testing.F) {
	for _, cursor := range []string{
		"", "x", "%%", writeCursor("entries", "+16505550123"), writeCursor("entries", "+1 650 555 0123"), writeCursor("entries", "+1650555*") + "\n",
		timeCursor("calls", noon, "d4g0"), writeCursor("calls", "+5 x"), writeCursor("calls", "9223372036854775807 x"), writeCursor("calls", "5"),
		timeCursor("audit", noon, "7"), timeCursor("audit", noon, "007"), timeCursor("audit", noon, "-1"), writeCursor("revisions", "7"),
		writeCursor("revisions", "+7"), writeCursor(changesAt(3), "7"), writeCursor(changesAt(4), "7"),
	} {
		f.Add(cursor)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		if cursor == "" {
			return
		}
		if q, err := entriesOf(store.EntryQuery{Cursor: cursor}); err == nil {
			p, err := ani.ParsePattern(q.args[0].(string))
			if err != nil || writeCursor("entries", p.String()) != cursor {
				t.Errorf("entries takes %q for %v, %v", cursor, p, err)
			}
		} else if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("entries after %q: %v", cursor, err)
		}
		if q, err := callsOf(store.CallQuery{Cursor: cursor}); err == nil {
			if timeCursor("calls", time.UnixMilli(q.args[0].(int64)), q.args[1].(string)) != cursor {
				t.Errorf("calls takes %q for %v", cursor, q.args)
			}
		} else if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("calls after %q: %v", cursor, err)
		}
		if q, err := auditOf(store.AuditQuery{Cursor: cursor}); err == nil {
			if timeCursor("audit", time.UnixMilli(q.args[0].(int64)), strconv.FormatInt(q.args[1].(int64), 10)) != cursor {
				t.Errorf("audit takes %q for %v", cursor, q.args)
			}
		} else if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("audit after %q: %v", cursor, err)
		}
		if q, err := changesOf(store.ChangeQuery{Revision: 3, Cursor: cursor}); err == nil {
			if writeCursor("changes/3", strconv.FormatInt(q.args[1].(int64), 10)) != cursor {
				t.Errorf("changes takes %q for %v", cursor, q.args)
			}
		} else if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("changes after %q: %v", cursor, err)
		}
	})
}
