package faults

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"
)

// goodCaller asks a replica now and then, as a platform does that is no part of
// what is going wrong.
type goodCaller struct {
	latencies
	shed  int // answers that were 503
	end   context.CancelFunc
	group sync.WaitGroup
}

// between is how long a good caller waits from one question to the next.
const between = 10 * time.Millisecond

// askWell begins to ask. A listed caller and a stranger take turns.
func (h *house) askWell(t *testing.T, r *replica) *goodCaller {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	g := &goodCaller{end: end}
	tick := time.NewTicker(between)
	g.group.Go(func() {
		defer tick.Stop()
		for n := 0; ctx.Err() == nil; n++ {
			g.ask(context.WithoutCancel(ctx), h, r, n)
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		}
	})
	t.Cleanup(g.stop)
	return g
}

func (g *goodCaller) ask(ctx context.Context, h *house, r *replica, n int) {
	caller := [...]string{listed, stranger}[n%2]
	begun := time.Now()
	a := askAbout(ctx, r, h.token, caller, fmt.Sprint("good-", n))
	span := time.Since(begun)
	if a.status == http.StatusServiceUnavailable {
		g.mu.Lock()
		g.shed++
		g.mu.Unlock()
		a.status = http.StatusOK // it was told at once
	}
	g.add(span, a)
}

func (g *goodCaller) stop() {
	g.end()
	g.group.Wait()
}

// judge wants every question to have been answered, be it that the replica is
// overloaded where that is allowed.
func (g *goodCaller) judge(t *testing.T, what string, mayShed bool) {
	t.Helper()
	g.stop()
	g.none(t)
	if g.shed > 0 && !mayShed {
		t.Errorf("%d lookups were told 503", g.shed)
	}
	asked := len(g.spans)
	if asked == 0 {
		t.Error("nobody asked")
	}
	figure(t, what, "good caller: %s; told 503: %d", g.take(), g.shed)
}
