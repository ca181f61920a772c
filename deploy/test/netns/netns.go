// Package netns gives a test a network of its own, with nothing in it but a
// loopback, and starts programs there: any program, ringthrough itself, and
// Kamailio as it is shipped. What it starts ends with the test, and so does
// the network. It knows nothing of calls.
package netns

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

// Patience bounds every wait. Nothing is expected to take nearly as long.
const Patience = 20 * time.Second

// Namespace is a network of the test's own. Its name carries the test's
// process id, so there can be one at a time in each test program.
type Namespace struct {
	ip   string // the program
	name string
}

// Open makes a namespace, which is removed when the test ends. The test is
// skipped where it can't be made.
func Open(t testing.TB) Namespace {
	t.Helper()
	n := Namespace{peer.Command(t, "ip", peer.Everything), fmt.Sprintf("ringthrough-%d", os.Getpid())}
	if os.Geteuid() != 0 {
		peer.Missing(t, "a network namespace can be made by root only: run the test as root")
	}
	if out, err := exec.CommandContext(t.Context(), n.ip, "netns", "add", n.name).CombinedOutput(); err != nil {
		peer.Missing(t, fmt.Sprintf("no network namespace can be made here: %s: run the test where root may", bytes.TrimSpace(out)))
	}
	t.Cleanup(func() {
		if out, err := exec.CommandContext(context.WithoutCancel(t.Context()), n.ip, "netns", "del", n.name).CombinedOutput(); err != nil {
			t.Errorf("remove the namespace: %v\n%s", err, out)
		}
	})
	n.Run(t, nil, n.ip, "link", "set", "lo", "up")
	return n
}

// Run runs a program to its end, which must be a good one, and gives what it
// wrote without blanks around it. env is added to the test's own environment.
func (n Namespace) Run(t testing.TB, env []string, program string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	cmd := n.command(ctx, program, args...)
	cmd.Env = append(os.Environ(), env...)
	var out, trouble bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &trouble
	if err := cmd.Run(); err != nil {
		t.Fatalf("run %s %s: %v\n%s%s", filepath.Base(program), strings.Join(args, " "), err, out.Bytes(), trouble.Bytes())
	}
	return strings.TrimSpace(out.String())
}

// command is a program in the namespace. It stays the process that is
// started: ip only sets the stage for it.
func (n Namespace) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, n.ip, append([]string{"netns", "exec", n.name, program}, args...)...)
	cmd.WaitDelay = Patience
	return cmd
}

// Dial connects the test to an address in the namespace.
func (n Namespace) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	var conn net.Conn
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		// A socket belongs to the network that its thread was in when it was
		// made. The thread is never unlocked: it ends with this goroutine,
		// and nothing else can find itself in the namespace.
		runtime.LockOSThread()
		if err = n.enter(); err == nil {
			conn, err = new(net.Dialer).DialContext(ctx, network, address)
		}
	}()
	<-done
	return conn, err
}

// enter moves the calling thread into the namespace.
func (n Namespace) enter() error {
	f, err := os.Open("/run/netns/" + n.name)
	if err != nil {
		return fmt.Errorf("enter the namespace: %w", err)
	}
	defer f.Close()
	if err := unix.Setns(int(f.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("enter the namespace: %w", err)
	}
	return nil
}
