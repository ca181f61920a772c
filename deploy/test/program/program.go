// Package program builds ringthrough and runs it as it is shipped, on loopback
// ports of its own, for tests of what stands around it. It looks into nothing
// but what the program says over HTTP and on its command line.
package program

import (
	"bytes"
	"cmp"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

// patience is how long anything may take before a test gives up.
const patience = 30 * time.Second

// Build is the path of a ringthrough that was built just now, as the Dockerfile
// builds it.
func Build(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ringthrough")
	build := exec.CommandContext(t.Context(), peer.Command(t, "go", "install Go"), "build", "-trimpath", "-buildvcs=false", "-o", path, "./cmd/ringthrough")
	build.Dir = peer.Tree(t)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build ringthrough: %v\n%s", err, out)
	}
	return path
}

// Server is a ringthrough that answers, until the test ends.
type Server struct {
	Program string
	Data    string
	Address string // host:port of the lookups
	Ops     string // host:port of the ops API; the same, where there is no listener for it alone
	*Process
}

// Serve builds ringthrough and starts it with a data directory of its own.
func Serve(t testing.TB, args ...string) Server {
	t.Helper()
	return serve(t, "", args)
}

// ServeApart is Serve with the ops API at a listener of its own.
func ServeApart(t testing.TB, args ...string) Server {
	t.Helper()
	return serve(t, net.JoinHostPort("127.0.0.1", strconv.Itoa(peer.Port(t))), args)
}

func serve(t testing.TB, ops string, args []string) Server {
	t.Helper()
	s := Server{Program: Build(t), Data: filepath.Join(t.TempDir(), "data")}
	file := filepath.Join(t.TempDir(), "address")
	args = append([]string{"serve", "--listen", "127.0.0.1:0", "--admin-listen", ops, "--data", s.Data, "--address-file", file}, args...)
	s.Process = Start(t, exec.Command(s.Program, args...))
	s.Await(t, "its address", func() bool {
		written, err := os.ReadFile(file)
		s.Address = strings.TrimSpace(string(written))
		return err == nil && s.Address != ""
	})
	s.Ops = cmp.Or(ops, s.Address)
	return s
}

// Run runs the command line against the server, and gives what it wrote to
// standard output.
func (s Server) Run(t testing.TB, args ...string) string {
	t.Helper()
	args = append(args, "--server", "http://"+s.Ops, "--data", s.Data)
	var trouble strings.Builder
	cmd := exec.CommandContext(t.Context(), s.Program, args...)
	cmd.Stderr = &trouble
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("ringthrough %s: %v\n%s", strings.Join(args, " "), err, trouble.String())
	}
	return strings.TrimSpace(string(out))
}

// Process is a program that runs until the test ends.
type Process struct {
	name   string
	output *bytes.Buffer // only once it has ended
	ended  chan struct{}
	stop   func()
}

// Start starts a program, and stops it when the test ends.
func Start(t testing.TB, cmd *exec.Cmd) *Process {
	t.Helper()
	p := &Process{name: filepath.Base(cmd.Path), output: &bytes.Buffer{}, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.output, p.output
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", p.name, err)
	}
	go func() {
		defer close(p.ended)
		_ = cmd.Wait() // how it ended is for the test to see
	}()
	p.stop = func() {
		_ = cmd.Process.Signal(os.Interrupt) // it may have ended
		select {
		case <-p.ended:
		case <-time.After(patience):
			_ = cmd.Process.Kill()
			<-p.ended
		}
	}
	t.Cleanup(p.stop)
	return p
}

// Stop ends the process as an operator would, and gives what it wrote.
func (p *Process) Stop() string {
	p.stop()
	return p.output.String()
}

// Await waits until something that the process does is seen. A process that
// ends meanwhile ends the test.
func (p *Process) Await(t testing.TB, what string, seen func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !seen() {
		select {
		case <-tick.C:
		case <-p.ended:
			t.Fatalf("%s ended before %s was seen:\n%s", p.name, what, p.output)
		case <-deadline.C:
			t.Fatalf("%s: %s was not seen in %v:\n%s", p.name, what, patience, p.Stop())
		}
	}
}

// Answers reports whether url gives 200.
func Answers(client *http.Client, url string) bool {
	res, err := client.Get(url)
	if err != nil {
		return false
	}
	return res.Body.Close() == nil && res.StatusCode == http.StatusOK
}
