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

var (
	entries = kind[ani.Entry]{nextEntry, func(e ani.Entry) int64 { return e.Version }, func(e ani.Entry) any { return e }}
	lines   = kind[store.Line]{nextLine, func(l store.Line) int64 { return l.Version }, func(l store.Line) any { return l }}
	windows = kind[flow.Window]{nextWindow, func(flow.Window) int64 { return 0 }, func(w flow.Window) any { return w }}
	tokens  = kind[store.Token]{nextToken, func(store.Token) int64 { return 0 }, recordToken}
)

// missing is the error of a change that doesn't say what to change to.
func missing(c store.Change) error {
	return fmt.Errorf("%w: %s %s %s without a value", fault.ErrMisuse, c.Op, c.Kind, c.Key)
}

func nextEntry(e *Edit, c store.Change, before ani.Entry, found bool) (ani.Entry, error) {
	if c.Entry == nil {
		return ani.Entry{}, missing(c)
	}
	v := *c.Entry
	v.ID = c.Key
	if v.Lines == nil {
		v.Lines = []string{}
	}
	v.NotBefore, v.ExpiresAt = form.Millis(v.NotBefore), form.Millis(v.ExpiresAt)
	v.UpdatedAt = e.At
	switch {
	case found:
		v.Version = before.Version + 1
		v.CreatedAt, v.CreatedBy, v.Hits, v.LastHitAt = before.CreatedAt, before.CreatedBy, before.Hits, before.LastHitAt
	case c.Since != 0:
		v.Version = c.Since + 1
		v.CreatedAt, v.LastHitAt = form.Millis(v.CreatedAt), form.Millis(v.LastHitAt)
	default:
		v.Version = 1
		v.CreatedAt, v.CreatedBy, v.Hits, v.LastHitAt = e.At, e.Author.Name, 0, time.Time{}
	}
	return v, nil
}

// nextLine gives a line that goes on from a version the creation of now: a
// flow.Line doesn't say when it was.
func nextLine(e *Edit, c store.Change, before store.Line, found bool) (store.Line, error) {
	if c.Line == nil {
		return store.Line{}, missing(c)
	}
	l := store.Line{Line: *c.Line, Version: before.Version + 1, CreatedAt: before.CreatedAt, UpdatedAt: e.At}
	l.Name = c.Key
	if !found {
		l.CreatedAt, l.Version = e.At, c.Since+1
	}
	return l, nil
}

func nextWindow(e *Edit, c store.Change, before flow.Window, found bool) (flow.Window, error) {
	if c.Window == nil {
		return flow.Window{}, missing(c)
	}
	w := *c.Window
	w.ID = c.Key
	w.OpensAt, w.ClosesAt = form.Millis(w.OpensAt), form.Millis(w.ClosesAt)
	w.Calls, w.CreatedAt, w.CreatedBy = before.Calls, before.CreatedAt, before.CreatedBy
	if !found {
		w.CreatedAt, w.CreatedBy = e.At, e.Author.Name
	}
	return w, nil
}

func nextToken(e *Edit, c store.Change, before store.Token, found bool) (store.Token, error) {
	if c.Token == nil {
		return store.Token{}, missing(c)
	}
	v := *c.Token
	v.ID = c.Key
	v.ExpiresAt = form.Millis(v.ExpiresAt)
	v.CreatedAt, v.CreatedBy = before.CreatedAt, before.CreatedBy
	if !found {
		v.CreatedAt, v.CreatedBy = e.At, e.Author.Name
	}
	return v, nil
}

// tokenRecord is what history keeps of a token: its hash is in no record.
type tokenRecord struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Role      store.Role `json:"role"`
	CreatedAt time.Time  `json:"created_at"`
	CreatedBy string     `json:"created_by"`
	ExpiresAt time.Time  `json:"expires_at,omitzero"`
}

func recordToken(v store.Token) any {
	return tokenRecord{v.ID, v.Name, v.Role, v.CreatedAt, v.CreatedBy, v.ExpiresAt}
}
