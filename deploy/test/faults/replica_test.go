package faults

import (
	"cmp"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

func commandIn(dir, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	return cmd
}

// replica is one server of the real program, with a data directory and a port
// that outlive its process.
type replica struct {
	name     string
	database string // empty: SQLite in the data directory
	data     string
	port     int
	flags    []string // more of serve
	wrap     []string // what it runs under
	env      []string
	log      string // path
	child    *peer.Child
}

// newReplica makes one that isn't started. It is killed when the test ends,
// and its log judged.
func newReplica(t *testing.T, name, database string) *replica {
	t.Helper()
	dir := t.TempDir()
	logs := cmp.Or(os.Getenv("RINGTHROUGH_FAULTS_LOGS"), dir)
	r := &replica{name: name, database: database, data: filepath.Join(dir, "data"), port: peer.Port(t), log: filepath.Join(logs, strings.ReplaceAll(t.Name(), "/", ".")+"."+name+".log")}
	t.Cleanup(func() {
		r.kill(t)
		r.judgeLog(t)
	})
	return r
}

// start starts it and waits until it is ready.
func (r *replica) start(t *testing.T) {
	t.Helper()
	r.launch(t)
	r.awaitReady(t)
}

// launch starts it.
func (r *replica) launch(t *testing.T) {
	t.Helper()
	log, err := os.OpenFile(r.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	line := slices.Concat(r.wrap, []string{program(t)}, r.arguments())
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Env = append(os.Environ(), r.env...)
	cmd.Stderr = log
	if r.child, err = peer.Begin(cmd, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

func (r *replica) arguments() []string {
	args := []string{"serve", "--listen", r.address(), "--data", r.data, "--log-format", "json"}
	if r.database != "" {
		args = append(args, "--database", r.database)
	}
	return append(args, r.flags...)
}

func (r *replica) address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(r.port)) }

func (r *replica) url(path string) string { return "http://" + r.address() + path }

func (r *replica) awaitReady(t *testing.T) {
	t.Helper()
	await(t, r.name+" is ready", func() bool {
		if r.child.Gone() {
			t.Fatalf("%s ended: %s\n%s", r.name, r.child.State(), r.tail())
		}
		return r.ready(t)
	})
}

// ready is what a load balancer would see.
func (r *replica) ready(t *testing.T) bool {
	t.Helper()
	status, _ := r.get(t, "/readyz")
	return status == http.StatusOK
}

// get gives the status and text of a page; 0 where it isn't answered.
func (r *replica) get(t *testing.T, path string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url(path), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := clients.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(text)
}

// metric is the sum of a metric over its labels; false where it can't be had.
func (r *replica) metric(t *testing.T, name string) (float64, bool) {
	t.Helper()
	status, text := r.get(t, "/metrics")
	sum, found := 0.0, false
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(line, name)
		if !ok || !strings.HasPrefix(rest, " ") && !strings.HasPrefix(rest, "{") {
			continue
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(rest[strings.LastIndexByte(rest, ' '):]), 64)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		sum, found = sum+v, true
	}
	return sum, found && status == http.StatusOK
}

// kill ends it with SIGKILL.
func (r *replica) kill(t *testing.T) {
	t.Helper()
	if r.child == nil {
		return
	}
	_ = r.child.Kill() // it may have ended
	<-r.child.Ended
	r.child = nil
}

// stop ends it as an operator does, and wants it to end well.
func (r *replica) stop(t *testing.T) {
	t.Helper()
	if err := r.child.Signal(syscall.SIGTERM); err != nil {
		t.Fatalf("stop %s: %v", r.name, err)
	}
	await(t, r.name+" stops", r.child.Gone)
	if state := r.child.State(); !state.Success() {
		t.Errorf("%s ended with %s\n%s", r.name, state, r.tail())
	}
	r.child = nil
}

// restart starts it anew, on the data that it had.
func (r *replica) restart(t *testing.T) {
	t.Helper()
	r.kill(t)
	r.start(t)
}

// memory is its resident memory in MiB, and the most that it ever was.
func (r *replica) memory(t *testing.T) (now, most int) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.child.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		switch f[0] {
		case "VmRSS:":
			now = kibibytes(t, f[1]) >> 10
		case "VmHWM:":
			most = kibibytes(t, f[1]) >> 10
		}
	}
	return now, most
}

func kibibytes(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// never are texts that no log has, whatever breaks.
var never = []string{"DATA RACE", "panic:", "fatal error:", `"fault":`, "a journal row is lost"}

func (r *replica) judgeLog(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(r.log)
	if err != nil {
		return // it was never started
	}
	for _, bad := range never {
		if i := strings.Index(string(text), bad); i >= 0 {
			t.Errorf("%s has logged: %s", r.name, cut(string(text[i:]), 4000))
		}
	}
	if t.Failed() {
		t.Logf("the end of the log of %s:\n%s", r.name, r.tail())
	}
}

func (r *replica) tail() string {
	text, err := os.ReadFile(r.log)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-3000):])
}

func cut(s string, n int) string { return s[:min(len(s), n)] }
