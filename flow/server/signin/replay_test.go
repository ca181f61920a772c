package signin

import (
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var start = time.Unix(1795000000, 0)

func TestMemory(t *testing.T) {
	var m memory
	for _, c := range []struct {
		name string
		id   string
		at   time.Duration
		used bool
	}{
		{"new", "a", 0, false},
		{"again at once", "a", 0, true},
		{"another", "b", time.Second, false},
		{"the last instant is remembered", "a", memoryTime, true},
		{"forgotten after that", "a", memoryTime + 1, false},
		{"the other is a second younger", "b", memoryTime + time.Second, true},
		{"a clock that was put back", "b", 0, true},
	} {
		err := m.admit(c.id, start.Add(c.at))
		if used := errors.Is(err, ErrReplayed); used != c.used {
			t.Errorf("%s: %v, want used %t", c.name, err, c.used)
		}
	}
}

// TestMemoryIsBounded: the oldest goes first, and nothing else.
func TestMemoryIsBounded(t *testing.T) {
	var m memory
	for i := range memorySize + 10 {
		if err := m.admit(strconv.Itoa(i), start); err != nil {
			t.Fatalf("admit %d: %v", i, err)
		}
	}
	if len(m.known) != memorySize || len(m.queue) != memorySize {
		t.Errorf("%d known, %d queued, want %d", len(m.known), len(m.queue), memorySize)
	}
	if err := m.admit("10", start); !errors.Is(err, ErrReplayed) {
		t.Errorf("the oldest that fits in: %v, want ErrReplayed", err)
	}
	if err := m.admit("9", start); err != nil {
		t.Errorf("one that was pushed out: %v", err)
	}
	if err := m.admit("new", start.Add(memoryTime+1)); err != nil || len(m.known) != 1 {
		t.Errorf("after everything is forgotten: %v, %d known", err, len(m.known))
	}
}

func TestMemoryAdmitsOnce(t *testing.T) {
	var m memory
	var admitted atomic.Int32
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if m.admit("a", start) == nil {
				admitted.Add(1)
			}
		})
	}
	wg.Wait()
	if n := admitted.Load(); n != 1 {
		t.Errorf("admitted %d times", n)
	}
}
