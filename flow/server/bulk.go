package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

// bulkWait is how long an import, an apply, a restore or an export may take.
const bulkWait = 15 * time.Minute

// bulk is an edit of any size: what it changes is found out first, and then
// committed as one revision.
type bulk struct {
	*api
	answering bulkAnswer
	body      *spooled // nil where there is none
	progress  progress
	gone      *changeLog // deletes come first, so that what they let go of is free
	kept      *changeLog
	ranges    map[ani.Pattern]string // where in the body each range stands
	unchanged int
	erased    int // things that stay as they are because what they were is erased
	ops       map[store.Op]int
}

// bulkAnswer is how a bulk edit is asked for and answered.
type bulkAnswer struct {
	dryRun bool
	note   string // why it is made, before what the client says
	again  string // what to do where somebody else has edited meanwhile
	limit  int64  // of the body, in bytes; 0: there is none
	listed int    // how many changes are listed at most
}

// answerBulk serves a bulk edit, whose changes find finds out.
func (a *api) answerBulk(answering bulkAnswer, find func(context.Context, *bulk) error) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		ctx, cancel := context.WithTimeout(hc.Context(), bulkWait)
		defer cancel()
		r, w := humago.Unwrap(hc)
		b := &bulk{api: a, answering: answering, ranges: map[ani.Pattern]string{}, ops: map[store.Op]int{}}
		defer b.end()
		out := newPatient(w)
		err := decided(r.URL.Query())
		if err == nil {
			err = b.open(r, out)
		}
		if err != nil {
			a.fail(w, r, a.problem(ctx, err))
			return
		}
		if accepts(r, ndjson) {
			b.answerLines(ctx, hc, out, find)
			return
		}
		revision, err := b.make(ctx, find)
		if err != nil {
			a.fail(w, r, a.problem(ctx, err))
			return
		}
		hc.SetHeader("Content-Type", "application/json")
		hc.SetStatus(http.StatusOK)
		b.write(out, "", revision, "\n")
	}}
}

// decided refuses switches that are there without a value: who writes ?dry_run
// must not find that everything was changed.
func decided(query url.Values) error {
	var p ani.Problems
	for _, name := range []string{"dry_run", "prune"} {
		if query.Has(name) && query.Get(name) == "" {
			p.Add(name, "must be true or false")
		}
	}
	return p.Err()
}

// open makes room, and takes the body in whole: a client that is slow holds
// nobody up.
func (b *bulk) open(r *http.Request, out *patient) (err error) {
	if b.gone, err = newChangeLog(b.scratch); err != nil {
		return err
	}
	if b.kept, err = newChangeLog(b.scratch); err != nil {
		return err
	}
	if b.answering.limit > 0 {
		if b.body, err = spool(b.scratch, r, out, b.answering.limit); err != nil {
			return err
		}
	}
	out.patiently()
	b.progress.begin("reading", 0)
	return nil
}

func (b *bulk) end() {
	if b.body != nil {
		dispose(b.body.file)
	}
	for _, l := range []*changeLog{b.gone, b.kept} {
		if l != nil {
			dispose(l.file)
		}
	}
}

// make finds the changes and commits them. One bulk edit is made at a time:
// memory has room for one.
func (b *bulk) make(ctx context.Context, find func(context.Context, *bulk) error) (revision uint64, err error) {
	select {
	case b.bulks <- struct{}{}:
		defer func() { <-b.bulks }()
	case <-ctx.Done():
		return 0, b.explained(ctx, ctx.Err())
	}
	bulky := isBulky(b.body, b.board.Snapshot().List)
	if bulky {
		defer thrift()()
	}
	if err := find(ctx, b); err != nil {
		return 0, b.explained(ctx, err)
	}
	revision = b.board.Snapshot().Revision
	count := b.gone.count + b.kept.count
	if count == 0 {
		return revision, nil
	}
	if b.answering.dryRun {
		return revision, b.explained(ctx, b.board.CheckAll(ctx, b.writing(), b.broken))
	}
	b.progress.begin("writing", count)
	if bulky {
		debug.FreeOSMemory() // the system may have what finding took: the store needs room too
	}
	made, err := b.editAll(ctx, b.answering.note, b.writing(), b.broken)
	return made.N, b.explained(ctx, err)
}

// explained is err in the words of a bulk edit.
func (b *bulk) explained(ctx context.Context, err error) error {
	crossing := (*ani.CrossingError)(nil)
	switch {
	case errors.As(err, &crossing):
		return ani.Problems{{Field: cmp.Or(b.ranges[crossing.Pattern], "pattern"), Text: crossing.Error()}}
	case errors.Is(err, store.ErrStale), errors.Is(err, store.ErrTaken), errors.Is(err, store.ErrNotFound):
		return newProblem(http.StatusPreconditionFailed, "somebody else has edited meanwhile: nothing was changed, "+b.answering.again)
	case err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return newProblem(http.StatusServiceUnavailable, fmt.Sprintf("it took longer than %s, so nothing was changed", bulkWait))
	default:
		return err
	}
}

// standsAt keeps in mind where in the body a range stands: whether it crosses
// another one shows when all is known.
func (b *bulk) standsAt(p ani.Pattern, place string) {
	if p.Kind() == ani.PatternRange {
		b.ranges[p] = place
	}
}

// planned yields the changes.
func (b *bulk) planned(yield func(planned) bool) {
	more := true
	b.gone.all(func(c planned) bool {
		more = yield(c)
		return more
	})
	if more && b.gone.broken == nil {
		b.kept.all(yield)
	}
}

// broken is why planned ended before its end.
func (b *bulk) broken() error { return errors.Join(b.gone.broken, b.kept.broken) }

// writing yields the changes, and tells how far the last to go through them
// has come.
func (b *bulk) writing() iter.Seq[store.Change] {
	return func(yield func(store.Change) bool) {
		b.progress.rows.Store(0)
		for c := range b.planned {
			b.progress.rows.Add(1)
			if !yield(c.change()) {
				return
			}
		}
	}
}

// plan notes a change.
func (b *bulk) plan(c planned) error {
	b.ops[c.Op]++
	if c.Op == store.OpDelete {
		return b.gone.add(c)
	}
	return b.kept.add(c)
}

// accepts reports whether a client asks for a media type by name.
func accepts(r *http.Request, media string) bool {
	return slices.ContainsFunc(r.Header.Values("Accept"), func(accept string) bool {
		return slices.ContainsFunc(strings.Split(accept, ","), func(s string) bool { return mediaType(s) == media })
	})
}
