package postgres

import (
	"context"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// Load reads all that serves in one transaction.
func (s *Store) Load(ctx context.Context, now time.Time, yield func(ani.Entry) bool) (store.State, error) {
	l := loading{ctx: ctx, now: now}
	err := s.read(ctx, "load store", func(q querier) error {
		l.q = q
		l.position()
		l.entries(yield)
		l.rest()
		return l.err
	})
	if err != nil {
		return store.State{}, err
	}
	return l.state, nil
}

// loading is a Load on its way. After an error it reads nothing more.
type loading struct {
	ctx   context.Context
	q     querier
	now   time.Time
	state store.State
	err   error
}

func (l *loading) position() {
	l.state.Revision, l.state.Calls, l.err = position(l.ctx, l.q)
}

func (l *loading) entries(yield func(ani.Entry) bool) {
	if l.err != nil {
		return
	}
	l.err = each(l.ctx, l.q, scanEntry, func(e ani.Entry) bool {
		l.state.EntryHint++
		return yield(e)
	}, selectEntries)
}

func (l *loading) rest() {
	if l.err == nil {
		l.state.Lines, l.err = allLines(l.ctx, l.q)
	}
	if l.err == nil {
		l.state.Tokens, l.err = allTokens(l.ctx, l.q)
	}
	if l.err == nil {
		l.state.Windows, l.err = all(l.ctx, l.q, scanWindow, selectWindows+` WHERE closes_at > $1 ORDER BY closes_at, id`, l.now.UnixMilli())
	}
	if l.err == nil {
		since := l.now.Add(-time.Duration(flow.MaxLimitPer)).UnixMilli()
		l.state.Recent, l.err = all(l.ctx, l.q, scanCallAlone, selectCalls+` WHERE at > $1 AND kind IN ('direct', 'rehearsal') ORDER BY at, id`, since)
	}
}
