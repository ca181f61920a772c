package switchboard

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// doubtWait is how long the store may take to say what has become of an edit.
const doubtWait = 10 * time.Second

// doubt finds out what has become of an edit that the store gave an error
// for: a commit may have been made and its answer lost. Whatever is stored is
// what serves then.
func (sb *Switchboard) doubt(ctx context.Context, e store.Edit, why error) (store.Revision, error) {
	if refused := (*store.ChangeError)(nil); errors.As(why, &refused) {
		return store.Revision{}, why
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), doubtWait)
	defer cancel()
	before := sb.Snapshot().Revision
	made, err := sb.store.RevisionInfo(ctx, before+1)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return store.Revision{}, why
	case err != nil:
		sb.behind = true
		return store.Revision{}, why
	}
	if err := sb.catchUp(ctx); err != nil {
		return store.Revision{}, errors.Join(why, err)
	}
	if sb.isOf(ctx, made, e) {
		return store.Revision{N: made.N, At: made.At}, nil
	}
	return store.Revision{}, why
}

// isOf reports whether a revision is that of e: two replicas may make edits in
// the same millisecond, for the same people.
func (sb *Switchboard) isOf(ctx context.Context, made store.RevisionInfo, e store.Edit) bool {
	if made.Author != e.Author.Name || made.From != e.Author.From || made.Note != e.Note || !made.At.Equal(e.At.Truncate(time.Millisecond)) {
		return false
	}
	page, err := sb.store.Changes(ctx, store.ChangeQuery{Revision: made.N, Limit: 1})
	if err != nil || len(page.Items) == 0 {
		return false
	}
	for first := range e.Changes {
		return page.Items[0].Kind == first.Kind && page.Items[0].Key == first.Key
	}
	return false
}

// catchUp serves what is stored, if it can be read: what has changed, and all
// of it where that can't be told.
func (sb *Switchboard) catchUp(ctx context.Context) error {
	sb.behind = true
	err := sb.advance(ctx)
	if err != nil && !errors.Is(err, store.ErrUnavailable) {
		err = sb.reload(ctx)
	}
	if err == nil {
		sb.behind = false
	}
	return err
}

// maxAdvance is how many changes are taken in one by one. To load everything
// is quicker than more of them.
const maxAdvance = 50_000

var errFar = errors.New("too much has changed")

// advance takes in what has changed since the revision that serves.
func (sb *Switchboard) advance(ctx context.Context) error {
	if sb.shared == nil {
		return errFar
	}
	if err := sb.checkHistory(ctx); err != nil {
		return err
	}
	var changes []store.Change
	revision, err := sb.shared.Changed(ctx, sb.Snapshot().Revision, func(c store.Change) bool {
		changes = append(changes, c)
		return len(changes) <= maxAdvance
	})
	if err == nil && len(changes) > maxAdvance {
		err = errFar
	}
	if err != nil || revision.N == sb.Snapshot().Revision {
		return err
	}
	p := sb.newPlan(sb.Snapshot())
	if err := p.changeAll(slices.Values(changes)); err != nil {
		return err
	}
	list, err := p.list()
	if err != nil {
		return err
	}
	if err := p.compile(list); err != nil {
		return err
	}
	p.ahead = sb.heardAhead(p.windows)
	sb.serve(p, revision)
	return nil
}

// checkHistory makes sure that the revision that serves is still in the store:
// a failover or a backup may have put another in its place.
func (sb *Switchboard) checkHistory(ctx context.Context) error {
	n := sb.Snapshot().Revision
	if n == 0 {
		return nil
	}
	info, err := sb.shared.RevisionInfo(ctx, n)
	if err == nil && !info.At.Equal(sb.Changed()) {
		return errFar
	}
	return err
}

// reload serves all that is stored.
func (sb *Switchboard) reload(ctx context.Context) error {
	fresh, state, err := sb.read(ctx, sb.now())
	if err != nil {
		return err
	}
	sb.take(state)
	sb.follow(fresh, func(next *flow.Snapshot) *flow.Snapshot { return withWindows(next, state.Windows) })
	for _, c := range state.Recent {
		sb.hear(c)
	}
	return nil
}

// withWindows is s with these windows instead of its own. How many calls they
// have had is what was counted here: what the store has counted as well may
// lack some that are on their way, and have others that are heard of later.
func withWindows(s *flow.Snapshot, windows []flow.Window) *flow.Snapshot {
	for _, l := range s.Lines() {
		live := s.Live(l.Name)
		counted := map[string]int{}
		for _, w := range live.Windows {
			counted[w.ID] = w.Calls
		}
		live.Windows = nil
		for _, w := range windows {
			if w.Line == l.Name {
				w.Calls = counted[w.ID]
				live.Windows = append(live.Windows, w)
			}
		}
		s = s.WithLive(l.Name, live)
	}
	return s
}
