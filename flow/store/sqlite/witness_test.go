package sqlite

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// TestTurnedValues changes one value of what decides on calls behind the
// store's back, as a bit that has turned over does: the next start refuses it,
// and takes it once it is put right.
func TestTurnedValues(t *testing.T) {
	for _, tt := range []struct{ name, table, column, to string }{
		{"a pattern", "entries", "pattern", "'+16505550124'"},
		{"a label", "entries", "label", "'Mets'"},
		{"a date", "entries", "expires_at", "expires_at + 1"},
		{"an entry that is switched on", "entries", "enabled", "1 - enabled"},
		{"an attestation", "entries", "min_attestation", "2"},
		{"a version", "entries", "version", "version + 1"},
		{"the lines of an entry", "entries", "lines", `'["support-uk"]'`},
		{"a target", "lines", "doc", "replace(doc, '5125550123', '5125550122')"},
		{"a window's end", "windows", "closes_at", "closes_at + 4096"},
		{"who rehearses", "windows", "callers", `'["+15125550189"]'`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ringthrough.db")
			s := reopened(t, path)
			decisive(t, s)
			was := fmt.Sprintf(`CREATE TEMP TABLE was AS SELECT rowid AS id, %s AS v FROM %s`, tt.column, tt.table)
			turn(t, s, was, fmt.Sprintf(`UPDATE %s SET %s = %s`, tt.table, tt.column, tt.to))
			back := fmt.Sprintf(`UPDATE %s SET %s = (SELECT v FROM was WHERE was.id = %s.rowid)`, tt.table, tt.column, tt.table)
			if err := s.witnessed(t.Context()); !errors.Is(err, store.ErrDamaged) {
				t.Errorf("got %v", err)
			}
			turn(t, s, back)
			must(t, s.witnessed(t.Context()), s.Close())
			s = reopened(t, path)
			must(t, s.Close())
		})
	}
}

// TestWhatNoEditWrites counts calls, which is no damage.
func TestWhatNoEditWrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ringthrough.db")
	s := reopened(t, path)
	decisive(t, s)
	call := store.Call{ID: "1", At: noon, Kind: store.CallDirect, Route: flow.Direct, Entry: "e", Window: "w"}
	must(t, s.Record(t.Context(), []store.Mark{{Call: &call}}), s.Close())
	s = reopened(t, path)
	e, err := s.Entry(t.Context(), "e")
	must(t, err, s.Close())
	if e.Hits != 1 {
		t.Errorf("%d hits", e.Hits)
	}
}

func reopened(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), path)
	must(t, err)
	return s
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func turn(t *testing.T, s *Store, stmts ...string) {
	t.Helper()
	for _, stmt := range stmts {
		_, err := s.writer.ExecContext(t.Context(), stmt)
		must(t, err)
	}
}

// decisive keeps an entry, a line and a window, of which two were changed.
func decisive(t *testing.T, s *Store) {
	t.Helper()
	e := ani.NewEntry()
	e.Pattern, e.Label, e.Note, e.ExpiresAt = ani.PatternOf(ani.MustParse("+16505550123")), "Meta", "", noon.Add(time.Hour)
	l := flow.NewLine()
	l.Targets = []flow.Target{{Kind: flow.KindNumber, Address: "+15125550123"}}
	w := flow.Window{Line: "support-us", Mode: flow.ModeRehearsal, Callers: []ani.Number{ani.MustParse("+15125550188")}, OpensAt: noon, ClosesAt: noon.Add(time.Hour)}
	changes := []store.Change{
		{Op: store.OpPut, Kind: store.KindEntry, Key: "e", Entry: &e},
		{Op: store.OpPut, Kind: store.KindLine, Key: "support-us", Line: &l},
		{Op: store.OpPut, Kind: store.KindWindow, Key: "w", Window: &w},
	}
	for range 2 {
		_, err := s.Edit(t.Context(), store.Edit{At: noon, Changes: slices.Values(changes)})
		must(t, err)
		e.Note, w.Note = "changed", "changed"
	}
}
