package ani

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

func entryOf(t testing.TB, id, pattern string) Entry {
	t.Helper()
	e := NewEntry()
	e.ID, e.Label, e.Pattern = id, "label of "+id, mustPattern(t, pattern)
	return e
}

func mustList(t testing.TB, entries ...Entry) *List {
	t.Helper()
	l, err := NewList(slices.Values(entries))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// with is l with put in place of what has the same ids, or added, and without
// what remove names. Of entries with one id the last of put stands.
func with(l *List, put []Entry, remove []string) (*List, error) {
	edit := l.Edit()
	for _, id := range remove {
		edit.Remove(id)
	}
	for i, e := range put {
		edit.Remove(e.ID)
		if slices.ContainsFunc(put[i+1:], func(later Entry) bool { return later.ID == e.ID }) {
			continue
		}
		if err := edit.Add(e); err != nil {
			return nil, err
		}
	}
	return edit.List()
}

func patterns(items []Item) []string {
	all := []string{}
	for _, i := range items {
		all = append(all, i.Pattern().String())
	}
	return all
}

func TestMatchGivesTheMostSpecificFirst(t *testing.T) {
	want := []string{
		"+16505550123",
		"+16505550122-+16505550123",
		"+16505550123-+16505550124",
		"+16505550100-+16505550199",
		"+16505550000-+16505559999",
		"+165055501*",
		"+1650555*",
		"+165055*",
	}
	var entries []Entry
	for i, p := range append(want, "+16505550124", "+1650556*", "+16505550124-+16505550199", "+165055501230*") {
		entries = append(entries, entryOf(t, fmt.Sprint(i), p))
	}
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
	got := patterns(mustList(t, entries...).Match(MustParse("+16505550123"), nil))
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("patterns (-want +got):\n%s", diff)
	}
}

func TestItem(t *testing.T) {
	for _, pattern := range []string{"+16505550123", "+1650555*"} {
		e := entryOf(t, "d1k2", pattern)
		e.Lines, e.MinAttestation = []string{"sales", "support-us"}, AttestationB
		e.NotBefore, e.ExpiresAt = noon, noon.Add(time.Hour)
		every := entryOf(t, "", "+1650556*")
		every.Label = ""
		l := mustList(t, e, every)
		i := l.Match(MustParse("+16505550123"), nil)[0]
		if i.ID() != "d1k2" || i.Label() != "label of d1k2" || i.Pattern() != e.Pattern || i.MinAttestation() != AttestationB || i.IsZero() {
			t.Errorf("item is %q, %q, %s, %s", i.ID(), i.Label(), i.Pattern(), i.MinAttestation())
		}
		for line, want := range map[string]bool{"sales": true, "support-us": true, "support": false, "": false, "sales\nsupport-us": false} {
			if got := i.AppliesTo(line); got != want {
				t.Errorf("AppliesTo(%q) is %v", line, got)
			}
		}
		if diff := gocmp.Diff(e.Lines, slices.Collect(i.Lines)); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
		if i.ActiveAt(noon.Add(-1)) || !i.ActiveAt(noon) || i.ActiveAt(noon.Add(time.Hour)) {
			t.Error("ActiveAt does not keep to the dates")
		}
		if i := l.Match(MustParse("+16505560123"), nil)[0]; !i.AppliesTo("sales") || !i.AppliesTo("") || len(slices.Collect(i.Lines)) > 0 || i.ID() != "" {
			t.Error("an entry without lines is not for every line")
		}
	}
	var zero Item
	if !zero.IsZero() || zero.ID() != "" || zero.Label() != "" || !zero.Pattern().IsZero() || zero.AppliesTo("") || zero.ActiveAt(noon) || zero.MinAttestation() != AttestationNone {
		t.Error("the zero Item is something")
	}
}

