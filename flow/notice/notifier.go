package notice

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/rs/xid"
	"github.com/rs/zerolog"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// Options are what a Notifier is made of. Store must be set. Of the replicas
// that share one, each tells of calls, and one at a time does what is done by
// the clock.
type Options struct {
	Store        store.Store
	Replica      string // tells this one from the others
	Destinations *Destinations
	Now          func() time.Time // nil: time.Now
	Counted      func(Result)     // told what became of deliveries; may be nil
	Log          zerolog.Logger
}

// Result is what became of a delivery, or of one try.
type Result string

// The results.
const (
	ResultSent    Result = "sent"     // the destination has it
	ResultFailed  Result = "failed"   // a try failed
	ResultGivenUp Result = "given_up" // no further try will be made
	ResultDropped Result = "dropped"  // no room was left for it while the store was away
)

// Results lists the results.
func Results() []Result { return []Result{ResultSent, ResultFailed, ResultGivenUp, ResultDropped} }

// Board is what a Notifier watches: the switchboard.
type Board interface {
	Snapshot() *flow.Snapshot
	Subscribe() (calls <-chan store.Call, cancel func())
	JournalPending() int
}

// Notifier turns what happens into notices and delivers them. Its methods may
// be called from many goroutines; between Start and Stop it does its work.
type Notifier struct {
	store   store.Store
	shared  store.Shared // store, where other replicas share it
	replica string
	now     func() time.Time
	counted func(Result)
	log     zerolog.Logger

	destinations atomic.Pointer[Destinations]
	told         *lru.Cache[string, struct{}] // ids of notices that need no telling again
	outbox       outbox
	post         post

	board    Board
	stopping chan struct{} // closed by Stop
	stopped  sync.Once
	abandon  context.CancelFunc
	work     sync.WaitGroup
}

// rememberTold is how many notices are known to have been told. What is
// forgotten is told again, and the store passes it over.
const rememberTold = 8192

// New makes a Notifier, which does nothing until Start.
func New(o Options) *Notifier {
	n := &Notifier{store: o.Store, replica: o.Replica, now: o.Now, counted: o.Counted, log: o.Log, stopping: make(chan struct{})}
	n.shared, _ = o.Store.(store.Shared)
	if n.now == nil {
		n.now = time.Now
	}
	if n.counted == nil {
		n.counted = func(Result) {}
	}
	n.told, _ = lru.New[string, struct{}](rememberTold) // fails for sizes below 1 alone
	n.outbox.wake, n.post.wake = make(chan struct{}, 1), make(chan struct{}, 1)
	n.SetDestinations(o.Destinations)
	return n
}

// SetDestinations makes notices go to d from now on. Deliveries to a
// destination that d doesn't have wait for it to come back.
func (n *Notifier) SetDestinations(d *Destinations) {
	if d != nil {
		for _, one := range d.all {
			if one.plain {
				n.log.Warn().Str("notice", one.name).Msg("webhook without TLS: whoever is on the way can read the notices")
			}
		}
	}
	n.destinations.Store(d)
	n.told.Purge() // somebody may be new
	ring(n.post.wake)
}

// Start watches board and begins to deliver. It is called once.
func (n *Notifier) Start(board Board) {
	n.board = board
	ctx, cancel := context.WithCancel(context.Background())
	n.abandon = cancel
	calls, unsubscribe := board.Subscribe()
	n.work.Go(func() {
		defer unsubscribe()
		n.watch(calls)
	})
	n.work.Go(func() { n.keepHouse(ctx) })
	n.work.Go(func() { n.empty(ctx) })
	n.work.Go(func() { n.dispatch(ctx) })
}

// stopWait is how long a stop waits for deliveries under way.
const stopWait = 5 * time.Second

// Stop ends the work. It waits for stopWait, or until ctx is done, for what is
// under way; the rest is in the store and goes out after the next start.
// Afterwards the store is not used any more.
func (n *Notifier) Stop(ctx context.Context) {
	n.stopped.Do(func() { close(n.stopping) })
	if n.abandon == nil {
		return // it was never started
	}
	over := make(chan struct{})
	go func() {
		n.work.Wait()
		close(over)
	}()
	ctx, cancel := context.WithTimeout(ctx, stopWait)
	defer cancel()
	select {
	case <-over:
	case <-ctx.Done():
	}
	n.abandon()
	<-over
}

// pause waits for d, for wake or for the end, and reports whether to go on.
func (n *Notifier) pause(d time.Duration, wake <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-n.stopping:
		return false
	case <-wake:
	case <-timer.C:
	}
	return true
}

// ring wakes whoever waits for c, now or next.
func ring(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// List shows the destinations, in the order of the configuration.
func (n *Notifier) List() []Shown { return n.destinations.Load().List() }

// Tried is how a test of one destination went.
type Tried struct {
	Name  string `json:"name"`
	OK    bool   `json:"ok" doc:"the destination has taken it"`
	Error string `json:"error" doc:"what was wrong; no secret is in it"`
}

// Test sends a test to every destination at once, or to the one called name,
// and waits for all of them. It gives store.ErrNotFound where there is none of
// that name.
func (n *Notifier) Test(ctx context.Context, name string) ([]Tried, error) {
	var asked []*destination
	if d := n.destinations.Load(); d != nil {
		for _, one := range d.all {
			if name == "" || one.name == name {
				asked = append(asked, one)
			}
		}
	}
	if name != "" && len(asked) == 0 {
		return nil, store.ErrNotFound
	}
	test := Notice{ID: "test:" + xid.New().String(), Event: EventTest, At: n.now().UTC().Truncate(time.Millisecond), Timezone: "UTC"}
	tried := make([]Tried, len(asked))
	var all sync.WaitGroup
	for i, one := range asked {
		all.Go(func() {
			tried[i] = Tried{Name: one.name, OK: true}
			if err := n.try(ctx, one, test); err != nil {
				tried[i].OK, tried[i].Error = false, err.Error()
			}
		})
	}
	all.Wait()
	return tried, nil
}
