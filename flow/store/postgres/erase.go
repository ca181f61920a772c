package postgres

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/fault"
	"github.com/ringthrough/ringthrough/flow/store/form"
)

// Erase reads through all that is kept, in one transaction: of a journal and
// an audit of a million rows each it takes some seconds, for which nobody else
// makes edits or writes calls.
func (s *Store) Erase(ctx context.Context, n ani.Number, by store.Author, at time.Time, note string) (erased store.Erased, err error) {
	err = s.write(ctx, "erase number", func(w *writing) error {
		e := &erasing{writing: w, number: n, written: n.String(), at: at.UnixMilli()}
		if err := e.all(); err != nil {
			return err
		}
		erased = e.erased
		after, err := form.JSON(erased)
		if err != nil {
			return err
		}
		if store.Mentions(note, n) {
			note = strings.ReplaceAll(note, e.written, n.Masked())
		}
		w.audit(store.AuditRecord{
			At: form.Millis(at), Actor: by.Name, Role: by.Role, From: by.From,
			Action: "erase", Kind: store.KindNumber, Key: n.Masked(), After: after, Note: note,
		})
		return nil
	})
	if err != nil {
		return store.Erased{}, err
	}
	return erased, nil
}

// erasing is an Erase on its way.
type erasing struct {
	*writing
	number  ani.Number
	written string
	at      int64 // in milliseconds
	erased  store.Erased
}

func (e *erasing) all() error {
	if e.number.IsZero() {
		return fmt.Errorf("%w: there is no number to erase", fault.ErrMisuse)
	}
	if _, err := e.q.Exec(e.ctx, lockJournal); err != nil {
		return err
	}
	for _, step := range []func() error{e.entries, e.lines, e.calls, e.windows, e.audit, e.revisions, e.deliveries} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// texts are the columns of a row that may have a number; NULL is none.
type texts struct {
	id string
	of []string
}

// having is every row of a table that has the number in one of the columns.
func (e *erasing) having(table, id string, columns ...string) ([]texts, error) {
	conds, read := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		conds[i], read[i] = "strpos("+c+", $1) > 0", "coalesce("+c+", '')"
	}
	rows, err := all(e.ctx, e.q, func(row pgx.Row) (texts, error) {
		t := texts{of: make([]string, len(columns))}
		to := []any{&t.id}
		for i := range t.of {
			to = append(to, &t.of[i])
		}
		return t, row.Scan(to...)
	}, `SELECT `+id+`::text, `+strings.Join(read, ", ")+` FROM `+table+` WHERE `+strings.Join(conds, " OR "), e.written)
	return slices.DeleteFunc(rows, func(t texts) bool { return !slices.ContainsFunc(t.of, e.in) }), err
}

func (e *erasing) in(text string) bool { return store.Mentions(text, e.number) }

// without is text, or none where it has the number.
func (e *erasing) without(text string) string {
	if e.in(text) {
		return ""
	}
	return text
}

func (e *erasing) entries() error {
	found, err := e.having("entries", "id", "folded")
	if err != nil {
		return err
	}
	listed, err := all(e.ctx, e.q, scanString, `SELECT id FROM entries WHERE pattern = $1`, e.written)
	if err != nil {
		return err
	}
	for _, t := range found {
		listed = append(listed, t.id)
	}
	if len(listed) == 0 {
		return nil
	}
	return fmt.Errorf("entry %s has the number: %w", listed[0], store.ErrTaken)
}

func (e *erasing) lines() error {
	found, err := e.having("lines", "name", "doc", "name")
	if err != nil || len(found) == 0 {
		return err
	}
	return fmt.Errorf("line %s has the number: %w", found[0].id, store.ErrTaken)
}

func (e *erasing) calls() error {
	found, err := e.having("calls", "id", "ani", "dnis", "target", "call_id", "label", "note")
	if err != nil {
		return err
	}
	b := newBatch()
	for _, c := range found {
		label, note := e.without(c.of[4]), e.without(c.of[5])
		if e.in(c.of[0]) {
			label, note = "", ""
		}
		b.queue(`UPDATE calls SET ani = $1, dnis = $2, target = $3, call_id = $4, label = $5, note = $6 WHERE id = $7`,
			e.without(c.of[0]), e.without(c.of[1]), e.without(c.of[2]), e.without(c.of[3]), label, note, c.id)
	}
	e.erased.Calls = int64(len(found))
	return b.send(e.ctx, e.q)
}

func (e *erasing) windows() error {
	found, err := all(e.ctx, e.q, scanWindow, selectWindows+` WHERE strpos(callers, $1) > 0 OR strpos(note, $1) > 0`, e.written)
	if err != nil {
		return err
	}
	for _, w := range found {
		if !slices.Contains(w.Callers, e.number) && !e.in(w.Note) {
			continue
		}
		if err := e.window(w); err != nil {
			return err
		}
		e.erased.Windows++
	}
	return nil
}

func (e *erasing) window(w flow.Window) error {
	left := slices.DeleteFunc(slices.Clone(w.Callers), func(n ani.Number) bool { return n == e.number })
	closes := w.ClosesAt.UnixMilli()
	if w.Mode == flow.ModeRehearsal && len(left) == 0 {
		closes = min(closes, e.at)
	}
	callers, err := documentOf(left)
	if err != nil {
		return err
	}
	_, err = e.q.Exec(e.ctx, `UPDATE windows SET callers = $1, note = $2, closes_at = $3 WHERE id = $4`, callers, e.without(w.Note), closes, w.ID)
	return err
}

func (e *erasing) audit() error {
	found, err := e.having("audit", "id", "key", "before", "after", "note")
	if err != nil {
		return err
	}
	b := newBatch()
	for _, r := range found {
		id, err := strconv.ParseInt(r.id, 10, 64)
		if err != nil {
			return err
		}
		b.queue(`UPDATE audit SET before = NULL, after = NULL, note = '', key = $1, erased = true WHERE id = $2`, e.without(r.of[0]), id)
	}
	e.erased.Audit = int64(len(found))
	return b.send(e.ctx, e.q)
}

func (e *erasing) revisions() error {
	found, err := e.having("revisions", "n", "note")
	if err != nil {
		return err
	}
	ns := column(found, func(r texts) string { return r.id })
	_, err = e.q.Exec(e.ctx, `UPDATE revisions SET note = '' WHERE n = ANY($1::text[]::bigint[])`, ns)
	e.erased.Revisions = int64(len(found))
	return err
}

// deliveries are looked for by their place in the table, which stays as it is
// only as long as nobody else writes to them.
func (e *erasing) deliveries() error {
	if _, err := e.q.Exec(e.ctx, `LOCK TABLE deliveries IN EXCLUSIVE MODE`); err != nil {
		return err
	}
	found, err := e.having("deliveries", "ctid", "body", "wrong")
	if err != nil {
		return err
	}
	places := column(found, func(d texts) string { return d.id })
	_, err = e.q.Exec(e.ctx, `DELETE FROM deliveries WHERE ctid = ANY($1::text[]::tid[])`, places)
	e.erased.Deliveries = int64(len(found))
	return err
}
