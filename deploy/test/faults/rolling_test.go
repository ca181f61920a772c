package faults

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/deploy/test/pgserver"
)

// balancer hands lookups to the replicas that are ready, in turn. It asks
// each of them every now and then, tries nothing twice, and has a replica that
// has just been started wait for its first good probe.
type balancer struct {
	replicas []*replica
	ready    []atomic.Bool
	turn     atomic.Uint64
}

// probeEvery is how often a balancer asks whether a replica is ready. Replicas
// that are told to stop go on answering for longer than that.
const (
	probeEvery = 100 * time.Millisecond
	drainDelay = "1s"
)

// balance probes until the test ends.
func balance(t *testing.T, replicas []*replica) *balancer {
	t.Helper()
	b := &balancer{replicas: replicas, ready: make([]atomic.Bool, len(replicas))}
	stop := make(chan struct{})
	var group sync.WaitGroup
	for i, r := range replicas {
		group.Go(func() {
			tick := time.NewTicker(probeEvery)
			defer tick.Stop()
			for {
				b.ready[i].Store(r.ready(t))
				select {
				case <-tick.C:
				case <-stop:
					return
				}
			}
		})
	}
	t.Cleanup(func() { close(stop); group.Wait() })
	return b
}

// next is the replica whose turn it is; nil where none is ready.
func (b *balancer) next() *replica {
	for range b.replicas {
		i := int(b.turn.Add(1)) % len(b.replicas)
		if b.ready[i].Load() {
			return b.replicas[i]
		}
	}
	return nil
}

// TestRollingUpdate stops and starts four replicas, one after the other, under
// load. No lookup fails.
func TestRollingUpdate(t *testing.T) {
	t.Parallel()
	s := pgserver.Start(t)
	h := prepare(t, 4, s.Database(t))
	for _, r := range h.replicas {
		r.flags = []string{"--drain-delay", drainDelay}
	}
	h.begin(t)
	b := balance(t, h.replicas)
	await(t, "all are ready", func() bool { return b.readyOnes() == len(h.replicas) })
	l := &latencies{}
	stop := b.load(t, h, l)
	for range sized(1, 25) {
		for _, r := range h.replicas {
			r.stop(t)
			r.start(t)
			await(t, "the balancer has seen it", func() bool { return b.readyOnes() == len(h.replicas) })
		}
	}
	stop()
	l.none(t)
	figure(t, "rolling update of 4 replicas", "%d restarts; lookups: %s; failed: %d", 4*sized(1, 25), l.take(), len(l.failed))
}

func (b *balancer) readyOnes() (n int) {
	for i := range b.ready {
		if b.ready[i].Load() {
			n++
		}
	}
	return n
}

// load has callers ask through the balancer until it is stopped.
func (b *balancer) load(t *testing.T, h *house, l *latencies) (stop func()) {
	t.Helper()
	var ended atomic.Bool
	var group sync.WaitGroup
	for caller := range 4 {
		group.Go(func() {
			tick := time.NewTicker(pause)
			defer tick.Stop()
			for n := 0; !ended.Load(); n++ {
				b.ask(t, h, l, [...]string{listed, stranger}[n%2], fmt.Sprint(caller, "-", n))
				<-tick.C
			}
		})
	}
	return func() { ended.Store(true); group.Wait() }
}

func (b *balancer) ask(t *testing.T, h *house, l *latencies, caller, call string) {
	t.Helper()
	r := b.next()
	if r == nil {
		t.Error("no replica is ready")
		return
	}
	begun := time.Now()
	a := askAbout(t.Context(), r, h.token, caller, call)
	l.add(time.Since(begun), a)
}
