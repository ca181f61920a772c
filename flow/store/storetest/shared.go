package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// OpenTwo makes two stores of one empty database for one test, which closes
// them when it ends.
type OpenTwo func(t *testing.T) (one, two store.Shared)

// RunShared holds the stores that open makes to the contract of those that
// replicas share.
func RunShared(t *testing.T, open OpenTwo) {
	for _, tests := range []map[string]func(*pair){follows, chores, advances} {
		for _, name := range slices.Sorted(maps.Keys(tests)) {
			t.Run(name, func(t *testing.T) {
				one, two := open(t)
				tests[name](&pair{kit: &kit{T: t, ctx: t.Context(), s: one}, one: one, two: two})
			})
		}
	}
}

// pair is a test with two stores, whose kit has the first.
type pair struct {
	*kit
	one, two store.Shared
}

var follows = map[string]func(*pair){
	"the other is told of an edit":  toldOf(func(p *pair) { p.edit(putLine(newLine("support"))) }),
	"the other is told of a call":   toldOf(func(p *pair) { p.record(ofCall(newCall("new", store.CallDirect, noon))) }),
	"the other is told of a result": toldOf(func(p *pair) { p.record(ofResult("c", flow.ResultBusy, 2)) }),
	"the other is told of an outcome": toldOf(func(p *pair) {
		_, err := p.one.SetOutcome(p.ctx, "c", store.OutcomeOf{Outcome: store.OutcomeMissed, Author: ops, At: noon})
		p.must(err)
	}),
	"a position counts what was written": positions,
	"the position of a load":             positionOfLoad,
	"a revision is made by one of two":   raceNext,
	"nothing is done once it has ended":  endedShared,
}

// patience is how long something may take that is waited for.
const patience = 20 * time.Second

// follower hears what a store tells, until the test ends.
func (p *pair) follower(s store.Shared) (told chan struct{}) {
	p.Helper()
	told = make(chan struct{}, 1)
	ctx, cancel := context.WithCancel(p.ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Follow(ctx, func() {
			select {
			case told <- struct{}{}:
			default:
			}
		})
	}()
	p.Cleanup(func() {
		cancel()
		<-done
	})
	return told
}

func (p *pair) position(s store.Shared) store.Position {
	p.Helper()
	at, err := s.Position(p.ctx)
	p.must(err)
	var made time.Time
	if at.Revision > 0 {
		made = get(p.kit, s.RevisionInfo, at.Revision).At
	}
	if !at.At.Equal(made) {
		p.Errorf("revision %d was made at %v, not at %v", at.Revision, made, at.At)
	}
	at.At = time.Time{}
	return at
}

// toldOf has one store write something once the other follows, which must be
// told of it and find it.
func toldOf(write func(*pair)) func(*pair) {
	return func(p *pair) {
		p.record(ofCall(newCall("c", store.CallDirect, noon)))
		told := p.follower(p.two)
		p.wait("once it follows", told)
		before := p.position(p.two)
		write(p)
		p.wait("of what was written", told)
		if p.position(p.two) == before {
			p.Errorf("the position is still %v", before)
		}
	}
}

func (p *pair) wait(what string, told chan struct{}) {
	p.Helper()
	select {
	case <-told:
	case <-time.After(patience):
		p.Fatalf("%s: nobody was told in %v", what, patience)
	}
}

func positions(p *pair) {
	p.diff("of an empty store", store.Position{}, p.position(p.one))
	p.edit()
	p.edit(putLine(newLine("support")))
	p.diff("after two edits", store.Position{Revision: 2}, p.position(p.two))
	p.record(ofCall(newCall("1", store.CallDirect, noon)), ofCall(newCall("2", store.CallCandidate, noon)), ofResult("1", flow.ResultBusy, 1))
	p.diff("after two calls and a result", store.Position{Revision: 2, Calls: 3}, p.position(p.two))
	p.record(ofCall(newCall("1", store.CallDirect, noon)), ofResult("nobody's", flow.ResultBusy, 1))
	p.diff("after nothing new", store.Position{Revision: 2, Calls: 3}, p.position(p.two))
	_, err := p.one.SetOutcome(p.ctx, "2", store.OutcomeOf{Outcome: store.OutcomeMissed, Author: ops, At: noon})
	p.must(err)
	p.must(p.one.Refuse(p.ctx, newTry()))
	p.diff("after an outcome and a try", store.Position{Revision: 2, Calls: 4}, p.position(p.two))
}

func positionOfLoad(p *pair) {
	for n := range 3 {
		p.record(ofCall(newCall(fmt.Sprint("c", n), store.CallDirect, noon)))
		state, _ := p.load(noon)
		p.diff("calls", []uint64{uint64(n + 1), uint64(n + 1)}, []uint64{state.Calls, uint64(len(state.Recent))})
	}
}

