package ani

import "strconv"

// Neighbour is an entry that is close to a number. The zero Neighbour is none.
type Neighbour struct {
	Entry  Item
	Digits int // how many digits at the end differ: 1 to 4
}

// nearDigits is how many digits at the end of a number may differ from an
// entry that is near it: the rest names an exchange, or a block that one
// customer of a carrier has.
const nearDigits = 4

// Near finds, for each of the numbers, the entry of one number, or the end of
// a range, that differs from it in the last four digits at most; of several
// the one that differs in the fewest, and of those the lowest. An entry that
// contains the number is not near it. Entries are looked at whatever their
// state and lines, and all of them, once.
func (l *List) Near(numbers []Number) map[Number]Neighbour {
	blocks := map[uint64][]Number{}
	for _, n := range numbers {
		if !n.IsZero() {
			blocks[n.digits/pow10[nearDigits]] = append(blocks[n.digits/pow10[nearDigits]], n)
		}
	}
	near := make(map[Number]Neighbour, len(numbers))
	if len(blocks) == 0 {
		return near
	}
	for item := range l.All {
		p := item.Pattern()
		if p.Kind() == PatternPrefix {
			continue
		}
		for _, end := range []uint64{p.low(), p.high()} {
			for _, n := range blocks[end/pow10[nearDigits]] {
				if !p.Contains(n) {
					near[n] = nearer(near[n], Neighbour{item, differing(n.digits, end)})
				}
			}
		}
	}
	return near
}

// nearer is the one of two entries that is closer.
func nearer(a, b Neighbour) Neighbour {
	switch {
	case a.Entry.IsZero() || b.Digits < a.Digits:
		return b
	case b.Digits == a.Digits && b.Entry.Pattern().packed < a.Entry.Pattern().packed:
		return b
	default:
		return a
	}
}

// differing is how many digits at the end of a and b have to be left out until
// they are the same.
func differing(a, b uint64) int {
	n := 0
	for ; a != b; a, b = a/10, b/10 {
		n++
	}
	return n
}

// String says how close the entry is, as in "+16505550123 in the last 2
// digits"; "" for the zero Neighbour.
func (n Neighbour) String() string {
	if n.Entry.IsZero() {
		return ""
	}
	if n.Digits == 1 {
		return n.Entry.Pattern().String() + " in the last digit"
	}
	return n.Entry.Pattern().String() + " in the last " + strconv.Itoa(n.Digits) + " digits"
}
