package sqlite

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/flow/store"
)

// first is the path of a database as the first schema had it, with what the
// statements put into it.
func first(t *testing.T, stmts ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ringthrough.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := connect(path, 1, writerPragmas)
	if err != nil {
		t.Fatal(err)
	}
	p, err := migrationsOf(db)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	for _, stmt := range append([]string{fmt.Sprintf(`PRAGMA application_id = %d`, applicationID)}, stmts...) {
		if _, err := db.Exec(stmt); err != nil {
			t.Fatalf("%s: %v", stmt, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestHistoryIsKept opens a database of the first schema and finds its
// history, in a chain that holds and goes on.
func TestHistoryIsKept(t *testing.T) {
	ms := noon.UnixMilli()
	s := openAt(t, first(t,
		fmt.Sprintf(`INSERT INTO revisions VALUES (1, %d, 'dana', 'admin', '192.0.2.7', 'first'), (2, %d, '', '', '', ''), (3, %d, 'kim', 'editor', '', 'third')`, ms, ms+1, ms+2),
		`INSERT INTO changes VALUES (3, 2, 'line', 'support', 'put', '{"a":1}', '{"a":2}'), (3, 1, 'entry', 'x', 'delete', '{"b":"é"}', NULL)`,
		`INSERT INTO changes VALUES (1, 1, 'line', 'support', 'put', NULL, '{"a":1}'), (1, 2, 'entry', 'x', 'create', NULL, '{"b":"é"}'), (1, 3, 'token', 't', 'update', '{}', '{}')`,
	))
	ctx := t.Context()
	revisions, err := s.Revisions(ctx, store.RevisionQuery{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]store.RevisionInfo{
		{N: 3, At: noon.Add(2e6), Author: "kim", Role: store.RoleEditor, Note: "third", Changes: 2},
		{N: 2, At: noon.Add(1e6)},
		{N: 1, At: noon, Author: "dana", Role: store.RoleAdmin, From: "192.0.2.7", Note: "first", Changes: 3},
	}, revisions.Items); d != "" {
		t.Errorf("revisions (-want +got):\n%s", d)
	}
	var got []string
	for n := uint64(1); n <= 4; n++ {
		changes, err := s.Changes(ctx, store.ChangeQuery{Revision: n, Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range changes.Items {
			got = append(got, fmt.Sprintf("%d %s %s %s %s>%s", c.Revision, c.Op, c.Kind, c.Key, c.Before, c.After))
		}
	}
	if d := cmp.Diff([]string{
		`1 create line support >{"a":1}`, `1 create entry x >{"b":"é"}`, `1 update token t {}>{}`,
		`3 delete entry x {"b":"é"}>`, `3 update line support {"a":1}>{"a":2}`,
	}, got); d != "" {
		t.Errorf("changes (-want +got):\n%s", d)
	}
	page, err := s.Audit(ctx, store.AuditQuery{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]store.AuditRecord{{
		ID: 5, At: noon.Add(2e6), Actor: "kim", Role: store.RoleEditor, Action: "update", Kind: store.KindLine, Key: "support",
		Before: []byte(`{"a":1}`), After: []byte(`{"a":2}`), Note: "third", Revision: 3,
	}}, page.Items); d != "" {
		t.Errorf("the last record (-want +got):\n%s", d)
	}
	holds(t, s, 5)
	fill(t, s, 3)
	holds(t, s, 8)
	changes, err := s.Changes(ctx, store.ChangeQuery{Revision: 4, Limit: 10})
	if err != nil || len(changes.Items) != 1 || changes.Items[0].Revision != 4 {
		t.Errorf("the next edit changed %v, %v", changes.Items, err)
	}
}

// TestEmptyHistory opens a database of the first schema that nobody has
// edited.
func TestEmptyHistory(t *testing.T) {
	s := openAt(t, first(t))
	holds(t, s, 0)
	fill(t, s, 1)
	holds(t, s, 1)
}

// TestLongHistory moves more rows than any buffer of ours holds.
func TestLongHistory(t *testing.T) {
	const rows = 20_000
	s := openAt(t, first(t,
		`INSERT INTO revisions WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 100) SELECT n, 0 + n, 'dana', 'admin', '', '' FROM c`,
		fmt.Sprintf(`INSERT INTO changes WITH RECURSIVE c (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n < %d - 1)
			SELECT n %% 100 + 1, n / 100, 'entry', 'e' || n, 'create', NULL, '{}' FROM c`, rows),
	))
	holds(t, s, rows)
	r, err := s.RevisionInfo(t.Context(), 100)
	if err != nil || r.Changes != rows/100 {
		t.Errorf("the last revision is %+v, %v; want %d changes", r, err, rows/100)
	}
	changes, err := s.Changes(t.Context(), store.ChangeQuery{Revision: 100, Limit: 1000})
	if err != nil || len(changes.Items) != rows/100 || changes.Items[0].Key != "e99" {
		t.Errorf("the last revision has %d changes, %v", len(changes.Items), err)
	}
}

// holds fails the test unless the chain holds and has so many records.
func holds(t *testing.T, s *Store, records int64) {
	t.Helper()
	state, err := s.VerifyAudit(t.Context())
	if err != nil || state.Broken != 0 || state.Records != records {
		t.Errorf("the chain is %+v, %v; want %d records and none broken", state, err, records)
	}
}
