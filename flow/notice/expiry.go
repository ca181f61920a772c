package notice

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

const (
	// expiresSoon is how long before it expires an entry of an armed line is
	// told of, however soon the window closes.
	expiresSoon = 24 * time.Hour

	// maxExpiring is how many entries of a line are told of one by one, and
	// maxCompared among how many of them the first are found.
	maxExpiring = 10
	maxCompared = 1000
)

// watchExpiry tells of entries that expire while their line still waits.
func (c *chores) watchExpiry() {
	now, snapshot := c.now(), c.board.Snapshot()
	for _, line := range snapshot.Lines() {
		if armed := arming(snapshot.Live(line.Name).Windows, now); len(armed) > 0 {
			c.tellExpiring(snapshot.List, line.Name, armed, now)
		}
	}
}

// arming are the windows that arm their line now or later, the one that closes
// first at the front.
func arming(windows []flow.Window, now time.Time) []flow.Window {
	armed := slices.DeleteFunc(slices.Clone(windows), func(w flow.Window) bool {
		return w.Mode != flow.ModeListed || w.State(now) == "closed"
	})
	slices.SortFunc(armed, func(a, b flow.Window) int { return a.ClosesAt.Compare(b.ClosesAt) })
	return armed
}

func (c *chores) tellExpiring(list *ani.List, line string, armed []flow.Window, now time.Time) {
	last := armed[len(armed)-1]
	until := now.Add(expiresSoon)
	if last.ClosesAt.After(until) {
		until = last.ClosesAt
	}
	first, count := soonest(list, line, now, until)
	for i, item := range first {
		expires := item.ExpiresAt()
		w := last
		if at := slices.IndexFunc(armed, func(w flow.Window) bool { return w.ClosesAt.After(expires) }); at >= 0 {
			w = armed[at]
		}
		notice, _ := c.about(EventExpiry, fmt.Sprintf("expiry:%s:%d:%s", item.ID(), expires.Unix(), line), line, now)
		notice.Window, notice.Entry = &w, &Entry{ID: item.ID(), Pattern: item.Pattern(), Label: item.Label(), ExpiresAt: expires}
		if i == maxExpiring-1 {
			notice.More = count - maxExpiring
		}
		c.offer(notice)
	}
}

// soonest are the entries for line that expire first, and how many there are
// in all.
func soonest(list *ani.List, line string, now, until time.Time) (first []ani.Item, count int) {
	for item := range list.Expiring(line, now, until) {
		if count++; count <= maxCompared {
			first = append(first, item)
		}
	}
	slices.SortFunc(first, func(a, b ani.Item) int {
		return cmp.Or(a.ExpiresAt().Compare(b.ExpiresAt()), strings.Compare(a.ID(), b.ID()))
	})
	return first[:min(len(first), maxExpiring)], count
}
