package pgserver

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

// Mode is a way to stop a server.
type Mode syscall.Signal

// The ways to stop a server.
const (
	Fast      = Mode(syscall.SIGINT)  // ends connections, writes a checkpoint
	Immediate = Mode(syscall.SIGQUIT) // leaves everything as it is, to be recovered at the next start
)

// patience is how long a server is waited for, and how often it is looked at.
const (
	patience = 60 * time.Second
	glance   = 5 * time.Millisecond
)

// running is a postmaster that was started.
type running struct{ *peer.Child }

// launch starts a postmaster and waits until it writes to its file that it
// takes connections.
func launch(cmd *exec.Cmd, file string) (*running, error) {
	child, err := peer.Begin(cmd, syscall.SIGQUIT)
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	r := &running{child}
	ready := func() bool { return r.Gone() || takesConnections(file, r.Pid) }
	if err := await(ready, "be ready"); err != nil {
		return nil, errors.Join(err, r.kill())
	}
	if r.Gone() {
		return nil, errors.New("start PostgreSQL: it ended at once")
	}
	return r, nil
}

// takesConnections reads the last line of a postmaster's file, which is about
// another one if that was killed.
func takesConnections(file string, pid int) bool {
	text, err := os.ReadFile(file)
	if err != nil {
		return false
	}
	lines := strings.Split(string(text), "\n")
	return len(lines) >= 8 && lines[0] == strconv.Itoa(pid) && strings.TrimSpace(lines[7]) == "ready"
}

func (r *running) stop(signal syscall.Signal) error {
	if err := r.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop PostgreSQL: %w", err)
	}
	return await(r.Gone, "stop")
}

// kill stops the postmaster, so that it starts nothing more, and then kills it
// and what it has started.
func (r *running) kill() error {
	if r.Gone() {
		return nil
	}
	pid := r.Pid
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		return fmt.Errorf("kill PostgreSQL: %w", err)
	}
	stopped := func() bool { return state(pid) == "T" || r.Gone() }
	if err := await(stopped, "be stopped"); err != nil {
		return err
	}
	children, err := childrenOf(pid)
	if err != nil {
		return fmt.Errorf("kill PostgreSQL: %w", err)
	}
	for _, p := range append(children, pid) {
		if err := syscall.Kill(p, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("kill PostgreSQL: %w", err)
		}
	}
	return await(func() bool { return r.Gone() && allDead(children) }, "die")
}

// allDead holds for those that nobody has waited for, too.
func allDead(pids []int) bool {
	for _, pid := range pids {
		if s := state(pid); s != "" && s != "Z" && s != "X" {
			return false
		}
	}
	return true
}

func childrenOf(parent int) ([]int, error) {
	folders, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	var children []int
	for _, folder := range folders {
		pid, err := strconv.Atoi(filepath.Base(folder))
		if err != nil {
			return nil, fmt.Errorf("list processes: %w", err)
		}
		if f := peer.Stat(strconv.Itoa(pid)); len(f) > 1 && f[1] == strconv.Itoa(parent) {
			children = append(children, pid)
		}
	}
	return children, nil
}

// state is the letter of what a process does; empty where there is none.
func state(pid int) string {
	if f := peer.Stat(strconv.Itoa(pid)); len(f) > 0 {
		return f[0]
	}
	return ""
}

// await looks until done holds.
func await(done func() bool, what string) error {
	late := time.NewTimer(patience)
	defer late.Stop()
	tick := time.NewTicker(glance)
	defer tick.Stop()
	for !done() {
		select {
		case <-late.C:
			return fmt.Errorf("wait for PostgreSQL to %s: not within %s", what, patience)
		case <-tick.C:
		}
	}
	return nil
}
