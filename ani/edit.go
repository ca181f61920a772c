package ani

import (
	"hash/maphash"
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
	edit := (*List)(nil).Edit()
	for e := range entries {
		if err := edit.Add(e); err != nil {
			return nil, err
		}
	}
	return edit.List()
}

// Edit makes a List out of another one, which stays as it is. It is for one
// goroutine, and for one List. It holds some 60 bytes and the texts of each
// entry that is added, and 40 bytes for each that is removed.
type Edit struct {
	from    *List
	gone    map[idSum]struct{}
	hashes  [1 << 16 / 64]uint64 // a bit for each hash of an id that is gone
	numbers pile                 // what is added
	wide    []placed
	texts   *textWriter // of what is added
}

// idSum stands for an id. It has 128 bits, keyed anew in each process: no two
// ids have the same.
type idSum [2]uint64

var idSeeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

func sumOf(id string) idSum {
	return idSum{maphash.String(idSeeds[0], id), maphash.String(idSeeds[1], id)}
}

// Edit begins an edit of l.
func (l *List) Edit() *Edit {
	if l == nil {
		l = new(List)
	}
	return &Edit{from: l, gone: map[idSum]struct{}{}, texts: new(texts).writer()}
}

// Remove takes out the entry that the List had with that id, whenever it is
// called; what is added stays. An unknown id is passed over.
func (e *Edit) Remove(id string) {
	h := hashID(id)
	e.hashes[h/64] |= 1 << (h % 64)
	e.gone[sumOf(id)] = struct{}{}
}

// Add puts in an entry that has been through Normalize. No other entry that is
// added or that stays may have its id: to replace an entry, remove it too.
func (e *Edit) Add(entry Entry) error {
	r, err := newRecord(&entry, e.texts)
	if err != nil {
		return err
	}
	p := placed{entry.Pattern, r}
	if entry.Pattern.Kind() == PatternNumber {
		e.numbers.add(p)
	} else {
		e.wide = append(e.wide, p)
	}
	return nil
}

// maxWaste bounds what removed entries leave behind, in bytes of texts, before
// a List is compiled anew; one byte in two may be waste beyond it.
const maxWaste = 1 << 16

// List is what comes of the edit, which is over then. A single change to a
// million entries copies some 50 MB, which takes tens of milliseconds; now and
// then one compiles the List anew. The error is a *DuplicateError where two
// entries would share a pattern.
func (e *Edit) List() (*List, error) {
	if len(e.gone)+e.numbers.len()+len(e.wide) == 0 {
		return e.from, nil
	}
	old, going := e.from, e.going()
	wasteful := old.texts.dead+going.bytes > maxWaste+old.texts.size()/2
	if wasteful || !old.numbers.fits(old.numbers.used-going.numbers+e.numbers.len()) {
		return e.anew()
	}
	return e.amended(going)
}

// going is how much is removed.
type going struct{ numbers, wide, bytes int }

func (e *Edit) going() (g going) {
	if len(e.gone) == 0 {
		return g
	}
	for slot := range e.from.numbers.all {
		if r := &e.from.numbers.records[slot]; e.goes(r) {
			g.numbers, g.bytes = g.numbers+1, g.bytes+r.size()
		}
	}
	for i := range e.from.wide.records {
		if r := &e.from.wide.records[i]; e.goes(r) {
			g.wide, g.bytes = g.wide+1, g.bytes+r.size()
		}
	}
	return g
}

// goes reports whether r, which is of the List that was, is removed.
func (e *Edit) goes(r *record) bool {
	if e.hashes[r.idHash/64]>>(r.idHash%64)&1 == 0 {
		return false
	}
	_, gone := e.gone[sumOf(e.from.texts.of(r).id)]
	return gone
}

// amended is a copy of the List that was, with what is removed cut out and
// what is added fitted in.
func (e *Edit) amended(g going) (*List, error) {
	added, w := texts{chunks: e.texts.done()}, e.from.texts.writer()
	for i := range e.numbers.len() {
		w.move(&e.numbers.at(i).record, &added)
	}
	for i := range e.wide {
		w.move(&e.wide[i].record, &added)
	}
	next := &List{numbers: e.from.numbers.clone(), wide: e.from.wide, texts: texts{w.done(), e.from.texts.dead + g.bytes}}
	if g.numbers > 0 {
		for slot := range next.numbers.all {
			if e.goes(&next.numbers.records[slot]) {
				next.numbers.remove(slot)
			}
		}
	}
	if g.wide > 0 {
		next.wide = wide{}
		for p := range e.wideStaying {
			e.wide = append(e.wide, p)
		}
	}
	return next.filled(e)
}

// anew makes a List of nothing but what is in it. Where all is replaced, it
// copies nothing.
func (e *Edit) anew() (*List, error) {
	for slot, key := range e.from.numbers.all {
		if r := e.from.numbers.records[slot]; !e.goes(&r) {
			e.texts.move(&r, &e.from.texts)
			e.numbers.add(placed{Pattern{key}, r})
		}
	}
	for p := range e.wideStaying {
		e.texts.move(&p.record, &e.from.texts)
		e.wide = append(e.wide, p)
	}
	e.gone = nil
	return (&List{texts: texts{chunks: e.texts.done()}}).filled(e)
}

// wideStaying yields the ranges and prefixes that stay.
func (e *Edit) wideStaying(yield func(placed) bool) {
	for i, r := range e.from.wide.records {
		if !e.goes(&r) && !yield(placed{e.from.wide.patterns[i], r}) {
			return
		}
	}
}

// filled is l, which nobody else has yet, with what e adds.
func (l *List) filled(e *Edit) (*List, error) {
	if err := l.numbers.add(&e.numbers); err != nil {
		return nil, err
	}
	if err := l.wide.add(e.wide); err != nil {
		return nil, err
	}
	return l, nil
}
