package postgres

import (
	"context"
	"iter"
	"slices"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/editing"
	"github.com/ringthrough/ringthrough/flow/store/form"
)

// chunk is how many changes are made at a time, or rows filled in.
const chunk = 1000

// Edit commits the changes of e in one transaction. It takes them in chunks:
// what a chunk concerns is read at once, the changes are made in memory, one
// after the other, and what came out is written at once. Entries may hand
// their patterns on in any order, but no more than editing.MaxWaiting may be
// waiting for one at a time: the next is given store.ErrTaken.
//
// Changes that take longer than a minute to come are given up, for nobody else
// can edit meanwhile.
func (s *Store) Edit(ctx context.Context, e store.Edit) (store.Revision, error) {
	revision := store.Revision{At: form.Millis(e.At)}
	err := s.writeTried(ctx, "edit store", func(w *writing) (err error) {
		revision.N, err = w.edit(e, s.chunk)
		return err
	})
	if err != nil {
		return store.Revision{}, err
	}
	return revision, nil
}

func (w *writing) edit(e store.Edit, chunk int) (uint64, error) {
	if e.Next != 0 && e.Next != w.last+1 {
		return 0, store.ErrBehind
	}
	ed := newEdit(w, e)
	first := w.chain.Records + 1
	if err := ed.makeAll(e.Changes, chunk); err != nil {
		return 0, err
	}
	if err := ed.handOn(); err != nil {
		return 0, err
	}
	_, err := w.q.Exec(w.ctx, insertRevision, int64(ed.Revision), ed.At.UnixMilli(), ed.Author.Name, ed.Author.Role, ed.Author.From, ed.Note, ed.Made, first)
	return ed.Revision, err
}

const insertRevision = `INSERT INTO revisions (n, at, author, role, from_address, note, changes, first_record) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`

// edit is an Edit that is being made.
type edit struct {
	*writing
	editing.Edit
	waiting editing.Waiting

	entries *entries
	lines   rows[store.Line]
	windows rows[flow.Window]
	tokens  rows[store.Token]
}

func newEdit(w *writing, e store.Edit) *edit {
	author := store.Author{Name: clean(e.Author.Name), Role: store.Role(clean(string(e.Author.Role))), From: clean(e.Author.From)}
	return &edit{writing: w, Edit: editing.Edit{Revision: w.last + 1, At: form.Millis(e.At), Author: author, Note: clean(e.Note)}}
}

func (e *edit) makeAll(of iter.Seq[store.Change], chunk int) error {
	changes := make([]store.Change, 0, chunk)
	for c := range of {
		if changes = append(changes, copied(c)); len(changes) < chunk {
			continue
		}
		if err := e.makeChunk(changes); err != nil {
			return err
		}
		changes = changes[:0]
	}
	return e.makeChunk(changes)
}

func (e *edit) makeChunk(changes []store.Change) error {
	if len(changes) == 0 {
		return e.ctx.Err()
	}
	if err := e.load(changes); err != nil {
		return err
	}
	for _, c := range changes {
		record, err := e.Make(c)
		if err != nil {
			return err
		}
		e.audit(record)
	}
	return e.flush()
}

// load reads what the changes concern.
func (e *edit) load(changes []store.Change) error {
	keys := map[store.Kind][]string{}
	for _, c := range changes {
		keys[c.Kind] = append(keys[c.Kind], c.Key)
	}
	e.entries = newEntries(e)
	e.lines, e.windows, e.tokens = rows[store.Line]{}, rows[flow.Window]{}, rows[store.Token]{}
	e.Entries, e.Lines, e.Windows, e.Tokens = e.entries, e.lines, e.windows, e.tokens
	b := newBatch()
	e.entries.queueLoad(b, keys[store.KindEntry], changes)
	queueLoad(b, e.lines, keys[store.KindLine], selectLines+` WHERE name = ANY($1)`, scanLine, func(l store.Line) string { return l.Name })
	queueLoad(b, e.windows, keys[store.KindWindow], selectWindows+` WHERE id = ANY($1)`, scanWindow, func(w flow.Window) string { return w.ID })
	queueLoad(b, e.tokens, keys[store.KindToken], selectTokens+` WHERE id = ANY($1)`, scanToken, func(t store.Token) string { return t.ID })
	if err := b.send(e.ctx, e.q); err != nil {
		return err
	}
	e.entries.settle()
	return nil
}

// flush writes what the changes have made.
func (e *edit) flush() error {
	b := newBatch()
	e.entries.queueFlush(b)
	if err := queueLines(b, e.lines); err != nil {
		return err
	}
	if err := queueWindows(b, e.windows); err != nil {
		return err
	}
	queueTokens(b, e.tokens)
	e.queueRecords(b)
	return b.send(e.ctx, e.q)
}

// handOn gives the entries that wait their patterns, and fails where another
// entry has kept one.
func (e *edit) handOn() error {
	waiters := e.waiting.InOrder()
	if len(waiters) == 0 {
		return nil
	}
	wanted := column(waiters, func(w editing.Waiter) string { return w.Pattern.String() })
	taken := map[string]bool{}
	err := each(e.ctx, e.q, scanString, func(p string) bool {
		taken[p] = true
		return true
	}, `SELECT pattern FROM entries WHERE pattern = ANY($1)`, slices.Clone(wanted))
	if err != nil {
		return err
	}
	for i, w := range waiters {
		if taken[wanted[i]] {
			return &store.ChangeError{Change: w.Change, Err: store.ErrTaken}
		}
		taken[wanted[i]] = true
	}
	_, err = e.q.Exec(e.ctx, `UPDATE entries SET pattern = w.pattern FROM unnest($1::text[], $2::text[]) AS w (id, pattern) WHERE entries.id = w.id`,
		column(waiters, func(w editing.Waiter) string { return w.Change.Key }), wanted)
	return err
}
