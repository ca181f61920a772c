package document

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// visit is the node that n stands for; nil where it is null or can't be read.
func (r *reader) visit(at string, n *yaml.Node) *yaml.Node {
	for r.steps--; n != nil && n.Kind == yaml.AliasNode; r.steps-- {
		n = n.Alias
	}
	switch {
	case r.steps < 0 || n == nil || isNull(n):
		return nil
	case n.Style&yaml.TaggedStyle != 0 && !strings.HasPrefix(n.ShortTag(), "!!"):
		r.add(here(at), fmt.Sprintf("has the tag %.40q: leave out tags, which are words with ! before them", n.Tag))
		return nil
	default:
		return n
	}
}

// isPlain reports whether n is a scalar without quotes.
func isPlain(n *yaml.Node) bool {
	const quoted = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle
	return n.Kind == yaml.ScalarNode && n.Style&quoted == 0
}

func isNull(n *yaml.Node) bool {
	return isPlain(n) && n.Style&yaml.TaggedStyle == 0 && slices.Contains([]string{"", "~", "null", "Null", "NULL"}, n.Value)
}

func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	default:
		return "a single value"
	}
}

// place is where n stands, for sentences; JSON doesn't tell.
func place(n *yaml.Node) string {
	if n.Line == 0 {
		return ""
	}
	return fmt.Sprintf(" (line %d)", n.Line)
}

// printable is a key as a part of a path.
func printable(key string) string {
	if quoted := strconv.Quote(key); len(key) > 40 || quoted[1:len(quoted)-1] != key {
		return fmt.Sprintf("%.40q", key)
	}
	return key
}
