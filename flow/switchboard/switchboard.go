// Package switchboard holds the living state: the snapshot that serves, the
// edits that change it, what each line has just lived through, and the
// journal. A lookup reads one atomic pointer; it never waits for a disk, a
// database or an edit, but for the 50 ms that a direct call's journal row is
// given. The package knows no HTTP and no dialect.
package switchboard

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/rs/xid"
	"github.com/rs/zerolog"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// Options are what a Switchboard is made of. Store and Spool must be set. What
// other replicas write to a store.Shared is followed.
type Options struct {
	Store   store.Store
	Image   string                    // file to start from while a store.Shared is away, kept up to date; empty: none
	Poll    time.Duration             // how often a store.Shared is asked for news, should it not tell; 0: every second
	Spool   string                    // directory where journal rows wait for the store
	Now     func() time.Time          // nil: time.Now
	Dropped func(what, reason string) // told of everything that a bound made us let go; may be nil
	Log     zerolog.Logger

	// LimitTripped is told of every call that a line's limit has kept from a
	// person. The caller waits meanwhile: it must not block. It may be nil.
	LimitTripped func(line flow.Line, at time.Time, d flow.Decision)
}

// Switchboard answers lookups and takes edits. Its methods may be called from
// many goroutines.
type Switchboard struct {
	store   store.Store
	now     func() time.Time
	dropped func(what, reason string)
	tripped func(line flow.Line, at time.Time, d flow.Decision)
	log     zerolog.Logger

	snapshot atomic.Pointer[flow.Snapshot]
	tokens   atomic.Pointer[tokens]
	changed  atomic.Int64 // when the revision that serves was made, unix milliseconds

	shared        store.Shared // store, if others write to it too
	poll          time.Duration
	wake          chan struct{} // there may be news in the store
	stopFollowing context.CancelFunc
	following     sync.WaitGroup
	syncing       chan struct{} // has room for whoever takes in what is new
	current       atomic.Int64  // when what serves was known to be what is stored, unix milliseconds
	away          atomic.Bool   // the store didn't answer when it was last asked
	heard         atomic.Uint64 // position up to which calls were heard; of whoever follows
	kept          *kept         // nil: nothing is

	editing chan struct{}        // has room for the edit that is under way, from its checks until it serves
	lines   map[string]flow.Line // of whoever is editing, as is behind
	behind  bool                 // something else may be stored than serves

	watch   *watch
	retries *retries
	journal *journal
	known   *lru.Cache[string, store.Call]
	lookups *lru.Cache[platformCall, string] // ids of known calls
	counted *lru.Cache[string, struct{}]     // calls that were published, and counted where they count
	ahead   *lru.Cache[string, int]          // calls of windows that don't serve here yet
	recents recents
	feed    feed
}

// knownCalls is how many calls are remembered for the results that come in
// for them; older ones are looked up in the store.
const knownCalls = 8192

// countedCalls is how many calls are known to be counted: more than can come
// back from the store while others go there.
const countedCalls = 1 << 16

// Open loads what the store holds and what waits in the spool, and serves it.
func Open(ctx context.Context, o Options) (*Switchboard, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Dropped == nil {
		o.Dropped = func(string, string) {}
	}
	if o.LimitTripped == nil {
		o.LimitTripped = func(flow.Line, time.Time, flow.Decision) {}
	}
	sb := &Switchboard{
		store: o.Store, now: o.Now, dropped: o.Dropped, tripped: o.LimitTripped, log: o.Log,
		poll: cmp.Or(o.Poll, defaultPoll), wake: make(chan struct{}, 1), kept: keptAt(o.Image), editing: make(chan struct{}, 1), syncing: make(chan struct{}, 1),
		watch: newWatch(o.Now), retries: newRetries(o.Dropped),
	}
	sb.shared, _ = o.Store.(store.Shared)
	sb.known, _ = lru.New[string, store.Call](knownCalls) // fails for sizes below 1 alone
	sb.lookups, _ = lru.New[platformCall, string](knownCalls)
	sb.counted, _ = lru.New[string, struct{}](countedCalls)
	sb.ahead, _ = lru.New[string, int](knownCalls)
	spool, waiting, err := openSpool(o.Spool, sb.setAside)
	if err != nil {
		return nil, fmt.Errorf("open journal spool: %w", err)
	}
	if err := sb.load(ctx, waiting); err != nil {
		return nil, err
	}
	sb.rememberWaiting(waiting)
	sb.journal = startJournal(o.Store, spool, waiting, o.Dropped, o.Log)
	if sb.shared != nil {
		sb.startFollowing()
	}
	return sb, nil
}

// setAside is told of a file in the spool that can't be read.
func (sb *Switchboard) setAside(name string, why error) {
	sb.dropped("spool", "unreadable")
	sb.log.Error().Str("file", name).Err(why).Msg("a journal row in the spool can't be read and is set aside")
}

// Close waits until every journal row is in the store or, once ctx is done,
// in the spool. Nobody may call the Switchboard any more.
func (sb *Switchboard) Close(ctx context.Context) error {
	if sb.shared != nil {
		sb.stopFollowing()
		sb.following.Wait()
	}
	return sb.journal.close(ctx)
}

// Answer is what one lookup was told.
type Answer struct {
	ID       string // of the lookup
	At       time.Time
	Revision uint64
	Decision flow.Decision
	Repeated bool // a retry of a call that was answered before, with the same answer
}

