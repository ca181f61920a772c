package ani

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"
)

const million = 1_000_000

func BenchmarkParseE164(b *testing.B) {
	for _, raw := range []string{"+16505550123", "+442079460000", "+8613812345678"} {
		b.Run(raw, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(raw, ""); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParseOther(b *testing.B) {
	for _, raw := range []string{"tel:+16505550123", "16505550123", "+4402079460000", "0044 20 7946 0000", "anonymous", ""} {
		b.Run(raw, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = Parse(raw, "US")
			}
		})
	}
}

// callers are different numbers in random order.
func callers(n int) []Number {
	rnd := rand.New(rand.NewPCG(1, 2))
	seen := make(map[Number]bool, n)
	all := make([]Number, 0, n)
	for len(all) < n {
		c := Number{1_200_000_0000 + rnd.Uint64N(800_000_0000)}
		if !seen[c] {
			seen[c] = true
			all = append(all, c)
		}
	}
	return all
}

// listed has an entry for each number, and beside them ten ranges and ten
// prefixes, as a list in use would.
func listed(numbers []Number) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		e := NewEntry()
		e.Label, e.Lines = "Meta call", []string{"support-us"}
		for i, n := range numbers {
			e.ID, e.Pattern = fmt.Sprintf("d1k2%016d", i), PatternOf(n)
			if !yield(e) {
				return
			}
		}
		for i := range uint64(10) {
			e.ID, e.Pattern = fmt.Sprintf("range%d", i), Pattern{49_30_1000_0000 + i*1000 | 99<<digitBits}
			if !yield(e) {
				return
			}
			e.ID, e.Pattern = fmt.Sprintf("prefix%d", i), Pattern{49_89_1000 + i | prefixMark<<digitBits}
			if !yield(e) {
				return
			}
		}
	}
}

func compileMillion(b *testing.B) (l *List, in, out []Number) {
	b.Helper()
	all := callers(2 * million)
	in, out = all[:million], all[million:]
	l, err := NewList(listed(in))
	if err != nil {
		b.Fatal(err)
	}
	rand.New(rand.NewPCG(3, 4)).Shuffle(million, func(i, j int) { in[i], in[j] = in[j], in[i] })
	return l, in, out
}

func benchmarkMatch(b *testing.B, l *List, numbers []Number, want int) {
	b.Helper()
	var buf [8]Item
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if got := l.Match(numbers[i], buf[:0]); len(got) != want {
			b.Fatalf("%d items, want %d", len(got), want)
		}
		if i++; i == len(numbers) {
			i = 0
		}
	}
}

func BenchmarkListHit1M(b *testing.B) {
	l, in, _ := compileMillion(b)
	benchmarkMatch(b, l, in, 1)
}

func BenchmarkListMiss1M(b *testing.B) {
	l, _, out := compileMillion(b)
	benchmarkMatch(b, l, out, 0)
}

func BenchmarkNewList1M(b *testing.B) {
	numbers := callers(million)
	entries := make([]Entry, 0, million)
	for e := range listed(numbers) {
		entries = append(entries, e)
	}
	before := heap()
	var l *List
	for b.Loop() {
		var err error
		if l, err = NewList(listed(numbers)); err != nil {
			b.Fatal(err)
		}
	}
	texts := 0
	for i := range entries {
		texts += len(entries[i].ID) + len(entries[i].Label) + len(entries[i].Lines[0])
	}
	b.ReportMetric(float64(heap()-before-texts)/float64(l.Len()), "B/entry")
	runtime.KeepAlive(l)
	runtime.KeepAlive(numbers)
	runtime.KeepAlive(entries)
}

func BenchmarkEdit1M(b *testing.B) {
	l, _, out := compileMillion(b)
	e := NewEntry()
	i := 0
	for b.Loop() {
		e.ID, e.Pattern = "edit", PatternOf(out[i%million])
		next, err := with(l, []Entry{e}, []string{fmt.Sprintf("d1k2%016d", i)})
		if err != nil {
			b.Fatal(err)
		}
		i++
		l = next
	}
}

func BenchmarkCount1M(b *testing.B) {
	l, _, _ := compileMillion(b)
	now := time.Now()
	for b.Loop() {
		l.Count(now)
	}
}

// heap is how many bytes are in use once the garbage is gone.
func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

func BenchmarkCoverage(b *testing.B) {
	list, err := NewList(listed(callers(million)))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if c := list.Coverage(time.Unix(1_800_000_000, 0)); c.Lines["support-us"].Count < million {
			b.Fatal("entries are missing")
		}
	}
}
