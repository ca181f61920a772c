package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/sqlite"
)

// subject is a server that is measured.
type subject struct {
	address string
	token   string
	process *exec.Cmd
}

const secret = "bench-token-that-lets-everything-in"

func build(program string) error {
	cmd := exec.Command("go", "build", "-o", program, "./cmd/ringthrough")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("build ringthrough: %w", err)
	}
	return nil
}

// startProgram starts ringthrough on so many processors with a list of so many
// entries.
func startProgram(ctx context.Context, procs int, program, dir string, entries int) (*subject, error) {
	if err := fill(ctx, filepath.Join(dir, "ringthrough.db"), entries); err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "address")
	return start(ctx, procs, file, program, "serve", "--listen", "127.0.0.1:0", "--data", dir, "--address-file", file, "--log-level", "warn")
}

func startBare(ctx context.Context, dir string, size int64) (*subject, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	file := filepath.Join(dir, "bare-address")
	return start(ctx, 1, file, self, "-bare", strconv.FormatInt(size, 10), file)
}

func start(ctx context.Context, procs int, addressFile, program string, args ...string) (*subject, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(procs))
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", filepath.Base(program), err)
	}
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		if b, err := os.ReadFile(addressFile); err == nil && bytes.HasSuffix(b, []byte("\n")) {
			return &subject{address: strings.TrimSpace(string(b)), token: secret, process: cmd}, nil
		}
		<-time.After(10 * time.Millisecond)
	}
	return nil, fmt.Errorf("start %s: it does not answer", filepath.Base(program))
}

func (s *subject) stop() {
	_ = s.process.Process.Signal(syscall.SIGTERM)
	_ = s.process.Wait() // it was told to end
}

func serveAt(h http.Handler, addressFile string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if err := os.WriteFile(addressFile, []byte(l.Addr().String()+"\n"), 0o600); err != nil {
		return fmt.Errorf("write address: %w", err)
	}
	server := http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	return server.Serve(l)
}

// fill makes a store with a line, a token and so many entries.
func fill(ctx context.Context, path string, entries int) error {
	s, err := sqlite.Open(ctx, path)
	if err != nil {
		return fmt.Errorf("open store: %w", err)
	}
	line := flow.NewLine()
	line.Name, line.Numbers = "bench", []ani.Number{ani.MustParse("+18005550100")}
	line.Limit.Calls = 10_000
	line.Targets = []flow.Target{{Kind: flow.KindNumber, Address: "+15125550123"}}
	token := store.Token{ID: "bench", Name: "bench", Role: store.RoleAdmin, Hash: sha256.Sum256([]byte(secret))}
	changes := func(yield func(store.Change) bool) {
		if !yield(store.Change{Op: store.OpCreate, Kind: store.KindLine, Key: line.Name, Line: &line}) ||
			!yield(store.Change{Op: store.OpCreate, Kind: store.KindToken, Key: token.ID, Token: &token}) {
			return
		}
		for i := range entries {
			e := ani.NewEntry()
			e.ID, e.Label = "entry-"+strconv.Itoa(i), "Meta call"
			e.Pattern = ani.PatternOf(ani.MustParse(fmt.Sprintf("+1650%07d", 2_000_000+i)))
			if !yield(store.Change{Op: store.OpCreate, Kind: store.KindEntry, Key: e.ID, Entry: &e}) {
				return
			}
		}
	}
	if _, err := s.Edit(ctx, store.Edit{Author: store.Author{Name: "bench"}, At: time.Now(), Changes: changes}); err != nil {
		return fmt.Errorf("fill store: %w", err)
	}
	return s.Close()
}
