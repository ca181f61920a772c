package switchboard

import (
	"sync"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

const (
	// recentFor is how long a caller who was not let through is remembered.
	recentFor = 15 * time.Minute

	// recentCap is how many such callers of one line are.
	recentCap = 50
)

// RecentCaller is somebody who rang a line lately and was not let through.
type RecentCaller struct {
	At     time.Time
	Hook   string
	Line   string
	ANI    ani.Number // zero where there was none: Reason says why, unless another rule came first
	DNIS   ani.Number
	Reason flow.Reason
}

// callers is a ring of the last calls of one line that carried on.
type callers struct {
	mu    sync.Mutex
	count int // how many were ever added; the next one takes the place of its remainder
	ring  [recentCap]RecentCaller
}

func (c *callers) add(s *Sighting) {
	c.mu.Lock()
	c.ring[c.count%recentCap] = RecentCaller{At: s.At, Hook: s.Hook, Line: s.Line, ANI: s.ANI, DNIS: s.DNIS, Reason: s.Reason}
	c.count++
	c.mu.Unlock()
}

// since are the callers after t, newest first.
func (c *callers) since(t time.Time) []RecentCaller {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []RecentCaller
	for i := range min(c.count, recentCap) {
		if caller := c.ring[(c.count-1-i)%recentCap]; caller.At.After(t) {
			all = append(all, caller)
		}
	}
	return all
}

// forget lets go of callers who came no later than before, and reports whether
// there are others.
func (c *callers) forget(before time.Time) (left bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.ring {
		if c.ring[i].At.After(before) {
			left = true
		} else {
			c.ring[i] = RecentCaller{}
		}
	}
	return left
}

// Recent are the last callers of a line that were not let through, at most 50
// and of the last quarter of an hour, newest first. A retry counts with the
// call that it repeats. They are in memory alone: none outlives the process,
// or its line.
func (sb *Switchboard) Recent(line string) []RecentCaller {
	if w := (*sb.watch.lines.Load())[line]; w != nil {
		return w.recent.since(sb.now().Add(-recentFor))
	}
	return nil
}
