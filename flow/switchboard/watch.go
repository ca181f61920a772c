package switchboard

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

// Sighting is a lookup that was answered. The zero Sighting is none. Who
// called and was not let through is forgotten after a quarter of an hour; that
// somebody did is not.
type Sighting struct {
	At     time.Time // when it was asked; of a retry, when it was asked again
	Hook   string
	Line   string     // empty where the call belongs to none
	ANI    ani.Number // zero where the call had none, or it is forgotten
	DNIS   ani.Number // zero where the call had none
	Route  flow.Route
	Reason flow.Reason

	carries func(flow.Target) bool // what its hook can do; nil: everything
}

// watch remembers the last lookup of each line and of each hook, and who was
// not let through lately. Edits of lines, and new hooks, make another map with
// the same places in it, so a lookup finds its places without waiting; what it
// locks then is held for as long as it takes to copy a few sightings.
type watch struct {
	started time.Time
	now     func() time.Time

	changing sync.Mutex // held while a map is replaced
	lines    atomic.Pointer[map[string]*lineWatch]
	hooks    atomic.Pointer[map[string]*lastSeen]

	sweeping atomic.Bool // a sweep is due
}

// lineWatch is what is remembered of one line.
type lineWatch struct {
	last   lastSeen
	recent callers
}

// maxHooks bounds the hooks that are remembered. Hooks stand in a
// configuration: more than that many are none that anybody has.
const maxHooks = 1000

func newWatch(now func() time.Time) *watch {
	w := &watch{started: now(), now: now}
	w.lines.Store(&map[string]*lineWatch{})
	w.hooks.Store(&map[string]*lastSeen{})
	return w
}

// follow remembers these lines and no others from now on. Those that gone has
// were deleted before they were made again: they begin anew.
func (w *watch) follow(lines map[string]flow.Line, gone map[string]bool) {
	w.changing.Lock()
	defer w.changing.Unlock()
	before := *w.lines.Load()
	after := make(map[string]*lineWatch, len(lines))
	for name := range lines {
		if after[name] = before[name]; after[name] == nil || gone[name] {
			after[name] = new(lineWatch)
		}
	}
	w.lines.Store(&after)
}

// see remembers an answer that a hook was given.
func (w *watch) see(hook string, a *Answer) {
	d := &a.Decision
	s := Sighting{
		At: a.At, Hook: hook, Line: d.Line, ANI: d.Call.ANI, DNIS: d.Call.DNIS,
		Route: d.Route, Reason: d.Reason, carries: d.Call.Carries,
	}
	if a.Repeated {
		s.At = w.now()
	}
	if line := (*w.lines.Load())[d.Line]; line != nil {
		line.last.set(&s)
		if d.Route == flow.Continue && !a.Repeated {
			line.recent.add(&s)
		}
	}
	if last := w.hook(hook); last != nil {
		last.set(&s)
	}
	if d.Route == flow.Continue && !w.sweeping.Load() {
		w.sweepLater()
	}
}

// hook is the place of a hook; nil once there are too many.
func (w *watch) hook(name string) *lastSeen {
	if last := (*w.hooks.Load())[name]; last != nil {
		return last
	}
	w.changing.Lock()
	defer w.changing.Unlock()
	hooks := *w.hooks.Load()
	if last := hooks[name]; last != nil || len(hooks) >= maxHooks {
		return last
	}
	hooks = maps.Clone(hooks)
	hooks[name] = new(lastSeen)
	w.hooks.Store(&hooks)
	return hooks[name]
}

// sweepLater sees to it that callers are forgotten though nobody asks. It is
// done once for all of a quarter of an hour.
func (w *watch) sweepLater() {
	if w.sweeping.CompareAndSwap(false, true) {
		time.AfterFunc(recentFor, w.sweep)
	}
}

// sweep forgets callers of a quarter of an hour ago.
func (w *watch) sweep() {
	w.sweeping.Store(false)
	before, left := w.now().Add(-recentFor), false
	for _, line := range *w.lines.Load() {
		left = line.recent.forget(before) || left
		left = line.last.forget(before) || left
	}
	for _, last := range *w.hooks.Load() {
		left = last.forget(before) || left
	}
	if left {
		w.sweepLater()
	}
}

// lastSeen is the last sighting of a line or a hook.
type lastSeen struct {
	mu sync.Mutex
	s  Sighting
}

func (l *lastSeen) set(s *Sighting) {
	l.mu.Lock()
	l.s = *s
	l.mu.Unlock()
}

func (l *lastSeen) get() Sighting {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.s
}

// forget takes the caller off a sighting that is not after before, and reports
// whether that has to be done later.
func (l *lastSeen) forget(before time.Time) (later bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.s.Route != flow.Continue || l.s.ANI.IsZero() {
		return false
	}
	if l.s.At.After(before) {
		return true
	}
	l.s.ANI = ani.Number{}
	return false
}

// Started is since when lookups are seen.
func (sb *Switchboard) Started() time.Time { return sb.watch.started }

// Seen is the last lookup for a line since the start, retries included; zero
// if there was none.
func (sb *Switchboard) Seen(line string) Sighting {
	if w := (*sb.watch.lines.Load())[line]; w != nil {
		return w.last.get()
	}
	return Sighting{}
}

// SeenBy is the last lookup that came in on a hook since the start, retries
// included; zero if there was none.
func (sb *Switchboard) SeenBy(hook string) Sighting {
	if last := (*sb.watch.hooks.Load())[hook]; last != nil {
		return last.get()
	}
	return Sighting{}
}