// Lookup decides on a call that came in on a hook. A retry, which is the same
// call id on the same hook within a minute, gets the answer that the first
// one got. It never fails: an internal fault carries the call on.
func (sb *Switchboard) Lookup(hook string, call flow.Call) (a Answer) {
	defer func() {
		if fault := recover(); fault != nil {
			sb.log.Error().Str("hook", hook).Str("fault", fmt.Sprint(fault)).Strs("in", Frames()).Msg("lookup failed")
			a = Answer{ID: xid.New().String(), At: sb.now(), Decision: flow.Faulted(call)}
			sb.watch.see(hook, &a)
		}
	}()
	if call.ID == "" {
		a = sb.decide(call)
	} else {
		key := retryKey{hook, call.ID, call.ANI, call.DNIS}
		a = sb.retries.do(key, sb.now(), func() Answer { return sb.decide(call) })
	}
	sb.watch.see(hook, &a)
	if !a.Repeated {
		sb.keep(hook, a)
	}
	return a
}

// decide counts a direct call in the state that the next decision rests on.
// Two calls at once don't both take the last place of a limit: whoever finds
// that the snapshot has changed meanwhile decides again.
func (sb *Switchboard) decide(call flow.Call) Answer {
	id := xid.New().String()
	for {
		s, now := sb.snapshot.Load(), sb.now()
		d := flow.Decide(call, s, now)
		if d.Route == flow.Continue || sb.snapshot.CompareAndSwap(s, s.After(d, id, now)) {
			d.Entry = d.Entry.Detached() // an answer is remembered for longer than its list
			return Answer{ID: id, At: now, Revision: s.Revision, Decision: d}
		}
	}
}

// keep writes a call that must not be forgotten to the journal and then tells
// those who watch: whoever is told of a call, or begins to watch too late for
// it, finds it in the journal. A direct call waits for its row as long as
// journalWait.
func (sb *Switchboard) keep(hook string, a Answer) {
	if a.Decision.Reason == flow.ReasonLimit {
		sb.tellLimit(a)
	}
	direct := a.Decision.Route == flow.Direct
	if !direct && !a.Decision.Candidate() {
		return
	}
	call := rowOf(hook, a)
	sb.counted.Add(call.ID, struct{}{})
	sb.recents.add(call)
	sb.remember(call)
	waiting := sb.journal.write(store.Mark{Call: &call})
	if direct {
		waiting.wait(journalWait)
	}
	sb.feed.publish(call, sb.dropped)
}

func (sb *Switchboard) tellLimit(a Answer) {
	if line, ok := sb.snapshot.Load().Line(a.Decision.Line); ok {
		sb.tripped(line, a.At, a.Decision)
	}
}

func rowOf(hook string, a Answer) store.Call {
	d := a.Decision
	row := store.Call{
		ID: a.ID, At: a.At.UTC().Truncate(time.Millisecond), Hook: hook, CallID: d.Call.ID, Line: d.Line, ANI: d.Call.ANI, DNIS: d.Call.DNIS,
		Kind: store.CallDirect, Route: d.Route, Reason: d.Reason, Expected: d.Expected, Window: d.Window,
		TargetKind: d.Target.Kind, Target: d.Target.Address, Attempt: d.Attempt, Attestation: d.Call.Attestation,
	}
	if !d.Entry.IsZero() {
		row.Entry, row.Label = d.Entry.ID(), d.Entry.Label()
	}
	switch {
	case d.Route == flow.Continue:
		row.Kind = store.CallCandidate
	case d.Reason == flow.ReasonRehearsal:
		row.Kind = store.CallRehearsal
	}
	return row
}

// Snapshot is what serves now.
func (sb *Switchboard) Snapshot() *flow.Snapshot { return sb.snapshot.Load() }

// Changed is when the revision that serves was made; zero for an empty store.
func (sb *Switchboard) Changed() time.Time {
	if ms := sb.changed.Load(); ms != 0 {
		return time.UnixMilli(ms).UTC()
	}
	return time.Time{}
}

// Store is where everything is kept, for reading. What changes the list, the
// lines, windows or tokens goes through Edit.
func (sb *Switchboard) Store() store.Store { return sb.store }

// Now is the time that decisions are made by.
func (sb *Switchboard) Now() time.Time { return sb.now() }

// JournalPending is how many rows are not in the store yet.
func (sb *Switchboard) JournalPending() int { return sb.journal.pending() }

// Explain tells what would become of a call at the given time, and why. It
// leaves no trace.
func (sb *Switchboard) Explain(call flow.Call, at time.Time) (Answer, []flow.Step) {
	s := sb.snapshot.Load()
	d, steps := flow.Explain(call, s, at)
	return Answer{At: at, Revision: s.Revision, Decision: d}, steps
}

// News counts what was learnt of calls: that they came, how they ended, what
// became of them. Whoever knows the number knows whether there was more.
func (sb *Switchboard) News() uint64 { return sb.feed.news.Load() }

// Subscribe delivers every journalled call from now on, until cancel is
// called. A subscriber that doesn't keep up misses calls; they are in the
// journal all the same.
func (sb *Switchboard) Subscribe() (calls <-chan store.Call, cancel func()) {
	return sb.feed.subscribe()
}
