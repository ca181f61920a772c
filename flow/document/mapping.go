package document

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v4"
)

// mapping reads the keys of a mapping over a T.
type mapping[T any] struct {
	r     *reader
	v     *T
	at    string
	known fields[T]
	seen  []string
}

// maxMerges bounds how many mappings lie one in the other by merge keys.
const maxMerges = 16

// mergeKey takes in the fields of another mapping, or of each of a list, that
// the mapping doesn't have itself (https://yaml.org/type/merge.html).
const mergeKey = "<<"

// read reads n, which depth merge keys led to. Its own keys come first.
func (m *mapping[T]) read(n *yaml.Node, depth int) {
	var own []string
	for i := 0; i+1 < len(n.Content) && m.r.steps >= 0; i += 2 {
		if key := m.key(n.Content[i]); key != mergeKey {
			own = m.field(key, own, n.Content[i], n.Content[i+1])
		}
	}
	m.seen = append(m.seen, own...)
	for i := 0; i+1 < len(n.Content) && m.r.steps >= 0; i += 2 {
		if m.key(n.Content[i]) == mergeKey && isPlain(n.Content[i]) {
			m.merge(n.Content[i+1], depth+1)
		}
	}
}

func (m *mapping[T]) key(n *yaml.Node) string {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.ScalarNode {
		return kindOf(n)
	}
	return n.Value
}

// field reads the value of key; own are the keys before it.
func (m *mapping[T]) field(key string, own []string, at, value *yaml.Node) []string {
	m.r.steps--
	path := join(m.at, printable(key))
	switch {
	case slices.Contains(own, key):
		m.r.add(path, "is there twice"+place(at)+": give it once")
		return own
	case slices.Contains(m.seen, key):
		return own
	}
	for i := range m.known {
		if m.known[i].name == key {
			m.known[i].read(m.r, m.v, path, value)
			return append(own, key)
		}
	}
	m.r.add(path, fmt.Sprintf("is not known here%s: the fields are %s", place(at), m.known.names()))
	return own
}

// merge reads the mappings that a merge key brings in.
func (m *mapping[T]) merge(n *yaml.Node, depth int) {
	n = m.r.visit(join(m.at, mergeKey), n)
	switch {
	case n == nil:
	case depth > maxMerges:
		m.r.add(join(m.at, mergeKey), fmt.Sprintf("leads on and on: at most %d may lie one in the other", maxMerges))
	case n.Kind == yaml.MappingNode:
		m.read(n, depth)
	case n.Kind == yaml.SequenceNode:
		for _, n := range n.Content {
			m.merge(n, depth+1)
		}
	default:
		m.r.add(join(m.at, mergeKey), "must be an alias of a mapping, as in <<: *base")
	}
}
