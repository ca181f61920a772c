package switchboard

import (
	"context"
	"errors"
	"time"

	"github.com/ringthrough/ringthrough/flow/store"
)

const (
	// defaultPoll is how long an edit of another replica takes at most until
	// it serves here, should notifications be lost.
	defaultPoll = time.Second

	// pollTry is how long the store may take to say how far it is.
	pollTry = 5 * time.Second

	// catchUpTry is how long it may take to hand over what has changed.
	catchUpTry = 2 * time.Minute

	// sightEvery is how often replicas tell each other what they were asked.
	sightEvery = 10 * time.Second
)

// startFollowing takes in what other replicas write, until stopFollowing.
func (sb *Switchboard) startFollowing() {
	ctx, cancel := context.WithCancel(context.Background())
	sb.stopFollowing = cancel
	sb.following.Go(func() { sb.shared.Follow(ctx, func() { ring(sb.wake) }) })
	sb.following.Go(func() { sb.followStore(ctx) })
	sb.following.Go(func() { sb.shareSights(ctx) })
	if sb.kept != nil {
		sb.following.Go(func() { sb.keepSnapshots(ctx) })
	}
}

// ring wakes whoever waits for c, now or next.
func ring(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (sb *Switchboard) followStore(ctx context.Context) {
	for {
		err := sb.sync(ctx)
		if ctx.Err() != nil {
			return
		}
		sb.tellStore(err)
		timer := time.NewTimer(sb.poll)
		select {
		case <-ctx.Done():
		case <-sb.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// tellStore logs that the store has gone away, or come back.
func (sb *Switchboard) tellStore(err error) {
	away := err != nil
	switch was := sb.away.Swap(away); {
	case away && !was:
		sb.log.Error().Err(err).Msg("the store is away: lookups go on with what serves, edits are refused")
	case was && !away:
		sb.log.Info().Uint64("revision", sb.Snapshot().Revision).Msg("the store is back, and what it holds serves")
	}
}

// sync takes in what is new. Edits come before the calls that were decided by
// them.
func (sb *Switchboard) sync(ctx context.Context) error {
	select {
	case sb.syncing <- struct{}{}:
		defer func() { <-sb.syncing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	asked := sb.now()
	position, err := sb.position(ctx)
	if err != nil {
		return err
	}
	if err := sb.syncEdits(ctx, position); err != nil {
		return err
	}
	if err := sb.syncCalls(ctx, position.Calls); err != nil {
		return err
	}
	if sb.Snapshot().Revision >= position.Revision {
		sb.current.Store(asked.UnixMilli())
	}
	return nil
}

func (sb *Switchboard) position(ctx context.Context) (store.Position, error) {
	ctx, cancel := context.WithTimeout(ctx, pollTry)
	defer cancel()
	return sb.shared.Position(ctx)
}

// syncEdits leaves it to an edit that is under way to find out that it was
// overtaken; its end wakes whoever follows.
func (sb *Switchboard) syncEdits(ctx context.Context, to store.Position) error {
	select {
	case sb.editing <- struct{}{}:
		defer func() { <-sb.editing }()
	default:
		return nil
	}
	if !sb.behind && sb.Snapshot().Revision == to.Revision && sb.Changed().Equal(to.At) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, catchUpTry)
	defer cancel()
	return sb.catchUp(ctx)
}

// syncCalls takes in the calls of the journal that were changed up to a
// position.
func (sb *Switchboard) syncCalls(ctx context.Context, to uint64) error {
	from := min(sb.heard.Load(), to) // less than before where the store was restored from a backup
	sb.heard.Store(from)
	for from < to {
		calls, at, err := sb.callsChanged(ctx, from)
		if err != nil {
			return err
		}
		for i := range calls {
			sb.hear(calls[i])
		}
		if len(calls) == 0 {
			at = to // the last of them were pruned
		}
		from = at
		sb.heard.Store(from)
	}
	return nil
}

func (sb *Switchboard) callsChanged(ctx context.Context, from uint64) ([]store.Call, uint64, error) {
	const page = 500
	ctx, cancel := context.WithTimeout(ctx, pollTry)
	defer cancel()
	return sb.shared.CallsChanged(ctx, from, page)
}

// Current is when what serves was last known to be what is stored in a
// store.Shared; zero where no other replica writes, so that it always is.
func (sb *Switchboard) Current() time.Time {
	if ms := sb.current.Load(); ms != 0 {
		return time.UnixMilli(ms).UTC()
	}
	return time.Time{}
}

// Away reports whether a store.Shared didn't answer when it was last asked:
// what serves then may no longer be what is stored.
func (sb *Switchboard) Away() bool { return sb.away.Load() }

// Refresh takes in what is new in a store.Shared, unless that was done within
// age. It is for processes that are put to sleep between two calls.
func (sb *Switchboard) Refresh(ctx context.Context, age time.Duration) error {
	if sb.shared == nil || sb.now().Sub(sb.Current()) <= age {
		return nil
	}
	return sb.sync(ctx)
}

// shareSights tells the other replicas what this one was asked, and learns
// what they were.
func (sb *Switchboard) shareSights(ctx context.Context) {
	ticker := time.NewTicker(sightEvery)
	defer ticker.Stop()
	var told time.Time
	for {
		until := sb.now()
		if err := sb.exchangeSights(ctx, told); err == nil {
			told = until
		} else if !errors.Is(err, store.ErrUnavailable) {
			sb.log.Warn().Err(err).Msg("what the replicas were asked can't be shared")
		}
		select {
		case <-ctx.Done():
			_ = sb.tellSights(context.WithoutCancel(ctx), told) // the IVR will ask again
			return
		case <-ticker.C:
		}
	}
}

func (sb *Switchboard) exchangeSights(ctx context.Context, since time.Time) error {
	if err := sb.tellSights(ctx, since); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, pollTry)
	defer cancel()
	all, err := sb.shared.Sights(ctx)
	if err != nil {
		return err
	}
	for _, s := range all {
		sb.watch.learn(s)
	}
	return nil
}

func (sb *Switchboard) tellSights(ctx context.Context, since time.Time) error {
	own := sb.watch.sights(since)
	if len(own) == 0 || sb.Away() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, pollTry)
	defer cancel()
	return sb.shared.Sight(ctx, own)
}
