package store

import (
	"strings"

	"github.com/ringthrough/ringthrough/ani"
)

// Mentions reports whether text has n as ringthrough writes it, such as
// +16505550123, and not as the beginning of a longer number. It knows no other
// way to write one. Of no number it says no.
func Mentions(text string, n ani.Number) bool {
	if n.IsZero() {
		return false
	}
	written := n.String()
	for {
		_, after, found := strings.Cut(text, written)
		if !found {
			return false
		}
		if after == "" || after[0] < '0' || after[0] > '9' {
			return true
		}
		text = after
	}
}
