package server

import (
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"github.com/ringthrough/ringthrough/flow/server/console"
)

// troubles is what went wrong at one entrance since the start. Whoever writes
// it or reads it waits for nobody. The zero value has seen nothing.
type troubles struct {
	refusals   atomic.Int64 // sign-ins that were refused
	refusal    atomic.Pointer[console.Trouble]
	unreadable atomic.Pointer[console.Trouble]
}

func (t *troubles) refused(now time.Time, from, why string) {
	t.refusals.Add(1)
	t.refusal.Store(&console.Trouble{At: now, From: from, Why: why})
}

// notRead keeps why a request could not be read. Where it isn't known who sent
// it, from is empty.
func (t *troubles) notRead(now time.Time, from, why string) {
	t.unreadable.Store(&console.Trouble{At: now, From: from, Why: why})
}

// named is the entrance that goes by a name; nil where there is none. It may be
// called on no hooks.
func (h *hooks) named(name string) *entrance {
	switch {
	case h == nil:
		return nil
	case name == h.flat.hook.Name:
		return h.flat
	default:
		return h.byName[name]
	}
}

// troublesOf is what is known of an entrance that goes by a name: a reload
// forgets nothing.
func (s *Server) troublesOf(name string) *troubles {
	if e := s.hooks.Load().named(name); e != nil {
		return e.troubles
	}
	return new(troubles)
}

// hooksNow is the entrances as the console shows them: plain /v1/lookup first,
// the others by name.
func (s *Server) hooksNow() []console.Hook {
	h := s.hooks.Load()
	all := []console.Hook{h.flat.shown()}
	for _, name := range slices.Sorted(maps.Keys(h.byName)) {
		all = append(all, h.byName[name].shown())
	}
	return all
}

func (e *entrance) shown() console.Hook {
	h := console.Hook{
		Name: e.hook.Name, Dialect: e.dialect.Name, Scheme: e.scheme, Region: e.hook.Reading.Region,
		SendsOn: e.dialect.SendsOn, ContinueURL: e.hook.ContinueURL != "", CalledBack: e.dialect.Result != nil && e.hook.PublicURL != "",
		Refusals: e.troubles.refusals.Load(),
	}
	if last := e.troubles.refusal.Load(); last != nil {
		h.Refused = *last
	}
	if last := e.troubles.unreadable.Load(); last != nil {
		h.Unreadable = *last
	}
	return h
}
