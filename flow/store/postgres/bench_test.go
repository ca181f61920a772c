package postgres

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/deploy/test/pgserver"
	"github.com/ringthrough/ringthrough/flow/store"
)

const million = 1_000_000

// imported yields a change that creates an entry, n times. Ids ascend, as
// those of rs/xid do; patterns come in no order.
func imported(n int) func(func(store.Change) bool) {
	return func(yield func(store.Change) bool) {
		for i := range n {
			e := ani.NewEntry()
			e.ID = fmt.Sprintf("d4g%017d", i)
			// 611953 is prime to a million: no two are the same.
			p, err := ani.ParsePattern(fmt.Sprintf("+491512%06d", i*611953%million))
			if err != nil {
				panic(err)
			}
			e.Pattern, e.Label, e.Source = p, fmt.Sprint("Meta call ", i), "ticket 4711"
			if i%10 == 0 {
				e.Lines = []string{"support-us"}
				e.ExpiresAt = noon.Add(time.Duration(i) * time.Second)
			}
			if !yield(store.Change{Op: store.OpCreate, Kind: store.KindEntry, Key: e.ID, Entry: &e}) {
				return
			}
		}
	}
}

func importInto(t testing.TB, s *Store, n int) {
	t.Helper()
	_, err := s.Edit(t.Context(), store.Edit{Author: store.Author{Name: "bench"}, At: noon, Changes: imported(n)})
	must(t, err)
}

// durable is the store of a server of its own, which waits for the disk.
func durable(b *testing.B) *Store {
	b.Helper()
	return openAt(b, pgserver.Start(b).Database(b))
}

// BenchmarkImport1M is one edit that creates a million entries.
func BenchmarkImport1M(b *testing.B) {
	for range b.N {
		importInto(b, durable(b), million)
	}
}

// BenchmarkImport100K is a tenth of it.
func BenchmarkImport100K(b *testing.B) {
	for range b.N {
		s := durable(b)
		b.ResetTimer()
		importInto(b, s, 100_000)
	}
}

// BenchmarkStore1M is what a store of a million entries takes to load, to page
// through and to change.
func BenchmarkStore1M(b *testing.B) {
	s := durable(b)
	importInto(b, s, million)
	_, err := s.pool.Exec(b.Context(), `VACUUM ANALYZE`) // as the server does by itself some minutes later
	must(b, err)
	for name, read := range reads(s) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				must(b, read(b.Context()))
			}
		})
	}
	b.Run("edit", func(b *testing.B) { benchmarkEdit(b, s) })
	b.Run("record", func(b *testing.B) { benchmarkRecord(b, s, 1) })
	b.Run("record of 256", func(b *testing.B) { benchmarkRecord(b, s, 256) })
}

func reads(s *Store) map[string]func(context.Context) error {
	all := map[string]func(context.Context) error{
		"load": func(ctx context.Context) error {
			_, err := s.Load(ctx, noon, func(ani.Entry) bool { return true })
			return err
		},
		"export": func(ctx context.Context) error {
			return s.Export(ctx, func(store.Revision, []store.Line) bool { return true }, func(ani.Entry) bool { return true })
		},
		"changes since": func(ctx context.Context) error {
			return s.ChangedSince(ctx, 0, func(store.Recorded) bool { return true })
		},
		"changed": func(ctx context.Context) error {
			_, err := s.Changed(ctx, 0, func(store.Change) bool { return true })
			return err
		},
		"verify": func(ctx context.Context) error {
			_, err := s.VerifyAudit(ctx)
			return err
		},
	}
	for name, q := range map[string]store.EntryQuery{
		"page":              {},
		"page of active":    {State: ani.StateActive, At: noon},
		"page of none":      {State: ani.StateDisabled, At: noon},
		"page of expired":   {State: ani.StateExpired, At: noon},
		"page of a line":    {Line: "support-us"},
		"page of few":       {State: ani.StateExpired, At: noon, Line: "support-us"},
		"page with a text":  {Text: "CALL 99999"},
		"page with no text": {Text: "nowhere"},
	} {
		q.Limit = 100
		all[name] = func(ctx context.Context) error {
			_, err := s.Entries(ctx, q)
			return err
		}
	}
	return all
}

// BenchmarkStore1K is what a store of the usual size takes to change.
func BenchmarkStore1K(b *testing.B) {
	s := durable(b)
	importInto(b, s, 1000)
	b.Run("edit", func(b *testing.B) { benchmarkEdit(b, s) })
	b.Run("record", func(b *testing.B) { benchmarkRecord(b, s, 1) })
	b.Run("record of 256", func(b *testing.B) { benchmarkRecord(b, s, 256) })
}

// spread reports how long the median and the slowest of a hundred took.
func spread(b *testing.B, took []time.Duration) {
	b.Helper()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "µs-p50")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "µs-p99")
}

func benchmarkEdit(b *testing.B, s *Store) {
	e, err := s.Entry(b.Context(), "d4g00000000000000042")
	must(b, err)
	change := store.Change{Op: store.OpUpdate, Kind: store.KindEntry, Key: e.ID, Entry: &e}
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		_, err := s.Edit(b.Context(), store.Edit{At: noon, Changes: slices.Values([]store.Change{change})})
		must(b, err)
		took = append(took, time.Since(began))
	}
	spread(b, took)
}

func benchmarkRecord(b *testing.B, s *Store, size int) {
	var took []time.Duration
	for n := 0; b.Loop(); n++ {
		marks := make([]store.Mark, size)
		for i := range marks {
			marks[i].Call = &store.Call{ID: fmt.Sprint(size, "call", n, "/", i, b.N), At: noon, Kind: store.CallDirect, Entry: "d4g00000000000000042"}
		}
		began := time.Now()
		must(b, s.Record(b.Context(), marks))
		took = append(took, time.Since(began))
	}
	spread(b, took)
}
