package switchboard

import (
	"fmt"
	"strconv"
	"testing"
	"time"
)

// However many calls come within a minute, no more answers than the bound are
// kept; those that are let go early are counted, and the latest are kept.
func TestRetriesAreBounded(t *testing.T) {
	dropped := 0
	r := newRetries(func(what, reason string) {
		if what != "retry" || reason != "full" {
			t.Errorf("dropped %s, %s", what, reason)
		}
		dropped++
	})
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	ask := func(i int) Answer {
		return r.do(retryKey{callID: strconv.Itoa(i)}, now, func() Answer { return Answer{ID: strconv.Itoa(i), At: now} })
	}
	const calls = 3 * retryCap
	for i := range calls {
		ask(i)
	}
	if n := r.len(); n > retryCap || n < retryCap/4 {
		t.Errorf("%d answers are kept of %d calls, the bound is %d", n, calls, retryCap)
	}
	if dropped == 0 {
		t.Error("nothing was counted as dropped")
	}
	for i := calls - 1000; i < calls; i++ {
		if a := ask(i); !a.Repeated || a.ID != strconv.Itoa(i) {
			t.Fatalf("call %d, one of the last, got %+v", i, a)
		}
	}
	if a := ask(0); a.Repeated {
		t.Error("the first call is still known")
	}
}

// What is too old to be repeated is let go, and not counted as dropped.
func TestRetriesForget(t *testing.T) {
	r := newRetries(func(what, reason string) { t.Errorf("dropped %s, %s", what, reason) })
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	for minute := range 10 {
		for i := range 10_000 {
			r.do(retryKey{callID: fmt.Sprint(minute, i)}, now, func() Answer { return Answer{At: now} })
		}
		now = now.Add(retryWithin)
	}
	if n := r.len(); n > 20_000 {
		t.Errorf("%d answers are kept, of the last two minutes there are 20000", n)
	}
}

// An answer is known for its whole minute, whenever in a generation it came.
func TestRetriesAreKnownForAMinute(t *testing.T) {
	for begun := time.Duration(0); begun < 3*retryWithin; begun += 7 * time.Second {
		r := newRetries(func(string, string) {})
		start := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
		ask := func(id string, at time.Duration) Answer {
			now := start.Add(at)
			return r.do(retryKey{hook: id, callID: "one shard's"}, now, func() Answer { return Answer{At: now} })
		}
		for at := time.Duration(0); at < begun; at += time.Second {
			ask(fmt.Sprint("before", at), at)
		}
		ask("call", begun)
		for at := begun + time.Second; at < begun+retryWithin; at += time.Second {
			ask(fmt.Sprint("after", at), at)
			if a := ask("call", at); !a.Repeated {
				t.Fatalf("a call at %s is no longer known %s later", begun, at-begun)
			}
		}
		if a := ask("call", begun+retryWithin); a.Repeated {
			t.Fatalf("a call at %s is still known a minute later", begun)
		}
	}
}

func (r *retries) len() (n int) {
	for i := range r.shards {
		n += len(r.shards[i].young) + len(r.shards[i].old)
	}
	return n
}
