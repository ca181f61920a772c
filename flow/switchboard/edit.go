package switchboard

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// ErrInUse is why a line can't be deleted: entries would be left behind that
// name it.
var ErrInUse = errors.New("still named by entries")

// Edit commits changes as one revision, or none of them. Once it returns nil
// they are durable and serve. What can't be taken is refused before anything
// is written: ani.Problems names the fields; an *ani.CrossingError the ranges
// that overlap; a *store.ChangeError the change that is stale, taken or not
// found; ErrInUse stands for a line that can't be deleted.
func (sb *Switchboard) Edit(ctx context.Context, by store.Author, note string, changes ...store.Change) (store.Revision, error) {
	if err := sb.begin(ctx); err != nil {
		return store.Revision{}, err
	}
	defer sb.end()
	return sb.abreast(ctx, func() (store.Revision, error) {
		next, err := sb.check(ctx, lasting(changes))
		if err != nil {
			return store.Revision{}, err
		}
		return sb.commit(ctx, store.Edit{Author: by, Note: note, Changes: slices.Values(changes)}, next)
	})
}

// maxOvertaken is how often an edit may be overtaken by those of other
// replicas before it is given up.
const maxOvertaken = 50

// abreast makes an edit that has begun, and again whenever another replica's
// was quicker: what was checked has to hold for what is stored then.
func (sb *Switchboard) abreast(ctx context.Context, edit func() (store.Revision, error)) (store.Revision, error) {
	for range maxOvertaken {
		revision, err := edit()
		if !errors.Is(err, store.ErrBehind) {
			return revision, err
		}
		if err := sb.catchUp(ctx); err != nil {
			return store.Revision{}, err
		}
	}
	return store.Revision{}, fmt.Errorf("%w: other replicas go on editing: try again", store.ErrUnavailable)
}

// lasting is what comes of changes, of which only the last one to each entry
// lasts: those before it delete what is there.
func lasting(changes []store.Change) iter.Seq[store.Change] {
	return func(yield func(store.Change) bool) {
		last := map[string]int{}
		for i, c := range changes {
			if c.Kind == store.KindEntry {
				last[c.Key] = i
			}
		}
		for i, c := range changes {
			if c.Kind == store.KindEntry && last[c.Key] > i {
				c.Op, c.Entry = store.OpDelete, nil
			}
			if !yield(c) {
				return
			}
		}
	}
}

// check plans an edit that has begun, and whose outcome is that of lasting,
// which has one change to each entry.
func (sb *Switchboard) check(ctx context.Context, lasting iter.Seq[store.Change]) (*plan, error) {
	next, err := sb.plan(lasting)
	if err == nil && ctx.Err() != nil {
		err = fmt.Errorf("%w: %w", store.ErrUnavailable, ctx.Err())
	}
	return next, err
}

// commit makes an edit that was checked. It gives store.ErrBehind where it was
// checked against what is no longer stored.
func (sb *Switchboard) commit(ctx context.Context, e store.Edit, next *plan) (store.Revision, error) {
	e.At, e.Changes, e.Next = sb.now(), next.with(e.Changes), sb.Snapshot().Revision+1
	revision, err := sb.store.Edit(ctx, e)
	switch {
	case errors.Is(err, store.ErrBehind):
		return store.Revision{}, err
	case err != nil:
		return sb.doubt(ctx, e, err)
	}
	sb.serve(next, revision)
	return revision, nil
}

var errAway = fmt.Errorf("%w: it didn't answer when it was last asked", store.ErrUnavailable)

// begin waits until no other edit is under way, and what is stored serves: an
// edit must not be refused for what another replica has changed since. Nobody
// waits for a store that is known to be away.
func (sb *Switchboard) begin(ctx context.Context) error {
	select {
	case sb.editing <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("%w: another edit is being written: %w", store.ErrUnavailable, ctx.Err())
	}
	if !sb.behind && sb.shared == nil {
		return nil
	}
	err := errAway
	if !sb.Away() {
		err = sb.catchUp(ctx)
	}
	if err != nil {
		sb.end()
	}
	return err
}

func (sb *Switchboard) end() {
	<-sb.editing
	ring(sb.wake)
}

// serve makes a committed plan the snapshot. A direct call that is counted at
// the same moment is not lost: whoever comes second works on what the first
// one left.
func (sb *Switchboard) serve(p *plan, revision store.Revision) {
	sb.lines = p.lines
	sb.watch.follow(p.lines, p.gone)
	sb.setTokens(p.tokens)
	p.snapshot.Revision = revision.N
	sb.follow(p.snapshot, func(next *flow.Snapshot) *flow.Snapshot {
		for _, c := range p.windows {
			next = withWindow(next, c, p.ahead[c.Key], sb.now())
		}
		return next
	})
	sb.setChanged(revision)
}

// follow serves fresh with the lives of what serves now, windows changed.
func (sb *Switchboard) follow(fresh *flow.Snapshot, windows func(*flow.Snapshot) *flow.Snapshot) {
	for {
		old := sb.snapshot.Load()
		if sb.snapshot.CompareAndSwap(old, windows(fresh.Inherit(old))) {
			return
		}
	}
}

// withWindow is s after a change to a window, of which ahead calls were heard
// before. Windows that are over are let
// go, and with them what calls they have had: they are not to be opened again.
// Those that have had all their calls stay, as they do when a store is loaded.
func withWindow(s *flow.Snapshot, c store.Change, ahead int, now time.Time) *flow.Snapshot {
	s, calls := withoutWindow(s, c.Key, now)
	if c.Window == nil || !c.Window.ClosesAt.After(now) {
		return s
	}
	w := *c.Window
	w.ID, w.Calls = c.Key, calls+ahead
	live := s.Live(w.Line)
	live.Windows = append(slices.Clone(live.Windows), w)
	slices.SortFunc(live.Windows, func(a, b flow.Window) int {
		return cmp.Or(a.ClosesAt.Compare(b.ClosesAt), strings.Compare(a.ID, b.ID))
	})
	return s.WithLive(w.Line, live)
}

// withoutWindow is s without the window called id, whichever line it is on,
// and the calls that it has had.
func withoutWindow(s *flow.Snapshot, id string, now time.Time) (without *flow.Snapshot, calls int) {
	for _, l := range s.Lines() {
		live := s.Live(l.Name)
		if len(live.Windows) == 0 {
			continue
		}
		live.Windows = slices.DeleteFunc(slices.Clone(live.Windows), func(w flow.Window) bool {
			if w.ID == id {
				calls = w.Calls
			}
			return w.ID == id || !w.ClosesAt.After(now)
		})
		s = s.WithLive(l.Name, live)
	}
	return s, calls
}
