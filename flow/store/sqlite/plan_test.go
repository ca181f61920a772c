package sqlite

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/cursor"
)

// TestPlans holds that no listing sorts what it lists, and that each goes
// through an index: an error there shows only once the store has grown.
func TestPlans(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "ringthrough.db"))
	entries := map[string]store.EntryQuery{
		"all": {}, "of a line": {Line: "support"}, "of both": {Line: "support", State: ani.StateExpired, At: noon},
		"a later page": {Cursor: cursor.Of("entries", "+16505550100")},
	}
	for _, state := range []ani.State{ani.StateActive, ani.StateScheduled, ani.StateExpired, ani.StateDisabled} {
		entries[string(state)] = store.EntryQuery{State: state, At: noon}
	}
	for name, q := range entries {
		selected, err := entriesOf(q)
		planned(t, s, "entries, "+name, selected, err, "ORDER BY pattern LIMIT 10", "INDEX entries_by_filter")
	}
	later := cursor.OfTime("calls", noon, "x")
	for index, q := range map[string]store.CallQuery{
		"calls_by_time": {Since: noon, Until: noon, Cursor: later},
		"calls_by_line": {Line: "support", Since: noon, Cursor: later},
		"calls_by_kind": {Kind: store.CallDirect, Cursor: later},
	} {
		selected, err := callsOf(q)
		planned(t, s, "calls", selected, err, "ORDER BY at DESC, id DESC LIMIT 10", "INDEX "+index)
	}
	for index, q := range map[string]store.WindowQuery{
		"windows_by_creation": {State: "open", At: noon, Cursor: cursor.OfTime("windows", noon, "x")},
		"windows_by_line":     {Line: "support"},
	} {
		selected, err := windowsOf(q)
		planned(t, s, "windows", selected, err, "ORDER BY created_at DESC, id DESC LIMIT 10", "INDEX "+index)
	}
}

// TestPlansOfHistory holds the same of the audit and of what is read from it.
func TestPlansOfHistory(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "ringthrough.db"))
	yes, no := true, false
	later := cursor.OfTime("audit", noon, "7")
	for name, c := range map[string]struct {
		q    store.AuditQuery
		step string
	}{
		"all":          {store.AuditQuery{}, "INDEX audit_by_time"},
		"a later page": {store.AuditQuery{Cursor: later}, "INDEX audit_by_time (at<?"},
		"a span":       {store.AuditQuery{Since: noon, Until: noon, Cursor: later}, "INDEX audit_by_time (at>? AND at<?"},
		"of somebody":  {store.AuditQuery{Actor: "dana", Since: noon, Until: noon}, "INDEX audit_by_actor (actor=? AND at>? AND at<?"},
		"of entries":   {store.AuditQuery{Kind: store.KindEntry, Since: noon}, "INDEX audit_by_time (at>?"},
		"of a kind":    {store.AuditQuery{Kind: store.KindToken, Since: noon, Until: noon}, "INDEX audit_by_kind (kind=? AND at>? AND at<?"},
		"refused":      {store.AuditQuery{Refused: &yes, Actor: "dana", Kind: store.KindToken, Until: noon}, "INDEX audit_refused (at<?"},
		"not refused":  {store.AuditQuery{Refused: &no}, "INDEX audit_by_time"},
	} {
		selected, err := auditOf(c.q)
		planned(t, s, "audit, "+name, selected, err, auditOrder+" LIMIT 10", c.step)
	}
	selected, err := auditOf(store.AuditQuery{Key: "support", Kind: store.KindLine, Cursor: later})
	if got := plan(t, s, selected, auditOrder+" LIMIT 10"); err != nil || !strings.Contains(got, "INDEX audit_by_key (key=?") {
		t.Errorf("audit of a key: the plan is %s, %v, want one with audit_by_key", got, err)
	}
	selected, err = changesOf(store.ChangeQuery{Revision: 3, Cursor: cursor.Of(changesAt(3), "7")})
	planned(t, s, "changes", selected, err, "ORDER BY id LIMIT 10", "SEARCH audit USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)")
	selected, err = revisionsOf(store.RevisionQuery{Cursor: cursor.Of("revisions", "7")})
	planned(t, s, "revisions", selected, err, "ORDER BY n DESC LIMIT 10", "INTEGER PRIMARY KEY (rowid<?)")
	for name, c := range map[string]struct {
		stmt   string
		search string
	}{
		"lines changed since":        {`SELECT id` + linesChanged + firstOfKey, "SEARCH a USING INDEX audit_by_kind (kind=?)"},
		"entries changed since":      {`SELECT id` + entriesChanged + firstOfKey, "SEARCH a USING INTEGER PRIMARY KEY (rowid>?)"},
		"the first change of a line": {`SELECT id` + linesChanged + firstOfKey, "SEARCH b USING INDEX audit_by_key (key=? AND rowid>?)"},
		"the first of an entry":      {`SELECT id` + entriesChanged + firstOfKey, "SEARCH b USING INDEX audit_by_key (key=? AND rowid>?)"},
		"a claim":                    {claimDeliveries, "COVERING INDEX deliveries_due (next_at<?)"},
		"what is forgotten":          {forgetDeliveries, "INDEX deliveries_settled (at<?)"},
		"entries by pattern":         {entriesByPattern, "SEARCH entries USING INDEX sqlite_autoindex_entries_2 (pattern=?)"},
		"an export":                  {selectEntries + exportOrder, "SCAN entries USING INDEX sqlite_autoindex_entries_2"},
	} {
		args := slices.Repeat([]any{1}, strings.Count(c.stmt, "?"))
		planned(t, s, name, query{sql: c.stmt, args: args}, nil, "", c.search)
	}
}

func planned(t *testing.T, s *Store, what string, q query, err error, order, step string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if got := plan(t, s, q, order); !strings.Contains(got, step) || strings.Contains(got, "TEMP B-TREE") {
		t.Errorf("%s: the plan is %s, want one with %s and without sorting", what, got, step)
	}
}

// plan is how a statement is carried out.
func plan(t *testing.T, s *Store, q query, order string) string {
	t.Helper()
	steps, err := all(t.Context(), s.readers, func(row scanner) (step string, err error) {
		var id, parent, unused int
		err = row.Scan(&id, &parent, &unused, &step)
		return step, err
	}, "EXPLAIN QUERY PLAN "+q.ordered(order), q.args...)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(steps)
}
