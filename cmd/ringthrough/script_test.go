package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ringthrough": main})
}

// TestScripts runs the real program. Beside testscript's own, the scripts
// have these commands:
//
//	start [flags]             serve on a free port from $WORK/data; settings follow
//	stop                      end it, and hold it to exit 0; the end of a script does so too
//	spawn NAME args...        run ringthrough args beside the script, into NAME.out and NAME.err
//	interrupt NAME            press its Ctrl-C, and hold it to exit 0
//	await FILE REGEXP         wait until the file says so
//	[!] post TOKEN PATH BODY  POST to the server; ! wants a status of 400 or more
//	keep NAME REGEXP          set NAME to what the first group matches in stdout
//	usage args...             run ringthrough args, and hold it to exit 2
//	[!] answer TEXT args...   run ringthrough args on a terminal, and type TEXT when it asks
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   "testdata/script",
		Setup: setup,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"start": start, "stop": stop, "spawn": spawn, "interrupt": interrupt, "await": await, "until": until, "post": post, "keep": keep, "usage": usage, "answer": answerOn,
		},
		RequireUniqueNames: true,
	})
}

// patience is how long a script waits for what should come at once.
const patience = 30 * time.Second

// children are the programs that run beside a script.
type children map[string]*child

type child struct {
	command *exec.Cmd
	ended   chan struct{}
	err     error // once ended is closed
}

type childrenKey struct{}

const served = "server"

func setup(env *testscript.Env) error {
	env.Setenv("TZ", "Europe/Berlin")
	env.Setenv("GORACE", "atexit_sleep_ms=0") // the race detector would add a second to every command
	running := children{}
	env.Values[childrenKey{}] = running
	env.Defer(func() {
		for name, c := range running {
			if err := c.stop(); err != nil {
				env.T().Log(fmt.Sprintf("%s ended: %v", name, err))
				env.T().FailNow()
			}
		}
	})
	return nil
}

func childrenOf(ts *testscript.TestScript) children {
	return ts.Value(childrenKey{}).(children)
}

// run starts ringthrough with its output in files called name.
func (all children) run(ts *testscript.TestScript, name string, args []string) *child {
	path := strings.TrimSuffix(filepath.SplitList(ts.Getenv("PATH"))[0], "/") + "/ringthrough"
	c := &child{command: exec.Command(path, args...), ended: make(chan struct{})}
	c.command.Dir = ts.MkAbs(".")
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "TZ", "GORACE", "RINGTHROUGH_SERVER", "RINGTHROUGH_DATA", "RINGTHROUGH_TOKEN"} {
		c.command.Env = append(c.command.Env, name+"="+ts.Getenv(name))
	}
	var files []*os.File
	for _, end := range []string{".out", ".err"} {
		f, err := os.Create(ts.MkAbs(name + end))
		ts.Check(err)
		files = append(files, f)
	}
	c.command.Stdout, c.command.Stderr = files[0], files[1]
	ts.Check(c.command.Start())
	go func() {
		c.err = c.command.Wait()
		_ = errors.Join(files[0].Close(), files[1].Close()) // the child has written them
		close(c.ended)
	}()
	all[name] = c
	return c
}

// stop is how the program ends once it is interrupted.
func (c *child) stop() error {
	_ = c.command.Process.Signal(os.Interrupt) // it may have ended by itself
	select {
	case <-c.ended:
		return c.err
	case <-time.After(patience):
		return errors.Join(errors.New("it doesn't stop"), c.command.Process.Kill())
	}
}

func start(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: start [flags]")
	}
	data, file := ts.MkAbs("data"), ts.MkAbs("address")
	_ = os.Remove(file) // of a server before
	flags := append([]string{"serve", "--listen", "127.0.0.1:0", "--data", data, "--address-file", file}, args...)
	c := childrenOf(ts).run(ts, served, flags)
	address := waitFor(ts, c, func() (string, bool) {
		b, err := os.ReadFile(file)
		return strings.TrimSpace(string(b)), err == nil && bytes.HasSuffix(b, []byte("\n"))
	})
	ts.Setenv("RINGTHROUGH_SERVER", "http://"+address)
	ts.Setenv("RINGTHROUGH_DATA", data)
}

// waitFor asks until it is so. A child that ends first is a failure; nil is
// none that could.
func waitFor(ts *testscript.TestScript, c *child, ask func() (string, bool)) string {
	var ended chan struct{}
	if c != nil {
		ended = c.ended
	}
	tick, late := time.NewTicker(10*time.Millisecond), time.After(patience)
	defer tick.Stop()
	for {
		if text, ok := ask(); ok {
			return text
		}
		select {
		case <-tick.C:
		case <-ended:
			ts.Fatalf("it ended: %v\n%s", c.err, ts.ReadFile(served+".err"))
		case <-late:
			ts.Fatalf("waited in vain")
		}
	}
}

func stop(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: stop")
	}
	interrupt(ts, false, []string{served})
}

func spawn(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: spawn NAME args...")
	}
	childrenOf(ts).run(ts, args[0], args[1:])
}

func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 || childrenOf(ts)[args[0]] == nil {
		ts.Fatalf("usage: interrupt NAME, of one that runs")
	}
	c := childrenOf(ts)[args[0]]
	delete(childrenOf(ts), args[0])
	if err := c.stop(); err != nil {
		ts.Fatalf("%s ended: %v\n%s", args[0], err, ts.ReadFile(args[0]+".err"))
	}
}

func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: await FILE REGEXP")
	}
	want, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	waitFor(ts, nil, func() (string, bool) {
		b, err := os.ReadFile(ts.MkAbs(args[0]))
		return "", err == nil && want.Match(b)
	})
}

// until runs a command again and again until what it prints matches.
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until REGEXP COMMAND...")
	}
	want, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	waitFor(ts, nil, func() (string, bool) {
		ts.Check(ts.Exec(args[1], args[2:]...))
		out := ts.ReadFile("stdout")
		return out, want.MatchString(out)
	})
}

func post(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: [!] post TOKEN PATH BODY")
	}
	req, err := http.NewRequest(http.MethodPost, ts.Getenv("RINGTHROUGH_SERVER")+args[1], strings.NewReader(args[2]))
	ts.Check(err)
	req.Header.Set("Authorization", "Bearer "+args[0])
	req.Header.Set("Content-Type", "application/json")
	resp, err := (&http.Client{Timeout: patience}).Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%s\n%s\n", resp.Status, body)
	if refused := resp.StatusCode >= http.StatusBadRequest; refused != neg {
		ts.Fatalf("the answer is %s", resp.Status)
	}
}

func keep(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: keep NAME REGEXP")
	}
	want, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	match := want.FindStringSubmatch(ts.ReadFile("stdout"))
	if len(match) < 2 {
		ts.Fatalf("nothing in stdout matches %s", args[1])
	}
	ts.Setenv(args[0], match[1])
}

func usage(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: usage args...")
	}
	err := ts.Exec("ringthrough", args...)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 2 {
		ts.Fatalf("it ended: %v, not with exit 2", err)
	}
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("it printed %q", out)
	}
	if !strings.HasPrefix(ts.ReadFile("stderr"), "ringthrough: error: ") {
		ts.Fatalf("the error reads %q", ts.ReadFile("stderr"))
	}
}
