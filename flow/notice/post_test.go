package notice

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringthrough/ringthrough/flow/store"
)

func TestTriesAreFarther(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.chat.set(refuse)
		r.ring(bot)
		after(giveUpAfter + time.Hour)
		tries := r.chat.tries()
		for i := 1; i < len(tries); i++ {
			gap, want := tries[i].Sub(tries[i-1]), min(firstDelay<<min(i-1, 12), maxDelay)
			if gap < want*8/10 || gap > want*12/10+2*time.Millisecond {
				t.Errorf("%s between the tries %d and %d, want about %s", gap, i, i+1, want)
			}
		}
		if lasted := tries[len(tries)-1].Sub(tries[0]); lasted > giveUpAfter || lasted < giveUpAfter-2*maxDelay {
			t.Errorf("tries went on for %s", lasted)
		}
		if failed, givenUp := r.counts.of(ResultFailed), r.counts.of(ResultGivenUp); failed != len(tries) || givenUp != 1 {
			t.Errorf("%d tries: %d failed, %d given up", len(tries), failed, givenUp)
		}
		if last := r.gate.wrongs[len(r.gate.wrongs)-1]; last != "answered 500" {
			t.Errorf("stored as %q", last)
		}
	})
}

func TestDelay(t *testing.T) {
	for _, tt := range []struct {
		tries  int
		chance float64
		want   time.Duration
	}{
		{0, .5, time.Second}, {1, .5, time.Second}, {2, .5, 2 * time.Second}, {1, 0, 800 * time.Millisecond},
		{6, .5, 32 * time.Second}, {12, .5, 2048 * time.Second}, {13, .5, time.Hour}, {1000, .5, time.Hour}, {1000, 0, 48 * time.Minute},
	} {
		if got := delay(tt.tries, tt.chance).Round(time.Millisecond); got != tt.want {
			t.Errorf("after %d tries, by %g: %s, want %s", tt.tries, tt.chance, got, tt.want)
		}
	}
}

func TestFinalFault(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.chat.set(func(context.Context) error { return &fault{text: "answered 410", final: true} })
		r.ring(bot)
		after(time.Hour)
		if n := len(r.chat.tries()); n != 1 || r.counts.of(ResultGivenUp) != 1 {
			t.Errorf("%d tries, %d given up", n, r.counts.of(ResultGivenUp))
		}
	})
}

func TestRetryAfterIsHeeded(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.chat.set(func(context.Context) error { return &fault{text: "answered 429", after: 5 * time.Minute} })
		r.ring(bot)
		after(299 * time.Second)
		if n := len(r.chat.tries()); n != 1 {
			t.Errorf("%d tries within five minutes", n)
		}
		after(pollEvery + time.Second)
		if n := len(r.chat.tries()); n != 2 {
			t.Errorf("%d tries after them", n)
		}
	})
}

// One destination that answers nobody holds up no other, however much waits
// for it.
func TestSlowDestinationHoldsUpNobody(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		const many = 3 * claimBatch
		quick := &mailbox{}
		r.stop()
		r.others = []*destination{{name: "quick", events: Events(), sender: quick}}
		r.make()
		r.start()
		r.chat.set(hang)
		for i := range many {
			r.notifier.offer(changed(aboutCall(EventRehearsal), func(n *Notice) { n.ID, n.At = fmt.Sprint("n", i), time.Now() }))
		}
		synctest.Wait()
		if n := len(quick.told()); n != many {
			t.Errorf("%d of %d came through at once", n, many)
		}
		id := r.ring(bot)
		synctest.Wait()
		if told := quick.told(); told[len(told)-1].ID != "call:"+id {
			t.Errorf("the last told is %s", told[len(told)-1].ID)
		}
		if n := len(r.chat.tries()); n != 1 {
			t.Errorf("%d tries at the slow one at once", n)
		}
	})
}

// A destination that is no longer configured keeps its deliveries for a while.
func TestDestinationGoesAndComes(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		before := r.notifier.destinations.Load()
		r.chat.set(refuse)
		id := r.ring(bot)
		synctest.Wait()
		r.notifier.SetDestinations(nil)
		r.chat.set(nil)
		after(time.Minute)
		wantTold(t, r.chat)
		if last := r.gate.wrongs[len(r.gate.wrongs)-1]; last != "is not in the configuration" {
			t.Errorf("stored as %q", last)
		}
		r.notifier.SetDestinations(before)
		after(2 * time.Minute)
		wantTold(t, r.chat, "call:"+id)
	})
}

func TestUnreadableNotice(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		bad := store.Delivery{Notice: "n", Destination: "chat", Body: []byte(`"x"`), At: time.Now()}
		if err := r.gate.Store.Enqueue(t.Context(), []store.Delivery{bad}); err != nil {
			t.Fatal(err)
		}
		after(time.Hour)
		if n := r.counts.of(ResultGivenUp); n != 1 || len(r.chat.tries()) != 0 {
			t.Errorf("%d given up, %d tries", n, len(r.chat.tries()))
		}
	})
}

func TestIdleStoreIsLeftAlone(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		after(0)
		before := r.gate.asks()
		after(time.Hour)
		if n := r.gate.asks() - before; n != int(time.Hour/pollEvery) {
			t.Errorf("asked %d times in an hour", n)
		}
	})
}

// slowly takes a notice as slowly as it may, and notes those that come twice
// at once.
type slowly struct {
	mu    sync.Mutex
	under map[string]bool
	twice []string
	tried int
}

func (s *slowly) send(ctx context.Context, n Notice, _ time.Time) error {
	s.mu.Lock()
	if s.under[n.ID] {
		s.twice = append(s.twice, n.ID)
	}
	s.under[n.ID] = true
	s.tried++
	s.mu.Unlock()
	err := hang(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.under, n.ID)
	return err
}

// Two servers on one store don't send one notice at the same time, however
// long it has waited in a lane.
func TestTwoServersShareTheWork(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		slow := &slowly{under: map[string]bool{}}
		r.notifier.destinations.Load().byName["chat"].sender = slow
		first := r.notifier
		r.make()
		r.notifier.destinations.Load().byName["chat"].sender = slow
		r.start()
		for i := range 20 {
			first.offer(changed(aboutCall(EventRehearsal), func(n *Notice) { n.ID, n.At = fmt.Sprint("n", i), time.Now() }))
		}
		after(10 * time.Minute)
		if len(slow.twice) > 0 || slow.tried < 40 {
			t.Errorf("%d tries, at once: %v", slow.tried, slow.twice)
		}
		first.Stop(context.WithoutCancel(t.Context()))
	})
}
