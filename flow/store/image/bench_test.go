package image

import (
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/ani"
)

const million = 1_000_000

// many are entries as a large list has them.
func many(b *testing.B, n int) iter.Seq[ani.Entry] {
	b.Helper()
	made := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	return func(yield func(ani.Entry) bool) {
		for i := range n {
			pattern, err := ani.ParsePattern(fmt.Sprintf("+1650%07d", 2000000+i))
			if err != nil {
				b.Fatal(err)
			}
			at := made.Add(time.Duration(i*7919%86400) * time.Second)
			e := ani.Entry{
				ID: fmt.Sprintf("d4g0%016x", uint64(i)*0x9e3779b97f4a7c15), Pattern: pattern, Label: "WhatsApp", Source: fmt.Sprint("ticket ", i%977),
				Lines: []string{}, Enabled: true, ExpiresAt: at.Add(72 * time.Hour), CreatedAt: at, CreatedBy: "ops", UpdatedAt: at, Version: 1,
			}
			if !yield(e) {
				return
			}
		}
	}
}

func BenchmarkWriteMillion(b *testing.B) {
	path := filepath.Join(b.TempDir(), "image")
	for b.Loop() {
		if err := Write(path, Image{}, many(b, million)); err != nil {
			b.Fatal(err)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size())/million, "bytes/entry")
}

func BenchmarkReadMillion(b *testing.B) {
	path := filepath.Join(b.TempDir(), "image")
	if err := Write(path, Image{}, many(b, million)); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		read, err := Read(path, func(ani.Entry) bool { return true })
		if err != nil || read.State.EntryHint != million {
			b.Fatal(read.State.EntryHint, err)
		}
	}
}

// BenchmarkMakeMillion is what of BenchmarkWriteMillion is not the writing.
func BenchmarkMakeMillion(b *testing.B) {
	for b.Loop() {
		for range many(b, million) {
			continue
		}
	}
}
