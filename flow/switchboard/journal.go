package switchboard

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"github.com/sethvargo/go-retry"

	"github.com/ringthrough/ringthrough/flow/store"
)

const (
	// journalWait is how long a direct call's answer waits for its row to be
	// durable.
	journalWait = 50 * time.Millisecond

	// spoolAfter is when a row goes to the spool that the store hasn't taken: so
	// early that it is there before the answer goes out.
	spoolAfter = journalWait / 2

	// journalCap bounds the rows that wait for the store.
	journalCap = 20_000

	// journalBatch is how many rows go to the store at once.
	journalBatch = 256

	// journalTry is how long one write to the store may take.
	journalTry = 10 * time.Second
)

// journal writes rows to the store in the order in which they came, and keeps
// those that wait for it in the spool. One goroutine talks to the store, one
// writes to the spool and one waits until that is synced; nobody else ever
// waits for a disk.
type journal struct {
	store   store.Store
	spool   *spool
	dropped func(what, reason string)
	log     zerolog.Logger

	mu      sync.Mutex
	waiting []*pending // oldest first
	last    uint64     // name of the row that came last
	closed  bool

	busy    atomic.Bool   // the store is, for longer than a caller can wait
	wake    chan struct{} // something waits, or the journal closes
	late    chan *pending // rows to be spooled, each once
	written chan *pending // rows of the spool that are to be synced
	stop    context.CancelFunc
	writer  sync.WaitGroup
	spooler sync.WaitGroup
}

// pending is one row on its way to the store.
type pending struct {
	mark store.Mark
	name string        // in the spool
	done chan struct{} // closed once the row is durable in the store
	kept chan struct{} // closed once it is durable in the spool
	went chan struct{} // closed once it was tried to write it there

	mu       sync.Mutex // held while its file is written or removed, but not while it is synced
	spooled  bool
	recorded bool
}

func newPending(m store.Mark, name string) *pending {
	return &pending{mark: m, name: name, done: make(chan struct{}), kept: make(chan struct{}), went: make(chan struct{})}
}

func startJournal(st store.Store, sp *spool, waiting []*pending, dropped func(what, reason string), log zerolog.Logger) *journal {
	ctx, stop := context.WithCancel(context.Background())
	j := &journal{
		store: st, spool: sp, dropped: dropped, log: log, waiting: waiting,
		wake: make(chan struct{}, 1), late: make(chan *pending, journalCap), written: make(chan *pending, journalCap), stop: stop,
	}
	for _, p := range waiting {
		n, _ := strconv.ParseUint(p.name, 10, 64) // a name that is none of ours comes before ours
		j.last = max(j.last, n)
	}
	j.writer.Go(func() { j.run(ctx) })
	j.spooler.Go(j.runSpool)
	j.spooler.Go(j.runSync)
	j.wakeUp()
	return j
}

// ticket is a row on its way; wait for it or not.
type ticket struct {
	j *journal
	p *pending
}

// write queues a row. It never blocks. A row that no room is left for is
// dropped and counted.
func (j *journal) write(m store.Mark) ticket {
	p, refused := j.queue(m)
	if p == nil {
		j.dropped("journal", refused)
		j.log.Error().Str("row", rowID(m)).Str("journal", refused).Msg("a journal row is lost")
		return ticket{}
	}
	j.wakeUp()
	if j.busy.Load() {
		j.spoolLate(p)
	} else {
		time.AfterFunc(spoolAfter, func() { j.spoolLate(p) })
	}
	return ticket{j, p}
}

// queue names a row by the time, and by order where the clock stands still or
// is put back: a result must never come before its call.
func (j *journal) queue(m store.Mark) (p *pending, refused string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return nil, "closed"
	}
	if len(j.waiting) >= journalCap {
		return nil, "full"
	}
	j.last = max(j.last+1, uint64(time.Now().UnixNano()))
	p = newPending(m, fmt.Sprintf("%020d", j.last))
	j.waiting = append(j.waiting, p)
	return p, ""
}

// wait returns once the row is durable in the store or in the spool, or after d.
// Where the machine is so busy that not even its file was written until then,
// it waits once more as long for that: what is written outlives the process.
func (t ticket) wait(d time.Duration) {
	if t.p == nil {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-t.p.done:
		return
	case <-t.p.kept:
		return
	case <-timer.C:
	}
	timer.Reset(d)
	select {
	case <-t.p.done:
	case <-t.p.went:
	case <-timer.C:
	}
}

func (j *journal) pending() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.waiting)
}

func (j *journal) wakeUp() {
	select {
	case j.wake <- struct{}{}:
	default:
	}
}

// run hands rows to the store until the journal is closed and empty, or ctx
// is done.
func (j *journal) run(ctx context.Context) {
	for {
		batch, closed := j.next()
		if len(batch) == 0 {
			if closed {
				return
			}
			select {
			case <-j.wake:
				continue
			case <-ctx.Done():
				return
			}
		}
		if err := j.record(ctx, batch); err != nil {
			return // ctx is done; the rows are in the spool or on their way there
		}
		j.finish(batch)
	}
}

func (j *journal) next() (batch []*pending, closed bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.waiting[:min(len(j.waiting), journalBatch)], j.closed
}

// record repeats until the store takes the batch or ctx is done.
func (j *journal) record(ctx context.Context, batch []*pending) error {
	marks := make([]store.Mark, len(batch))
	for i, p := range batch {
		marks[i] = p.mark
	}
	backoff := retry.WithCappedDuration(5*time.Second, retry.NewExponential(100*time.Millisecond))
	return retry.Do(ctx, backoff, func(ctx context.Context) error {
		try, cancel := context.WithTimeout(ctx, journalTry)
		defer cancel()
		err := j.store.Record(try, marks)
		if err != nil && ctx.Err() == nil {
			j.log.Warn().Err(err).Int("rows", len(marks)).Msg("journal waits for the store")
		}
		return retry.RetryableError(err)
	})
}

// finish lets those who wait for a row go on before it tidies up.
func (j *journal) finish(batch []*pending) {
	j.mu.Lock()
	j.waiting = j.waiting[len(batch):]
	j.mu.Unlock()
	for _, p := range batch {
		close(p.done)
	}
	for _, p := range batch {
		j.unspool(p)
	}
}

// close lets the store have what waits until ctx is done; what is left then
// goes to the spool, though the store may still be busy with it.
func (j *journal) close(ctx context.Context) error {
	j.mu.Lock()
	j.closed = true
	close(j.late)
	j.mu.Unlock()
	j.wakeUp()
	written := make(chan struct{})
	go func() {
		j.writer.Wait()
		close(written)
	}()
	select {
	case <-written:
	case <-ctx.Done():
	}
	j.stop()
	j.spooler.Wait()
	return j.spoolRest()
}

func rowID(m store.Mark) string {
	if m.Call != nil {
		return m.Call.ID
	}
	return m.Result.ID
}
