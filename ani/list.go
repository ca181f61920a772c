package ani

import (
	"strings"
	"time"
)

// List is a set of entries, compiled for looking up callers. It never changes:
// any number of readers may use it, and an edit makes another List. A nil or
// zero List is empty. It keeps of an entry its id, pattern, label, lines,
// dates, whether it is enabled, and the attestation that it asks for.
type List struct {
	numbers numbers // the entries of one number
	wide    wide    // the entries of ranges and prefixes
	texts   texts
}

// Len is how many entries l has.
func (l *List) Len() int {
	if l == nil {
		return 0
	}
	return l.numbers.used + len(l.wide.records)
}

// Count is how many entries are in each state at now; every state is there.
func (l *List) Count(now time.Time) map[State]int {
	counts := map[State]int{StateActive: 0, StateScheduled: 0, StateExpired: 0, StateDisabled: 0}
	if l == nil {
		return counts
	}
	at := now.UnixMilli()
	for slot := range l.numbers.all {
		counts[l.numbers.records[slot].state(at)]++
	}
	for i := range l.wide.records {
		counts[l.wide.records[i].state(at)]++
	}
	return counts
}

// Match appends to buf the entries whose pattern contains n, whatever their
// state and lines: the number, then ranges from the narrowest on, then
// prefixes from the longest on. It allocates nothing while buf has room.
func (l *List) Match(n Number, buf []Item) []Item {
	if l == nil || n.IsZero() {
		return buf
	}
	if slot, ok := l.numbers.find(n.digits); ok {
		buf = append(buf, Item{l, int32(slot)})
	}
	if l.wide.mayHave(n.digits) {
		buf = l.matchWide(n, buf)
	}
	return buf
}

// All yields every entry, in no particular order.
func (l *List) All(yield func(Item) bool) {
	if l == nil {
		return
	}
	for slot := range l.numbers.all {
		if !yield(Item{l, int32(slot)}) {
			return
		}
	}
	for i := range l.wide.records {
		if !yield(Item{l, ^int32(i)}) {
			return
		}
	}
}

// Item is an entry of a List, as far as the List keeps it. It holds on to its
// List. The zero Item is no entry.
type Item struct {
	list *List
	ref  int32 // a slot of numbers, or an index of wide, inverted
}

// IsZero reports whether i is no entry.
func (i Item) IsZero() bool { return i.list == nil }

// Detached is i without its List: it holds on to nothing but itself.
func (i Item) Detached() Item {
	if i.IsZero() {
		return i
	}
	r := *i.record()
	t := i.texts()
	r.text = textRef{}
	return Item{&List{
		wide:  wide{records: []record{r}, patterns: []Pattern{i.Pattern()}},
		texts: texts{chunks: []string{t.id + t.label + t.lines}},
	}, ^0}
}

func (i Item) record() *record {
	if i.ref < 0 {
		return &i.list.wide.records[^i.ref]
	}
	return &i.list.numbers.records[i.ref]
}

func (i Item) texts() entryTexts {
	if i.IsZero() {
		return entryTexts{}
	}
	return i.list.texts.of(i.record())
}

// ID is the entry's id.
func (i Item) ID() string { return i.texts().id }

// Label is the entry's label.
func (i Item) Label() string { return i.texts().label }

// Pattern is the entry's pattern.
func (i Item) Pattern() Pattern {
	switch {
	case i.IsZero():
		return Pattern{}
	case i.ref < 0:
		return i.list.wide.patterns[^i.ref]
	default:
		return Pattern{i.list.numbers.keys[i.ref]}
	}
}

// MinAttestation is the least attestation that the entry asks for.
func (i Item) MinAttestation() Attestation {
	if i.IsZero() {
		return AttestationNone
	}
	return i.record().attestation
}

// ActiveAt reports whether the entry is enabled and within its dates.
func (i Item) ActiveAt(now time.Time) bool {
	return !i.IsZero() && i.record().state(now.UnixMilli()) == StateActive
}

// AppliesTo reports whether the entry is for calls to line; one that names no
// lines is for all.
func (i Item) AppliesTo(line string) bool {
	if i.texts().lines == "" {
		return !i.IsZero()
	}
	for name := range i.Lines {
		if name == line {
			return true
		}
	}
	return false
}

// Lines yields the names of the lines that the entry is for; none if it is for
// every line.
func (i Item) Lines(yield func(string) bool) {
	lines := i.texts().lines
	if lines == "" {
		return
	}
	for name := range strings.SplitSeq(lines, lineSeparator) {
		if !yield(name) {
			return
		}
	}
}
