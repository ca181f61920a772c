package ani

import (
	"cmp"
	"slices"
)

// CrossingError is the error of two ranges that overlap without one of them
// lying within the other: which of their entries counts for a caller in both
// would be for nobody to see.
type CrossingError struct{ Pattern, Other Pattern }

// Error is the rest of a sentence that begins with the name of the field.
func (e *CrossingError) Error() string {
	return "overlaps the range " + e.Other.String() + ", which is on the list: let one of the two end where the other begins, or lie within it"
}

// CheckCrossing gives a *CrossingError where one of the ranges of changed
// crosses another range of l. Ranges within ranges are fine: the narrowest
// counts.
func (l *List) CheckCrossing(changed map[Pattern]bool) error {
	if len(changed) == 0 {
		return nil
	}
	var around []Pattern // the ranges that the next one may lie within, the innermost last
	for _, p := range l.ranges() {
		for len(around) > 0 && around[len(around)-1].high() < p.low() {
			around = around[:len(around)-1]
		}
		if len(around) > 0 {
			if outer := around[len(around)-1]; outer.high() < p.high() && (changed[p] || changed[outer]) {
				return crossing(p, outer, changed)
			}
		}
		around = append(around, p)
	}
	return nil
}

func crossing(a, b Pattern, changed map[Pattern]bool) error {
	if changed[a] {
		return &CrossingError{Pattern: a, Other: b}
	}
	return &CrossingError{Pattern: b, Other: a}
}

// ranges are the ranges of l by where they start, the widest of those that
// start together first. Numbers of different lengths have nothing in common,
// so ranges of different lengths are never within each other.
func (l *List) ranges() []Pattern {
	var all []Pattern
	for _, p := range l.wide.patterns {
		if p.Kind() == PatternRange {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b Pattern) int { return cmp.Or(cmp.Compare(a.low(), b.low()), cmp.Compare(b.high(), a.high())) })
	return all
}
