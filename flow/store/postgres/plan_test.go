package postgres

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/deploy/test/pgserver"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/cursor"
)

// grow is rows enough for the planner to care how it reads them.
const grow = `
	INSERT INTO entries SELECT 'd4g' || lpad(n::text, 17, '0'), '+4915' || lpad((n * 7919 % 100000)::text, 8, '0'), 'label', 'source',
		(CASE WHEN n % 500 = 0 THEN '["support"]' ELSE '["sales"]' END)::jsonb, NULL, CASE WHEN n % 400 = 0 THEN 1000 END, n % 300 <> 0, 1, '', 'label', 0, '', 0, 1
		FROM generate_series(1, 40000) AS n;
	INSERT INTO calls SELECT 'c' || n, 0 + n, '', '', 'line' || n % 200, '', '', CASE WHEN n % 100 = 0 THEN 'candidate' ELSE 'direct' END, '', '', false, '', '', '', '', '', 1, 1, '', 0, '', '', '', n
		FROM generate_series(1, 40000) AS n;
	INSERT INTO windows SELECT 'w' || n, 'line' || n % 200, 'listed', '[]', n, 5 + n, 0, '', n, '' FROM generate_series(1, 20000) AS n;
	INSERT INTO revisions SELECT n, 0 + n, '', '', '', '', 10, n * 10 - 9 FROM generate_series(1, 4000) AS n;
	INSERT INTO audit SELECT n, 0 + n, 'actor' || n % 200, '', '', 'update', CASE WHEN n % 100 = 0 THEN 'line' ELSE 'entry' END, 'key' || n, '{}', '{}', '', n % 500 = 0, n / 10, '', ''
		FROM generate_series(1, 40000) AS n;
	INSERT INTO deliveries SELECT 'n' || n, 'd', '{}', n, 0, CASE WHEN n % 200 = 0 THEN n END, '' FROM generate_series(1, 20000) AS n;
	INSERT INTO entry_hits SELECT id, 1, 1 FROM entries LIMIT 100`

// TestPlans holds that no listing sorts what it lists, and that each goes
// through an index: an error there shows only once the store has grown.
func TestPlans(t *testing.T) {
	t.Parallel()
	at := pgserver.Shared(t).Database(t)
	s := openAt(t, at)
	must(t, s.Ping(t.Context()))
	_, err := s.pool.Exec(t.Context(), grow)
	must(t, err)
	_, err = s.pool.Exec(t.Context(), `VACUUM ANALYZE`)
	must(t, err)
	for what, c := range listings(t) {
		explained(t, s, what, c.q.ordered(c.order), c.q.args, c.step)
	}
	for what, c := range statements {
		explained(t, s, what, c.stmt, c.args, c.step)
	}
}

type listing struct {
	q           query
	order, step string
}

// planned is what a method asks for.
func planned(t *testing.T, q query, err error, order, step string) listing {
	t.Helper()
	must(t, err)
	return listing{q, order + " LIMIT 10", step}
}

func listings(t *testing.T) map[string]listing {
	t.Helper()
	at := time.UnixMilli(20000)
	found := map[string]listing{}
	for name, q := range map[string]store.EntryQuery{
		"entries": {}, "a later page of entries": {Cursor: cursor.OfPattern("entries", must1(ani.ParsePattern("+491500001234")))},
		"active entries": {State: ani.StateActive, At: at, Limit: 10}, "expired entries": {State: ani.StateExpired, At: at, Limit: 10},
	} {
		selected, err := entriesOf(q)
		found[name] = planned(t, selected, err, exportOrder, "entries_by_pattern")
	}
	later := cursor.OfTime("calls", at, "x")
	for index, q := range map[string]store.CallQuery{
		"calls_by_time": {Since: time.UnixMilli(1), Until: at, Cursor: later}, "calls_by_line": {Line: "line7", Cursor: later}, "calls_by_kind": {Kind: store.CallCandidate},
	} {
		selected, err := callsOf(q)
		found[index] = planned(t, selected, err, callOrder, index)
	}
	for index, q := range map[string]store.WindowQuery{"windows_by_creation": {}, "windows_by_line": {Line: "line7"}} {
		selected, err := windowsOf(q)
		found[index] = planned(t, selected, err, windowOrder, index)
	}
	yes := true
	for index, q := range map[string]store.AuditQuery{
		"audit_by_time": {Cursor: cursor.OfTime("audit", at, "7")}, "audit_by_actor": {Actor: "actor7"},
		"audit_by_kind": {Kind: store.KindLine}, "audit_refused": {Refused: &yes},
	} {
		selected, err := auditOf(q)
		found[index] = planned(t, selected, err, auditOrder, index)
	}
	changes, err := changesOf(store.ChangeQuery{Revision: 300})
	found["changes"] = planned(t, changes, err, "ORDER BY id", "audit_pkey")
	revisions, err := revisionsOf(store.RevisionQuery{Cursor: cursor.OfNumber("revisions", 3000)})
	found["revisions"] = planned(t, revisions, err, revisionOrder, "revisions_pkey")
	return found
}

var statements = map[string]struct {
	stmt string
	args []any
	step string
}{
	"calls changed":       {callsChanged, []any{39000, 100}, "calls_by_change"},
	"entries by pattern":  {entriesByPattern, []any{[]string{"+491500001234"}}, "entries_by_pattern"},
	"an audit of a key":   {`SELECT id FROM audit WHERE key = $1`, []any{"key7"}, "audit_by_key"},
	"what was erased":     {changedErased, []any{39000}, "audit_erased"},
	"entries changed":     {selectEntries + ` WHERE id IN (` + changedKeys(store.KindEntry) + `)`, []any{39990}, "audit_pkey"},
	"a claim":             {claimDeliveries, []any{1, 20000, 10}, "deliveries_due"},
	"what is forgotten":   {forgetDeliveries, []any{10}, "deliveries_settled"},
	"the last change":     {`SELECT ` + lastChange, nil, "calls_by_change"},
	"calls that are gone": {pruneCalls, []any{10, "candidate", 10}, "calls_by_kind"},
}

func explained(t *testing.T, s *Store, what, stmt string, args []any, step string) {
	t.Helper()
	steps, err := all(t.Context(), cleaning{s.pool}, scanString, "EXPLAIN "+stmt, append([]any{pgx.QueryExecModeExec}, args...)...)
	must(t, err)
	plan := strings.Join(steps, "\n")
	if !strings.Contains(plan, step) || strings.Contains(plan, "Seq Scan on entries") || strings.Contains(plan, "Seq Scan on audit ") || strings.Contains(plan, "Seq Scan on calls") {
		t.Errorf("%s: the plan is\n%s\nwant one with %s", what, plan, step)
	}
}
