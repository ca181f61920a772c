package switchboard

import (
	"slices"
	"sync"
	"time"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// recents are the direct calls and rehearsals that limits and redials may
// still rest on, for the next start.
type recents struct {
	mu    sync.Mutex
	calls []store.Call // as they came
}

// maxRecents bounds them; the oldest are let go.
const maxRecents = 10_000

func (r *recents) add(c store.Call) {
	if c.Route != flow.Direct {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.calls) >= maxRecents {
		r.calls = slices.Clone(r.calls[len(r.calls)-maxRecents/2:])
	}
	r.calls = append(r.calls, c)
}

func (r *recents) report(id string, result flow.Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := len(r.calls) - 1; i >= 0; i-- {
		if r.calls[i].ID == id {
			r.calls[i].Result = result
			return
		}
	}
}

// since are those after t, oldest first.
func (r *recents) since(t time.Time) []store.Call {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = slices.DeleteFunc(r.calls, func(c store.Call) bool { return !c.At.After(t) })
	calls := slices.Clone(r.calls)
	slices.SortStableFunc(calls, func(a, b store.Call) int { return a.At.Compare(b.At) })
	return calls
}
