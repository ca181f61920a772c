package switchboard

import (
	"context"
	"fmt"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

// Forget takes a caller out of this replica's memory: of those who were not
// let through, and of the calls that results may still come in for. Before
// that it waits until the store has what the journal holds of the number, so
// that what is erased there doesn't come back out of the spool; where ctx ends
// first it gives store.ErrUnavailable. Whoever calls meanwhile is remembered
// as ever, and a call's answer for as long as retries of it may come.
func (sb *Switchboard) Forget(ctx context.Context, n ani.Number) error {
	if err := sb.journal.settle(ctx, n); err != nil {
		return err
	}
	sb.watch.without(n)
	sb.recents.without(n)
	for _, id := range sb.known.Keys() {
		if call, ok := sb.known.Peek(id); ok && call.ANI == n {
			sb.known.Add(id, nameless(call))
		}
	}
	return nil
}

// nameless is a call without what tells who made it.
func nameless(call store.Call) store.Call {
	call.ANI, call.Label = ani.Number{}, ""
	return call
}

// settle waits for the calls of n that are on their way to the store.
func (j *journal) settle(ctx context.Context, n ani.Number) error {
	for _, p := range j.of(n) {
		select {
		case <-p.done:
		case <-ctx.Done():
			return fmt.Errorf("%w: calls of the number wait for the store: %w", store.ErrUnavailable, ctx.Err())
		}
	}
	return nil
}

func (j *journal) of(n ani.Number) (waiting []*pending) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, p := range j.waiting {
		if p.mark.Call != nil && p.mark.Call.ANI == n {
			waiting = append(waiting, p)
		}
	}
	return waiting
}

func (w *watch) without(n ani.Number) {
	for _, line := range *w.lines.Load() {
		line.recent.without(n)
		line.last.without(n)
	}
	for _, last := range *w.hooks.Load() {
		last.without(n)
	}
}

func (c *callers) without(n ani.Number) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.ring {
		if c.ring[i].ANI == n {
			c.ring[i] = RecentCaller{}
		}
	}
}

func (l *lastSeen) without(n ani.Number) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.s.ANI == n {
		l.s.ANI = ani.Number{}
	}
}

func (r *recents) without(n ani.Number) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, call := range r.calls {
		if call.ANI == n {
			r.calls[i] = nameless(call)
		}
	}
}
