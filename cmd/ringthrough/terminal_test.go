package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

// reactions are what is done, once each, when a text has appeared.
type reactions map[string]func(keyboard io.Writer) error

// typing is a reaction.
func typing(text string) func(io.Writer) error {
	return func(keyboard io.Writer) error {
		_, err := io.WriteString(keyboard, text)
		return err
	}
}

// onTerminal runs the real program on a terminal of 60 columns. It gives all
// that is seen and the exit code, and takes what it did out of then.
func onTerminal(command *exec.Cmd, then reactions) (string, int, error) {
	screen, err := pty.StartWithSize(command, &pty.Winsize{Rows: 24, Cols: 60})
	if err != nil {
		return "", 0, err
	}
	defer screen.Close()
	late := time.AfterFunc(patience, func() { _ = command.Process.Kill() })
	defer late.Stop()
	var seen bytes.Buffer
	part := make([]byte, 1024)
	for {
		n, err := screen.Read(part)
		seen.Write(part[:n])
		for text, react := range then {
			if !strings.Contains(seen.String(), text) {
				continue
			}
			delete(then, text)
			if err := react(screen); err != nil {
				return seen.String(), 0, err
			}
		}
		if err != nil {
			break // the program has left its terminal
		}
	}
	err = command.Wait()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		err = nil
	}
	return strings.ReplaceAll(seen.String(), "\r\n", "\n"), command.ProcessState.ExitCode(), err
}

func answerOn(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: [!] answer TEXT args...")
	}
	command := exec.Command("ringthrough", args[1:]...)
	command.Dir = ts.MkAbs(".")
	command.Env = append(os.Environ(), "RINGTHROUGH_SERVER="+ts.Getenv("RINGTHROUGH_SERVER"), "RINGTHROUGH_DATA="+ts.Getenv("RINGTHROUGH_DATA"))
	seen, code, err := onTerminal(command, reactions{"[y/N] ": typing(args[0] + "\n")})
	ts.Check(err)
	fmt.Fprint(ts.Stdout(), seen)
	switch {
	case !strings.Contains(seen, "[y/N] "):
		ts.Fatalf("it did not ask:\n%s", seen)
	case code == 0 == neg:
		ts.Fatalf("it ended with exit %d:\n%s", code, seen)
	}
}

func TestTerminal(t *testing.T) {
	env := saying(t, `{"line":"a","ready":false,"checks":[{"code":"lookups","status":"fail","text":"the IVR has not asked about this line since the server was started: see that it does"}]}`)
	for _, tt := range []struct {
		name string
		args string
		env  []string
		then reactions
		want string
		code int
	}{
		{"a table is folded and coloured", "line preflight a", []string{"TERM=xterm"}, nil, "STATUS  CHECK    FOUND\n" +
			"\x1b[31mfail\x1b[0m    lookups  the IVR has not asked about this line\n" +
			"                 since the server was started: see that it\n" +
			"                 does\n\na is not ready.\nringthrough: error: a is not ready: mend lookups first\n", 1},
		{"without colours", "line preflight a", []string{"NO_COLOR=1"}, nil, "STATUS  CHECK    FOUND\n" +
			"fail    lookups  the IVR has not asked about this line\n" +
			"                 since the server was started: see that it\n" +
			"                 does\n\na is not ready.\nringthrough: error: a is not ready: mend lookups first\n", 1},
		{"--yes is not asked about", "line rm a --yes", nil, nil, "the line a is removed\n", 0},
		{"no", "line rm a", nil, reactions{"[y/N] ": typing("\n")}, "", 1},
		{"yes", "line rm a", nil, reactions{"[y/N] ": typing("YES\n")}, "", 0},
		{"Ctrl-C while it asks", "line rm a", nil, reactions{"[y/N] ": typing("\x03")}, "", 1},
		{"the end of input while it asks", "line rm a", nil, reactions{"[y/N] ": typing("\x04")}, "", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			command := exec.Command("ringthrough", strings.Fields(tt.args)...)
			command.Env = append(os.Environ(), tt.env...)
			for name, value := range env {
				command.Env = append(command.Env, name+"="+value)
			}
			seen, code, err := onTerminal(command, tt.then)
			if err != nil || code != tt.code || len(tt.then) > 0 {
				t.Errorf("exit %d, %v, want %d; not asked: %v\n%s", code, err, tt.code, tt.then, seen)
			}
			if tt.want != "" {
				if diff := cmp.Diff(tt.want, seen); diff != "" {
					t.Errorf("-want +got\n%s", diff)
				}
			} else if declined := strings.Contains(seen, "not confirmed: nothing was changed"); declined != (tt.code == 1) {
				t.Errorf("it reads\n%s", seen)
			}
		})
	}
}

