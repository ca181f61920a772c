// Package editing is what the changes of an edit come to, whichever database
// keeps it: when a change can be made, what the next value is, and what
// history records of it. It knows no SQL.
package editing

import (
	"fmt"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/fault"
	"github.com/ringthrough/ringthrough/flow/store/form"
)

// Edit is an edit that is being made.
type Edit struct {
	Revision uint64
	At       time.Time // in milliseconds
	Author   store.Author
	Note     string
	Made     int // how many of its changes

	Entries Table[ani.Entry]
	Lines   Table[store.Line]
	Windows Table[flow.Window]
	Tokens  Table[store.Token]
}

// Table is how the things of one kind are kept.
type Table[T any] interface {
	// Find reads what is there. It isn't asked before a create.
	Find(key string) (v T, found bool, err error)

	// Put writes what c makes. A create gives store.ErrTaken where the key is
	// there; whatever it gives of the contract's errors is blamed on c.
	Put(c store.Change, after T) error

	Remove(key string) error
}

// Make makes one change, and gives the audit record of it.
func (e *Edit) Make(c store.Change) (store.AuditRecord, error) {
	switch {
	case c.Key == "":
		return store.AuditRecord{}, fmt.Errorf("%w: %s %s without a key", fault.ErrMisuse, c.Op, c.Kind)
	case c.Kind == store.KindEntry:
		return change(e, c, e.Entries, entries)
	case c.Kind == store.KindLine:
		return change(e, c, e.Lines, lines)
	case c.Kind == store.KindWindow:
		return change(e, c, e.Windows, windows)
	case c.Kind == store.KindToken:
		return change(e, c, e.Tokens, tokens)
	default:
		return store.AuditRecord{}, fmt.Errorf("%w: %q is no kind", fault.ErrMisuse, c.Kind)
	}
}

// kind is what becomes of the things of one kind.
type kind[T any] struct {
	next    func(e *Edit, c store.Change, before T, found bool) (T, error)
	version func(T) int64
	record  func(T) any // what history keeps of it
}

func change[T any](e *Edit, c store.Change, t Table[T], k kind[T]) (store.AuditRecord, error) {
	before, found, err := current(c, t)
	if err != nil {
		return store.AuditRecord{}, err
	}
	if err := permit(c, found, k.version(before)); err != nil {
		return store.AuditRecord{}, err
	}
	var was, is any
	if found {
		was = k.record(before)
	}
	if c.Op == store.OpDelete {
		err = t.Remove(c.Key)
	} else {
		is, err = replace(e, c, t, k, before, found)
	}
	if err != nil {
		return store.AuditRecord{}, err
	}
	e.Made++
	return e.record(c, was, is)
}

// current is what is there before a change. A create doesn't look: what is
// there shows when the new value is refused.
func current[T any](c store.Change, t Table[T]) (before T, found bool, err error) {
	if c.Op == store.OpCreate {
		return before, false, nil
	}
	return t.Find(c.Key)
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
		return fmt.Errorf("%w: %q is no operation", fault.ErrMisuse, c.Op)
	}
	versioned := c.Kind == store.KindEntry || c.Kind == store.KindLine
	if versioned && c.IfVersion != 0 && c.IfVersion != version {
		return &store.ChangeError{Change: c, Err: store.ErrStale}
	}
	return nil
}

func replace[T any](e *Edit, c store.Change, t Table[T], k kind[T], before T, found bool) (any, error) {
	after, err := k.next(e, c, before, found)
	if err != nil {
		return nil, err
	}
	return k.record(after), blame(c, t.Put(c, after))
}

// blame names the change that a bare error of the contract came of.
func blame(c store.Change, err error) error {
	if err == store.ErrTaken { //nolint:errorlint // one that is wrapped names its change
		return &store.ChangeError{Change: c, Err: err}
	}
	return err
}

func (e *Edit) record(c store.Change, was, is any) (store.AuditRecord, error) {
	before, err := form.JSON(was)
	if err != nil {
		return store.AuditRecord{}, err
	}
	after, err := form.JSON(is)
	return store.AuditRecord{
		At: e.At, Actor: e.Author.Name, Role: e.Author.Role, From: e.Author.From, Note: e.Note, Revision: e.Revision,
		Action: string(done(c.Op, was)), Kind: c.Kind, Key: c.Key, Before: before, After: after,
	}, err
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
