package retention

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// keeping is a store that is pruned, and remembers when.
type keeping struct {
	store.Store
	began  time.Time
	mu     sync.Mutex
	asked  []store.Pruning
	at     []time.Duration // since it began
	pruned store.Pruned
	err    error
	hang   bool // until ctx is done
}

func (k *keeping) Prune(ctx context.Context, p store.Pruning) (store.Pruned, error) {
	k.mu.Lock()
	k.asked, k.at = append(k.asked, p), append(k.at, time.Since(k.began))
	hang := k.hang
	k.mu.Unlock()
	if hang {
		<-ctx.Done()
		return k.pruned, ctx.Err()
	}
	return k.pruned, k.err
}

func (k *keeping) Erase(context.Context, ani.Number, store.Author, time.Time, string) (store.Erased, error) {
	return store.Erased{}, errors.New("not asked for")
}

func (k *keeping) times() []time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.at)
}

// sharing is one that others share, with its leases.
type sharing struct {
	store.Shared
	kept    *keeping
	lease   func(n int) (bool, error)
	leases  int
	release int
}

func (s *sharing) Prune(ctx context.Context, p store.Pruning) (store.Pruned, error) {
	return s.kept.Prune(ctx, p)
}

func (s *sharing) Erase(ctx context.Context, n ani.Number, by store.Author, at time.Time, note string) (store.Erased, error) {
	return s.kept.Erase(ctx, n, by, at, note)
}

func (s *sharing) Lease(_ context.Context, name, holder string, span time.Duration) (bool, error) {
	s.kept.mu.Lock()
	defer s.kept.mu.Unlock()
	if name != "retention" || holder != "me" || span != 5*time.Minute {
		return false, fmt.Errorf("asked for %s for %s and %s", name, holder, span)
	}
	s.leases++
	return s.lease(s.leases)
}

func (s *sharing) Release(context.Context, string, string) error {
	s.kept.mu.Lock()
	defer s.kept.mu.Unlock()
	s.release++
	return nil
}

func days(n int) flow.Duration { return flow.Duration(time.Duration(n) * 24 * time.Hour) }

// start runs a Keeper of s until the test ends.
func start(t *testing.T, s store.Store, c Config, log *bytes.Buffer) *Keeper {
	t.Helper()
	k, err := New(Options{Store: s, Retention: c, Holder: "me", Log: zerolog.New(log)})
	if err != nil {
		t.Fatal(err)
	}
	k.Start()
	t.Cleanup(func() { k.Stop(context.WithoutCancel(t.Context())) })
	return k
}

func after(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestEveryHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := &keeping{began: time.Now(), pruned: store.Pruned{Calls: 2, Candidates: 3}}
		k := start(t, s, Config{Calls: days(400)}, &log)
		after(59 * time.Second)
		if len(s.times()) > 0 {
			t.Error("it begins at once")
		}
		after(3 * time.Hour)
		k.Stop(t.Context())
		after(2 * time.Hour)
		if diff := cmp.Diff([]time.Duration{time.Minute, time.Minute + time.Hour, time.Minute + 2*time.Hour}, s.times()); diff != "" {
			t.Errorf("pruned at (-want +got):\n%s", diff)
		}
		at := s.began.Add(time.Minute)
		if diff := cmp.Diff(store.Pruning{Calls: at.AddDate(0, 0, -400), Candidates: at.AddDate(0, 0, -30)}, s.asked[0]); diff != "" {
			t.Errorf("asked to prune (-want +got):\n%s", diff)
		}
		if !strings.Contains(log.String(), `"calls":2,"candidates":3`) {
			t.Errorf("the log has %s", &log)
		}
	})
}

func TestNothingToDelete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		idle, empty := &keeping{began: time.Now()}, &keeping{began: time.Now()}
		forEver := flow.Duration(0)
		start(t, idle, Config{Candidates: &forEver}, &log)
		start(t, empty, Config{}, &log)
		after(2 * time.Minute)
		if len(idle.times()) > 0 || len(empty.times()) != 1 || log.Len() > 0 {
			t.Errorf("pruned %v and %v, and the log has %s", idle.times(), empty.times(), &log)
		}
	})
}

func TestFaultsAreTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := &keeping{began: time.Now(), err: store.ErrUnavailable, pruned: store.Pruned{Audit: 7}}
		start(t, s, Config{}, &log)
		after(2*time.Minute + time.Hour)
		if len(s.times()) != 2 || strings.Count(log.String(), "tried again") != 2 || !strings.Contains(log.String(), `"audit":7`) {
			t.Errorf("pruned at %v, and the log has %s", s.times(), &log)
		}
	})
}

func TestLease(t *testing.T) {
	for name, c := range map[string]struct {
		lease                 func(n int) (bool, error)
		hang                  bool
		pruned, leases, freed int
	}{
		"it is ours":           {func(int) (bool, error) { return true, nil }, false, 1, 1, 1},
		"it is another's":      {func(int) (bool, error) { return false, nil }, false, 0, 1, 0},
		"the store is away":    {func(int) (bool, error) { return false, store.ErrUnavailable }, false, 0, 1, 0},
		"it is extended":       {func(int) (bool, error) { return true, nil }, true, 1, 30, 0},
		"it is lost meanwhile": {func(n int) (bool, error) { return n < 3, nil }, true, 1, 3, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				s := &sharing{kept: &keeping{began: time.Now(), hang: c.hang}, lease: c.lease}
				start(t, s, Config{}, &log)
				after(30*time.Minute + time.Second)
				s.kept.mu.Lock()
				defer s.kept.mu.Unlock()
				got := []int{len(s.kept.at), s.leases, s.release}
				if diff := cmp.Diff([]int{c.pruned, c.leases, c.freed}, got); diff != "" {
					t.Errorf("prunings, leases and releases (-want +got):\n%s", diff)
				}
				if log.Len() > 0 {
					t.Errorf("the log has %s", &log)
				}
			})
		})
	}
}

func TestStopEndsWhatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := &keeping{began: time.Now(), hang: true}
		k := start(t, s, Config{}, &log)
		after(2 * time.Minute)
		k.Stop(t.Context())
		if since := time.Since(s.began); since != 2*time.Minute || log.Len() > 0 {
			t.Errorf("it stops after %s, and the log has %s", since, &log)
		}
	})
}

func TestConfig(t *testing.T) {
	short, none := flow.Duration(time.Hour), flow.Duration(0)
	for name, c := range map[string]struct {
		config Config
		want   string
	}{
		"nothing":                {Config{}, ""},
		"everything":             {Config{Calls: days(400), Candidates: &none, Audit: days(800), Revisions: days(400)}, ""},
		"the least":              {Config{Calls: days(7), Audit: days(1), Revisions: days(1)}, ""},
		"calls that limits need": {Config{Calls: days(6)}, "retention.calls must be 168h at least, or 0, which keeps them for ever"},
		"an hour":                {Config{Candidates: &short}, "retention.candidates must be 24h at least, or 0, which keeps them for ever"},
		"less than nothing":      {Config{Calls: -days(400)}, "retention.calls must be 168h at least, or 0, which keeps them for ever"},
		"audit alone":            {Config{Audit: days(400)}, "retention must have both audit and revisions, or none of the two: a revision is kept for as long as its audit records, and they for as long as it"},
	} {
		got := ""
		if err := c.config.Validate(); err != nil {
			got = err.Error()
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if _, err := New(Options{Store: &keeping{}, Retention: c.config}); (err == nil) != (c.want == "") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
