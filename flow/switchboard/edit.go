package switchboard

import (
	"cmp"
	"context"
	"errors"
	"fmt"
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
// is written: ani.Problems names the fields; a *store.ChangeError names the
// change that is stale, taken or not found; ErrInUse stands for a line that
// can't be deleted.
func (sb *Switchboard) Edit(ctx context.Context, by store.Author, note string, changes ...store.Change) (store.Revision, error) {
	sb.editing.Lock()
	defer sb.editing.Unlock()
	next, err := sb.plan(ctx, changes)
	if err != nil {
		return store.Revision{}, err
	}
	edit := store.Edit{Author: by, At: sb.now(), Note: note, Changes: slices.Values(changes)}
	revision, err := sb.store.Edit(ctx, edit)
	if err != nil {
		return store.Revision{}, err
	}
	sb.serve(next, revision)
	return revision, nil
}

// serve makes a committed plan the snapshot. A direct call that is counted at
// the same moment is not lost: whoever comes second works on what the first
// one left.
func (sb *Switchboard) serve(p *plan, revision store.Revision) {
	fresh, err := flow.NewSnapshot(revision.N, p.list, servingOrder(p.lines))
	if err != nil {
		panic(fmt.Sprintf("lines that were checked don't compile: %v", err))
	}
	sb.lines = p.lines
	sb.setTokens(p.tokens)
	for {
		old := sb.snapshot.Load()
		next := fresh.Inherit(old)
		for _, c := range p.windows {
			next = withWindow(next, c, sb.now())
		}
		if sb.snapshot.CompareAndSwap(old, next) {
			break
		}
	}
	sb.setChanged(revision)
}

// withWindow is s after a change to a window. Windows that are over are let
// go, and with them what calls they have had: they are not to be opened again.
// Those that have had all their calls stay, as they do when a store is loaded.
func withWindow(s *flow.Snapshot, c store.Change, now time.Time) *flow.Snapshot {
	s, calls := withoutWindow(s, c.Key, now)
	if c.Window == nil || !c.Window.ClosesAt.After(now) {
		return s
	}
	w := *c.Window
	w.ID, w.Calls = c.Key, calls
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
