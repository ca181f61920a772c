package sqlite

import (
	"context"
	"fmt"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/cursor"
	"github.com/ringthrough/ringthrough/flow/store/editing"
	"github.com/ringthrough/ringthrough/flow/store/form"
)

const callColumns = `id, at, hook, call_id, line, ani, dnis, kind, route, reason, expected, entry, label, "window",
	target_kind, target, attempt, attestation, result, duration, outcome, outcome_by, note`

const selectCalls = `SELECT ` + callColumns + ` FROM calls`

func scanCall(row scanner) (store.Call, error) {
	var c store.Call
	err := row.Scan(&c.ID, millis{&c.At}, &c.Hook, &c.CallID, &c.Line, text{&c.ANI}, text{&c.DNIS}, &c.Kind, &c.Route,
		&c.Reason, &c.Expected, &c.Entry, &c.Label, &c.Window, &c.TargetKind, &c.Target, &c.Attempt, &c.Attestation,
		&c.Result, &c.Duration, &c.Outcome, &c.OutcomeBy, &c.Note)
	return c, err
}

// Record writes marks in one transaction, each after the one before it.
func (s *Store) Record(ctx context.Context, marks []store.Mark) error {
	if len(marks) == 0 {
		return nil
	}
	return s.write(ctx, "record calls", func(w *writing) error {
		for _, m := range marks {
			if err := w.mark(m); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *writing) mark(m store.Mark) error {
	if m.Call != nil {
		if err := w.call(*m.Call); err != nil {
			return err
		}
	}
	if r := m.Result; r != nil {
		_, err := w.exec(`UPDATE calls SET result = ?, duration = ? WHERE id = ? AND result <> ?`, r.Result, r.Duration, r.ID, flow.ResultAnswered)
		return err
	}
	return nil
}

func (w *writing) call(c store.Call) error {
	added, err := w.insertCall(c)
	if err != nil || added == 0 {
		return err
	}
	return w.count(c)
}

// insertCall gives 0 where the call is there already.
func (w *writing) insertCall(c store.Call) (int64, error) {
	return w.exec(`INSERT INTO calls (`+callColumns+`)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		c.ID, c.At.UnixMilli(), c.Hook, c.CallID, c.Line, c.ANI.String(), c.DNIS.String(), c.Kind, c.Route, c.Reason,
		c.Expected, c.Entry, c.Label, c.Window, c.TargetKind, c.Target, c.Attempt, int(c.Attestation),
		c.Result, c.Duration, c.Outcome, c.OutcomeBy, c.Note)
}

// count adds a new call to the hits of its entry and the calls of its window.
func (w *writing) count(c store.Call) error {
	if c.Kind == store.CallDirect {
		at := c.At.UnixMilli()
		_, err := w.exec(`UPDATE entries SET hits = hits + 1, last_hit_at = max(coalesce(last_hit_at, ?), ?) WHERE id = ?`, at, at, c.Entry)
		if err != nil {
			return err
		}
	}
	if c.Kind == store.CallDirect || c.Kind == store.CallRehearsal {
		_, err := w.exec(`UPDATE windows SET calls = calls + 1 WHERE id = ?`, c.Window)
		return err
	}
	return nil
}

// Call reads the call called id.
func (s *Store) Call(ctx context.Context, id string) (store.Call, error) {
	c, err := scanCall(s.readers.QueryRowContext(ctx, selectCalls+` WHERE id = ?`, id))
	return c, faults.In(ctx, "call "+id, err)
}

// Calls reads a page of the calls that q asks for, the latest first.
func (s *Store) Calls(ctx context.Context, q store.CallQuery) (store.Page[store.Call], error) {
	selected, err := callsOf(q)
	if err != nil {
		return store.Page[store.Call]{}, faults.Of("list calls", err)
	}
	page, err := paged(ctx, s.readers, selected, "ORDER BY at DESC, id DESC", q.Limit, scanCall, func(c store.Call) string {
		return cursor.OfTime("calls", c.At, c.ID)
	})
	return page, faults.In(ctx, "list calls", err)
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
func (s *Store) SetOutcome(ctx context.Context, id string, o store.OutcomeOf) (store.Call, error) {
	var c store.Call
	err := s.write(ctx, "set outcome", func(w *writing) (err error) {
		if c, err = w.setOutcome(id, o); err != nil {
			return fmt.Errorf("call %s: %w", id, err)
		}
		return nil
	})
	if err != nil {
		return store.Call{}, err
	}
	return c, nil
}

func (w *writing) setOutcome(id string, o store.OutcomeOf) (store.Call, error) {
	was, err := scanCall(w.queryRow(selectCalls+` WHERE id = ?`, id))
	if err != nil {
		return store.Call{}, err
	}
	is, record, err := editing.Outcome(was, o)
	if err != nil {
		return store.Call{}, err
	}
	if _, err := w.exec(`UPDATE calls SET outcome = ?, outcome_by = ?, note = ? WHERE id = ?`, is.Outcome, is.OutcomeBy, is.Note, id); err != nil {
		return store.Call{}, err
	}
	return is, w.audit(record)
}
