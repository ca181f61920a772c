package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// measureImport creates a list of so many entries, then replaces it whole, then
// restores the one before, and prints a line of the table for each.
func measureImport(rows, procs int) error {
	dir, err := os.MkdirTemp("", "ringthrough-bench-")
	if err != nil {
		return fmt.Errorf("make directory: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // the system's place for such things
	program := filepath.Join(dir, "ringthrough")
	if err := build(program); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s, err := startProgram(ctx, procs, program, dir, 1)
	if err != nil {
		return err
	}
	defer s.stop()
	fmt.Printf("%d rows, %d processors\n", rows, procs)
	quiet, err := s.paced(ctx, 10*time.Second)
	if err != nil {
		return err
	}
	fmt.Println("| | time | most memory | not listed, p50 / p99 / max | direct, p50 / p99 / max |\n|---|---|---|---|---|")
	fmt.Printf("| quiet | | %s | %s | %s |\n", s.memory(), quiet.carried, quiet.direct)
	for i, what := range []string{"create", "replace"} {
		file := filepath.Join(dir, what+".csv")
		if err := writeRows(file, rows, i); err != nil {
			return err
		}
		if err := s.measureOne(ctx, what, "/v1/import?mode=replace", file); err != nil {
			return err
		}
	}
	return s.measureOne(ctx, "restore", "/v1/revisions/2/restore", os.DevNull) // 1 is what the server began with
}

// writeRows writes rows that have nothing in common with those of another
// set, but for the first.
func writeRows(path string, rows, set int) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	w := bufio.NewWriter(f)
	_, _ = fmt.Fprintf(w, "pattern,label,source,expires_at\n+16502000000,Meta call,,\n") // Flush has the error
	for i := 1; i < rows; i++ {
		// 611953 is a prime: the numbers come in no order.
		_, _ = fmt.Fprintf(w, "+%d%07d,Meta call %d,ticket 4711,2030-01-31T18:00:00Z\n", 1651+set, i*611953%10_000_000, i)
	}
	return errors.Join(w.Flush(), f.Close())
}

// measureOne makes an edit while lookups are made.
func (s *subject) measureOne(ctx context.Context, what, path, file string) error {
	asking, stop := context.WithCancel(ctx)
	defer stop()
	var felt latencies
	asked := make(chan error, 1)
	go func() {
		var err error
		felt, err = s.paced(asking, time.Hour)
		asked <- err
	}()
	start := time.Now()
	err := s.edit(ctx, path, file)
	took := time.Since(start)
	stop()
	if err := errors.Join(err, <-asked); err != nil {
		return err
	}
	fmt.Printf("| %s | %s | %s | %s | %s |\n", what, took.Round(time.Second), s.memory(), felt.carried, felt.direct)
	return nil
}

// edit posts a file, and tells on stderr when a phase begins.
func (s *subject) edit(ctx context.Context, path, file string) error {
	body, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("read file: %w", err)
	}
	defer func() { _ = body.Close() }() // it was only read
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.address+path, body)
	if err != nil {
		return fmt.Errorf("edit: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	req.Header.Set("Accept", "application/x-ndjson")
	start := time.Now()
	resp, err := (&http.Client{}).Do(req)
	if err != nil {
		return fmt.Errorf("edit: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // it was only read
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 16<<20)
	phase := ""
	for lines.Scan() {
		var line struct {
			Progress struct{ Phase string }
			Result   json.RawMessage
			Problem  json.RawMessage
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return fmt.Errorf("read answer: %w: %.200s", err, lines.Bytes())
		}
		switch {
		case line.Problem != nil:
			return fmt.Errorf("edit: %s", line.Problem)
		case line.Result != nil:
			fmt.Fprintf(os.Stderr, "%6.1f s: done\n", time.Since(start).Seconds())
			return nil
		case line.Progress.Phase != phase:
			phase = line.Progress.Phase
			fmt.Fprintf(os.Stderr, "%6.1f s: %s\n", time.Since(start).Seconds(), phase)
		}
	}
	return fmt.Errorf("edit: the answer broke off: %w", lines.Err())
}

var mostMemory = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// memory is the most resident memory that the server has had. Linux alone
// tells.
func (s *subject) memory() string {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(s.process.Process.Pid) + "/status")
	if err != nil {
		return "unknown"
	}
	match := mostMemory.FindSubmatch(status)
	if match == nil {
		return "unknown"
	}
	kib, _ := strconv.Atoi(string(bytes.TrimSpace(match[1]))) // digits
	return strings.Join([]string{strconv.Itoa(kib >> 10), "MiB"}, " ")
}
