package notice

import (
	"context"
	"errors"
	"time"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

const (
	// choresEvery is how long what is due by the clock waits at most.
	choresEvery = 15 * time.Second

	// How far back a start looks for what a crash has kept from being told.
	lookBackCalls   = 15 * time.Minute
	lookBackWindows = time.Hour

	// page is how much is read of the store at once, maxPages how often.
	page     = 1000
	maxPages = 20
)

// chores is what is done by the clock rather than by a call.
type chores struct {
	*Notifier
	made    bool                   // what happened before the start was made up for
	waiting map[string]flow.Window // that have not closed yet, as they were last seen
}

// keepHouse does the chores until the end: whenever a window closes, and every
// now and then.
func (n *Notifier) keepHouse(ctx context.Context) {
	c := chores{Notifier: n, waiting: map[string]flow.Window{}}
	for {
		if n.leads(ctx) {
			c.makeUp(ctx)
			c.watchWindows(ctx)
			c.watchExpiry()
		} else {
			c.made = false // whoever takes over makes up for what the other left
			clear(c.waiting)
		}
		if !n.pause(c.untilNext(), nil) {
			n.handOver(ctx)
			return
		}
	}
}

const (
	choresLease = "notices"
	choresSpan  = 4 * choresEvery // after which somebody else does the chores of a replica that is gone
)

// leads reports whether the chores are this replica's. While the store is away
// they are nobody's: it wouldn't take a notice either.
func (n *Notifier) leads(ctx context.Context) bool {
	if n.shared == nil {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, storeTry)
	defer cancel()
	ours, err := n.shared.Lease(ctx, choresLease, n.replica, choresSpan)
	return err == nil && ours
}

// handOver lets another replica do the chores at once.
func (n *Notifier) handOver(ctx context.Context) {
	if n.shared == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, storeTry)
	defer cancel()
	if err := n.shared.Release(ctx, choresLease, n.replica); err != nil {
		n.log.Debug().Err(err).Msg("the chores of notices wait for their lease to run out")
	}
}

// untilNext is how long nothing has to be done.
func (c *chores) untilNext() time.Duration {
	next, now := choresEvery, c.now()
	for _, w := range c.waiting {
		if left := w.ClosesAt.Sub(now); left > 0 {
			next = min(next, left)
		}
	}
	return next
}

// makeUp tells once what may have happened before the start and was not told:
// the process may have ended between the journal and the queue. Rows that only
// the spool has are waited for.
func (c *chores) makeUp(ctx context.Context) {
	if c.made || c.board.JournalPending() > 0 {
		return
	}
	now := c.now()
	err := errors.Join(
		c.makeUpCalls(ctx, store.CallDirect, now), c.makeUpCalls(ctx, store.CallRehearsal, now), c.makeUpWindows(ctx, now))
	if err != nil {
		c.log.Warn().Err(err).Msg("notices of before the start wait for the store")
		return
	}
	c.made = true
}

func (c *chores) makeUpCalls(ctx context.Context, kind store.CallKind, now time.Time) error {
	q := store.CallQuery{Kind: kind, Since: now.Add(-lookBackCalls), Limit: page}
	return each(ctx, func(ctx context.Context, cursor string) (store.Page[store.Call], error) {
		q.Cursor = cursor
		return c.store.Calls(ctx, q)
	}, c.tellCall)
}

func (c *chores) makeUpWindows(ctx context.Context, now time.Time) error {
	q := store.WindowQuery{State: "closed", At: now, Limit: page}
	var untold error
	err := each(ctx, func(ctx context.Context, cursor string) (store.Page[flow.Window], error) {
		q.Cursor = cursor
		return c.store.Windows(ctx, q)
	}, func(w flow.Window) {
		if w.ClosesAt.After(now.Add(-lookBackWindows)) {
			untold = errors.Join(untold, c.tellWindow(ctx, w))
		}
	})
	return errors.Join(err, untold)
}

// each hands over the items of the first maxPages pages.
func each[T any](ctx context.Context, ask func(context.Context, string) (store.Page[T], error), tell func(T)) error {
	ctx, cancel := context.WithTimeout(ctx, storeTry)
	defer cancel()
	cursor := ""
	for range maxPages {
		part, err := ask(ctx, cursor)
		if err != nil {
			return err
		}
		for _, item := range part.Items {
			tell(item)
		}
		if cursor = part.Next; cursor == "" {
			break
		}
	}
	return nil
}

// watchWindows remembers the windows that serve and tells of those that have
// closed since, by themselves or by somebody's hand.
func (c *chores) watchWindows(ctx context.Context) {
	now, snapshot := c.now(), c.board.Snapshot()
	for _, line := range snapshot.Lines() {
		for _, w := range snapshot.Live(line.Name).Windows {
			if w.Mode != flow.ModeRehearsal {
				c.waiting[w.ID] = w
			}
		}
	}
	for id, w := range c.waiting {
		if now.Before(w.ClosesAt) && serves(snapshot, w) {
			continue
		}
		if c.closed(ctx, w, now) {
			delete(c.waiting, id)
		}
	}
}

func serves(s *flow.Snapshot, w flow.Window) bool {
	for _, other := range s.Live(w.Line).Windows {
		if other.ID == w.ID {
			return true
		}
	}
	return false
}

// closed asks the store about a window that seems to have closed, and reports
// whether nothing more is to be done about it.
func (c *chores) closed(ctx context.Context, seen flow.Window, now time.Time) bool {
	ctx, cancel := context.WithTimeout(ctx, storeTry)
	defer cancel()
	w, err := c.store.Window(ctx, seen.ID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return true
	case err != nil:
		c.log.Warn().Err(err).Msg("whether a window has closed waits for the store")
		return false
	case now.Before(w.ClosesAt):
		return w.State(now) == "closed" // it has had all its calls
	}
	w.Calls = max(w.Calls, seen.Calls) // the row of a call may not have got there yet
	return c.tellWindow(ctx, w) == nil
}

// tellWindow offers the notice of a window that has closed, where no call had
// come to the line meanwhile: a call counts in one of several open windows.
func (c *chores) tellWindow(ctx context.Context, w flow.Window) error {
	if w.Mode == flow.ModeRehearsal || w.Calls > 0 {
		return nil
	}
	came, err := c.store.Calls(ctx, store.CallQuery{Line: w.Line, Kind: store.CallDirect, Since: w.OpensAt, Until: w.ClosesAt, Limit: 1})
	if err != nil || len(came.Items) > 0 {
		return err
	}
	notice, _ := c.about(EventWindowUnused, "window:"+w.ID+":closed", w.Line, w.ClosesAt)
	notice.Window = &w
	c.offer(notice)
	return nil
}
