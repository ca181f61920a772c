// Package faults breaks things round the real program, and holds it to its
// word: whatever was acknowledged is there afterwards, once, callers are
// answered meanwhile, and what every replica serves is what the store has. Its
// judges do little by default, and all with RINGTHROUGH_FAULTS=full; see
// run.sh.
package faults

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
	"github.com/ringthrough/ringthrough/deploy/test/pgserver"
)

// full is whether everything is done at full size.
var full = os.Getenv("RINGTHROUGH_FAULTS") == "full"

// sized is the first for every day, the second at full size.
func sized[T any](everyDay, whole T) T {
	if full {
		return whole
	}
	return everyDay
}

// atOnce is how many tests run at a time, however few cores there are: most of
// them wait most of the time.
const atOnce = 4

// bench is what all tests of one run share.
var bench struct {
	folder string // of the program
	once   sync.Once
	wrong  string // why there is none

	mu      sync.Mutex
	figures []string // rows of the table
}

func TestMain(m *testing.M) {
	if spec := os.Getenv(crowdSetting); spec != "" {
		if err := beCrowd(spec); err != nil {
			panic(err)
		}
		return
	}
	folder, err := os.MkdirTemp("", "faults")
	if err != nil {
		panic(err)
	}
	bench.folder = folder
	zerolog.SetGlobalLevel(zerolog.Disabled) // toxiproxy's; the program is another process
	flag.Parse()
	if err := flag.Set("test.parallel", strconv.Itoa(atOnce)); err != nil {
		panic(err)
	}
	pgserver.Main(m)
	if err := writeFigures(); err != nil {
		panic(err)
	}
	if err := os.RemoveAll(folder); err != nil {
		panic(err)
	}
}

// figure notes one measured thing for the table that run.sh prints.
func figure(t *testing.T, what, format string, args ...any) {
	t.Helper()
	got := fmt.Sprintf(format, args...)
	t.Logf("%s: %s", what, got)
	bench.mu.Lock()
	defer bench.mu.Unlock()
	bench.figures = append(bench.figures, fmt.Sprintf("| `%s` | %s | %s |", t.Name(), what, got))
}

// writeFigures writes the table to the file that RINGTHROUGH_FIGURES names.
func writeFigures() error {
	path := os.Getenv("RINGTHROUGH_FIGURES")
	if path == "" {
		return nil
	}
	slices.Sort(bench.figures)
	table := "| test | what | figure |\n|---|---|---|\n" + strings.Join(bench.figures, "\n") + "\n"
	return os.WriteFile(path, []byte(table), 0o644)
}

// patience is how long anything is waited for that has to come. It is long,
// since nothing here fails for being slow.
const patience = 90 * time.Second

// await waits until holds does, and ends the test where that isn't in time.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	if !within(patience, holds) {
		t.Fatalf("not within %s: %s", patience, what)
	}
}

// within waits until holds does, and reports whether that was in time.
func within(span time.Duration, holds func() bool) bool {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for late := time.After(span); !holds(); {
		select {
		case <-late:
			return false
		case <-tick.C:
		}
	}
	return true
}

// lasting lets a fault last.
func lasting(t *testing.T, span time.Duration) {
	t.Helper()
	select {
	case <-time.After(span):
	case <-t.Context().Done():
		t.Fatal("the test ends")
	}
}

// program is the path of the real program, built once a run, and built to
// find data races where the test is.
func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(bench.folder, "ringthrough")
	bench.once.Do(func() {
		args := []string{"build", "-buildvcs=false", "-o", path}
		if raced {
			args = append(args, "-race")
		}
		build := commandIn(peer.Tree(t), "go", append(args, "./cmd/ringthrough")...)
		if out, err := build.CombinedOutput(); err != nil {
			bench.wrong = fmt.Sprintf("build the program: %v\n%s", err, out)
		}
	})
	if bench.wrong != "" {
		t.Fatal(bench.wrong)
	}
	return path
}
