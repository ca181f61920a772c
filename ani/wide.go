package ani

import (
	"cmp"
	"math/bits"
	"slices"
)

// wide finds the ranges and prefixes of a List that contain a number. Numbers
// are filled up with zeros to the most digits there are; then a prefix, like a
// range, is all that lies between two numbers, and wide is a tree of such
// spans by where they start: the middle of a slice is its root, and the halves
// beside it are the subtrees.
type wide struct {
	cells    []uint64 // a bit for each cell that has numbers of a span; nil if there are no spans
	starts   []uint64
	reach    []uint64 // the end of the span that ends last in the subtree
	patterns []Pattern
	records  []record
}

// cellBits is how many of a number's leading bits tell its cell. Few cells
// have numbers of spans, so that most numbers need not go into the tree.
const cellBits = 13

// cell is the leading bits of n, but for the first.
func cell(n uint64) uint64 { return n << (bits.LeadingZeros64(n) + 1) >> (64 - cellBits) }

// mayHave reports whether there may be spans that contain n.
func (w *wide) mayHave(n uint64) bool {
	c := cell(n)
	return c/64 < uint64(len(w.cells)) && w.cells[c/64]>>(c%64)&1 != 0
}

// mark marks the cells of the numbers that p contains, of every length.
func (w *wide) mark(p Pattern) {
	first, last, longest := p.low(), p.high(), countDigits(p.low())
	if p.Kind() == PatternPrefix {
		last, longest = first, maxDigits
	}
	for surplus := range longest - countDigits(first) + 1 {
		c, end := cell(first*pow10[surplus]), cell((last+1)*pow10[surplus]-1)
		for ; c != end; c = (c + 1) % (1 << cellBits) {
			w.cells[c/64] |= 1 << (c % 64)
		}
		w.cells[c/64] |= 1 << (c % 64)
	}
}

// fill is n filled up with zeros to the most digits a number has.
func fill(n uint64) uint64 { return n * pow10[maxDigits-countDigits(n)] }

// filled is the span of a range or a prefix; its end is in it.
func (p Pattern) filled() (start, end uint64) {
	scale := pow10[maxDigits-countDigits(p.low())]
	last := p.high()
	if p.Kind() == PatternPrefix {
		last = p.low()
	}
	return p.low() * scale, (last+1)*scale - 1
}

func comparePlaced(a, b placed) int {
	start, _ := a.pattern.filled()
	other, _ := b.pattern.filled()
	return cmp.Or(cmp.Compare(start, other), cmp.Compare(a.pattern.packed, b.pattern.packed))
}

// newWide makes the tree of all, which it sorts.
func newWide(all []placed) (wide, error) {
	if len(all) == 0 {
		return wide{}, nil
	}
	slices.SortFunc(all, comparePlaced)
	w := wide{
		cells: make([]uint64, 1<<cellBits/64), starts: make([]uint64, len(all)), reach: make([]uint64, len(all)),
		patterns: make([]Pattern, len(all)), records: make([]record, len(all)),
	}
	for i, p := range all {
		if i > 0 && all[i-1].pattern == p.pattern { //nolint:gosec // i is not 0
			return wide{}, &DuplicateError{p.pattern}
		}
		w.patterns[i], w.records[i] = p.pattern, p.record
		w.starts[i], w.reach[i] = p.pattern.filled()
		w.mark(p.pattern)
	}
	w.spread(0, len(all))
	return w, nil
}

// add puts more entries into w.
func (w *wide) add(more []placed) (err error) {
	if len(more) == 0 {
		return nil
	}
	for i, p := range w.patterns {
		more = append(more, placed{p, w.records[i]})
	}
	*w, err = newWide(more)
	return err
}

// spread makes reach of each root that of its subtree, and gives the one of
// the tree between from and to.
func (w *wide) spread(from, to int) uint64 {
	if from >= to {
		return 0
	}
	mid := int(uint(from+to) >> 1)
	w.reach[mid] = max(w.reach[mid], w.spread(from, mid), w.spread(mid+1, to))
	return w.reach[mid]
}

// matchWide appends the ranges and prefixes that contain n.
func (l *List) matchWide(n Number, buf []Item) []Item {
	first := len(buf)
	buf = l.appendWide(n, fill(n.digits), 0, len(l.wide.starts), buf)
	if len(buf)-first > 1 {
		slices.SortFunc(buf[first:], compareSpecific)
	}
	return buf
}

func (l *List) appendWide(n Number, filled uint64, from, to int, buf []Item) []Item {
	w := &l.wide
	for from < to {
		mid := int(uint(from+to) >> 1)
		if w.reach[mid] < filled {
			return buf
		}
		buf = l.appendWide(n, filled, from, mid, buf)
		if filled < w.starts[mid] {
			return buf
		}
		// A range is of numbers of one length.
		if w.patterns[mid].Contains(n) {
			buf = append(buf, Item{l, ^int32(mid)})
		}
		from = mid + 1
	}
	return buf
}

// compareSpecific puts ranges before prefixes, the narrowest range and the
// longest prefix first.
func compareSpecific(a, b Item) int {
	p, q := a.Pattern(), b.Pattern()
	if p.Kind() == PatternPrefix && q.Kind() == PatternPrefix {
		return cmp.Compare(q.low(), p.low())
	}
	return cmp.Or(cmp.Compare(p.span(), q.span()), cmp.Compare(p.low(), q.low()))
}
