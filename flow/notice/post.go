package notice

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/ringthrough/ringthrough/flow/store"
)

const (
	// tryWait is how long a destination has to take a notice. Standard
	// Webhooks recommends 15 to 30 seconds.
	tryWait = 15 * time.Second

	// lease is for how long deliveries are claimed. What is not tried by then
	// is claimed again, by this process or another.
	lease = time.Minute

	// claimBatch is how many deliveries are claimed at once.
	claimBatch = 100

	// laneCap is how many claimed deliveries wait for one destination.
	laneCap = 1000

	// dueCap is how many times are remembered at which a delivery comes due;
	// the poll finds the others.
	dueCap = 1000

	// pollEvery is how often the store is asked for deliveries that are due,
	// besides those that are known to be.
	pollEvery = 15 * time.Second

	// Tries are made firstDelay apart, then twice as long each time, up to
	// maxDelay, until giveUpAfter the event.
	firstDelay  = time.Second
	maxDelay    = time.Hour
	giveUpAfter = 24 * time.Hour
)

// post is what is on its way. Each destination has a lane of its own, so that
// a slow one holds up no other.
type post struct {
	wake  chan struct{} // something may be due
	mu    sync.Mutex
	lanes map[string][]claimed // by destination; a lane is there while somebody works on it
	due   []time.Time          // when deliveries come due again
}

// claimed is a delivery that is ours until then.
type claimed struct {
	store.Delivery
	until time.Time
}

// dispatch claims what is due and hands it to the lanes, until the end.
func (n *Notifier) dispatch(ctx context.Context) {
	for {
		asked := n.now()
		if err := n.claim(ctx); err != nil {
			n.log.Warn().Err(err).Msg("deliveries of notices wait for the store")
		}
		if !n.pause(n.post.untilDue(asked, n.now()), n.post.wake) {
			return
		}
	}
}

// claim goes on until nothing more is due.
func (n *Notifier) claim(ctx context.Context) error {
	for {
		now := n.now()
		try, cancel := context.WithTimeout(ctx, storeTry)
		found, err := n.store.Claim(try, now, now.Add(lease), claimBatch)
		cancel()
		if err != nil {
			n.post.comesDue(now.Add(5 * time.Second))
			return err
		}
		for _, d := range found {
			n.hand(ctx, claimed{d, now.Add(lease)})
		}
		if len(found) < claimBatch {
			return nil
		}
	}
}

// hand puts c on the lane of its destination. Where the lane is full it is let
// go, and comes due again.
func (n *Notifier) hand(ctx context.Context, c claimed) {
	n.post.mu.Lock()
	defer n.post.mu.Unlock()
	lane, busy := n.post.lanes[c.Destination]
	if len(lane) >= laneCap {
		return
	}
	if n.post.lanes == nil {
		n.post.lanes = map[string][]claimed{}
	}
	n.post.lanes[c.Destination] = append(lane, c)
	if !busy {
		n.work.Go(func() { n.walk(ctx, c.Destination) })
	}
}

// walk delivers what is on a lane, one after the other, until nothing is.
func (n *Notifier) walk(ctx context.Context, destination string) {
	for {
		c, ok := n.take(destination)
		if !ok {
			return
		}
		n.deliver(ctx, c)
	}
}

// take is what comes next on a lane. Where there is nothing, or the end has
// come, the lane is gone.
func (n *Notifier) take(destination string) (claimed, bool) {
	n.post.mu.Lock()
	defer n.post.mu.Unlock()
	lane := n.post.lanes[destination]
	select {
	case <-n.stopping:
		lane = nil
	default:
	}
	if len(lane) == 0 {
		delete(n.post.lanes, destination)
		return claimed{}, false
	}
	n.post.lanes[destination] = lane[1:]
	return lane[0], true
}

// deliver makes one try and settles it. What is not ours for long enough any
// more is left to whoever claims it next.
func (n *Notifier) deliver(ctx context.Context, c claimed) {
	now := n.now()
	if now.Add(tryWait).After(c.until) {
		n.post.comesDue(c.until)
		return
	}
	f := n.attempt(ctx, c)
	if ctx.Err() != nil {
		return // it was broken off and comes due again
	}
	next, wrong := n.judge(c, f)
	err := n.insist(ctx, "what became of a notice waits for the store", func(ctx context.Context) error {
		return n.store.Settle(ctx, c.Notice, c.Destination, next, wrong)
	})
	if err == nil && !next.IsZero() {
		n.post.comesDue(next)
		ring(n.post.wake)
	}
}

func (n *Notifier) attempt(ctx context.Context, c claimed) *fault {
	var notice Notice
	if err := json.Unmarshal(c.Body, &notice); err != nil {
		return &fault{text: "can't be told: the notice can't be read", final: true}
	}
	to, ok := n.destinations.Load().find(c.Destination)
	if !ok {
		return &fault{text: "is not in the configuration"}
	}
	return n.try(ctx, to, notice)
}

// try tells a destination something, and gives nil once it has it.
func (n *Notifier) try(ctx context.Context, to *destination, notice Notice) *fault {
	ctx, cancel := context.WithTimeout(ctx, tryWait)
	defer cancel()
	if err := to.sender.send(ctx, notice, n.now()); err != nil {
		return faultOf(err)
	}
	return nil
}

// judge counts and logs how a try went, and says when to try again: a zero
// next means never.
func (n *Notifier) judge(c claimed, f *fault) (next time.Time, wrong string) {
	if f == nil {
		n.counted(ResultSent)
		n.log.Debug().Str("notice", c.Notice).Str("destination", c.Destination).Msg("notice sent")
		return time.Time{}, ""
	}
	n.counted(ResultFailed)
	next = n.now().Add(max(delay(c.Tries, rand.Float64()), f.after)) //nolint:gosec // it only spreads tries out
	if f.final || next.After(c.At.Add(giveUpAfter)) {
		n.counted(ResultGivenUp)
		n.log.Error().Str("notice", c.Notice).Str("destination", c.Destination).Str("wrong", f.text).Msg("a notice is given up")
		return time.Time{}, f.text
	}
	n.log.Warn().Str("notice", c.Notice).Str("destination", c.Destination).Str("wrong", f.text).Time("next", next).Msg("a notice is tried again")
	return next, f.text
}

// delay is how long to wait after so many tries that failed: exponential, and
// off by a fifth at most, so that those that failed together don't come
// together. chance is in [0, 1).
func delay(tries int, chance float64) time.Duration {
	d := maxDelay
	if tries <= 12 { // 2^12 s is more than maxDelay
		d = min(firstDelay<<max(tries-1, 0), maxDelay)
	}
	return time.Duration(float64(d) * (0.8 + 0.4*chance))
}

// comesDue notes when the store is worth asking again. Stores count in
// milliseconds.
func (p *post) comesDue(at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.due) < dueCap {
		p.due = append(p.due, at.Truncate(time.Millisecond).Add(time.Millisecond))
	}
}

// untilDue is how long nothing is known to be due that was not due when the
// store was asked.
func (p *post) untilDue(asked, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.due = slices.DeleteFunc(p.due, func(at time.Time) bool { return !at.After(asked) })
	wait := pollEvery
	for _, at := range p.due {
		wait = min(wait, at.Sub(now))
	}
	return wait
}
