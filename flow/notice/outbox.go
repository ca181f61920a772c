package notice

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/sethvargo/go-retry"

	"github.com/ringthrough/ringthrough/flow/store"
)

const (
	// outboxCap bounds the deliveries that wait for the store.
	outboxCap = 4096

	// outboxBatch is how many deliveries go to the store at once.
	outboxBatch = 256

	// storeTry is how long one call of the store may take.
	storeTry = 10 * time.Second
)

// outbox holds the deliveries that are not in the store yet.
type outbox struct {
	mu      sync.Mutex
	waiting []store.Delivery // oldest first
	wake    chan struct{}    // something waits
}

// add reports whether there was room for all of more.
func (o *outbox) add(more []store.Delivery) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.waiting)+len(more) > outboxCap {
		return false
	}
	o.waiting = append(o.waiting, more...)
	ring(o.wake)
	return true
}

func (o *outbox) next() []store.Delivery {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.waiting[:min(len(o.waiting), outboxBatch)]
}

func (o *outbox) remove(count int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.waiting = o.waiting[count:]
}

// offer has a notice delivered to whoever wants it. It never blocks, and
// passes over a notice that was offered before.
func (n *Notifier) offer(notice Notice) {
	names := n.destinations.Load().wanting(notice)
	if len(names) == 0 {
		return
	}
	if known, _ := n.told.ContainsOrAdd(notice.ID, struct{}{}); known {
		return
	}
	body, err := json.Marshal(notice)
	if err != nil {
		n.log.Error().Err(err).Str("notice", notice.ID).Msg("a notice can't be written")
		return
	}
	deliveries := make([]store.Delivery, len(names))
	for i, name := range names {
		deliveries[i] = store.Delivery{Notice: notice.ID, Destination: name, Body: body, At: notice.At}
	}
	if !n.outbox.add(deliveries) {
		n.told.Remove(notice.ID)
		for range deliveries {
			n.counted(ResultDropped)
		}
		n.log.Error().Str("notice", notice.ID).Msg("a notice is lost: too many wait for the store")
	}
}

// empty takes what waits in the outbox to the store, until the end.
func (n *Notifier) empty(ctx context.Context) {
	for {
		for batch := n.outbox.next(); len(batch) > 0; batch = n.outbox.next() {
			if err := n.enqueue(ctx, batch); err != nil {
				return // ctx is done; the next start finds what is missing in the journal
			}
			n.outbox.remove(len(batch))
			ring(n.post.wake)
		}
		select {
		case <-n.outbox.wake:
		case <-n.stopping:
			if len(n.outbox.next()) == 0 {
				return
			}
		}
	}
}

// enqueue repeats until the store takes the batch or ctx is done.
func (n *Notifier) enqueue(ctx context.Context, batch []store.Delivery) error {
	return n.insist(ctx, "notices wait for the store", func(ctx context.Context) error {
		return n.store.Enqueue(ctx, batch)
	})
}

// insist repeats until ask gets through to the store or ctx is done.
func (n *Notifier) insist(ctx context.Context, complaint string, ask func(context.Context) error) error {
	backoff := retry.WithCappedDuration(5*time.Second, retry.NewExponential(100*time.Millisecond))
	return retry.Do(ctx, backoff, func(ctx context.Context) error {
		try, cancel := context.WithTimeout(ctx, storeTry)
		defer cancel()
		err := ask(try)
		if err != nil && ctx.Err() == nil {
			n.log.Warn().Err(err).Msg(complaint)
		}
		return retry.RetryableError(err)
	})
}
