package switchboard

import (
	"context"
	"errors"
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
	page, err := sb.store.Revisions(ctx, store.RevisionQuery{Limit: 1})
	if err != nil {
		sb.behind = true
		return store.Revision{}, why
	}
	before := sb.Snapshot().Revision
	if len(page.Items) == 0 || page.Items[0].N == before {
		return store.Revision{}, why
	}
	if err := sb.catchUp(ctx); err != nil {
		return store.Revision{}, errors.Join(why, err)
	}
	last := page.Items[0]
	if last.N == before+1 && last.Author == e.Author.Name && last.Note == e.Note && last.At.Equal(e.At.Truncate(time.Millisecond)) {
		return store.Revision{N: last.N, At: last.At}, nil
	}
	return store.Revision{}, why
}

// catchUp serves what is stored, if it can be read.
func (sb *Switchboard) catchUp(ctx context.Context) error {
	sb.behind = true
	fresh, state, err := sb.read(ctx, sb.now())
	if err != nil {
		return err
	}
	sb.take(state)
	sb.follow(fresh, func(next *flow.Snapshot) *flow.Snapshot { return withWindows(next, state.Windows) })
	sb.behind = false
	return nil
}

// withWindows is s with these windows instead of its own. What serves may
// have counted calls that are not stored yet, and the other way round.
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
				w.Calls = max(w.Calls, counted[w.ID])
				live.Windows = append(live.Windows, w)
			}
		}
		s = s.WithLive(l.Name, live)
	}
	return s
}
