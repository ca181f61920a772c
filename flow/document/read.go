package document

import (
	"encoding"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/ringthrough/ringthrough/ani"
)

// reader goes through a parsed text and notes what is wrong.
type reader struct {
	problems ani.Problems
	more     bool // problems than these
	steps    int  // nodes that may still be looked at; an alias leads to its nodes again and again
}

// maxProblems is how many problems are told in full.
const maxProblems = 1000

// aliasSteps is how many nodes more may be looked at than a text has bytes. No
// text has as many nodes as bytes, unless aliases repeat them.
const aliasSteps = 1 << 20

func newReader(text []byte) *reader { return &reader{steps: len(text) + aliasSteps} }

func (r *reader) add(field, text string) {
	if len(r.problems) < maxProblems {
		r.problems.Add(field, text)
	} else {
		r.more = true
	}
}

func (r *reader) err() error {
	if r.steps < 0 {
		return wrong("repeats itself too often: write out what its aliases (*) stand for")
	}
	if r.more {
		r.problems.Add(whole, "has more problems than these: put these right first")
	}
	return r.problems.Err()
}

// whole is the field of a problem of the text as a whole.
const whole = "document"

func wrong(text string) error { return ani.Problems{{Field: whole, Text: text}} }

// mark is where the problems noted from now on begin.
func (r *reader) mark() int { return len(r.problems) }

// normalized adds what Normalize says of what stands at a path, but not of
// fields that have a problem since before.
func (r *reader) normalized(before int, at string, err error) {
	found, _ := errors.AsType[ani.Problems](err)
	known := r.problems[before:]
	for _, p := range found {
		field := join(at, p.Field)
		if covered(known, field) {
			continue
		}
		if r.add(field, p.Text); r.more {
			return
		}
	}
}

// covered reports whether field, or what it is a part of, has a problem in p.
func covered(p ani.Problems, field string) bool {
	for _, q := range p {
		if rest, ok := strings.CutPrefix(field, q.Field); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return true
		}
	}
	return false
}

// join is the path of a field of what stands at a path.
func join(at, field string) string {
	if at == "" {
		return field
	}
	return at + "." + field
}

// fields are what the mappings that become a T may have.
type fields[T any] []struct {
	name string
	read func(r *reader, v *T, at string, n *yaml.Node)
}

func (f fields[T]) names() string {
	names := make([]string, len(f))
	for i := range f {
		names[i] = f[i].name
	}
	return strings.Join(names, ", ")
}

// object reads the mapping n over v.
func object[T any](r *reader, v *T, at string, n *yaml.Node, known fields[T]) {
	n = r.visit(at, n)
	switch {
	case n == nil:
	case n.Kind == yaml.MappingNode:
		o := &mapping[T]{r: r, v: v, at: at, known: known}
		o.read(n, 0)
	default:
		r.add(here(at), fmt.Sprintf("must have fields (%s), but is %s", known.names(), kindOf(n)))
	}
}

// here is the field of a problem of what stands at a path.
func here(at string) string {
	if at == "" {
		return whole
	}
	return at
}

// list reads the items of the sequence n.
func list[T any](r *reader, at string, n *yaml.Node, item func(r *reader, at string, n *yaml.Node) T) []T {
	n = r.visit(at, n)
	switch {
	case n == nil:
		return nil
	case n.Kind != yaml.SequenceNode:
		r.add(at, fmt.Sprintf("must be a list, with brackets or dashes, but is %s", kindOf(n)))
		return nil
	}
	items := make([]T, 0, min(len(n.Content), max(r.steps, 0)))
	for i, n := range n.Content {
		if r.steps < 0 {
			break
		}
		items = append(items, item(r, at+"["+strconv.Itoa(i)+"]", n))
	}
	return items
}

// text is the spelling of the scalar n; false where it is null or none.
func (r *reader) text(at string, n *yaml.Node) (string, bool) {
	n = r.visit(at, n)
	if n == nil {
		return "", false
	}
	if n.Kind != yaml.ScalarNode {
		r.add(at, "must be a text, but is "+kindOf(n))
		return "", false
	}
	return n.Value, true
}

func (r *reader) unmarshal(v encoding.TextUnmarshaler, at string, n *yaml.Node) {
	text, ok := r.text(at, n)
	if !ok {
		return
	}
	if err := v.UnmarshalText([]byte(text)); err != nil {
		r.add(at, err.Error())
	}
}

func (r *reader) truth(v *bool, at string, n *yaml.Node) {
	n = r.visit(at, n)
	switch {
	case n == nil:
	case isPlain(n) && slices.Contains([]string{"true", "True", "TRUE"}, n.Value):
		*v = true
	case isPlain(n) && slices.Contains([]string{"false", "False", "FALSE"}, n.Value):
		*v = false
	default:
		r.add(at, "must be true or false, without quotes")
	}
}

func (r *reader) whole(v *int, at string, n *yaml.Node) {
	n = r.visit(at, n)
	if n == nil {
		return
	}
	i, err := strconv.Atoi(n.Value)
	if err != nil || !isPlain(n) {
		r.add(at, "must be a whole number, without quotes")
		return
	}
	*v = i
}
