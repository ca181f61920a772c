package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/ringthrough/ringthrough/flow/store"
)

// Edit commits the changes of e in one transaction, reading them one by one,
// so an edit of any size takes little memory. Entries may hand their patterns
// on in any order, but no more than maxParked may be waiting for one at a
// time: the next is given store.ErrTaken at once.
func (s *Store) Edit(ctx context.Context, e store.Edit) (store.Revision, error) {
	revision := store.Revision{At: inMillis(e.At)}
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
	ed := &edit{writing: w, at: inMillis(e.At), author: e.Author, note: e.Note, parked: map[string]parked{}}
	err := w.queryRow(`INSERT INTO revisions (n, at, author, role, from_address, note, first_record)
		SELECT coalesce(max(n), 0) + 1, ?, ?, ?, ?, ?, (SELECT records + 1 FROM audit_head) FROM revisions RETURNING n`,
		ed.at.UnixMilli(), e.Author.Name, e.Author.Role, e.Author.From, e.Note).Scan(&ed.revision)
	if err != nil {
		return 0, err
	}
	for c := range e.Changes {
		if err := ed.make(c); err != nil {
			return 0, err
		}
	}
	if err := ed.unpark(); err != nil {
		return 0, err
	}
	_, err = w.exec(`UPDATE revisions SET changes = ? WHERE n = ?`, ed.seq, ed.revision)
	return ed.revision, err
}

// edit is an Edit that is being made.
type edit struct {
	*writing
	revision uint64
	at       time.Time
	author   store.Author
	note     string
	seq      int               // of the last change that was made
	parked   map[string]parked // by entry id
}

func (e *edit) make(c store.Change) error {
	switch {
	case c.Key == "":
		return fmt.Errorf("%w: %s %s without a key", errMisuse, c.Op, c.Kind)
	case c.Kind == store.KindEntry:
		return change(e, c, entries{e})
	case c.Kind == store.KindLine:
		return change(e, c, lines{e})
	case c.Kind == store.KindWindow:
		return change(e, c, windows{e})
	case c.Kind == store.KindToken:
		return change(e, c, tokens{e})
	default:
		return fmt.Errorf("%w: %q is no kind", errMisuse, c.Kind)
	}
}

// table is how the things of one kind are kept.
type table[T any] interface {
	find(key string) (T, error)               // sql.ErrNoRows where it isn't there
	next(c store.Change, before T) (T, error) // what c makes of before, which is zero where nothing is there
	put(c store.Change, after T) error        // a create must meet the primary key
	remove(key string) error
	version(T) int64
	record(T) any // what history keeps of it
}

// putting is the statement of a put: an insert that a create makes as it is,
// and that otherwise writes over what is there.
func putting(op store.Op, insert, overwrite string) string {
	if op == store.OpCreate {
		return insert
	}
	return insert + overwrite
}

// change makes one change and writes it to the audit.
func change[T any](e *edit, c store.Change, t table[T]) error {
	before, found, err := current(c, t)
	if err != nil {
		return err
	}
	if err := permit(c, found, t.version(before)); err != nil {
		return err
	}
	var was, is any
	if found {
		was = t.record(before)
	}
	if c.Op == store.OpDelete {
		err = t.remove(c.Key)
	} else {
		is, err = replace(c, t, before)
	}
	if err != nil {
		return err
	}
	return e.log(c, was, is)
}

// current is what is there before a change. A create doesn't look: what is
// there shows when the new row is refused.
func current[T any](c store.Change, t table[T]) (before T, found bool, err error) {
	if c.Op == store.OpCreate {
		return before, false, nil
	}
	before, err = t.find(c.Key)
	if errors.Is(err, sql.ErrNoRows) {
		return before, false, nil
	}
	return before, err == nil, err
}

// permit says why a change can't be made to what is stored.
func permit(c store.Change, found bool, version int64) error {
	switch c.Op {
	case store.OpUpdate, store.OpDelete:
		if !found {
			return &store.ChangeError{Change: c, Err: store.ErrNotFound}
		}
	case store.OpCreate, store.OpPut:
	default:
		return fmt.Errorf("%w: %q is no operation", errMisuse, c.Op)
	}
	versioned := c.Kind == store.KindEntry || c.Kind == store.KindLine
	if versioned && c.IfVersion != 0 && c.IfVersion != version {
		return &store.ChangeError{Change: c, Err: store.ErrStale}
	}
	return nil
}

func replace[T any](c store.Change, t table[T], before T) (any, error) {
	after, err := t.next(c, before)
	if err != nil {
		return nil, err
	}
	err = t.put(c, after)
	if c.Op == store.OpCreate && isSameKey(err) {
		err = &store.ChangeError{Change: c, Err: store.ErrTaken}
	}
	return t.record(after), err
}

// missing is the error of a change that doesn't say what to change to.
func missing(c store.Change) error {
	return fmt.Errorf("%w: %s %s %s without a value", errMisuse, c.Op, c.Kind, c.Key)
}

func (e *edit) log(c store.Change, was, is any) error {
	before, err := encode(was)
	if err != nil {
		return err
	}
	after, err := encode(is)
	if err != nil {
		return err
	}
	e.seq++
	return e.audit(store.AuditRecord{
		At: e.at, Actor: e.author.Name, Role: e.author.Role, From: e.author.From, Note: e.note, Revision: e.revision,
		Action: string(done(c.Op, was)), Kind: c.Kind, Key: c.Key, Before: before, After: after,
	})
}

// done is what an operation came down to.
func done(op store.Op, was any) store.Op {
	switch {
	case op != store.OpPut:
		return op
	case was == nil:
		return store.OpCreate
	default:
		return store.OpUpdate
	}
}
