package storetest

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

var advances = map[string]func(*pair){
	"what was changed, once":              changedOnce,
	"what can't be told":                  changedUnknown,
	"changes until yield has enough":      changedSome,
	"changed things are what is loaded":   changedIsLoaded,
	"calls in the order of their changes": callsInOrder,
	"nothing is lost with many writers":   raceChanges,
}

// changed is what Changed of the second store hands over after n, by kind and
// key.
func (p *pair) changed(n uint64) (store.Revision, map[string]store.Change) {
	p.Helper()
	found := map[string]store.Change{}
	r, err := p.two.Changed(p.ctx, n, func(c store.Change) bool {
		place := string(c.Kind) + " " + c.Key
		if _, twice := found[place]; twice {
			p.Errorf("%s comes twice", place)
		}
		found[place] = c
		return true
	})
	p.must(err)
	return r, found
}

func changedOnce(p *pair) {
	e, l, w, token := newEntry("x", number(1)), newLine("x"), newWindow("x", "x", noon, time.Hour), newToken("x")
	p.edit(createEntry(e), putLine(l), putWindow(w), putToken(token), createEntry(newEntry("gone", number(2))))
	p.edit(updateEntry(e), putLine(newLine("other")), remove(store.KindEntry, "gone"))
	c := newCall("c", store.CallDirect, noon)
	c.Entry, c.Window = "x", "x"
	p.record(ofCall(c))
	p.must(p.one.Refuse(p.ctx, newTry()))
	r, found := p.changed(0)
	p.diff("revision", store.Revision{N: 2, At: noon}, r)
	entry, line, window := p.entry("x"), get(p.kit, p.s.Line, "x"), get(p.kit, p.s.Window, "x")
	token.CreatedAt, token.CreatedBy = noon, ops.Name
	want := map[string]store.Change{
		"entry x":    {Op: store.OpPut, Kind: store.KindEntry, Key: "x", Entry: &entry},
		"entry gone": {Op: store.OpDelete, Kind: store.KindEntry, Key: "gone"},
		"line x":     {Op: store.OpPut, Kind: store.KindLine, Key: "x", Line: &line.Line},
		"line other": {Op: store.OpPut, Kind: store.KindLine, Key: "other", Line: new(newLine("other"))},
		"window x":   {Op: store.OpPut, Kind: store.KindWindow, Key: "x", Window: &window},
		"token x":    {Op: store.OpPut, Kind: store.KindToken, Key: "x", Token: &token},
	}
	p.diff("changes", want, found)
	_, found = p.changed(1)
	delete(want, "line x")
	delete(want, "window x")
	delete(want, "token x")
	p.diff("changes after the first edit", want, found)
	r, found = p.changed(2)
	p.diff("after the last", []any{uint64(2), 0}, []any{r.N, len(found)})
	p.edit(remove(store.KindLine, "x"), remove(store.KindWindow, "x"), remove(store.KindToken, "x"))
	_, found = p.changed(2)
	p.diff("what was deleted", []string{"line x", "token x", "window x"}, slices.Sorted(func(yield func(string) bool) {
		for place, c := range found {
			p.diff("operation", store.OpDelete, c.Op)
			if !yield(place) {
				return
			}
		}
	}))
}

// changedUnknown asks for what is to come, for what was pruned, and for what
// was erased.
func changedUnknown(p *pair) {
	ask := func(n uint64) error {
		_, err := p.two.Changed(p.ctx, n, func(store.Change) bool { return true })
		return err
	}
	p.diff("of an empty store", store.ErrNotFound, ask(1))
	for n := range 4 {
		p.editAt(noon.Add(time.Duration(n)*time.Hour), putLine(newLine(fmt.Sprint("l", n))))
	}
	p.diff("beyond the last", store.ErrNotFound, ask(5))
	keeper, ok := p.one.(store.Keeping)
	if !ok {
		return
	}
	from := noon.Add(2 * time.Hour)
	_, err := keeper.Prune(p.ctx, store.Pruning{Audit: from, Revisions: from})
	p.must(err)
	p.diff("of what was pruned", store.ErrNotFound, ask(1))
	p.must(ask(2))
	p.must(ask(4))
	p.editAt(from, createEntry(newEntry("x", number(1))), putWindow(newWindow(number(1), "l3", noon, time.Hour)))
	p.editAt(from, remove(store.KindEntry, "x"), remove(store.KindWindow, number(1)))
	p.must(ask(4))
	_, err = keeper.Erase(p.ctx, ani.MustParse(number(1)), ops, from, "")
	p.must(err)
	p.diff("of what was erased", store.ErrNotFound, ask(5))
}

func changedSome(p *pair) {
	for n := range 3 {
		p.edit(createEntry(newEntry(fmt.Sprint("e", n), number(n))), putLine(newLine(fmt.Sprint("l", n))))
	}
	for _, enough := range []int{1, 4} {
		seen := 0
		_, err := p.two.Changed(p.ctx, 0, func(store.Change) bool {
			seen++
			return seen < enough
		})
		p.must(err)
		p.diff("changes handed over", enough, seen)
	}
}

// replica is what somebody knows who takes in changes.
type replica struct {
	revision uint64
	entries  map[string]ani.Entry
	lines    map[string]flow.Line
}