// TestAsksOnlyWhereSomebodyAnswers: with either end elsewhere, a script is at
// work, and goes on.
func TestAsksOnlyWhereSomebodyAnswers(t *testing.T) {
	screen, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = errors.Join(screen.Close(), tty.Close()) })
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	for name, asked := range map[*session]bool{
		{stdin: tty, stderr: tty}:                             true,
		{stdin: file, stderr: tty}:                            false,
		{stdin: tty, stderr: file}:                            false,
		{stdin: new(bytes.Buffer), stderr: new(bytes.Buffer)}: false,
	} {
		if got := (consent{}).wanted(name); got != asked {
			t.Errorf("%v: asked %t, want %t", name, got, asked)
		}
		if (consent{Yes: true}).wanted(name) {
			t.Error("asked in spite of --yes")
		}
	}
}

func TestForesight(t *testing.T) {
	const dry = `{"revision":7,"dry_run":true,"created":1,"updated":2,"deleted":3,"unchanged":4}`
	csv := write(t, "in.csv", "pattern\n+16505550123\n")
	for _, tt := range []struct {
		name, args string
		dry, typed string
		calls      []string
	}{
		{"yes, after a dry run of the same", "entry import " + csv + " --mode replace", dry, "y\n", []string{"dry_run=true&mode=replace", "mode=replace"}},
		{"no", "entry import " + csv + " --mode replace", dry, "n\n", []string{"dry_run=true&mode=replace"}},
		{"nothing to lose", "entry import " + csv + " --mode replace", `{"created":1}`, "", []string{"dry_run=true&mode=replace", "mode=replace"}},
		{"a merge", "entry import " + csv, dry, "", []string{"mode=merge"}},
		{"a dry run", "apply --prune --dry-run -f " + csv, dry, "", []string{"dry_run=true&prune=true"}},
		{"a prune", "apply --prune -f " + csv, dry, "y\n", []string{"dry_run=true&prune=true", "prune=true"}},
		{"a restore", "revision restore 3 --why x", dry, "y\n", []string{"dry_run=true&note=x", "note=x"}},
		{"a restore with --yes", "revision restore 3 --yes", dry, "", []string{""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var calls, bodies []string
			env := serving(t, atRevision7(func(w http.ResponseWriter, r *http.Request) {
				calls, bodies = append(calls, r.URL.Query().Encode()), append(bodies, wireOf(t, r).Body)
				fmt.Fprint(w, tt.dry)
			}))
			then := reactions{}
			if tt.typed != "" {
				then["to delete: 3, to change: 2, to add: 1. Go on? [y/N] "] = typing(tt.typed)
			}
			command := exec.Command("ringthrough", strings.Fields(tt.args)...)
			command.Env = append(os.Environ(), "RINGTHROUGH_SERVER="+env["RINGTHROUGH_SERVER"], "RINGTHROUGH_TOKEN=rt_x")
			seen, code, err := onTerminal(command, then)
			if wantCode := strings.Count(tt.typed, "n"); err != nil || code != wantCode || len(then) > 0 {
				t.Errorf("exit %d, %v; not asked: %v\n%s", code, err, then, seen)
			}
			if diff := cmp.Diff(tt.calls, calls); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if len(bodies) == 2 && bodies[0] != bodies[1] {
				t.Errorf("the dry run was of %q, the edit of %q", bodies[0], bodies[1])
			}
		})
	}
}

// TestProgressOnATerminal: the line is drawn anew, and gone in the end.
func TestProgressOnATerminal(t *testing.T) {
	csv := write(t, "in.csv", "pattern\n")
	drawn := make(chan struct{})
	env := serving(t, atRevision7(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-ndjson")
		tick := time.NewTicker(drawEvery)
		defer tick.Stop()
		for rows := 1; ; rows++ {
			fmt.Fprintf(w, `{"progress":{"phase":"reading","rows":%d}}`+"\n", rows)
			_ = http.NewResponseController(w).Flush() // the client would notice
			select {
			case <-drawn:
				fmt.Fprintln(w, `{"result":{"revision":2,"created":1}}`)
				return
			case <-r.Context().Done():
				return
			case <-tick.C:
			}
		}
	}))
	command := exec.Command("ringthrough", "entry", "import", csv)
	command.Env = append(os.Environ(), "RINGTHROUGH_SERVER="+env["RINGTHROUGH_SERVER"], "RINGTHROUGH_TOKEN=rt_x")
	seen, code, err := onTerminal(command, reactions{"\r\x1b[Kreading: ": func(io.Writer) error {
		close(drawn)
		return nil
	}})
	if err != nil || code != 0 || !strings.Contains(seen, "\r\x1b[KCREATED") || !strings.HasSuffix(seen, "This is revision 2.\n") {
		t.Errorf("exit %d, %v\n%q", code, err, seen)
	}
}
