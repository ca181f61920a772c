package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// fieldPair is one field of a thing on two sides: before and after an edit,
// or theirs and yours.
type fieldPair struct {
	Name  string
	A, B  shown
	Equal bool
}

// shown is what a field holds, as people read it: a time, or else a text. The
// zero shown is nothing.
type shown struct {
	Text string
	At   time.Time
}

// bookkeeping are the fields that nobody writes by hand.
var bookkeeping = []string{"id", "version", "created_at", "created_by", "updated_at", "hits", "last_hit_at", "calls", "hash"}

// fieldOrder is the order in which the fields of an entry and of a line
// stand; others come after them, by name.
var fieldOrder = []string{
	"pattern", "label", "source", "lines", "enabled", "not_before", "expires_at", "min_attestation", "note",
	"numbers", "default", "policy", "attestation", "limit", "targets", "redial_within", "timezone", "announce", "continue_url",
}

// fieldNames are the fields that people know by another name.
var fieldNames = map[string]string{
	"pattern": "Number", "lines": "For lines", "enabled": "Switched on", "not_before": "Starts", "expires_at": "Expires",
	"min_attestation": "Carrier’s word", "default": "Takes other numbers", "targets": "Who picks up", "timezone": "Time zone",
	"announce": "Announcement", "continue_url": "Goes on at",
}

// compare is every field of two JSON objects, one or both of which may be
// nothing.
func compare(a, b json.RawMessage) ([]fieldPair, error) {
	left, err := fieldsIn(a)
	if err != nil {
		return nil, err
	}
	right, err := fieldsIn(b)
	if err != nil {
		return nil, err
	}
	names := slices.Collect(maps.Keys(left))
	for name := range right {
		if _, ok := left[name]; !ok {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, byFieldOrder)
	pairs := make([]fieldPair, len(names))
	for i, name := range names {
		p := fieldPair{Name: fieldName(name), A: shownOf(name, left[name]), B: shownOf(name, right[name])}
		p.Equal = p.A.Text == p.B.Text && p.A.At.Equal(p.B.At)
		pairs[i] = p
	}
	return pairs, nil
}

// differing are the pairs whose sides differ.
func differing(pairs []fieldPair) []fieldPair {
	return slices.DeleteFunc(pairs, func(p fieldPair) bool { return p.Equal })
}

func fieldsIn(object json.RawMessage) (map[string]any, error) {
	fields := map[string]any{}
	if len(object) == 0 {
		return fields, nil
	}
	d := json.NewDecoder(bytes.NewReader(object))
	d.UseNumber()
	if err := d.Decode(&fields); err != nil {
		return nil, fmt.Errorf("read fields to compare: %w", err)
	}
	maps.DeleteFunc(fields, func(name string, _ any) bool { return slices.Contains(bookkeeping, name) })
	return fields, nil
}

func byFieldOrder(a, b string) int {
	place := func(name string) int {
		if i := slices.Index(fieldOrder, name); i >= 0 {
			return i
		}
		return len(fieldOrder)
	}
	if d := place(a) - place(b); d != 0 {
		return d
	}
	return strings.Compare(a, b)
}

// fieldName is what people call a field, whatever part of it is meant.
func fieldName(name string) string {
	name, _, _ = strings.Cut(name, "[")
	if known, ok := fieldNames[name]; ok {
		return known
	}
	name = words(name)
	return strings.ToUpper(name[:min(1, len(name))]) + name[min(1, len(name)):]
}

func shownOf(name string, value any) shown {
	switch x := value.(type) {
	case string:
		if t, err := time.Parse(time.RFC3339Nano, x); err == nil && (name == "not_before" || strings.HasSuffix(name, "_at")) {
			return shown{At: t}
		}
	case []any:
		if name == "lines" && len(x) == 0 {
			return shown{Text: "every line"}
		}
	}
	return shown{Text: plainly(value)}
}

// plainly is a JSON value as people write it.
func plainly(value any) string {
	switch x := value.(type) {
	case nil:
		return ""
	case bool:
		if x {
			return "yes"
		}
		return "no"
	case []any:
		texts := make([]string, len(x))
		separator := ", "
		for i, item := range x {
			texts[i] = plainly(item)
			if _, ok := item.(map[string]any); ok {
				separator = "; "
			}
		}
		return strings.Join(texts, separator)
	case map[string]any:
		return plainObject(x)
	default:
		return fmt.Sprint(x)
	}
}

// plainObject leaves out what is not set.
func plainObject(fields map[string]any) string {
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if s := plainly(fields[name]); s != "" {
			texts = append(texts, words(name)+" "+s)
		}
	}
	return strings.Join(texts, ", ")
}
