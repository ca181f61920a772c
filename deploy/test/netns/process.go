package netns

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Process is a program that runs until the test ends or kills it.
type Process struct {
	name string
	cmd  *exec.Cmd
	log  string // file with all that it wrote
	over chan struct{}
	err  error // how it ended; set when over is closed
}

// Start starts a program in a folder of its own, and ends it with the test.
// name is what it is called in what the test writes; env is added to the
// test's own environment.
func (n Namespace) Start(t testing.TB, name string, env []string, program string, args ...string) *Process {
	t.Helper()
	p := &Process{
		name: name, cmd: n.command(context.WithoutCancel(t.Context()), program, args...),
		log: filepath.Join(t.TempDir(), name+".log"), over: make(chan struct{}),
	}
	out, err := os.Create(p.log)
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.Dir = out, out, filepath.Dir(p.log)
	p.cmd.Env = append(os.Environ(), env...)
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	go func() {
		p.err = p.cmd.Wait()
		_ = out.Close()
		close(p.over)
	}()
	t.Cleanup(func() { p.end(t) })
	return p
}

// end ends the process, if it isn't over.
func (p *Process) end(t testing.TB) {
	t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.over:
	case <-time.After(Patience):
		_ = p.cmd.Process.Kill()
		<-p.over
		t.Errorf("%s had to be killed", p.name)
	}
	if t.Failed() {
		t.Logf("%s wrote:\n%s", p.name, p.wrote())
	}
}

func (p *Process) wrote() []byte {
	text, _ := os.ReadFile(p.log)
	return text
}

// Freeze leaves the process there, with its ports, and keeps it from running.
func (p *Process) Freeze(t testing.TB) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
}

// Kill ends the process as a crash does. It may be frozen.
func (p *Process) Kill(t testing.TB) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-p.over
}

// Await waits for a condition, and fails the test where the process ends
// before it holds.
func (p *Process) Await(t testing.TB, what string, holds func() bool) {
	t.Helper()
	timeout, tick := time.After(Patience), time.NewTicker(10*time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-p.over:
			t.Fatalf("%s ended before %s: %v\n%s", p.name, what, p.err, p.wrote())
		case <-timeout:
			t.Fatalf("%s: no sign of %s", p.name, what)
		}
	}
}

// AwaitUDP waits until somebody listens at a UDP port of the namespace.
func (p *Process) AwaitUDP(t testing.TB, port int) {
	t.Helper()
	p.Await(t, fmt.Sprintf("a listener at port %d", port), func() bool {
		sockets, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/udp", p.cmd.Process.Pid))
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) || errors.Is(err, syscall.EINVAL) {
			return false // it is over, which Await sees
		}
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(sockets, fmt.Appendf(nil, ":%04X 00000000:0000", port))
	})
}
