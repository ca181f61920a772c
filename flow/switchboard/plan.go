package switchboard

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// plan is what will serve once an edit is committed.
type plan struct {
	list    *ani.List
	lines   map[string]flow.Line
	windows []store.Change
	tokens  []store.Token

	entries []store.Change  // what becomes of entries, one change each
	changed map[string]bool // ids of those entries
	touched map[string]bool // names of the lines that are changed
}

// plan makes changes to what serves, in their order, and finds out whether
// they can be served.
func (sb *Switchboard) plan(ctx context.Context, changes []store.Change) (*plan, error) {
	p := &plan{lines: maps.Clone(sb.lines), tokens: sb.Tokens(), changed: map[string]bool{}, touched: map[string]bool{}}
	for _, c := range changes {
		switch c.Kind {
		case store.KindLine:
			p.changeLine(c)
		case store.KindWindow:
			p.windows = append(p.windows, c)
		case store.KindToken:
			p.changeToken(c)
		case store.KindEntry: // changeEntries has them all at once
		}
	}
	p.changeEntries(changes)
	if err := errors.Join(p.compile(sb.snapshot.Load()), p.checkReferences(sb.now())); err != nil {
		return nil, err
	}
	return p, sb.checkUse(ctx, p)
}

// changeEntries takes the last change to each entry: the others are void.
func (p *plan) changeEntries(changes []store.Change) {
	for _, c := range slices.Backward(changes) {
		if c.Kind == store.KindEntry && !p.changed[c.Key] {
			p.changed[c.Key] = true
			p.entries = append(p.entries, c)
		}
	}
	slices.Reverse(p.entries)
}

func (p *plan) changeLine(c store.Change) {
	p.touched[c.Key] = true
	if c.Line == nil {
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

// compile makes the list and finds out whether the lines get along. The lines
// that the edit leaves alone come first: what is wrong is wrong with one that
// it changes.
func (p *plan) compile(serving *flow.Snapshot) (err error) {
	if p.list, err = p.compileList(serving.List); err != nil {
		return err
	}
	ordered := servingOrder(p.lines)
	slices.SortStableFunc(ordered, func(a, b flow.Line) int { return cmp.Compare(p.rank(a), p.rank(b)) })
	_, err = flow.NewSnapshot(0, p.list, ordered)
	return err
}

func (p *plan) rank(l flow.Line) int {
	if p.touched[l.Name] {
		return 1
	}
	return 0
}

func (p *plan) compileList(list *ani.List) (*ani.List, error) {
	if len(p.entries) == 0 {
		return list, nil
	}
	put, removed := make([]ani.Entry, 0, len(p.entries)), []string(nil)
	for _, c := range p.entries {
		if c.Entry == nil {
			removed = append(removed, c.Key)
			continue
		}
		e := *c.Entry
		e.ID = c.Key
		put = append(put, e)
	}
	list, err := list.With(put, removed)
	if dup := (*ani.DuplicateError)(nil); errors.As(err, &dup) {
		return nil, p.taken(dup.Pattern)
	}
	if err != nil {
		return nil, fmt.Errorf("compile list: %w", err)
	}
	return list, nil
}

// taken blames a change for a pattern that two entries would have.
func (p *plan) taken(pattern ani.Pattern) error {
	for _, c := range slices.Backward(p.entries) {
		if c.Entry != nil && c.Entry.Pattern == pattern {
			return fmt.Errorf("pattern %s: %w", pattern, &store.ChangeError{Change: c, Err: store.ErrTaken})
		}
	}
	return fmt.Errorf("pattern %s: %w", pattern, store.ErrTaken)
}

// checkReferences refuses entries, and windows that are not over, for lines
// that don't exist.
func (p *plan) checkReferences(now time.Time) error {
	var problems ani.Problems
	for _, c := range p.entries {
		if c.Entry == nil {
			continue
		}
		for i, name := range c.Entry.Lines {
			p.refer(&problems, fmt.Sprintf("lines[%d]", i), name)
		}
	}
	for _, c := range p.windows {
		if c.Window != nil && c.Window.ClosesAt.After(now) {
			p.refer(&problems, "line", c.Window.Line)
		}
	}
	return problems.Err()
}

func (p *plan) refer(problems *ani.Problems, field, line string) {
	if _, ok := p.lines[line]; !ok {
		problems.Add(field, fmt.Sprintf("names %q, but there is no such line", line))
	}
}

// checkUse refuses to let go of a line that entries name.
func (sb *Switchboard) checkUse(ctx context.Context, p *plan) error {
	for name := range sb.lines {
		if _, kept := p.lines[name]; kept {
			continue
		}
		if err := sb.checkNamed(ctx, name, p); err != nil {
			return fmt.Errorf("delete line %s: %w", name, err)
		}
	}
	return nil
}

// checkNamed asks the store for entries that name a line, since the list
// can't be searched by it. Those that the edit changes have been looked at.
func (sb *Switchboard) checkNamed(ctx context.Context, line string, p *plan) error {
	var named int
	var first ani.Pattern
	for q := (store.EntryQuery{Line: line, Limit: 1000}); ; {
		page, err := sb.store.Entries(ctx, q)
		if err != nil {
			return err
		}
		for _, e := range page.Items {
			if p.changed[e.ID] || !slices.Contains(e.Lines, line) {
				continue
			}
			if named++; named == 1 {
				first = e.Pattern
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	if named == 0 {
		return nil
	}
	return fmt.Errorf("%w: %d, of which the first is %s", ErrInUse, named, first)
}