func (p *pair) advance(r *replica) error {
	at, err := p.two.Changed(p.ctx, r.revision, func(c store.Change) bool {
		switch {
		case c.Kind == store.KindEntry && c.Op == store.OpPut:
			r.entries[c.Key] = *c.Entry
		case c.Kind == store.KindEntry:
			delete(r.entries, c.Key)
		case c.Kind == store.KindLine && c.Op == store.OpPut:
			r.lines[c.Key] = *c.Line
		case c.Kind == store.KindLine:
			delete(r.lines, c.Key)
		}
		return true
	})
	if err == nil {
		r.revision = at.N
	}
	return err
}

func newReplica() *replica {
	return &replica{entries: map[string]ani.Entry{}, lines: map[string]flow.Line{}}
}

// same fails the test where a replica isn't what a load gives.
func (p *pair) same(r *replica) {
	p.Helper()
	state, loaded := p.load(noon)
	entries, lines := map[string]ani.Entry{}, map[string]flow.Line{}
	for _, e := range loaded {
		entries[e.ID] = e
	}
	for _, l := range state.Lines {
		lines[l.Name] = l.Line
	}
	p.diff("revision", state.Revision.N, r.revision)
	p.diff("entries", entries, r.entries)
	p.diff("lines", lines, r.lines)
}

// changedIsLoaded makes edits at random, and takes in their changes now and
// then.
func changedIsLoaded(p *pair) {
	r := newReplica()
	rapidly(p.kit, func(draw *drawing) {
		for range draw.upTo("edits", 4) {
			p.madeOrRefused(p.try(draw.changes()...))
		}
		p.must(p.advance(r))
		p.same(r)
	})
}

func callsInOrder(p *pair) {
	ids := func(n uint64, limit int) ([]string, uint64) {
		calls, last, err := p.two.CallsChanged(p.ctx, n, limit)
		p.must(err)
		var got []string
		for _, c := range calls {
			got = append(got, c.ID+string(c.Result)+string(c.Outcome))
			p.diff("the call", get(p.kit, p.s.Call, c.ID), c)
		}
		return got, last
	}
	check := func(n uint64, limit int, last uint64, want ...string) {
		p.Helper()
		got, at := ids(n, limit)
		p.diff(fmt.Sprint("after ", n), want, got)
		p.diff("position", last, at)
	}
	check(0, 10, 0)
	for _, id := range []string{"a", "b", "c", "d"} {
		p.record(ofCall(newCall(id, store.CallDirect, noon)))
	}
	check(0, 10, 4, "a", "b", "c", "d")
	check(0, 3, 3, "a", "b", "c")
	check(3, 3, 4, "d")
	check(4, 10, 4)
	p.record(ofResult("b", flow.ResultBusy, 1))
	_, err := p.one.SetOutcome(p.ctx, "a", store.OutcomeOf{Outcome: store.OutcomeMissed, Author: ops, At: noon})
	p.must(err)
	check(4, 10, 6, "bbusy", "acode_missed")
	check(2, 10, 6, "c", "d", "bbusy", "acode_missed")
	p.record(ofResult("b", flow.ResultAnswered, 2), ofCall(newCall("e", store.CallRehearsal, noon)))
	check(6, 10, 8, "e", "banswered")
	check(99, 10, 99)
}

// raceChanges has writers on both stores, while somebody takes in what they
// write: in the end that is all there is.
func raceChanges(p *pair) {
	const writers, each = 6, 25
	var mu sync.Mutex
	left := writers
	running := func() bool {
		mu.Lock()
		defer mu.Unlock()
		return left > 0
	}
	r, seen := newReplica(), map[string]flow.Result{}
	var at uint64
	together(writers+1, func(i int) {
		if i == writers {
			for more := true; more; {
				more = running()
				at = p.takeIn(r, seen, at)
			}
			return
		}
		s := []store.Shared{p.one, p.two}[i%2]
		for n := range each {
			if err := raceWrite(p, s, i, n); err != nil {
				p.Error(err)
			}
		}
		mu.Lock()
		left--
		mu.Unlock()
	})
	p.same(r)
	p.diff("calls", writers*each, len(seen))
	for id, result := range seen {
		p.diff("result of "+id, flow.ResultBusy, result)
	}
	p.diff("position", store.Position{Revision: writers * each, Calls: 2 * writers * each}, p.position(p.one))
}

func raceWrite(p *pair, s store.Shared, i, n int) error {
	id := fmt.Sprint(i, "/", n)
	_, err := s.Edit(p.ctx, store.Edit{Author: ops, At: noon, Changes: slices.Values([]store.Change{
		createEntry(newEntry(id, number(i*100+n))), putLine(newLine(fmt.Sprint("line", i))),
	})})
	if err == nil {
		err = s.Record(p.ctx, []store.Mark{ofCall(newCall(id, store.CallDirect, noon))})
	}
	if err == nil {
		err = s.Record(p.ctx, []store.Mark{ofResult(id, flow.ResultBusy, 1)})
	}
	return err
}

// takeIn goes on from where it was, a few calls at a time.
func (p *pair) takeIn(r *replica, seen map[string]flow.Result, at uint64) uint64 {
	if err := p.advance(r); err != nil {
		p.Error(err)
	}
	for {
		calls, last, err := p.two.CallsChanged(p.ctx, at, 7)
		if err != nil {
			p.Error(err)
			return at
		}
		for _, c := range calls {
			seen[c.ID] = c.Result
		}
		if at = last; len(calls) == 0 {
			return at
		}
	}
}