func TestEmptyLists(t *testing.T) {
	for name, l := range map[string]*List{"nil": nil, "zero": {}, "of nothing": mustList(t)} {
		if l.Len() != 0 || len(l.Match(MustParse("+16505550123"), nil)) != 0 || l.Count(noon)[StateActive] != 0 {
			t.Errorf("the %s list is not empty", name)
		}
		next, err := with(l, []Entry{entryOf(t, "a", "+16505550123")}, []string{"b"})
		if err != nil || next.Len() != 1 || l.Len() != 0 {
			t.Errorf("the %s list with an entry has %d, %v", name, next.Len(), err)
		}
	}
	if got := mustList(t, entryOf(t, "a", "+1650555*")).Match(Number{}, nil); len(got) != 0 {
		t.Error("the zero Number is on a list")
	}
}

func TestDuplicates(t *testing.T) {
	for _, p := range []string{"+16505550123", "+1650555*", "+16505550100-+16505550199"} {
		one, two := entryOf(t, "1", p), entryOf(t, "2", p)
		var dup *DuplicateError
		if _, err := NewList(slices.Values([]Entry{one, two})); !errors.As(err, &dup) || dup.Pattern != one.Pattern {
			t.Errorf("NewList with %s twice: %v", p, err)
		}
		l := mustList(t, one)
		if _, err := with(l, []Entry{two}, nil); !errors.As(err, &dup) {
			t.Errorf("an edit with %s once more: %v", p, err)
		}
		if next, err := with(l, []Entry{two}, []string{"1"}); err != nil || next.Len() != 1 {
			t.Errorf("an edit with %s in place of the other: %v", p, err)
		}
		if next, err := with(l, []Entry{one}, nil); err != nil || next.Len() != 1 {
			t.Errorf("an edit with %s in place of itself: %v", p, err)
		}
	}
	// A prefix and the range of the same numbers are two patterns.
	mustList(t, entryOf(t, "1", "+1650555*"), entryOf(t, "2", "+16505550000-+16505559999"))
}

