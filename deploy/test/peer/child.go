package peer

import (
	"bytes"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
)

// Child is a process that a test has started. It ends with the test binary,
// whatever becomes of that.
type Child struct {
	*os.Process
	Ended <-chan struct{} // closed when it is gone
	State func() *os.ProcessState
}

// Begin starts a command; the kernel sends it atDeath should the test binary
// die first.
func Begin(cmd *exec.Cmd, atDeath syscall.Signal) (*Child, error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = atDeath
	started, ended := make(chan error, 1), make(chan struct{})
	go live(cmd, started, ended)
	if err := <-started; err != nil {
		return nil, err
	}
	return &Child{cmd.Process, ended, func() *os.ProcessState { <-ended; return cmd.ProcessState }}, nil
}

// live starts a command and waits for its end, on one thread of its own: it is
// that thread's death which the kernel tells the process of.
func live(cmd *exec.Cmd, started chan<- error, ended chan<- struct{}) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := cmd.Start()
	started <- err
	if err == nil {
		_ = cmd.Wait() // State has how it ended
	}
	close(ended)
}

// Gone reports whether the process has ended.
func (c *Child) Gone() bool {
	select {
	case <-c.Ended:
		return true
	default:
		return false
	}
}

// Stat is what the kernel says of a process after its name, which may have
// anything in it: first a letter for what it does, then its parent; see
// proc(5). It is empty where there is no such process.
func Stat(pid string) []string {
	text, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return nil
	}
	return strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
}
