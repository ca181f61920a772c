package kamailio_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

// patience bounds every wait. Nothing is expected to take nearly as long.
const patience = 20 * time.Second

// programs are where the peers are.
type programs struct{ ip, sipp, kamailio string }

func findPrograms(t *testing.T) programs {
	t.Helper()
	p := programs{
		ip:       peer.Command(t, "ip", peer.Everything),
		sipp:     peer.Command(t, "sipp", peer.Everything),
		kamailio: peer.Command(t, "kamailio", peer.Everything),
	}
	if os.Geteuid() != 0 {
		peer.Missing(t, "a network namespace can be made by root only: run the test as root")
	}
	return p
}

// namespace is a network of the test's own, with nothing but a loopback.
type namespace struct {
	programs
	name string
}

func openNamespace(t *testing.T, p programs) namespace {
	t.Helper()
	n := namespace{p, fmt.Sprintf("ringthrough-%d", os.Getpid())}
	if out, err := exec.CommandContext(t.Context(), p.ip, "netns", "add", n.name).CombinedOutput(); err != nil {
		peer.Missing(t, fmt.Sprintf("no network namespace can be made here: %s: run the test where root may", bytes.TrimSpace(out)))
	}
	t.Cleanup(func() {
		if out, err := exec.CommandContext(context.WithoutCancel(t.Context()), p.ip, "netns", "del", n.name).CombinedOutput(); err != nil {
			t.Errorf("remove the namespace: %v\n%s", err, out)
		}
	})
	n.run(t, nil, p.ip, "link", "set", "lo", "up")
	return n
}

// command is a program in the namespace. It stays the process that is
// started: ip only sets the stage for it.
func (n namespace) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, n.ip, append([]string{"netns", "exec", n.name, name}, args...)...)
	cmd.WaitDelay = patience
	return cmd
}

// run runs a program to its end and gives what it wrote.
func (n namespace) run(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := n.command(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	var out, trouble bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &trouble
	if err := cmd.Run(); err != nil {
		t.Fatalf("run %s %s: %v\n%s%s", filepath.Base(name), strings.Join(args, " "), err, out.Bytes(), trouble.Bytes())
	}
	return strings.TrimSpace(out.String())
}

// process is a program that runs until the test ends or kills it.
type process struct {
	cmd  *exec.Cmd
	log  string // file with all that it wrote
	over chan struct{}
	err  error // how it ended; set when over is closed
}

// start starts a program, and ends it with the test.
func (n namespace) start(t *testing.T, name string, env []string, program string, args ...string) *process {
	t.Helper()
	p := &process{cmd: n.command(context.WithoutCancel(t.Context()), program, args...), log: filepath.Join(t.TempDir(), name+".log"), over: make(chan struct{})}
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
	t.Cleanup(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may be over
		p.wait(t, name)
		if t.Failed() {
			text, _ := os.ReadFile(p.log)
			t.Logf("%s wrote:\n%s", name, text)
		}
	})
	return p
}

// wait waits until the process is over, and kills it where it doesn't end.
func (p *process) wait(t *testing.T, name string) {
	t.Helper()
	select {
	case <-p.over:
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-p.over
		t.Errorf("%s had to be killed", name)
	}
}

// freeze leaves the process there, with its ports, and keeps it from running.
func (p *process) freeze(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
}

// kill ends the process as a crash does.
func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-p.over
}

// await waits for a condition of a process that runs.
func (p *process) await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	timeout, tick := time.After(patience), time.NewTicker(10*time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-p.over:
			text, _ := os.ReadFile(p.log)
			t.Fatalf("it ended before %s: %v\n%s", what, p.err, text)
		case <-timeout:
			t.Fatalf("no sign of %s", what)
		}
	}
}

// hears reports whether somebody listens at a UDP port in the network of p.
func (p *process) hears(t *testing.T, port int) bool {
	t.Helper()
	sockets, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/udp", p.cmd.Process.Pid))
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) || errors.Is(err, syscall.EINVAL) {
		return false // it is over, which await sees
	}
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Contains(sockets, fmt.Appendf(nil, ":%04X 00000000:0000", port))
}
