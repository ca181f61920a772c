package sipheader

import (
	"slices"
	"strings"
)

// historyDiverter is who diverted the call last, by its History-Info: each
// entry has an index, and one that a diversion made has its cause (RFC 7544,
// 7.1), and its parent diverted. Entries without a cause are the ways that
// proxies took.
func (h Headers) historyDiverter() string {
	entries := h.Values("History-Info")
	for _, last := range slices.Backward(entries) {
		if !diverted(last) {
			continue
		}
		parent, ok := parentOf(index(last))
		i := slices.IndexFunc(entries, func(e string) bool { return index(e) == parent })
		if ok && i >= 0 {
			return strings.TrimSpace(entries[i])
		}
	}
	return ""
}

// diverted reports whether a diversion made the entry: it has a cause as a
// parameter of its URI, or as an older Reason within it (RFC 4244).
func diverted(entry string) bool {
	entry = strings.ToLower(entry)
	return strings.Contains(entry, ";cause=") || strings.Contains(entry, "%3bcause%3d")
}

// index is where an entry stands in the history, such as 1.2.
func index(entry string) string {
	_, rest, _ := strings.Cut(strings.ToLower(entry), ";index=")
	end := strings.IndexFunc(rest, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if end >= 0 {
		rest = rest[:end]
	}
	return rest
}

// parentOf is the index above one; there is none above the first.
func parentOf(index string) (string, bool) {
	i := strings.LastIndexByte(index, '.')
	if i < 0 {
		return "", false
	}
	return index[:i], true
}
