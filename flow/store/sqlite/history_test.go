package sqlite

import (
	"database/sql"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// historic is one row of the history.
type historic struct {
	Revision uint64
	Seq      int
	Op, Kind string
	Key      string
	Was, Is  string
	Author   string
	Role     string
	From     string
	Note     string
	AtNoon   bool
}

func history(t *testing.T, s *Store) []historic {
	t.Helper()
	rows, err := all(t.Context(), s.readers, func(row scanner) (historic, error) {
		var h historic
		var was, is sql.NullString
		var at time.Time
		err := row.Scan(&h.Revision, &h.Seq, &h.Op, &h.Kind, &h.Key, &was, &is, millis{&at}, &h.Author, &h.Role, &h.From, &h.Note)
		h.Was, h.Is, h.AtNoon = was.String, is.String, at.Equal(noon)
		return h, err
	}, `SELECT revision, seq, op, kind, key, before, after, at, author, role, from_address, note
		FROM changes JOIN revisions ON n = revision ORDER BY revision, seq`)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func asJSON[V any](t *testing.T) func(V, error) string {
	return func(v V, err error) string {
		t.Helper()
		b, jsonErr := json.Marshal(v)
		if err != nil || jsonErr != nil {
			t.Fatal(err, jsonErr)
		}
		return string(b)
	}
}

// TestHistory holds that what was before and after each change stands in the
// history as it could be read of the store.
func TestHistory(t *testing.T) {
	ctx := t.Context()
	s := openAt(t, filepath.Join(t.TempDir(), "ringthrough.db"))
	edit := func(changes ...store.Change) {
		t.Helper()
		_, err := s.Edit(ctx, store.Edit{
			Author: store.Author{Name: "dana", Role: store.RoleEditor, From: "192.0.2.7"}, At: noon.Add(999999), Note: "why",
			Changes: slices.Values(changes),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	read := func() map[string]string {
		return map[string]string{
			"entry": asJSON[ani.Entry](t)(s.Entry(ctx, "x")), "line": asJSON[store.Line](t)(s.Line(ctx, "x")),
			"window": asJSON[flow.Window](t)(s.Window(ctx, "x")),
		}
	}
	e, l := ani.NewEntry(), flow.NewLine()
	p, err := ani.ParsePattern("+1650555*")
	if err != nil {
		t.Fatal(err)
	}
	e.Pattern, e.Label, e.NotBefore = p, "<first> & “only”", noon.Add(123456789)
	w := flow.Window{Line: "x", OpensAt: noon, ClosesAt: noon.Add(time.Hour + 999)}
	token := store.Token{Name: "ivr", Role: store.RoleLookup, Hash: [32]byte{0xde, 0xad, 0xbe, 0xef}}
	of := func(op store.Op, kinds ...store.Kind) (changes []store.Change) {
		for _, kind := range kinds {
			changes = append(changes, store.Change{Op: op, Kind: kind, Key: "x", Entry: &e, Line: &l, Window: &w, Token: &token})
		}
		return changes
	}
	edit(of(store.OpCreate, store.KindEntry, store.KindLine, store.KindWindow, store.KindToken)...)
	if err := s.Record(ctx, []store.Mark{{Call: &store.Call{ID: "c", At: noon, Kind: store.CallDirect, Entry: "x", Window: "x"}}}); err != nil {
		t.Fatal(err)
	}
	created := read()
	e.Note, l.Announce, w.Note = "second", "second", "second"
	edit(of(store.OpUpdate, store.KindEntry, store.KindLine, store.KindWindow)...)
	updated := read()
	edit(of(store.OpDelete, store.KindEntry, store.KindLine, store.KindWindow, store.KindToken)...)

	const theToken = `{"id":"x","name":"ivr","role":"lookup","created_at":"2026-03-02T12:00:00Z","created_by":"dana"}`
	row := func(n uint64, seq int, op, kind, was, is string) historic {
		return historic{n, seq, op, kind, "x", was, is, "dana", "editor", "192.0.2.7", "why", true}
	}
	beforeCall := strings.NewReplacer(`"hits":1,"last_hit_at":"2026-03-02T12:00:00Z"`, `"hits":0`, `"calls":1`, `"calls":0`)
	want := []historic{
		row(1, 1, "create", "entry", "", beforeCall.Replace(created["entry"])),
		row(1, 2, "create", "line", "", created["line"]),
		row(1, 3, "create", "window", "", beforeCall.Replace(created["window"])),
		row(1, 4, "create", "token", "", theToken),
		row(2, 1, "update", "entry", created["entry"], updated["entry"]),
		row(2, 2, "update", "line", created["line"], updated["line"]),
		row(2, 3, "update", "window", created["window"], updated["window"]),
		row(3, 1, "delete", "entry", updated["entry"], ""),
		row(3, 2, "delete", "line", updated["line"], ""),
		row(3, 3, "delete", "window", updated["window"], ""),
		row(3, 4, "delete", "token", theToken, ""),
	}
	if d := cmp.Diff(want, history(t, s)); d != "" {
		t.Errorf("history (-want +got):\n%s", d)
	}
}

// TestHistoryOfHandedOnPattern holds that an entry that waits for its pattern
// stands in the history with it.
func TestHistoryOfHandedOnPattern(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "ringthrough.db"))
	fill(t, s, 2)
	var two []ani.Entry
	if _, err := s.Load(t.Context(), noon, func(e ani.Entry) bool { two = append(two, e); return true }); err != nil {
		t.Fatal(err)
	}
	two[0].Pattern, two[1].Pattern = two[1].Pattern, two[0].Pattern
	update := func(e ani.Entry) store.Change {
		return store.Change{Op: store.OpUpdate, Kind: store.KindEntry, Key: e.ID, Entry: &e}
	}
	if _, err := s.Edit(t.Context(), store.Edit{At: noon, Changes: slices.Values([]store.Change{update(two[0]), update(two[0]), update(two[1])})}); err != nil {
		t.Fatal(err)
	}
	rows := history(t, s)[2:]
	if rows[0].Is != rows[1].Was {
		t.Errorf("after the first update it was %s, before the second %s", rows[0].Is, rows[1].Was)
	}
	for i, e := range []ani.Entry{two[0], two[0], two[1]} {
		if !strings.Contains(rows[i].Is, e.Pattern.String()) {
			t.Errorf("%s is not in %s", e.Pattern, rows[i].Is)
		}
	}
}
