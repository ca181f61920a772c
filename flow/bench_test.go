package flow_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

// BenchmarkDecide asks for callers in random order, so that a long list is
// not in the processor's caches.
func BenchmarkDecide(b *testing.B) {
	for _, entries := range []int{1, 1_000_000} {
		b.Run(fmt.Sprintf("entries=%d", entries), func(b *testing.B) {
			listed, unlisted := callersOf(entries)
			list, err := ani.NewList(entriesOf(listed))
			if err != nil {
				b.Fatal(err)
			}
			s := listedScene()
			snapshot := s.compile(b)
			snapshot.List = list
			b.Run("listed", func(b *testing.B) { benchmarkDecide(b, s, snapshot, listed, flow.ReasonListed) })
			b.Run("not_listed", func(b *testing.B) { benchmarkDecide(b, s, snapshot, unlisted, flow.ReasonNotListed) })
		})
	}
}

func benchmarkDecide(b *testing.B, s *scene, snapshot *flow.Snapshot, callers []ani.Number, want flow.Reason) {
	b.Helper()
	call, i := s.call, 0
	b.ReportAllocs()
	for b.Loop() {
		call.ANI = callers[i]
		if d := flow.Decide(call, snapshot, s.now); d.Reason != want {
			b.Fatalf("got %s, want %s", d.Reason, want)
		}
		if i++; i == len(callers) {
			i = 0
		}
	}
}

// callersOf are n numbers to be listed and as many others, in random order.
func callersOf(n int) (listed, unlisted []ani.Number) {
	rng := rand.New(rand.NewPCG(1, 2))
	seen := make(map[uint64]bool, 2*n)
	for len(unlisted) < n {
		digits := 12_000_000_000 + rng.Uint64N(7_999_999_999)
		if seen[digits] {
			continue
		}
		seen[digits] = true
		number := ani.MustParse(fmt.Sprintf("+%d", digits))
		if len(listed) < n {
			listed = append(listed, number)
		} else {
			unlisted = append(unlisted, number)
		}
	}
	return listed, unlisted
}

// entriesOf has an entry for each number.
func entriesOf(numbers []ani.Number) func(yield func(ani.Entry) bool) {
	return func(yield func(ani.Entry) bool) {
		e := ani.NewEntry()
		e.Label, e.Lines = "Meta call", []string{"support-us"}
		for i, n := range numbers {
			e.ID, e.Pattern = fmt.Sprintf("d1k2%016d", i), ani.PatternOf(n)
			if !yield(e) {
				return
			}
		}
	}
}

// A lookup must leave nothing to collect, whichever way out it takes.
func TestDecideAllocatesNothing(t *testing.T) {
	for _, tt := range rulings {
		t.Run(tt.name, func(t *testing.T) {
			s := listedScene()
			tt.change(s)
			snapshot := s.compile(t)
			var d flow.Decision
			if n := testing.AllocsPerRun(100, func() { d = flow.Decide(s.call, snapshot, s.now) }); n != 0 {
				t.Errorf("%s after %g allocations, want none", d.Reason, n)
			}
		})
	}
}