// raceNext has both stores make edits for the revision that comes next: each
// is one of theirs, and who is behind is told so.
func raceNext(p *pair) {
	const each = 15
	made := make([]uint64, 2)
	together(2, func(i int) {
		s := []store.Shared{p.one, p.two}[i]
		next, err := s.Position(p.ctx)
		for n := 0; n < each && err == nil; {
			var r store.Revision
			r, err = s.Edit(p.ctx, store.Edit{Author: ops, At: noon, Next: next.Revision + 1, Changes: slices.Values([]store.Change{
				createEntry(newEntry(fmt.Sprint(i, "/", n), number(i*each+n))),
			})})
			if errors.Is(err, store.ErrBehind) {
				next, err = s.Position(p.ctx)
				continue
			}
			next.Revision, made[i] = r.N, made[i]+1
			n++
		}
		if err != nil {
			p.Error(err)
		}
	})
	p.diff("edits and the last revision", []uint64{each, each, 2 * each}, []uint64{made[0], made[1], p.position(p.two).Revision})
}

func endedShared(p *pair) {
	ctx, cancel := context.WithCancel(p.ctx)
	cancel()
	calls := map[string]func(context.Context) error{
		"Position": none(p.one.Position),
		"Changed": func(ctx context.Context) error {
			_, err := p.one.Changed(ctx, 0, func(store.Change) bool { return true })
			return err
		},
		"CallsChanged": func(ctx context.Context) error {
			_, _, err := p.one.CallsChanged(ctx, 0, 10)
			return err
		},
		"Lease": func(ctx context.Context) error {
			_, err := p.one.Lease(ctx, "chore", "one", time.Minute)
			return err
		},
		"Release": func(ctx context.Context) error { return p.one.Release(ctx, "chore", "one") },
		"Sight":   func(ctx context.Context) error { return p.one.Sight(ctx, []store.Sight{{At: noon}}) },
		"Sights":  none(p.one.Sights),
	}
	for name, call := range calls {
		if err := call(ctx); !errors.Is(err, context.Canceled) || !errors.Is(err, store.ErrUnavailable) {
			p.Errorf("%s gave %v, want an error that is both canceled and unavailable", name, err)
		}
		if err := call(p.ctx); err != nil {
			p.Errorf("%s with a context that lasts: %v", name, err)
		}
	}
	p.one.Follow(ctx, func() { p.Error("somebody was told whose context had ended") })
}

var chores = map[string]func(*pair){
	"a chore is done by one":       leased,
	"a lease that runs out":        leaseRunsOut,
	"the last sight of each place": sights,
	"one chore for all who race":   raceLease,
}

func (p *pair) lease(s store.Shared, name, holder string, span time.Duration) bool {
	p.Helper()
	held, err := s.Lease(p.ctx, name, holder, span)
	p.must(err)
	return held
}

func leased(p *pair) {
	p.diff("the first", true, p.lease(p.one, "retention", "one", time.Hour))
	p.diff("another", false, p.lease(p.two, "retention", "two", time.Hour))
	p.diff("the first again", true, p.lease(p.one, "retention", "one", time.Hour))
	p.diff("another chore", true, p.lease(p.two, "notices", "two", time.Hour))
	p.must(p.two.Release(p.ctx, "retention", "two"))
	p.diff("released by who hasn't got it", false, p.lease(p.two, "retention", "two", time.Hour))
	p.must(p.one.Release(p.ctx, "retention", "one"))
	p.diff("once it is released", true, p.lease(p.two, "retention", "two", time.Hour))
	p.diff("to who released it", false, p.lease(p.one, "retention", "one", time.Hour))
}

func leaseRunsOut(p *pair) {
	p.diff("the first", true, p.lease(p.one, "retention", "one", 200*time.Millisecond))
	p.diff("another at once", false, p.lease(p.two, "retention", "two", time.Hour))
	for late := time.Now().Add(patience); !p.lease(p.two, "retention", "two", time.Hour); {
		if time.Now().After(late) {
			p.Fatalf("a lease of 200 ms runs for more than %v", patience)
		}
	}
	p.diff("the first, too late", false, p.lease(p.one, "retention", "one", time.Hour))
}

func raceLease(p *pair) {
	held := make([]bool, 16)
	together(len(held), func(i int) {
		s := []store.Shared{p.one, p.two}[i%2]
		got, err := s.Lease(p.ctx, "retention", fmt.Sprint("replica", i), time.Hour)
		if err != nil {
			p.Error(err)
		}
		held[i] = got
	})
	n := 0
	for _, h := range held {
		if h {
			n++
		}
	}
	p.diff("who got it", 1, n)
}

func sights(p *pair) {
	of := func(hook, line string, after time.Duration, route string) store.Sight {
		return store.Sight{Hook: hook, Line: line, At: noon.Add(after), Route: route}
	}
	p.must(p.one.Sight(p.ctx, []store.Sight{of("b", "", 0, "continue"), of("a", "x", 1e6, "direct"), of("a", "x", 2e6+999, "continue"), of("a", "x", 0, "direct")}))
	p.must(p.two.Sight(p.ctx, []store.Sight{of("a", "x", 1e6, "direct"), of("b", "", time.Hour, "direct"), of("a", "y", 0, "direct")}))
	p.must(p.two.Sight(p.ctx, nil))
	found, err := p.one.Sights(p.ctx)
	p.must(err)
	slices.SortFunc(found, func(a, b store.Sight) int { return a.At.Compare(b.At) })
	p.diff("sights", []store.Sight{of("a", "y", 0, "direct"), of("a", "x", 2e6, "continue"), of("b", "", time.Hour, "direct")}, found)
}
