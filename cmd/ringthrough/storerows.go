package main

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/archivefile"
)

// telling shows people how many rows have gone by; nobody is told where they
// look at no terminal.
type telling struct {
	*progress
	phase string
	n     int64
}

func (s *session) telling(phase string) *telling {
	t := &telling{progress: s.newProgress(), phase: phase}
	if !t.live {
		t.progress = nil
	}
	return t
}

const tellRows = 1000 // after so many the clock is looked at

func (t *telling) step() {
	if t.n++; t.progress != nil && t.n%tellRows == 0 {
		t.tell(stage{Phase: t.phase, Rows: t.n})
	}
}

func (t *telling) end() {
	if t.progress != nil {
		t.progress.end()
	}
}

// each counts what goes to yield.
func (t *telling) each(yield func(store.Row) bool) func(store.Row) bool {
	return func(r store.Row) bool {
		t.step()
		return yield(r)
	}
}

// rows counts what comes from all.
func (t *telling) rows(all iter.Seq2[store.Row, error]) iter.Seq2[store.Row, error] {
	return func(yield func(store.Row, error) bool) {
		for r, err := range all {
			t.step()
			if !yield(r, err) {
				return
			}
		}
	}
}

// dumped is what a database dumps, and why no more came.
func dumped(ctx context.Context, from store.Archive) iter.Seq2[store.Row, error] {
	return func(yield func(store.Row, error) bool) {
		more := true
		err := from.Dump(ctx, func(r store.Row) bool {
			more = yield(r, nil)
			return more
		})
		if err != nil && more {
			yield(store.Row{}, fmt.Errorf("read the source: %w", err))
		}
	}
}

// summing adds up what goes by.
func summing(sum *archivefile.Summing, all iter.Seq2[store.Row, error]) iter.Seq2[store.Row, error] {
	return func(yield func(store.Row, error) bool) {
		for r, err := range all {
			if err == nil {
				_, err = sum.Add(r)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// compare reads anew what was written, and holds it to what it should be.
func (s *session) compare(ctx context.Context, to *database, want archivefile.Sum, done string) error {
	tell := s.telling("comparing")
	defer tell.end()
	got := archivefile.NewSumming()
	var wrong error
	err := to.Dump(ctx, tell.each(func(r store.Row) bool {
		_, wrong = got.Add(r)
		return wrong == nil
	}))
	if err := errors.Join(wrong, err); err != nil {
		return fmt.Errorf("read back what was written: %w", err)
	}
	if got.Sum() != want {
		return hinted(fmt.Errorf("what was written is not what was read: %d rows with SHA-256 %s, in place of %d with %s", got.Sum().Rows, got.Sum(), want.Rows, want),
			"don't serve from "+shown(to.address)+": delete it and try again; if it happens again, that is a fault of ringthrough")
	}
	audit, err := to.VerifyAudit(ctx)
	if err != nil {
		return fmt.Errorf("verify the audit of what was written: %w", err)
	}
	s.warn(audit)
	return s.say("%s: %d rows, SHA-256 of the rows %s; read back and the same", done+" to "+shown(to.address), want.Rows, want)
}

// warnOfAudit tells of a source whose audit somebody has changed. It is copied
// as it is: what is there may be all that is left.
func (s *session) warnOfAudit(ctx context.Context, from *database) error {
	audit, err := from.VerifyAudit(ctx)
	if err != nil {
		return readable(fmt.Errorf("read the source: %w", err))
	}
	s.warn(audit)
	return nil
}

func (s *session) warn(audit store.AuditState) {
	if audit.Broken != 0 {
		fmt.Fprintf(s.stderr, "ringthrough: warning: the audit is broken at record %d, and goes on as it is: %s\n", audit.Broken, audit.Problem)
	}
}
