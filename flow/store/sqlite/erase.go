package sqlite

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/fault"
	"github.com/ringthrough/ringthrough/flow/store/form"
)

// Erase reads through all that is kept, in one transaction: of a journal and
// an audit of a million rows each it takes some seconds, for which nobody else
// writes.
func (s *Store) Erase(ctx context.Context, n ani.Number, by store.Author, at time.Time, note string) (store.Erased, error) {
	var erased store.Erased
	err := s.write(ctx, "erase number", func(w *writing) error {
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
		return w.audit(store.AuditRecord{
			At: form.Millis(at), Actor: by.Name, Role: by.Role, From: by.From,
			Action: "erase", Kind: store.KindNumber, Key: n.Masked(), After: after, Note: note,
		})
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
	conds, args := make([]string, len(columns)), make([]any, len(columns))
	read := []string{"CAST(" + id + " AS TEXT)"}
	for i, c := range columns {
		conds[i], args[i] = "instr("+c+", ?)", e.written
		read = append(read, "coalesce("+c+", '')")
	}
	rows, err := all(e.ctx, e.tx, func(row scanner) (texts, error) {
		t := texts{of: make([]string, len(columns))}
		to := []any{&t.id}
		for i := range t.of {
			to = append(to, &t.of[i])
		}
		return t, row.Scan(to...)
	}, `SELECT `+strings.Join(read, ", ")+` FROM `+table+` WHERE `+strings.Join(conds, " OR "), args...)
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
	listed, err := all(e.ctx, e.tx, scanEntry, selectEntries+` WHERE pattern = ?`, e.written)
	if err != nil || len(found)+len(listed) == 0 {
		return err
	}
	for _, l := range listed {
		found = append(found, texts{id: l.ID})
	}
	return fmt.Errorf("entry %s has the number: %w", found[0].id, store.ErrTaken)
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
	for _, c := range found {
		if err != nil {
			return err
		}
		label, note := e.without(c.of[4]), e.without(c.of[5])
		if e.in(c.of[0]) {
			label, note = "", ""
		}
		_, err = e.exec(`UPDATE calls SET ani = ?, dnis = ?, target = ?, call_id = ?, label = ?, note = ? WHERE id = ?`,
			e.without(c.of[0]), e.without(c.of[1]), e.without(c.of[2]), e.without(c.of[3]), label, note, c.id)
		e.erased.Calls++
	}
	return err
}

func (e *erasing) windows() error {
	found, err := all(e.ctx, e.tx, scanWindow, selectWindows+` WHERE instr(callers, ?) OR instr(note, ?)`, e.written, e.written)
	for _, w := range found {
		if err != nil {
			return err
		}
		if !slices.Contains(w.Callers, e.number) && !e.in(w.Note) {
			continue
		}
		err = e.window(w)
		e.erased.Windows++
	}
	return err
}

func (e *erasing) window(w flow.Window) error {
	left := slices.DeleteFunc(slices.Clone(w.Callers), func(n ani.Number) bool { return n == e.number })
	closes := w.ClosesAt.UnixMilli()
	if w.Mode == flow.ModeRehearsal && len(left) == 0 {
		closes = min(closes, e.at)
	}
	callers, err := marshal(left)
	if err != nil {
		return err
	}
	_, err = e.exec(`UPDATE windows SET callers = ?, note = ?, closes_at = ? WHERE id = ?`, callers, e.without(w.Note), closes, w.ID)
	return err
}

func (e *erasing) audit() error {
	found, err := e.having("audit", "id", "key", "before", "after", "note")
	for _, r := range found {
		if err != nil {
			return err
		}
		_, err = e.exec(`UPDATE audit SET before = NULL, after = NULL, note = '', key = ?, erased = 1 WHERE id = ?`, e.without(r.of[0]), r.id)
		e.erased.Audit++
	}
	return err
}

func (e *erasing) revisions() error {
	found, err := e.having("revisions", "n", "note")
	for _, r := range found {
		if err != nil {
			return err
		}
		_, err = e.exec(`UPDATE revisions SET note = '' WHERE n = ?`, r.id)
		e.erased.Revisions++
	}
	return err
}

func (e *erasing) deliveries() error {
	found, err := e.having("deliveries", "rowid", "body", "wrong")
	for _, d := range found {
		if err != nil {
			return err
		}
		_, err = e.exec(`DELETE FROM deliveries WHERE rowid = ?`, d.id)
		e.erased.Deliveries++
	}
	return err
}
