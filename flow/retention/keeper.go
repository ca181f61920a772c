// Package retention deletes what was kept for as long as is configured. What
// that means for each kind of thing is the store's to know.
package retention

import (
	"context"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/ringthrough/ringthrough/flow/store"
)

const (
	firstAfter = time.Minute // so that a start is left in peace
	every      = time.Hour

	lease     = "retention"
	leaseSpan = 5 * time.Minute
	extend    = time.Minute // how often the lease is asked for again meanwhile
	storeTry  = 10 * time.Second
)

// Options are what a Keeper is made of. Store must be set.
type Options struct {
	Store     store.Store
	Retention Config
	Holder    string           // tells this replica from the others of its store
	Now       func() time.Time // nil: time.Now
	Log       zerolog.Logger
}

// Keeper deletes what is too old, a minute after Start and then once an hour.
// Of the replicas that share a store one at a time does.
type Keeper struct {
	store   store.Store
	shared  store.Shared // nil: nobody else has the store
	config  Config
	holder  string
	now     func() time.Time
	log     zerolog.Logger
	stop    context.CancelFunc
	stopped sync.WaitGroup
}

// New makes a Keeper, which does nothing until Start. The error is what
// Config.Validate gives.
func New(o Options) (*Keeper, error) {
	if err := o.Retention.Validate(); err != nil {
		return nil, err
	}
	k := &Keeper{store: o.Store, config: o.Retention, holder: o.Holder, now: o.Now, log: o.Log, stop: func() {}}
	k.shared, _ = o.Store.(store.Shared)
	if k.now == nil {
		k.now = time.Now
	}
	return k, nil
}

// Start begins. It is called once, or never.
func (k *Keeper) Start() {
	if k.config.idle() {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	k.stop = cancel
	k.stopped.Go(func() { k.run(ctx) })
}

// Stop ends what is under way and waits for that, until ctx is done.
func (k *Keeper) Stop(ctx context.Context) {
	k.stop()
	done := make(chan struct{})
	go func() {
		k.stopped.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

func (k *Keeper) run(ctx context.Context) {
	timer := time.NewTimer(firstAfter)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			k.keep(ctx)
			timer.Reset(every)
		case <-ctx.Done():
			return
		}
	}
}

// keep deletes what is too old, if that is this replica's to do.
func (k *Keeper) keep(ctx context.Context) {
	if k.shared == nil {
		k.prune(ctx)
		return
	}
	if !k.leads(ctx) {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var extending sync.WaitGroup
	extending.Go(func() { k.hold(ctx, cancel) })
	k.prune(ctx)
	cancel()
	extending.Wait()
	k.release(ctx)
}

// hold extends the lease until ctx is done. Without it, it ends what is under
// way.
func (k *Keeper) hold(ctx context.Context, end context.CancelFunc) {
	tick := time.NewTicker(extend)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if !k.leads(ctx) {
				end()
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

func (k *Keeper) leads(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, storeTry)
	defer cancel()
	ours, err := k.shared.Lease(ctx, lease, k.holder, leaseSpan)
	return err == nil && ours
}

// release lets another replica have the next turn.
func (k *Keeper) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTry)
	defer cancel()
	if err := k.shared.Release(ctx, lease, k.holder); err != nil {
		k.log.Debug().Err(err).Msg("retention waits for its lease to run out")
	}
}

func (k *Keeper) prune(ctx context.Context) {
	pruned, err := k.store.Prune(ctx, k.config.at(k.now()))
	if pruned != (store.Pruned{}) {
		k.log.Info().Int64("calls", pruned.Calls).Int64("candidates", pruned.Candidates).
			Int64("audit", pruned.Audit).Int64("revisions", pruned.Revisions).Msg("what was kept for long enough is deleted")
	}
	if err != nil && ctx.Err() == nil {
		k.log.Warn().Err(err).Msg("what is too old is still kept: it is tried again in an hour")
	}
}
