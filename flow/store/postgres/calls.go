package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/cursor"
	"github.com/ringthrough/ringthrough/flow/store/editing"
	"github.com/ringthrough/ringthrough/flow/store/form"
)

const (
	callColumns = `id, at, hook, call_id, line, ani, dnis, kind, route, reason, expected, entry, label, "window",
	target_kind, target, attempt, attestation, result, duration, outcome, outcome_by, note`
	selectCalls = `SELECT ` + callColumns + ` FROM calls`
	callOrder   = "ORDER BY at DESC, id DESC"
)

// scanCall reads a call, and what stands after its columns into more.
func scanCall(row pgx.Row, more ...any) (store.Call, error) {
	var c store.Call
	to := []any{
		&c.ID, millis{&c.At}, &c.Hook, &c.CallID, &c.Line, text{&c.ANI}, text{&c.DNIS}, &c.Kind, &c.Route,
		&c.Reason, &c.Expected, &c.Entry, &c.Label, &c.Window, &c.TargetKind, &c.Target, &c.Attempt, &c.Attestation,
		&c.Result, &c.Duration, &c.Outcome, &c.OutcomeBy, &c.Note,
	}
	err := row.Scan(append(to, more...)...)
	return c, err
}

func scanCallAlone(row pgx.Row) (store.Call, error) { return scanCall(row) }

// Call reads the call called id.
func (s *Store) Call(ctx context.Context, id string) (store.Call, error) {
	return one(ctx, s, "call "+id, scanCallAlone, selectCalls+` WHERE id = $1`, id)
}

// Calls reads a page of the calls that q asks for, the latest first.
func (s *Store) Calls(ctx context.Context, q store.CallQuery) (store.Page[store.Call], error) {
	const what = "list calls"
	selected, err := callsOf(q)
	if err != nil {
		return store.Page[store.Call]{}, faults.Of(what, err)
	}
	return paged(ctx, s, what, selected, callOrder, q.Limit, scanCallAlone, func(c store.Call) string {
		return cursor.OfTime("calls", c.At, c.ID)
	})
}

func callsOf(q store.CallQuery) (query, error) {
	selected := query{sql: selectCalls}
	if q.Line != "" {
		selected.where("line = ?", q.Line)
	}
	if q.Kind != "" {
		selected.where("kind = ?", q.Kind)
	}
	if !q.Since.IsZero() {
		selected.where("at >= ?", form.CeilMillis(q.Since))
	}
	if !q.Until.IsZero() {
		selected.where("at < ?", form.CeilMillis(q.Until))
	}
	return selected, selected.before("calls", "at", q.Cursor)
}

// SetOutcome writes down what became of the call called id.
func (s *Store) SetOutcome(ctx context.Context, id string, o store.OutcomeOf) (c store.Call, err error) {
	err = s.write(ctx, "set outcome", func(w *writing) (err error) {
		if c, err = w.setOutcome(clean(id), o); err != nil {
			return fmt.Errorf("call %s: %w", id, err)
		}
		return nil
	})
	if err != nil {
		return store.Call{}, err
	}
	return c, nil
}

func (w *writing) setOutcome(id string, o store.OutcomeOf) (is store.Call, err error) {
	o.Outcome, o.Author.Name, o.Note = store.Outcome(clean(string(o.Outcome))), clean(o.Author.Name), clean(o.Note)
	b := newBatch()
	b.queue(lockJournal)
	b.queue(selectCalls+` WHERE id = $1`, id).QueryRow(func(row pgx.Row) (err error) {
		is, err = scanCall(row)
		return err
	})
	if err := b.send(w.ctx, w.q); err != nil {
		return store.Call{}, err
	}
	is, record, err := editing.Outcome(is, o)
	if err != nil {
		return store.Call{}, err
	}
	w.audit(record)
	b = newBatch()
	b.queue(`UPDATE calls SET outcome = $2, outcome_by = $3, note = $4, changed = (SELECT calls + 1 FROM journal_head) WHERE id = $1`,
		id, is.Outcome, is.OutcomeBy, is.Note)
	b.queue(`UPDATE journal_head SET calls = calls + 1`)
	return is, b.send(w.ctx, w.q)
}
