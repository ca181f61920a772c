package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

type diffQuery struct {
	N  uint64 `path:"n" doc:"the revision to compare; 0: before the first"`
	To string `query:"to" maxLength:"20" doc:"the revision to compare it with; the last one unless said otherwise"`
}

// diffView is what makes of one revision another.
type diffView struct {
	From           uint64       `json:"from"`
	To             uint64       `json:"to"`
	Changes        []changeView `json:"changes" nullable:"false"`
	ChangesLeftOut int          `json:"changes_left_out" doc:"how many more there are than are listed"`
	Erased         int          `json:"erased,omitempty" doc:"how many lines and entries can't be compared: what they were had a number that is erased"`
}

func (a *api) diff(ctx context.Context, in *diffQuery) (*reply[diffView], error) {
	v := diffView{From: in.N, To: a.board.Snapshot().Revision, Changes: []changeView{}}
	if in.To != "" {
		var err error
		if v.To, err = strconv.ParseUint(in.To, 10, 64); err != nil {
			return nil, ani.Problems{{Field: "to", Text: "must be the number of a revision"}}
		}
	}
	if err := errors.Join(a.isRevision(v.From), a.isRevision(v.To)); err != nil {
		return nil, err
	}
	select {
	case a.exports <- struct{}{}:
		defer func() { <-a.exports }()
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: exports are under way: %w", store.ErrUnavailable, ctx.Err())
	}
	if err := a.compare(ctx, &v); err != nil {
		return nil, err
	}
	return &reply[diffView]{v}, nil
}

// compare goes through what has changed since the older of two revisions.
func (a *api) compare(ctx context.Context, v *diffView) error {
	older, newer := min(v.From, v.To), max(v.From, v.To)
	since, err := a.readPast(ctx, newer)
	if err != nil {
		return err
	}
	defer dispose(since.file)
	var wrong error
	err = a.board.Store().ChangedSince(ctx, older, func(r store.Recorded) bool {
		if r.Erased || since.where[thing{r.Kind, r.Key}].erased {
			v.Erased++
			return true
		}
		var c planned
		if c, wrong = since.compare(ctx, a.board.Store(), r); wrong != nil {
			return false
		}
		if v.From > v.To {
			c.EntryBefore, c.Entry, c.LineBefore, c.Line = c.Entry, c.EntryBefore, c.Line, c.LineBefore
		}
		if c.name() {
			v.add(c)
		}
		return true
	})
	return errors.Join(wrong, pruned(older, err))
}

func (v *diffView) add(c planned) {
	if len(v.Changes) == maxListed {
		v.ChangesLeftOut++
		return
	}
	v.Changes = append(v.Changes, c.view())
}

// name gives a change its name. It reports whether there is one.
func (c *planned) name() bool {
	before, after := c.EntryBefore != nil || c.LineBefore != nil, c.Entry != nil || c.Line != nil
	switch {
	case !before && !after:
		return false
	case !before:
		c.Op = store.OpCreate
	case !after:
		c.Op = store.OpDelete
	default:
		c.Op = store.OpUpdate
		return c.Kind == store.KindEntry && !saysSame(c.EntryBefore, c.Entry) || c.Kind == store.KindLine && !same(c.LineBefore, c.Line)
	}
	return true
}

// past is what things were at a revision, as far as they have changed since:
// in a scratch file, for there may be a million.
type past struct {
	file  *os.File
	where map[thing]part
}

type thing struct {
	kind store.Kind
	key  string
}

// part is where something stands in a file.
type part struct {
	at     int64
	size   int
	erased bool // there is nothing: it is erased
}

func (a *api) readPast(ctx context.Context, n uint64) (*past, error) {
	f, err := a.scratch.file()
	if err != nil {
		return nil, err
	}
	p := &past{f, map[thing]part{}}
	var wrong error
	end := int64(0)
	err = a.board.Store().ChangedSince(ctx, n, func(r store.Recorded) bool {
		p.where[thing{r.Kind, r.Key}] = part{end, len(r.Before), r.Erased}
		end += int64(len(r.Before))
		_, wrong = f.Write(r.Before)
		return wrong == nil
	})
	if err = errors.Join(noRoom(wrong), pruned(n, err)); err != nil {
		dispose(f)
		return nil, err
	}
	return p, nil
}

// of is what something was. found is false where it is that still.
func (p *past) of(kind store.Kind, key string) (was []byte, found bool, err error) {
	where, found := p.where[thing{kind, key}]
	was = make([]byte, where.size)
	if where.size > 0 {
		_, err = p.file.ReadAt(was, where.at)
	}
	return was, found, err
}

// compare is what became, until the revision that p is of, of what was before
// r.
func (p *past) compare(ctx context.Context, s store.Store, r store.Recorded) (planned, error) {
	c := planned{Kind: r.Kind, Key: r.Key}
	text, changed, err := p.of(r.Kind, r.Key)
	if err != nil {
		return c, fmt.Errorf("read scratch file: %w", err)
	}
	if r.Kind == store.KindEntry {
		var errWas error
		c.EntryBefore, errWas = entryOf(r.Before)
		if changed {
			c.Entry, err = entryOf(text)
		} else {
			c.Entry, err = present(s.Entry(ctx, r.Key))
		}
		return c, errors.Join(errWas, err)
	}
	was, errWas := lineOf(r.Before)
	is, err := lineOf(text)
	if !changed {
		is, err = present(s.Line(ctx, r.Key))
	}
	c.LineBefore, c.Line = flowLine(was), flowLine(is)
	return c, errors.Join(errWas, err)
}

func flowLine(l *store.Line) *flow.Line {
	if l == nil {
		return nil
	}
	return &l.Line
}
