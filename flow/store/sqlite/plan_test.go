package sqlite

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

// TestPlans holds that no listing sorts what it lists, and that each goes
// through an index: an error there shows only once the store has grown.
func TestPlans(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "ringthrough.db"))
	entries := map[string]store.EntryQuery{
		"all": {}, "of a line": {Line: "support"}, "of both": {Line: "support", State: ani.StateExpired, At: noon},
		"a later page": {Cursor: writeCursor("entries", "+16505550100")},
	}
	for _, state := range []ani.State{ani.StateActive, ani.StateScheduled, ani.StateExpired, ani.StateDisabled} {
		entries[string(state)] = store.EntryQuery{State: state, At: noon}
	}
	for name, q := range entries {
		selected, err := entriesOf(q)
		planned(t, s, "entries, "+name, selected, err, "ORDER BY pattern LIMIT 10", "entries_by_filter")
	}
	later := timeCursor("calls", noon, "x")
	for index, q := range map[string]store.CallQuery{
		"calls_by_time": {Since: noon, Until: noon, Cursor: later},
		"calls_by_line": {Line: "support", Since: noon, Cursor: later},
		"calls_by_kind": {Kind: store.CallDirect, Cursor: later},
	} {
		selected, err := callsOf(q)
		planned(t, s, "calls", selected, err, "ORDER BY at DESC, id DESC LIMIT 10", index)
	}
	for index, q := range map[string]store.WindowQuery{
		"windows_by_creation": {State: "open", At: noon, Cursor: timeCursor("windows", noon, "x")},
		"windows_by_line":     {Line: "support"},
	} {
		selected, err := windowsOf(q)
		planned(t, s, "windows", selected, err, "ORDER BY created_at DESC, id DESC LIMIT 10", index)
	}
}

func planned(t *testing.T, s *Store, what string, q query, err error, order, index string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	steps, err := all(t.Context(), s.readers, func(row scanner) (step string, err error) {
		var id, parent, unused int
		err = row.Scan(&id, &parent, &unused, &step)
		return step, err
	}, "EXPLAIN QUERY PLAN "+q.ordered(order), q.args...)
	if err != nil {
		t.Fatal(err)
	}
	plan := fmt.Sprint(steps)
	if !strings.Contains(plan, "INDEX "+index) || strings.Contains(plan, "TEMP B-TREE") {
		t.Errorf("%s: the plan is %s, want one with %s and without sorting", what, plan, index)
	}
}
