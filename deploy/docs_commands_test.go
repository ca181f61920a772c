package deploy_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/deploy/test/program"
)

// nowhere is a server that isn't there: commands come as far as asking it.
const nowhere = "http://127.0.0.1:1"

// TestCommands types each command of the pages' fenced blocks, and those that
// stand in a sentence. What needs no server is only asked for its help.
func TestCommands(t *testing.T) {
	ringthrough := program.Build(t)
	known, tried := names(t, ringthrough), map[string]string{} // what was said of it
	for _, p := range pages(t) {
		for _, c := range p.commands(known) {
			key := strings.Join(c.words, "\x00")
			said, done := tried[key]
			if !done {
				said = usage(t, ringthrough, c)
				tried[key] = said
			}
			if said != "" {
				t.Errorf("%s:%d: ringthrough %s: %s", p.path, c.line, strings.Join(c.words, " "), said)
			}
		}
	}
	if len(tried) < 60 {
		t.Errorf("the pages have %d commands", len(tried))
	}
}

// command is one call of ringthrough, without its name.
type command struct {
	line  int
	words []string
	whole bool // it is all there: nothing stands for something else
}

// names are the first words of all commands.
func names(t *testing.T, ringthrough string) map[string]bool {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), ringthrough, "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^  ([a-z]+) `).FindAllStringSubmatch(string(out), -1) {
		all[m[1]] = true
	}
	return all
}

var inSentence = regexp.MustCompile("`ringthrough ([a-z][^`]*)`")

// commands are those of the page's blocks, and those in its sentences that
// begin as a known one does.
func (p page) commands(known map[string]bool) []command {
	var all []command
	for _, b := range p.blocks {
		all = append(all, b.commands()...)
	}
	for i, line := range p.lines {
		if p.fenced[i] {
			continue
		}
		for _, m := range inSentence.FindAllStringSubmatch(line, -1) {
			if c := commandOf(split(m[1]), i+1); known[c.words[0]] {
				c.whole = false // a sentence names what it speaks of, and no more
				all = append(all, c)
			}
		}
	}
	return all
}

