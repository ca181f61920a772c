package switchboard

import (
	"slices"
	"time"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// hear takes in a call of the journal: one that came to another replica counts
// here as it does there, so that the next call may come to either. Our own are
// known.
func (sb *Switchboard) hear(c store.Call) {
	if known, _ := sb.counted.ContainsOrAdd(c.ID, struct{}{}); known {
		sb.hearResult(c)
		return
	}
	sb.count(c)
	if now := sb.now(); c.CallID != "" && c.Route == flow.Direct && now.Sub(c.At) < retryWithin {
		sb.retries.remember(retryKey{c.Hook, c.CallID, c.ANI, c.DNIS}, answerOf(c, sb.snapshot.Load(), now))
	}
	sb.remember(c)
	sb.feed.publish(c, sb.dropped)
}

// hearResult takes in what has become of a call that is counted.
func (sb *Switchboard) hearResult(c store.Call) {
	known, ok := sb.known.Peek(c.ID)
	if c.Result != "" && (!ok || known.Result != flow.ResultAnswered && known.Result != c.Result) {
		sb.known.Add(c.ID, c)
		sb.recents.report(c.ID, c.Result)
		sb.report(c.Line, c.ID, c.Result)
	}
	sb.feed.news.Add(1)
}

// count counts a direct call or a rehearsal in what the next decision rests
// on.
func (sb *Switchboard) count(c store.Call) {
	if c.Route != flow.Direct {
		return
	}
	sb.recents.add(c)
	for {
		old, now := sb.snapshot.Load(), sb.now()
		next, placed := countWindow(replay(old, c, now), c)
		if !sb.snapshot.CompareAndSwap(old, next) {
			continue
		}
		if !placed && c.Window != "" {
			before, _ := sb.ahead.Get(c.Window)
			sb.ahead.Add(c.Window, before+1)
		}
		return
	}
}

// heardAhead are the calls of windows that come from another replica, as far
// as they were heard of before them; the others are going to be.
func (sb *Switchboard) heardAhead(windows []store.Change) map[string]int {
	calls := map[string]int{}
	for _, c := range windows {
		calls[c.Key], _ = sb.ahead.Get(c.Key)
		sb.ahead.Remove(c.Key)
	}
	return calls
}

// report lets the next redial know how the call id has ended.
func (sb *Switchboard) report(line, id string, r flow.Result) {
	for {
		old := sb.snapshot.Load()
		next := old.Reported(line, id, r)
		if next == old || sb.snapshot.CompareAndSwap(old, next) {
			return
		}
	}
}

// sights are the last lookups after since.
func (w *watch) sights(since time.Time) []store.Sight {
	latest := map[[2]string]Sighting{}
	add := func(s Sighting) {
		if key := [2]string{s.Hook, s.Line}; s.At.After(since) && s.At.After(latest[key].At) {
			latest[key] = s
		}
	}
	for _, line := range *w.lines.Load() {
		add(line.last.get())
	}
	for _, hook := range *w.hooks.Load() {
		add(hook.get())
	}
	var sights []store.Sight
	for key, s := range latest {
		sights = append(sights, store.Sight{Hook: key[0], Line: key[1], At: s.At, Route: string(s.Route)})
	}
	slices.SortFunc(sights, func(a, b store.Sight) int { return a.At.Compare(b.At) })
	return sights
}

// learn takes in what another replica was asked.
func (w *watch) learn(sight store.Sight) {
	s := Sighting{At: sight.At, Hook: sight.Hook, Line: sight.Line, Route: flow.Route(sight.Route)}
	if line := (*w.lines.Load())[s.Line]; line != nil {
		line.last.setLater(&s)
	}
	if last := w.hook(s.Hook); last != nil {
		last.setLater(&s)
	}
}

// setLater is set for what may be older than what is there. What the hook can
// do stays known.
func (l *lastSeen) setLater(s *Sighting) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !s.At.After(l.s.At.Truncate(time.Millisecond)) {
		return
	}
	later := *s
	if later.Hook == l.s.Hook {
		later.carries = l.s.carries
	}
	l.s = later
}
