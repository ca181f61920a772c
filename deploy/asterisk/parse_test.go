// Package asterisk_test holds the dialplans against what is known of Asterisk,
// which can't be had here: they are parsed, and read aloud line by line against
// the real server, with the functions as Asterisk's own source has them. That is
// no Asterisk, and the tests claim nothing of that kind.
package asterisk_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// step is one priority of an extension.
type step struct {
	label, app, args string
	line             int
}

// dialplan is the steps of each extension of each context.
type dialplan map[string]map[string][]step

var (
	section  = regexp.MustCompile(`^\[([\w-]+)\]$`)
	priority = regexp.MustCompile(`^(1|n)(?:\((\w+)\))?$`)
	call     = regexp.MustCompile(`^(\w+)\((.*)\)$`)
)

// parse reads a dialplan, and the globals in it.
func parse(t *testing.T, file string) (dialplan, map[string]string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := parser{t: t, plan: dialplan{}, globals: map[string]string{}}
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		p.read(number, uncommented(line))
	}
	return p.plan, p.globals
}

// uncommented is a line without its comment; \; is a semicolon.
func uncommented(line string) string {
	var b strings.Builder
	for i := 0; i < len(line); i++ {
		switch {
		case strings.HasPrefix(line[i:], `\;`):
			b.WriteByte(';')
			i++
		case line[i] == ';':
			return strings.TrimSpace(b.String())
		default:
			b.WriteByte(line[i])
		}
	}
	return strings.TrimSpace(b.String())
}

type parser struct {
	t                  *testing.T
	plan               dialplan
	globals            map[string]string
	context, extension string
}

func (p *parser) read(number int, line string) {
	p.t.Helper()
	if line == "" {
		return
	}
	if m := section.FindStringSubmatch(line); m != nil {
		p.context, p.extension = m[1], ""
		if p.context != "globals" {
			p.plan[p.context] = map[string][]step{}
		}
		return
	}
	name, value, ok := strings.Cut(line, "=")
	if !ok || p.context == "" {
		p.t.Fatalf("line %d is none of a dialplan: %s", number, line)
	}
	if p.context == "globals" {
		p.globals[name] = value
		return
	}
	p.step(number, strings.TrimSpace(name), strings.TrimSpace(strings.TrimPrefix(value, ">")))
}

// step takes an exten or a same: a new extension begins at 1, and goes on with
// n.
func (p *parser) step(number int, name, value string) {
	p.t.Helper()
	want := "n"
	if name == "exten" {
		p.extension, value, _ = strings.Cut(value, ",")
		want = "1"
	} else if name != "same" || p.extension == "" {
		p.t.Fatalf("line %d: %s", number, name)
	}
	at, action, _ := strings.Cut(value, ",")
	m, c := priority.FindStringSubmatch(at), call.FindStringSubmatch(action)
	if m == nil || m[1] != want || c == nil {
		p.t.Fatalf("line %d: priority %s of %s, where %s is next", number, value, p.extension, want)
	}
	if name == "exten" && p.plan[p.context][p.extension] != nil {
		p.t.Fatalf("line %d: %s begins a second time", number, p.extension)
	}
	balanced(p.t, number, action)
	p.plan[p.context][p.extension] = append(p.plan[p.context][p.extension], step{m[2], c[1], c[2], number})
}

// balanced fails on a bracket that nothing closes, or the wrong one does.
func balanced(t *testing.T, number int, action string) {
	t.Helper()
	closes := map[rune]rune{')': '(', ']': '[', '}': '{'}
	var open []rune
	for _, c := range action {
		switch c {
		case '(', '[', '{':
			open = append(open, c)
		case ')', ']', '}':
			if len(open) == 0 || open[len(open)-1] != closes[c] {
				t.Fatalf("line %d: %c closes nothing in %s", number, c, action)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Fatalf("line %d: %q stay open in %s", number, string(open), action)
	}
}
