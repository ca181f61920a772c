// Command bench measures how much of a bare net/http handler's throughput a
// lookup keeps. It builds the real program, gives it one processor, asks it
// and a bare handler of the same request and reply in turn, and prints the
// median of the ratios. Run it from the top of the tree:
//
//	go run ./deploy/test/bench
//
// With -import 1000000 it measures instead how long such an import takes, how
// much memory the server has at most, and how long lookups take before and
// meanwhile:
//
//	go run ./deploy/test/bench -import 1000000
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

const question = `{"ani":"+442079460000","dnis":"+18005550100","call_id":"%020d"}`

func main() {
	bare := flag.String("bare", "", "serve the bare handler with replies of so many bytes (used by the program itself)")
	rounds := flag.Int("rounds", 5, "pairs of runs for each line of the table")
	span := flag.Duration("span", 3*time.Second, "length of a run")
	conns := flag.Int("c", 16, "connections")
	imports := flag.Int("import", 0, "measure what an import of so many rows takes, and what lookups feel of it")
	procs := flag.Int("procs", 2, "processors of a server that imports")
	flag.Parse()
	var err error
	switch {
	case *bare != "":
		err = serveBare(*bare, flag.Arg(0))
	case *imports > 0:
		err = measureImport(*imports, *procs)
	default:
		err = measure(load{conns: *conns, span: *span}, *rounds)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// serveBare reads a request's body and writes a constant: what net/http costs
// and no more.
func serveBare(size, addressFile string) error {
	n, err := strconv.Atoi(size)
	if err != nil {
		return fmt.Errorf("read size: %w", err)
	}
	reply := make([]byte, n)
	for i := range reply {
		reply[i] = 'x'
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(reply) // the client counts what it gets
	})
	return serveAt(handler, addressFile)
}

// measure prints one line of the table for each size of the list.
func measure(l load, rounds int) error {
	dir, err := os.MkdirTemp("", "ringthrough-bench-")
	if err != nil {
		return fmt.Errorf("make directory: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // the system's place for such things
	program := filepath.Join(dir, "ringthrough")
	if err := build(program); err != nil {
		return err
	}
	fmt.Println("| list | bare, requests/s | lookup, requests/s | ratio (min – max) |\n|---|---|---|---|")
	for _, entries := range []int{1_000, 1_000_000} {
		if err := compare(l, rounds, program, filepath.Join(dir, strconv.Itoa(entries)), entries); err != nil {
			return err
		}
	}
	return nil
}

// compare runs both servers in turn, rounds times, and prints medians.
func compare(l load, rounds int, program, dir string, entries int) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ours, err := startProgram(ctx, 1, program, dir, entries)
	if err != nil {
		return err
	}
	defer ours.stop()
	size, err := l.replySize(ours)
	if err != nil {
		return err
	}
	bare, err := startBare(ctx, dir, size)
	if err != nil {
		return err
	}
	defer bare.stop()
	var bareRates, ourRates, ratios []float64
	for range rounds {
		b, berr := l.run(bare)
		o, oerr := l.run(ours)
		if err := errors.Join(berr, oerr); err != nil {
			return err
		}
		bareRates, ourRates, ratios = append(bareRates, b), append(ourRates, o), append(ratios, o/b)
	}
	slices.Sort(ratios)
	fmt.Printf("| %d entries | %.0f | %.0f | %.2f (%.2f – %.2f) |\n", entries, median(bareRates), median(ourRates), median(ratios), ratios[0], ratios[len(ratios)-1])
	return nil
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}
