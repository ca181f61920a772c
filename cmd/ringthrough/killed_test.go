package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestKilledImport kills a server at any moment of an import that replaces the
// whole list. The next one must have the old list or the new one, and the new
// one where the client was told that it is there.
func TestKilledImport(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	const rows = 50_000
	random := rand.New(rand.NewPCG(1, 2))
	data := t.TempDir()
	list := "pattern,label,source,lines,not_before,expires_at,enabled,min_attestation,note\n"
	for round := range 10 {
		s := serveIn(t, data)
		if got := s.export(t); got != list {
			t.Fatalf("round %d begins with %s, want %s", round, ends(got), ends(list))
		}
		next := listOf(rows, round)
		told := s.killAt(t, next, random.IntN(24), time.Duration(random.IntN(250))*time.Millisecond)
		s = serveIn(t, data)
		got := s.export(t)
		s.kill()
		switch {
		case got == next:
			t.Logf("round %d: the new list", round)
			list = next
		case got == list && !told:
			t.Logf("round %d: the old list", round)
		default:
			t.Fatalf("round %d: neither the list of before, %s, nor the new one, %s (told that it is there: %t), but %s", round, ends(list), ends(next), told, ends(got))
		}
	}
}

// ends are the size of a text and its last line.
func ends(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return fmt.Sprintf("%d lines up to %q", len(lines), lines[len(lines)-1])
}

// listOf is a list as export gives it; half of its patterns are those of the
// round before.
func listOf(rows, round int) string {
	var b strings.Builder
	b.WriteString("pattern,label,source,lines,not_before,expires_at,enabled,min_attestation,note\n")
	for i := range rows {
		fmt.Fprintf(&b, "+4420%08d,round %d,,,,,true,none,\n", 70_000_000+round*rows/2+i, round)
	}
	return b.String()
}

// servedProcess is a server of its own process.
type servedProcess struct {
	command *exec.Cmd
	address string
	token   string
}

func serveIn(t *testing.T, data string) *servedProcess {
	t.Helper()
	file := filepath.Join(t.TempDir(), "address")
	s := &servedProcess{command: exec.Command("ringthrough", "serve", "--listen", "127.0.0.1:0", "--data", data, "--address-file", file, "--log-level", "warn")}
	var log bytes.Buffer
	s.command.Stderr = &log
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	tick, late := time.NewTicker(10*time.Millisecond), time.After(patience)
	defer tick.Stop()
	for s.address == "" {
		select {
		case <-tick.C:
			if b, err := os.ReadFile(file); err == nil && bytes.HasSuffix(b, []byte("\n")) {
				s.address = strings.TrimSpace(string(b))
			}
		case <-late:
			s.kill()
			t.Fatalf("it doesn't start: %s", log.String())
		}
	}
	token, err := os.ReadFile(filepath.Join(data, "admin.token"))
	if err != nil {
		t.Fatal(err)
	}
	s.token = strings.TrimSpace(string(token))
	return s
}

func (s *servedProcess) kill() {
	if s.command.ProcessState == nil {
		_ = s.command.Process.Kill()
		_ = s.command.Wait() // it was killed
	}
}

func (s *servedProcess) ask(ctx context.Context, t *testing.T, method, path, body string) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, "http://"+s.address+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	req.Header.Set("Accept", "application/x-ndjson")
	return (&http.Client{}).Do(req)
}

func (s *servedProcess) export(t *testing.T) string {
	t.Helper()
	resp, err := s.ask(t.Context(), t, http.MethodGet, "/v1/export?format=csv", "")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s, %v: %s", resp.Status, err, b)
	}
	return string(b)
}

// killAt imports a list, and kills the server some time after it has said how
// far it is for the nth time, or once it is done. It reports whether the
// server has said that it is.
func (s *servedProcess) killAt(t *testing.T, list string, n int, later time.Duration) (done bool) {
	t.Helper()
	resp, err := s.ask(t.Context(), t, http.MethodPost, "/v1/import?mode=replace", list)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 16<<20)
	for seen := 0; lines.Scan(); seen++ {
		if strings.HasPrefix(lines.Text(), `{"problem"`) {
			t.Fatal(lines.Text())
		}
		done = done || strings.HasPrefix(lines.Text(), `{"result"`)
		if seen == n && !done {
			time.AfterFunc(later, func() { _ = s.command.Process.Kill() })
		}
	}
	s.kill()
	return done
}
