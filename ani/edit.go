package ani

import (
	"iter"
)

// DuplicateError is the error of two entries with the same pattern.
type DuplicateError struct{ Pattern Pattern }

// Error names the pattern.
func (e *DuplicateError) Error() string {
	return "pattern " + e.Pattern.String() + " is on the list already"
}

// NewList compiles entries, which have been through Normalize and have an id
// each of their own. The error is a *DuplicateError where two share a pattern.
func NewList(entries iter.Seq[Entry]) (*List, error) {
	return new(List).edit(nil, entries)
}

// With is a List like l, with the entries of put in place of those with the
// same ids or added, and without those whose ids remove names. Unknown ids are
// passed over; of entries with one id the last of put stands. l stays as it
// is. A single edit of a million entries copies some 50 MB, which takes tens
// of milliseconds; now and then one compiles the List anew. The error is a
// *DuplicateError where two entries would share a pattern.
func (l *List) With(put []Entry, remove []string) (*List, error) {
	if l == nil {
		l = new(List)
	}
	gone := make(map[string]bool, len(put)+len(remove))
	last := make(map[string]int, len(put))
	for _, id := range remove {
		gone[id] = true
	}
	for i := range put {
		gone[put[i].ID] = true
		last[put[i].ID] = i
	}
	return l.edit(gone, func(yield func(Entry) bool) {
		for i := range put {
			if last[put[i].ID] == i && !yield(put[i]) {
				return
			}
		}
	})
}

// maxWaste bounds what removed entries leave behind, in bytes of texts, before
// a List is compiled anew; one byte in two may be waste beyond it.
const maxWaste = 1 << 16

// edit is l without the entries whose ids gone has, and with those of put.
func (l *List) edit(gone map[string]bool, put iter.Seq[Entry]) (*List, error) {
	next := &List{numbers: l.numbers.clone(), wide: l.wide, texts: l.texts}
	if len(gone) > 0 {
		next.remove(gone)
	}
	w := next.texts.writer()
	var numbers, wides []placed
	for e := range put {
		r, err := newRecord(&e, w)
		if err != nil {
			return nil, err
		}
		if e.Pattern.Kind() == PatternNumber {
			numbers = append(numbers, placed{e.Pattern, r})
		} else {
			wides = append(wides, placed{e.Pattern, r})
		}
	}
	next.texts.chunks = w.done()
	if err := next.numbers.add(numbers); err != nil {
		return nil, err
	}
	if err := next.wide.add(wides); err != nil {
		return nil, err
	}
	if next.texts.dead > maxWaste+next.texts.size()/2 {
		return NewList(next.entries())
	}
	return next, nil
}

// remove takes the entries with the ids that gone has out of l, which nobody
// else has yet.
func (l *List) remove(gone map[string]bool) {
	var hashes [1 << 16 / 64]uint64
	for id := range gone {
		h := hashID(id)
		hashes[h/64] |= 1 << (h % 64)
	}
	isGone := func(r *record) bool {
		if hashes[r.idHash/64]>>(r.idHash%64)&1 == 0 || !gone[l.texts.of(r).id] {
			return false
		}
		l.texts.dead += r.size()
		return true
	}
	for slot := range l.numbers.all {
		if isGone(&l.numbers.records[slot]) {
			l.numbers.remove(slot)
		}
	}
	var stay []placed
	for i := range l.wide.records {
		if r := &l.wide.records[i]; !isGone(r) {
			stay = append(stay, placed{l.wide.patterns[i], *r})
		}
	}
	if len(stay) < len(l.wide.records) {
		l.wide, _ = newWide(stay) // no two had the same pattern before
	}
}

// entries are the entries of l, as far as it keeps them.
func (l *List) entries() iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for slot, key := range l.numbers.all {
			if !yield(l.numbers.records[slot].entry(Pattern{key}, &l.texts)) {
				return
			}
		}
		for i := range l.wide.records {
			if !yield(l.wide.records[i].entry(l.wide.patterns[i], &l.texts)) {
				return
			}
		}
	}
}
