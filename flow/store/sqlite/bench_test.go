//go:build unix

package sqlite

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/cursor"
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

func importInto(b *testing.B, s *Store, n int) {
	b.Helper()
	if _, err := s.Edit(b.Context(), store.Edit{Author: store.Author{Name: "bench"}, At: noon, Changes: imported(n)}); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkImport1M is one edit that creates a million entries. Its memory is
// the most that the process ever had, so run it alone.
func BenchmarkImport1M(b *testing.B) {
	for range b.N {
		path := filepath.Join(b.TempDir(), "ringthrough.db")
		s := openAt(b, path)
		before := usage(b)
		importInto(b, s, million)
		after := usage(b)
		b.ReportMetric((cpu(after) - cpu(before)).Seconds(), "s-cpu")
		b.ReportMetric(float64(after.Maxrss)/1024, "MiB-peak")
		b.ReportMetric(sizeMiB(b, path), "MiB-db")
		b.ReportMetric(sizeMiB(b, path+"-wal"), "MiB-wal")
	}
}

func usage(b *testing.B) syscall.Rusage {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u
}

func cpu(u syscall.Rusage) time.Duration {
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func sizeMiB(b *testing.B, path string) float64 {
	b.Helper()
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	return float64(info.Size()) / (1 << 20)
}

// BenchmarkStore1M is what a store of a million entries takes to load, to
// page through and to change.
func BenchmarkStore1M(b *testing.B) {
	s := openAt(b, filepath.Join(b.TempDir(), "ringthrough.db"))
	importInto(b, s, million)
	ctx := b.Context()
	b.Run("load", func(b *testing.B) {
		for range b.N {
			if _, err := s.Load(ctx, noon, func(ani.Entry) bool { return true }); err != nil {
				b.Fatal(err)
			}
		}
	})
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
		b.Run(name, func(b *testing.B) {
			for range b.N {
				if _, err := s.Entries(ctx, q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("export", func(b *testing.B) {
		for range b.N {
			if err := s.Export(ctx, func(store.Revision, []store.Line) bool { return true }, func(ani.Entry) bool { return true }); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("changes since", func(b *testing.B) {
		for range b.N {
			if err := s.ChangedSince(ctx, 0, func(store.Recorded) bool { return true }); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("last page of audit", func(b *testing.B) {
		for range b.N {
			if _, err := s.Audit(ctx, store.AuditQuery{Limit: 100, Cursor: cursor.OfTime("audit", noon, "101")}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("verify", func(b *testing.B) {
		for range b.N {
			if state, err := s.VerifyAudit(ctx); err != nil || state.Broken != 0 {
				b.Fatal(state, err)
			}
		}
	})
	b.Run("edit", func(b *testing.B) { benchmarkEdit(ctx, b, s) })
	b.Run("record", func(b *testing.B) { benchmarkRecord(ctx, b, s) })
}

// BenchmarkStore1K is what a store of the usual size takes to change.
func BenchmarkStore1K(b *testing.B) {
	s := openAt(b, filepath.Join(b.TempDir(), "ringthrough.db"))
	importInto(b, s, 1000)
	b.Run("edit", func(b *testing.B) { benchmarkEdit(b.Context(), b, s) })
	b.Run("record", func(b *testing.B) { benchmarkRecord(b.Context(), b, s) })
}

func benchmarkEdit(ctx context.Context, b *testing.B, s *Store) {
	e, err := s.Entry(ctx, "d4g00000000000000042")
	if err != nil {
		b.Fatal(err)
	}
	change := store.Change{Op: store.OpUpdate, Kind: store.KindEntry, Key: e.ID, Entry: &e}
	for b.Loop() {
		if _, err := s.Edit(ctx, store.Edit{At: noon, Changes: slices.Values([]store.Change{change})}); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkRecord(ctx context.Context, b *testing.B, s *Store) {
	for n := 0; b.Loop(); n++ {
		c := store.Call{ID: fmt.Sprint("call", n), At: noon, Kind: store.CallDirect, Entry: "d4g00000000000000042"}
		if err := s.Record(ctx, []store.Mark{{Call: &c}}); err != nil {
			b.Fatal(err)
		}
	}
}
