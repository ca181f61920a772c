package postgres

import (
	"context"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// lockJournal keeps everybody else from writing to the journal. What is read
// after it is as they have left it.
const lockJournal = `SELECT calls FROM journal_head FOR UPDATE`

// The number of a change is counted on from the greatest that was given out,
// be that by the same transaction: a call that was pruned may have had it.
const lastChange = `(SELECT greatest(max(changed), (SELECT calls FROM journal_head)) FROM calls)`

const (
	// The calls that are new count in their entries and windows.
	insertCalls = `WITH made AS (INSERT INTO calls (` + callColumns + `, changed)
			SELECT c.*, ` + lastChange + ` + row_number() OVER () FROM ` + unnestCalls + ` WHERE NOT EXISTS (SELECT 1 FROM calls WHERE calls.id = c.id)
			RETURNING entry, "window", kind, at),
		hit AS (INSERT INTO entry_hits (entry, hits, last_hit_at)
			SELECT entry, count(*), max(at) FROM made JOIN entries ON id = entry WHERE kind = 'direct' GROUP BY entry ORDER BY entry
			ON CONFLICT (entry) DO UPDATE SET hits = entry_hits.hits + excluded.hits, last_hit_at = greatest(entry_hits.last_hit_at, excluded.last_hit_at))
		INSERT INTO window_calls ("window", calls)
			SELECT "window", count(*) FROM made JOIN windows ON id = "window" WHERE kind IN ('direct', 'rehearsal') GROUP BY "window" ORDER BY "window"
			ON CONFLICT ("window") DO UPDATE SET calls = window_calls.calls + excluded.calls`
	fillCalls = `INSERT INTO calls (` + callColumns + `, changed) SELECT c.*, $24::bigint + row_number() OVER () FROM ` + unnestCalls

	unnestCalls = `unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
			$8::text[], $9::text[], $10::text[], $11::boolean[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::bigint[],
			$18::integer[], $19::text[], $20::bigint[], $21::text[], $22::text[], $23::text[]) AS c (` + callColumns + `)`

	updateResults = `UPDATE calls SET result = r.result, duration = r.duration, changed = r.changed
		FROM (SELECT u.*, ` + lastChange + ` + row_number() OVER () AS changed FROM unnest($1::text[], $2::text[], $3::bigint[]) AS u (id, result, duration)
			JOIN calls USING (id) WHERE calls.result <> 'answered' AND (calls.result, calls.duration) <> (u.result, u.duration)) AS r
		WHERE calls.id = r.id`

	countChanges = `UPDATE journal_head SET calls = ` + lastChange + ` WHERE calls <> ` + lastChange
)

// Record writes marks in one transaction and one round trip.
func (s *Store) Record(ctx context.Context, marks []store.Mark) error {
	if len(marks) == 0 {
		return nil
	}
	const what = "record calls"
	err := s.ready(ctx)
	if err == nil {
		err = s.journal.wait(ctx)
	}
	if err != nil {
		return s.fault(ctx, what, err)
	}
	defer s.journal.pass()
	sorted := sortMarks(marks)
	return s.fault(ctx, what, again(func() error {
		b := newBatch() // without a BEGIN, what is sent at once is one transaction
		sorted.queue(b)
		return b.send(ctx, s.pool)
	}))
}

// sortedMarks are the marks of a record, in the order in which they are
// written. Of each call only one result counts, but one that comes before its
// call is of a call that was there already.
type sortedMarks struct {
	early, late []store.CallResult
	calls       []store.Call
}

func sortMarks(marks []store.Mark) sortedMarks {
	var s sortedMarks
	first := map[string]int{} // where a call comes first
	for i, m := range marks {
		if m.Call == nil {
			continue
		}
		id := clean(m.Call.ID)
		if _, again := first[id]; !again {
			first[id] = i
			c := *m.Call
			c.ID = id
			s.calls = append(s.calls, c)
		}
	}
	early, late := map[string]int{}, map[string]int{}
	for i, m := range marks {
		if m.Result == nil {
			continue
		}
		r := *m.Result
		r.ID = clean(r.ID)
		if at, ok := first[r.ID]; ok && i < at {
			s.early = putResult(s.early, early, r)
		} else {
			s.late = putResult(s.late, late, r)
		}
	}
	return s
}

// putResult puts r where that of its call stands, or at the end. A call that
// was answered stays so.
func putResult(results []store.CallResult, at map[string]int, r store.CallResult) []store.CallResult {
	if i, ok := at[r.ID]; ok {
		if results[i].Result != flow.ResultAnswered {
			results[i] = r
		}
		return results
	}
	at[r.ID] = len(results)
	return append(results, r)
}

func (s sortedMarks) queue(b *batch) {
	b.queue(lockJournal)
	queueResults(b, s.early)
	if len(s.calls) > 0 {
		b.queue(insertCalls, columnsOfCalls(s.calls)...)
	}
	queueResults(b, s.late)
	b.queue(countChanges)
	b.queue(notify)
}

func queueResults(b *batch, results []store.CallResult) {
	if len(results) == 0 {
		return
	}
	b.queue(updateResults,
		column(results, func(r store.CallResult) string { return r.ID }),
		column(results, func(r store.CallResult) string { return string(r.Result) }),
		column(results, func(r store.CallResult) int64 { return int64(r.Duration) }))
}

func columnsOfCalls(calls []store.Call) []any {
	texts := func(of func(c store.Call) string) []string { return column(calls, of) }
	return []any{
		texts(func(c store.Call) string { return c.ID }),
		column(calls, func(c store.Call) int64 { return c.At.UnixMilli() }),
		texts(func(c store.Call) string { return c.Hook }),
		texts(func(c store.Call) string { return c.CallID }),
		texts(func(c store.Call) string { return c.Line }),
		texts(func(c store.Call) string { return c.ANI.String() }),
		texts(func(c store.Call) string { return c.DNIS.String() }),
		texts(func(c store.Call) string { return string(c.Kind) }),
		texts(func(c store.Call) string { return string(c.Route) }),
		texts(func(c store.Call) string { return string(c.Reason) }),
		column(calls, func(c store.Call) bool { return c.Expected }),
		texts(func(c store.Call) string { return c.Entry }),
		texts(func(c store.Call) string { return c.Label }),
		texts(func(c store.Call) string { return c.Window }),
		texts(func(c store.Call) string { return string(c.TargetKind) }),
		texts(func(c store.Call) string { return c.Target }),
		column(calls, func(c store.Call) int64 { return int64(c.Attempt) }),
		column(calls, func(c store.Call) int32 { return int32(c.Attestation) }),
		texts(func(c store.Call) string { return string(c.Result) }),
		column(calls, func(c store.Call) int64 { return int64(c.Duration) }),
		texts(func(c store.Call) string { return string(c.Outcome) }),
		texts(func(c store.Call) string { return c.OutcomeBy }),
		texts(func(c store.Call) string { return c.Note }),
	}
}
