package switchboard

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// plan is what will serve once an edit is committed.
type plan struct {
	snapshot *flow.Snapshot // without lives and revision
	lines    map[string]flow.Line
	windows  []store.Change
	ahead    map[string]int // calls of windows that were heard of before them
	tokens   []store.Token

	entries *ani.Edit
	ranges  map[ani.Pattern]bool // that are put on the list
	touched map[string]bool      // names of the lines that are changed
	gone    map[string]bool      // names of the lines that are deleted, be it to be made anew
	closing []store.Change       // of their windows; the edit makes them first
	named   []reference          // what entries name, each line once
	known   map[string]bool      // the lines of named
}

// reference is where a line is named.
type reference struct{ field, line string }

// plan makes changes to what serves, in their order, and finds out whether
// they can be served. Of entries there is one change each.
func (sb *Switchboard) plan(changes iter.Seq[store.Change]) (*plan, error) {
	serving := sb.snapshot.Load()
	p := sb.newPlan(serving)
	if err := p.changeAll(changes); err != nil {
		return nil, err
	}
	list, err := p.list()
	if dup := (*ani.DuplicateError)(nil); errors.As(err, &dup) {
		err = taken(dup.Pattern, changes)
	}
	if err == nil {
		err = list.CheckCrossing(p.ranges)
	}
	if err != nil {
		return nil, fmt.Errorf("compile list: %w", err)
	}
	now := sb.now()
	p.closeWindows(serving, now)
	if err := errors.Join(p.compile(list), p.checkReferences(now), p.checkSpans(serving, now)); err != nil {
		return nil, err
	}
	return p, p.checkUse(list, sb.lines)
}

func (sb *Switchboard) newPlan(serving *flow.Snapshot) *plan {
	return &plan{
		lines: maps.Clone(sb.lines), tokens: sb.Tokens(),
		entries: serving.List.Edit(), ranges: map[ani.Pattern]bool{}, touched: map[string]bool{}, gone: map[string]bool{}, known: map[string]bool{},
	}
}

func (p *plan) changeAll(changes iter.Seq[store.Change]) error {
	for c := range changes {
		if err := p.change(c); err != nil {
			return err
		}
	}
	return nil
}

// list is what comes of the list. Nothing can be changed afterwards: of many
// entries the edit holds more than the list does.
func (p *plan) list() (*ani.List, error) {
	list, err := p.entries.List()
	p.entries = nil
	return list, err
}

func (p *plan) change(c store.Change) error {
	switch c.Kind {
	case store.KindEntry:
		return p.changeEntry(c)
	case store.KindLine:
		p.changeLine(c)
	case store.KindWindow:
		p.windows = append(p.windows, c)
	case store.KindToken:
		p.changeToken(c)
	case store.KindCall, store.KindNumber: // are in the audit alone
	}
	return nil
}

// changeEntry takes it that what is created isn't there: the store makes sure.
func (p *plan) changeEntry(c store.Change) error {
	if c.Op != store.OpCreate {
		p.entries.Remove(c.Key)
	}
	if c.Entry == nil {
		return nil
	}
	for i, name := range c.Entry.Lines {
		if !p.known[name] {
			p.known[name] = true
			p.named = append(p.named, reference{fmt.Sprintf("lines[%d]", i), name})
		}
	}
	if c.Entry.Pattern.Kind() == ani.PatternRange {
		p.ranges[c.Entry.Pattern] = true
	}
	e := *c.Entry
	e.ID = c.Key
	return p.entries.Add(e)
}

func (p *plan) changeLine(c store.Change) {
	p.touched[c.Key] = true
	if c.Line == nil {
		p.gone[c.Key] = true
		delete(p.lines, c.Key)
		return
	}
	line := *c.Line
	line.Name = c.Key
	p.lines[c.Key] = line
}

func (p *plan) changeToken(c store.Change) {
	p.tokens = slices.DeleteFunc(p.tokens, func(t store.Token) bool { return t.ID == c.Key })
	if c.Token != nil {
		token := *c.Token
		token.ID = c.Key
		p.tokens = append(p.tokens, token)
	}
}

// taken blames the last change for a pattern that two entries would have.
func taken(pattern ani.Pattern, changes iter.Seq[store.Change]) error {
	err := store.ErrTaken
	for c := range changes {
		if c.Entry != nil && c.Entry.Pattern == pattern {
			err = &store.ChangeError{Change: c, Err: store.ErrTaken}
		}
	}
	return fmt.Errorf("pattern %s: %w", pattern, err)
}

// compile makes what will serve. To find out first whether the lines get
// along, those that the edit leaves alone come first: what is wrong is wrong
// with one that it changes.
func (p *plan) compile(list *ani.List) (err error) {
	ordered := servingOrder(p.lines)
	blaming := slices.SortedStableFunc(slices.Values(ordered), func(a, b flow.Line) int { return cmp.Compare(p.rank(a), p.rank(b)) })
	if _, err = flow.NewSnapshot(0, list, blaming); err != nil {
		return err
	}
	p.snapshot, err = flow.NewSnapshot(0, list, ordered)
	return err
}

func (p *plan) rank(l flow.Line) int {
	if p.touched[l.Name] {
		return 1
	}
	return 0
}

// checkReferences refuses entries, and windows that are not over, for lines
// that don't exist.
func (p *plan) checkReferences(now time.Time) error {
	var problems ani.Problems
	for _, r := range p.named {
		p.refer(&problems, r)
	}
	for _, c := range p.windows {
		if c.Window != nil && c.Window.ClosesAt.After(now) {
			p.refer(&problems, reference{"line", c.Window.Line})
		}
	}
	return problems.Err()
}

func (p *plan) refer(problems *ani.Problems, r reference) {
	if _, ok := p.lines[r.line]; !ok {
		problems.Add(r.field, fmt.Sprintf("names %q, but there is no such line", r.line))
	}
}

// checkUse refuses to let go of lines that entries of the list name.
func (p *plan) checkUse(list *ani.List, before map[string]flow.Line) error {
	gone := map[string]bool{}
	for name := range before {
		if _, kept := p.lines[name]; !kept {
			gone[name] = true
		}
	}
	if len(gone) == 0 {
		return nil
	}
	used := uses(list, gone)
	for _, name := range slices.Sorted(maps.Keys(used)) {
		return fmt.Errorf("delete line %s: %w: %d, of which the first is %s", name, ErrInUse, used[name].entries, used[name].first)
	}
	return nil
}

// use is how many entries name a line, and the pattern of the first of them
// in a listing.
type use struct {
	entries int
	first   string
}

func uses(list *ani.List, lines map[string]bool) map[string]use {
	used := map[string]use{}
	for e := range list.All {
		for name := range e.Lines {
			if !lines[name] {
				continue
			}
			u, pattern := used[name], e.Pattern().String()
			if u.entries == 0 || pattern < u.first {
				u.first = pattern
			}
			u.entries++
			used[name] = u
		}
	}
	return used
}