func TestEntriesThatCannotBeCompiled(t *testing.T) {
	none := NewEntry()
	long := entryOf(t, strings.Repeat("x", 256), "+16505550123")
	for name, e := range map[string]Entry{"no pattern": none, "long id": long} {
		if _, err := NewList(slices.Values([]Entry{e})); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestEditExchangesPatterns(t *testing.T) {
	a, b := entryOf(t, "a", "+16505550123"), entryOf(t, "b", "+1650555*")
	l := mustList(t, a, b)
	a.Pattern, b.Pattern = b.Pattern, a.Pattern
	next, err := with(l, []Entry{a, b}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if i := next.Match(MustParse("+16505550123"), nil); len(i) != 2 || i[0].ID() != "b" || i[1].ID() != "a" {
		t.Errorf("the list has %v", patterns(i))
	}
}

func TestCount(t *testing.T) {
	scheduled, expired, off := entryOf(t, "1", "+16505550121"), entryOf(t, "2", "+16505550122"), entryOf(t, "3", "+1650555*")
	scheduled.NotBefore, expired.ExpiresAt, off.Enabled = noon.Add(1e6), noon, false
	l := mustList(t, scheduled, expired, off, entryOf(t, "4", "+16505550124"), entryOf(t, "5", "+16505550100-+16505550199"))
	want := map[State]int{StateScheduled: 1, StateExpired: 1, StateDisabled: 1, StateActive: 2}
	if diff := gocmp.Diff(want, l.Count(noon)); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

// world makes random patterns and callers that often meet, and that spill out
// of their buckets.
type world struct{ *rand.Rand }

func (w world) number() Number {
	base := []uint64{1650555_0000, 44207946_0000, 4420794_6000, 2901_000, 999999999_000000}[w.IntN(5)]
	return Number{base + w.Uint64N(500)}
}

func (w world) pattern() Pattern {
	n := w.number()
	switch w.IntN(4) {
	case 0:
		return Pattern{n.digits | (1+w.Uint64N(50))<<digitBits}
	case 1:
		cut := w.IntN(countDigits(n.digits) - minPrefixDigits + 1)
		if countDigits(n.digits)-cut <= maxPrefixDigits {
			return Pattern{n.digits/pow10[cut] | prefixMark<<digitBits}
		}
	}
	return PatternOf(n)
}

func (w world) entry(id int) Entry {
	e := NewEntry()
	e.ID, e.Pattern, e.Label, e.Enabled = fmt.Sprintf("id%d", id), w.pattern(), fmt.Sprintf("label %d", w.Int()), w.IntN(2) == 0
	e.MinAttestation = Attestation(w.IntN(4))
	if w.IntN(2) == 0 {
		e.Lines = []string{"sales"}
	}
	if w.IntN(2) == 0 {
		e.NotBefore = noon.Add(time.Duration(w.IntN(100)-50) * time.Minute)
	}
	return e
}

// model is a list that is nothing but its entries.
type model map[string]Entry

func (m model) has(p Pattern) bool {
	for _, e := range m {
		if e.Pattern == p {
			return true
		}
	}
	return false
}

// match scans all entries, and sorts by the rule as the design words it.
func (m model) match(n Number) []Entry {
	all := []Entry{}
	for _, e := range m {
		if e.Pattern.Contains(n) {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b Entry) int {
		p, q := a.Pattern, b.Pattern
		if p.Kind() != q.Kind() {
			return cmp.Compare(p.Kind(), q.Kind())
		}
		if p.Kind() == PatternPrefix {
			return cmp.Compare(len(q.String()), len(p.String()))
		}
		return cmp.Or(cmp.Compare(p.high()-p.low(), q.high()-q.low()), cmp.Compare(p.low(), q.low()))
	})
	return all
}

// same reports how l differs from the model in what it says of n.
func (m model) differs(l *List, n Number) string {
	want, got := m.match(n), l.Match(n, nil)
	if len(want) != len(got) {
		return fmt.Sprintf("%d entries match %s, want %d", len(got), n, len(want))
	}
	for i, e := range want {
		g := got[i]
		applies := len(e.Lines) == 0 || slices.Contains(e.Lines, "sales")
		if g.ID() != e.ID || g.Label() != e.Label || g.Pattern() != e.Pattern || g.MinAttestation() != e.MinAttestation ||
			g.ActiveAt(noon) != (e.State(noon) == StateActive) || g.AppliesTo("sales") != applies || g.AppliesTo("x") != (len(e.Lines) == 0) {
			return fmt.Sprintf("entry %d of %s is %s %s, want %+v", i, n, g.ID(), g.Pattern(), e)
		}
	}
	return ""
}

func (m model) check(t *testing.T, l *List, w world) {
	t.Helper()
	if l.Len() != len(m) {
		t.Fatalf("the list has %d entries, want %d", l.Len(), len(m))
	}
	all := map[string]bool{}
	for i := range l.All {
		all[i.ID()] = m[i.ID()].Pattern == i.Pattern()
	}
	for id := range m {
		if !all[id] || len(all) != len(m) {
			t.Fatalf("among the %d entries of the list, %s is not the one that it should be", len(all), id)
		}
	}
	counts := map[State]int{StateActive: 0, StateScheduled: 0, StateExpired: 0, StateDisabled: 0}
	for _, e := range m {
		counts[e.State(noon)]++
	}
	if diff := gocmp.Diff(counts, l.Count(noon)); diff != "" {
		t.Fatalf("counts (-want +got):\n%s", diff)
	}
	for range 100 {
		if d := m.differs(l, w.number()); d != "" {
			t.Fatal(d)
		}
	}
}

// edit makes a random edit of m that leaves no pattern twice.
func (w world) edit(m model, size int) (next model, put []Entry, remove []string) {
	next = model{}
	maps.Copy(next, m)
	for range w.IntN(size) {
		id := fmt.Sprintf("id%d", w.IntN(400))
		remove = append(remove, id)
		delete(next, id)
	}
	for range w.IntN(size) {
		e := w.entry(w.IntN(400))
		old, had := next[e.ID]
		delete(next, e.ID)
		if next.has(e.Pattern) {
			if had {
				next[e.ID] = old
			}
			continue
		}
		next[e.ID] = e
		put = append(put, e)
	}
	return next, put, remove
}

func TestListsEqualAScan(t *testing.T) {
	for seed := range uint64(5) {
		w := world{rand.New(rand.NewPCG(seed, 7))}
		m, l := model{}, (*List)(nil)
		for range 12 {
			next, put, remove := w.edit(m, 60)
			edited, err := with(l, put, remove)
			if err != nil {
				t.Fatal(err)
			}
			next.check(t, edited, w)
			m.check(t, l, w) // the receiver is what it was
			var all []Entry
			for _, e := range next {
				all = append(all, e)
			}
			next.check(t, mustList(t, all...), w)
			m, l = next, edited
		}
	}
}

// Two edits of one list must not write into what the other shares with it.
func TestEditsOfOneListAreApart(t *testing.T) {
	base := mustList(t, entryOf(t, "a", "+16505550121"))
	one, err := with(base, []Entry{entryOf(t, "b", "+16505550122")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	two, err := with(base, []Entry{entryOf(t, "c", "+16505550122")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	n := MustParse("+16505550122")
	if got := one.Match(n, nil)[0].ID() + two.Match(n, nil)[0].ID(); got != "bc" {
		t.Errorf("the ids are %q, want bc", got)
	}
}

func TestEditsLeaveNoWasteBehind(t *testing.T) {
	l := mustList(t, entryOf(t, "stays", "+1650556*"))
	for i := range 3000 {
		e := entryOf(t, "changes", "+16505550123")
		e.Label = strings.Repeat("x", 200)
		if i%2 == 0 {
			e.Pattern = mustPattern(t, "+16505550100-+16505550199")
		}
		next, err := with(l, []Entry{e}, nil)
		if err != nil {
			t.Fatal(err)
		}
		l = next
	}
	if size := l.texts.size(); size > 3*maxWaste {
		t.Errorf("two entries hold %d bytes of texts", size)
	}
	if i := l.Match(MustParse("+16505560000"), nil); len(i) != 1 || i[0].Label() != "label of stays" {
		t.Error("the entry that stayed is not what it was")
	}
}

func TestEditsGrowPastTheRoom(t *testing.T) {
	l, numbers := (*List)(nil), callers(2000)
	for i, n := range numbers {
		e := NewEntry()
		e.ID, e.Pattern = fmt.Sprint(i), PatternOf(n)
		next, err := with(l, []Entry{e}, nil)
		if err != nil {
			t.Fatal(err)
		}
		l = next
	}
	for i, n := range numbers {
		if got := l.Match(n, nil); len(got) != 1 || got[0].ID() != fmt.Sprint(i) {
			t.Fatalf("%s is not the entry %d", n, i)
		}
	}
	if room := len(l.numbers.keys); room > 2*len(numbers) {
		t.Errorf("%d slots for %d numbers", room, len(numbers))
	}
}

func TestMatchAllocatesNothing(t *testing.T) {
	l := mustList(t, entryOf(t, "1", "+16505550123"), entryOf(t, "2", "+16505550100-+16505550199"),
		entryOf(t, "3", "+16505550000-+16505559999"), entryOf(t, "4", "+1650555*"))
	n, buf := MustParse("+16505550123"), make([]Item, 0, 4)
	allocs := testing.AllocsPerRun(100, func() {
		buf = l.Match(n, buf[:0])
		for _, i := range buf {
			if i.ID() == "" || i.Label() == "" || i.Pattern().IsZero() || !i.AppliesTo("sales") || !i.ActiveAt(noon) || i.MinAttestation() > 0 {
				t.Error("an item is not what it was made of")
			}
		}
	})
	if allocs != 0 || len(buf) != 4 {
		t.Errorf("%d items, %v allocations; want 4 and none", len(buf), allocs)
	}
}

func TestReadersDuringEdits(t *testing.T) {
	w := world{rand.New(rand.NewPCG(9, 9))}
	m, put, _ := w.edit(model{}, 200)
	l, err := with((*List)(nil), put, nil)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for seed := range uint64(4) {
		wg.Go(func() {
			w := world{rand.New(rand.NewPCG(seed, 1))}
			for range 50 {
				if d := m.differs(l, w.number()); d != "" {
					t.Error(d)
				}
				if _, put, remove := w.edit(m, 10); len(put) > 0 {
					if _, err := with(l, put, remove); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
}
