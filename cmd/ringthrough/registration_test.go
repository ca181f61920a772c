package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

// TestRegistration runs every command of deploy/registration.md, in its order,
// in one shell against a real server, and holds what it prints to what the
// page says. The page's ids are those that the server gives; its times are any.
func TestRegistration(t *testing.T) {
	bash := peer.Command(t, "bash", "it is in every distribution")
	peer.Command(t, "curl", "install the package curl")
	page, err := os.ReadFile(filepath.Join(peer.Tree(t), "deploy", "registration.md"))
	if err != nil {
		t.Fatal(err)
	}
	address, data := startServer(t)
	shell := openShell(t, bash, "RINGTHROUGH_SERVER=http://"+address, "TZ=UTC")
	steps := stepsOf(string(page))
	if len(steps) < 30 {
		t.Fatalf("the page has %d commands", len(steps))
	}
	ids := map[string]string{} // the page's, and the server's
	for _, s := range steps {
		command := strings.NewReplacer("127.0.0.1:8080", address, "/var/lib/ringthrough", data).Replace(s.command)
		command = pageID.ReplaceAllStringFunc(command, func(id string) string { return ids[id] })
		said, code := shell.run(t, command)
		if err := s.judge(said, ids); err != nil {
			t.Fatalf("%s\n%v; it says\n%s", s.command, err, said)
		}
		if fails := strings.Contains(s.output, "ringthrough: error: "); fails != (code != 0) {
			t.Fatalf("%s\nends with exit %d", s.command, code)
		}
	}
}

// startServer gives the address of a real server, and its data directory.
func startServer(t *testing.T) (address, data string) {
	t.Helper()
	data, file := t.TempDir(), filepath.Join(t.TempDir(), "address")
	server := exec.Command("ringthrough", "serve", "--listen", "127.0.0.1:0", "--data", data, "--address-file", file, "--log-level", "warn")
	server.Stderr = t.Output()
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Wait() }()
	t.Cleanup(func() {
		_ = server.Process.Signal(os.Interrupt) // what counts is how it ends
		if err := <-ended; err != nil {
			t.Errorf("the server ended: %v", err)
		}
	})
	tick, late := time.NewTicker(10*time.Millisecond), time.After(patience)
	defer tick.Stop()
	for {
		if b, err := os.ReadFile(file); err == nil && bytes.HasSuffix(b, []byte("\n")) {
			return strings.TrimSpace(string(b)), data
		}
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("the server doesn't start")
		}
	}
}

// step is a command of a page, and what it prints there.
type step struct{ command, output string }

// stepsOf finds the commands in the console blocks of a page: a line that
// begins with $, lines that begin with > after it, and then the output.
func stepsOf(page string) []step {
	var steps []step
	inside := false
	for line := range strings.Lines(page) {
		command, isCommand := strings.CutPrefix(line, "$ ")
		more, isMore := strings.CutPrefix(line, "> ")
		last := len(steps) - 1
		switch {
		case strings.HasPrefix(line, "```"):
			inside = line == "```console\n"
		case !inside:
		case isCommand:
			steps = append(steps, step{command: command})
		case isMore && steps[last].output == "":
			steps[last].command += more
		default:
			steps[last].output += line
		}
	}
	return steps
}

var (
	pageID   = regexp.MustCompile(`\b[0-9a-v]{20}\b`)
	pageTime = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?Z`)
	anyPart  = regexp.MustCompile(`…|` + pageID.String() + `|` + pageTime.String() + `| {2,}`)
)

// pattern is what a line of the page allows for, and the ids that it names.
func pattern(line string) (*regexp.Regexp, []string) {
	var names []string
	var b strings.Builder
	rest := line
	for rest != "" {
		at := anyPart.FindStringIndex(rest)
		if at == nil {
			break
		}
		b.WriteString(regexp.QuoteMeta(rest[:at[0]]))
		switch part := rest[at[0]:at[1]]; {
		case part == "…":
			b.WriteString(".*")
		case strings.HasPrefix(part, " "):
			b.WriteString(" +")
		case pageTime.MatchString(part):
			b.WriteString(pageTime.String())
		default:
			b.WriteString("(?P<id>[0-9a-v]{20})")
			names = append(names, part)
		}
		rest = rest[at[1]:]
	}
	return regexp.MustCompile("^" + b.String() + regexp.QuoteMeta(rest) + "$"), names
}

// judge holds what a command has said to the page. A line of … alone stands
// for any lines. ids learns the ids that the page names for the first time.
func (s step) judge(said string, ids map[string]string) error {
	got := strings.Split(strings.TrimRight(said, "\n"), "\n")
	want := strings.Split(strings.TrimRight(s.output, "\n"), "\n")
	for i, line := range want {
		if line == "…" {
			if i == len(want)-1 {
				return nil
			}
			next, _ := pattern(want[i+1])
			for len(got) > 0 && !next.MatchString(got[0]) {
				got = got[1:]
			}
			continue
		}
		if len(got) == 0 {
			return fmt.Errorf("%q is missing", line)
		}
		if err := matchLine(line, got[0], ids); err != nil {
			return err
		}
		got = got[1:]
	}
	if len(got) > 0 {
		return fmt.Errorf("%q is too much", got[0])
	}
	return nil
}

func matchLine(line, got string, ids map[string]string) error {
	want, names := pattern(line)
	match := want.FindStringSubmatch(got)
	if match == nil {
		return fmt.Errorf("%q is not %q", got, line)
	}
	for i, group := range want.SubexpNames() {
		if group != "id" {
			continue
		}
		name := names[0]
		names = names[1:]
		if known, ok := ids[name]; ok && known != match[i] {
			return fmt.Errorf("%q has the id %s where %s was meant", got, match[i], known)
		}
		ids[name] = match[i]
	}
	return nil
}

// shell is a bash that commands are typed into.
type shell struct {
	in  io.Writer
	out *bufio.Reader
}

func openShell(t *testing.T, bash string, env ...string) *shell {
	t.Helper()
	command := exec.CommandContext(t.Context(), bash, "--norc", "--noprofile")
	command.Dir = t.TempDir()
	command.Env = append(os.Environ(), env...)
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stderr = command.Stdout
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()     // ends it
		_ = command.Wait() // with the exit of the last command
	})
	return &shell{in, bufio.NewReader(out)}
}

const endOfStep = "that was the step, with exit "

// run types a command and gives what it prints, errors too, and its exit code.
func (s *shell) run(t *testing.T, command string) (string, int) {
	t.Helper()
	if _, err := fmt.Fprintf(s.in, "{ %s} </dev/null\ncode=$?; echo; echo '%s'$code\n", command, endOfStep); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	for {
		line, err := s.out.ReadString('\n')
		if err != nil {
			t.Fatalf("%s: the shell ended: %v\n%s", command, err, &said)
		}
		if code, done := strings.CutPrefix(line, endOfStep); done {
			n, err := strconv.Atoi(strings.TrimSpace(code))
			if err != nil {
				t.Fatal(err)
			}
			return said.String(), n
		}
		said.WriteString(line)
	}
}