// commands are those of a block: in what people type and not in what the
// program says, where the block has both.
func (b fenced) commands() []command {
	var all []command
	for i := 0; i < len(b.lines); i++ {
		line, at := b.lines[i], b.line+i
		typed, prompted := strings.CutPrefix(strings.TrimLeft(line, " "), "$ ")
		if b.language == "console" && !prompted {
			continue
		}
		for strings.HasSuffix(typed, `\`) && i+1 < len(b.lines) {
			i++
			typed = strings.TrimSuffix(typed, `\`) + b.lines[i]
		}
		shell := b.language == "console" || b.language == "sh" || b.language == "bash"
		all = append(all, calls(split(typed), at, shell)...)
	}
	return all
}

// calls are the calls of ringthrough among a line's words. In a shell's line
// it is one wherever a command stands, elsewhere only by its whole path.
func calls(words []string, line int, shell bool) []command {
	var all []command
	for i, w := range words {
		name, inner := strings.CutPrefix(w, "$(")
		if j := strings.LastIndex(w, "=$("); j > 0 {
			name, inner = w[j+len("=$("):], true
		}
		byPath := name == "/usr/bin/ringthrough" || name == "/ringthrough"
		plain := name == "ringthrough" && shell && (inner || i == 0 || begins(words[i-1]))
		if !byPath && !plain {
			continue
		}
		c := commandOf(words[i+1:], line)
		if last := len(c.words) - 1; inner && last >= 0 {
			c.words[last] = strings.TrimSuffix(c.words[last], ")")
		}
		all = append(all, c)
	}
	return all
}

// commandOf is the command that words begin with, filled in.
func commandOf(words []string, line int) command {
	if end := slices.IndexFunc(words, isEnd); end >= 0 {
		words = words[:end]
	}
	c := command{line: line, whole: true}
	for _, w := range words {
		if in, ok := filled[w]; ok {
			w = in
		}
		c.words = append(c.words, w)
		c.whole = c.whole && !strings.ContainsAny(w, "…$")
	}
	return c
}

// filled are words for those that the reader puts something in place of.
var filled = map[string]string{
	"LINE": "support-us", "ID": "d1k2v0l5q1jc7n3s8a40", "N": "7", "ID:HASH": "7:" + strings.Repeat("0", 64),
	"NUMBER": "+12125550100", "YOUR-MOBILE": "+15125550199",
}

var assignment = regexp.MustCompile(`^[A-Z_]+=`)

// begins reports whether a command may stand behind w.
func begins(w string) bool {
	return slices.Contains([]string{"|", "&&", ";", "--", "sudo"}, w) || assignment.MatchString(w)
}

func isEnd(w string) bool {
	return slices.Contains([]string{"|", "||", "&", "&&", ";"}, w) || strings.HasPrefix(w, "#") || strings.HasPrefix(w, ">") || strings.HasPrefix(w, "2>") || strings.HasPrefix(w, "<")
}

var quoting = regexp.MustCompile(`'([^']*)'|"([^"]*)"|\\(.)|([^\s'"\\]+)|(\s+)`)

// split is a line's words as a shell takes them, near enough.
func split(line string) []string {
	var words []string
	var word strings.Builder
	begun := false
	for _, m := range quoting.FindAllStringSubmatch(line, -1) {
		if m[5] == "" {
			word.WriteString(m[1] + m[2] + m[3] + m[4])
			begun = true
		} else if begun {
			words, begun = append(words, word.String()), false
			word.Reset()
		}
	}
	if begun {
		words = append(words, word.String())
	}
	return words
}

// unserved are the commands that do something without a server.
var unserved = []string{"serve", "demo", "lambda", "store", "completion", "version", "man"}

// usage is what the program has against how it is called; empty: nothing.
func usage(t *testing.T, ringthrough string, c command) string {
	t.Helper()
	words := append(slices.Clone(c.words), "--help")
	if c.whole && !slices.ContainsFunc(c.words, func(w string) bool { return slices.Contains(unserved, w) }) {
		words = append(slices.Clone(c.words), "--server", nowhere)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	call := exec.CommandContext(ctx, ringthrough, words...)
	call.Dir = t.TempDir()
	call.Env = append(os.Environ(), "RINGTHROUGH_TOKEN=rt_none", "RINGTHROUGH_DATA="+t.TempDir())
	out, err := call.CombinedOutput()
	var exit *exec.ExitError
	if err == nil || errors.As(err, &exit) && exit.ExitCode() == 1 {
		return ""
	}
	said, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimPrefix(said, "ringthrough: error: ") + " (" + err.Error() + ")"
}

func TestSplit(t *testing.T) {
	for line, want := range map[string][]string{
		`entry add +1650 --label 'Meta call 1'`:  {"entry", "add", "+1650", "--label", "Meta call 1"},
		`--target "number:+1@Mo-Fr 08:00-18:00"`: {"--target", "number:+1@Mo-Fr 08:00-18:00"},
		`a\ b  ''  c'd'"e"`:                      {"a b", "", "cde"},
	} {
		if got := split(line); !slices.Equal(got, want) {
			t.Errorf("%s is %q, want %q", line, got, want)
		}
	}
}

func TestCalls(t *testing.T) {
	for line, want := range map[string][]string{
		"ringthrough token ls # look":                        {"token ls"},
		"IVR=$(ringthrough token create --role lookup)":      {"token create --role lookup"},
		"runuser -u ringthrough -- ringthrough store backup": {"store backup"},
		"docker exec ringthrough /ringthrough token ls":      {"token ls"},
		"helm install ringthrough deploy/helm/ringthrough":   nil,
		"systemctl restart ringthrough":                      nil,
		"A=1 ringthrough line ls | less":                     {"line ls"},
		"cat x | ringthrough apply -f - && echo done":        {"apply -f -"},
	} {
		var got []string
		for _, c := range calls(split(line), 1, true) {
			got = append(got, strings.Join(c.words, " "))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s has %q, want %q", line, got, want)
		}
	}
}
