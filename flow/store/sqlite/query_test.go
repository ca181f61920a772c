package sqlite

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/cursor"
)

// FuzzCursor holds that each listing takes no cursors but those that it has
// written itself.
func FuzzCursor(f *testing.F) {
	for _, cursor := range []string{
		"", "x", "%%", cursor.Of("entries", "+16505550123"), cursor.Of("entries", "+1 650 555 0123"), cursor.Of("entries", "+1650555*") + "\n",
		cursor.OfTime("calls", noon, "d4g0"), cursor.Of("calls", "+5 x"), cursor.Of("calls", "9223372036854775807 x"), cursor.Of("calls", "5"),
		cursor.OfTime("audit", noon, "7"), cursor.OfTime("audit", noon, "007"), cursor.OfTime("audit", noon, "-1"), cursor.Of("revisions", "7"),
		cursor.Of("revisions", "+7"), cursor.Of(changesAt(3), "7"), cursor.Of(changesAt(4), "7"),
	} {
		f.Add(cursor)
	}
	f.Fuzz(func(t *testing.T, at string) {
		if at == "" {
			return
		}
		if q, err := entriesOf(store.EntryQuery{Cursor: at}); err == nil {
			p, err := ani.ParsePattern(q.args[0].(string))
			if err != nil || cursor.OfPattern("entries", p) != at {
				t.Errorf("entries takes %q for %v, %v", at, p, err)
			}
		} else if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("entries after %q: %v", at, err)
		}
		if q, err := callsOf(store.CallQuery{Cursor: at}); err == nil {
			if cursor.OfTime("calls", time.UnixMilli(q.args[0].(int64)), q.args[1].(string)) != at {
				t.Errorf("calls takes %q for %v", at, q.args)
			}
		} else if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("calls after %q: %v", at, err)
		}
		if q, err := auditOf(store.AuditQuery{Cursor: at}); err == nil {
			if cursor.OfTime("audit", time.UnixMilli(q.args[0].(int64)), strconv.FormatInt(q.args[1].(int64), 10)) != at {
				t.Errorf("audit takes %q for %v", at, q.args)
			}
		} else if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("audit after %q: %v", at, err)
		}
		if q, err := changesOf(store.ChangeQuery{Revision: 3, Cursor: at}); err == nil {
			if cursor.OfNumber("changes/3", q.args[1].(int64)) != at {
				t.Errorf("changes takes %q for %v", at, q.args)
			}
		} else if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("changes after %q: %v", at, err)
		}
	})
}
