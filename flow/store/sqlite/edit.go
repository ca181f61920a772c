package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/editing"
	"github.com/ringthrough/ringthrough/flow/store/form"
)

// Edit commits the changes of e in one transaction, reading them one by one,
// so an edit of any size takes little memory. Entries may hand their patterns
// on in any order, but no more than editing.MaxWaiting may be waiting for one
// at a time: the next is given store.ErrTaken at once.
func (s *Store) Edit(ctx context.Context, e store.Edit) (store.Revision, error) {
	revision := store.Revision{At: form.Millis(e.At)}
	err := s.write(ctx, "edit store", func(w *writing) (err error) {
		revision.N, err = w.edit(e)
		return err
	})
	if err != nil {
		return store.Revision{}, err
	}
	return revision, nil
}

func (w *writing) edit(e store.Edit) (uint64, error) {
	ed := newEdit(w, e)
	err := w.queryRow(`INSERT INTO revisions (n, at, author, role, from_address, note, first_record)
		SELECT coalesce(max(n), 0) + 1, ?, ?, ?, ?, ?, (SELECT records + 1 FROM audit_head) FROM revisions RETURNING n`,
		ed.At.UnixMilli(), e.Author.Name, e.Author.Role, e.Author.From, e.Note).Scan(&ed.Revision)
	if err != nil {
		return 0, err
	}
	if e.Next != 0 && e.Next != ed.Revision {
		return 0, store.ErrBehind
	}
	for c := range e.Changes {
		record, err := ed.Make(c)
		if err != nil {
			return 0, err
		}
		if err := w.audit(record); err != nil {
			return 0, err
		}
	}
	if err := ed.handOn(); err != nil {
		return 0, err
	}
	_, err = w.exec(`UPDATE revisions SET changes = ? WHERE n = ?`, ed.Made, ed.Revision)
	return ed.Revision, err
}

// edit is an Edit that is being made.
type edit struct {
	*writing
	editing.Edit
	waiting editing.Waiting
}

func newEdit(w *writing, e store.Edit) *edit {
	ed := &edit{writing: w, Edit: editing.Edit{At: form.Millis(e.At), Author: e.Author, Note: e.Note}}
	ed.Entries, ed.Lines, ed.Windows, ed.Tokens = entries{ed}, lines{w}, windows{w}, tokens{w}
	return ed
}

// handOn gives the entries that wait their patterns, and fails where another
// entry has kept one.
func (e *edit) handOn() error {
	for _, waiter := range e.waiting.InOrder() {
		_, err := e.exec(`UPDATE entries SET pattern = ? WHERE id = ?`, waiter.Pattern.String(), waiter.Change.Key)
		if isDuplicate(err) {
			return &store.ChangeError{Change: waiter.Change, Err: store.ErrTaken}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// found is what Table.Find gives of a row that may not be there.
func found[T any](v T, err error) (T, bool, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return v, false, nil
	}
	return v, err == nil, err
}

// putting is the statement of a put: an insert that a create makes as it is,
// and that otherwise writes over what is there.
func putting(op store.Op, insert, overwrite string) string {
	if op == store.OpCreate {
		return insert
	}
	return insert + overwrite
}

// put is what Table.Put gives of the statement of a put.
func put(err error) error {
	if isSameKey(err) {
		return store.ErrTaken
	}
	return err
}
