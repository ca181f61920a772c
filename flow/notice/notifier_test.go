package notice

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

func TestCallsAreTold(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		unexpected := r.ring(bot)
		after(0)
		r.arm("w", flow.ModeListed, time.Hour)
		r.arm("r", flow.ModeRehearsal, time.Hour, tester)
		expected := r.ring(bot)
		after(0)
		rehearsal := r.ring(tester)
		r.ring(ani.MustParse("+442079460000")) // a candidate
		after(0)
		wantTold(t, r.chat, "call:"+unexpected, "call:"+expected, "call:"+rehearsal)
		var events []Event
		for _, n := range r.chat.told() {
			events = append(events, n.Event)
		}
		if diff := cmp.Diff([]Event{EventUnexpected, EventActivation, EventRehearsal}, events); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		got := r.chat.told()[1]
		if got.Line != "support-us" || got.Timezone != "UTC" || got.Rings != "Dana dana" || got.Call == nil || got.Call.Label != "Meta call 1" || !got.At.Equal(got.Call.At) {
			t.Errorf("told %+v", got)
		}
		if n := r.counts.of(ResultSent); n != 3 {
			t.Errorf("%d sent", n)
		}
	})
}

// A lookup doesn't wait for a notice, whatever holds it up.
func TestLookupsDoNotWait(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.chat.set(hang)
		began := time.Now()
		for range 3 {
			r.ring(bot)
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("lookups took %s", took)
		}
	})
}

func TestStoreAway(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.gate.set(true)
		id := r.ring(bot)
		after(time.Hour)
		wantTold(t, r.chat)
		r.gate.set(false)
		after(5 * time.Second)
		wantTold(t, r.chat, "call:"+id)
		if n := r.counts.of(ResultDropped); n != 0 {
			t.Errorf("%d dropped", n)
		}
	})
}

// What finds no room while the store is away is counted, and may be offered
// again.
func TestOutboxIsBounded(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.gate.set(true)
		synctest.Wait()
		for i := range outboxCap + 3 {
			r.notifier.offer(changed(aboutCall(EventActivation), func(n *Notice) { n.ID, n.At = fmt.Sprint("n", i), time.Now() }))
		}
		if n := r.counts.of(ResultDropped); n != 3 {
			t.Errorf("%d dropped, want 3", n)
		}
		if r.notifier.told.Contains(fmt.Sprint("n", outboxCap)) {
			t.Error("one that was dropped counts as told")
		}
		r.gate.set(false)
		after(5 * time.Second)
		if n := len(r.notifier.outbox.next()); n != 0 {
			t.Errorf("%d still wait for the store", n)
		}
	})
}

// The process ends between the journal and the queue.
func TestStartMakesUp(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.stop() // as good as dead: nobody makes notices
		old := r.ring(bot)
		after(16 * time.Minute)
		r.arm("unused", flow.ModeAnyone, time.Minute)
		after(2 * time.Minute)
		r.arm("w", flow.ModeListed, time.Minute)
		missed := r.ring(bot)
		after(2 * time.Minute)
		r.make()
		r.start()
		after(0)
		wantToldAll(t, r.chat, "window:unused:closed", "call:"+missed)
		if old == missed {
			t.Fatal("one call twice")
		}
		// And nothing twice.
		r.stop()
		r.make()
		r.start()
		after(time.Minute)
		wantToldAll(t, r.chat, "window:unused:closed", "call:"+missed)
	})
}

// The row of a call is in the spool alone when the process ends.
func TestStartMakesUpForTheSpool(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.stop()
		r.gate.hold(true)
		id := r.ring(bot)
		after(time.Minute)
		r.make()
		r.start()
		after(time.Minute)
		wantTold(t, r.chat)
		r.gate.hold(false)
		after(time.Minute)
		wantTold(t, r.chat, "call:"+id)
	})
}

// What is queued outlives the process, and is tried on when it is back.
func TestQueueOutlivesTheProcess(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.chat.set(refuse)
		id := r.ring(bot)
		after(10 * time.Second)
		r.stop()
		r.close()
		tried := len(r.chat.tries())
		if tried < 2 {
			t.Fatalf("%d tries", tried)
		}
		after(20 * time.Minute) // too late to be made up for by the journal
		r.chat.set(nil)
		r.open()
		r.start()
		after(0)
		wantTold(t, r.chat, "call:"+id)
		if tried++; len(r.chat.tries()) != tried {
			t.Errorf("%d tries, want %d", len(r.chat.tries()), tried)
		}
	})
}

// A try that the process did not outlive is made again once its claim is over.
func TestBrokenOffTry(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.chat.set(hang)
		id := r.ring(bot)
		synctest.Wait()
		began := time.Now()
		r.stop()
		if took := time.Since(began); took != stopWait {
			t.Errorf("the stop took %s, want %s", took, stopWait)
		}
		if n := r.counts.of(ResultFailed); n != 0 {
			t.Errorf("%d tries failed: it was broken off", n)
		}
		r.chat.set(nil)
		r.make()
		r.start()
		wantTold(t, r.chat)
		after(lease)
		wantTold(t, r.chat, "call:"+id)
	})
}

func TestStopWaitsForWhatIsUnderWay(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.chat.set(func(context.Context) error {
			<-time.After(3 * time.Second)
			return nil
		})
		id := r.ring(bot)
		synctest.Wait()
		r.stop()
		wantTold(t, r.chat, "call:"+id)
		if n := len(r.gate.wrongs); n != 1 {
			t.Errorf("%d settled, want 1", n)
		}
	})
}

func TestStopWithoutStart(t *testing.T) {
	n := New(Options{})
	n.Stop(t.Context())
	n.LimitTripped(flow.Line{Limit: flow.Limit{Per: flow.Duration(time.Hour)}}, at, flow.Decision{})
}

func TestTest(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.stop()
		broken := &mailbox{answer: func(context.Context) error { return errors.New("https://h/" + hidden) }}
		slow := &mailbox{answer: hang}
		r.others = []*destination{{name: "broken", sender: broken}, {name: "slow", sender: slow}}
		r.make()
		r.start()
		began := time.Now()
		got, err := r.notifier.Test(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		want := []Tried{{"chat", true, ""}, {"broken", false, "failed in a way that is not known"}, {"slow", false, "did not answer in time"}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		if took := time.Since(began); took != tryWait {
			t.Errorf("it took %s", took)
		}
		if told := r.chat.told(); len(told) != 1 || told[0].Event != EventTest || !strings.HasPrefix(told[0].ID, "test:") {
			t.Errorf("told %+v", told)
		}
		if one, err := r.notifier.Test(t.Context(), "chat"); err != nil || len(one) != 1 || one[0].Name != "chat" {
			t.Errorf("one alone: %v, %v", one, err)
		}
		if _, err := r.notifier.Test(t.Context(), "nobody"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("nobody: %v", err)
		}
	})
}

func TestWebhookWithoutTLSIsWarnedAbout(t *testing.T) {
	for address, want := range map[string]bool{"http://hooks.example.com/" + hidden: true, "https://hooks.example.com/" + hidden: false} {
		d, err := Open([]Config{{Name: "siem", Webhook: address, Secret: whsec}}, plainly)
		if err != nil {
			t.Fatal(err)
		}
		var log strings.Builder
		New(Options{Destinations: d, Log: zerolog.New(&log)})
		if got := log.String(); strings.Contains(got, `"notice":"siem"`) != want || strings.Contains(got, hidden) {
			t.Errorf("%s: the log says %q", address, got)
		}
	}
}
