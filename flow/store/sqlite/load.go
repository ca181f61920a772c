package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// Load reads all that serves in one transaction.
func (s *Store) Load(ctx context.Context, now time.Time, yield func(ani.Entry) bool) (store.State, error) {
	l := loading{ctx: ctx, now: now}
	err := s.read(ctx, "load store", func(tx *sql.Tx) error {
		l.tx = tx
		l.revision()
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
	tx    *sql.Tx
	now   time.Time
	state store.State
	err   error
}

func (l *loading) revision() {
	l.state.Revision, l.err = lastRevision(l.ctx, l.tx)
}

func (l *loading) entries(yield func(ani.Entry) bool) {
	if l.err != nil {
		return
	}
	l.err = each(l.ctx, l.tx, scanEntry, func(e ani.Entry) bool {
		l.state.EntryHint++
		return yield(e)
	}, selectEntries)
}

func (l *loading) rest() {
	if l.err == nil {
		l.state.Lines, l.err = allLines(l.ctx, l.tx)
	}
	if l.err == nil {
		l.state.Tokens, l.err = allTokens(l.ctx, l.tx)
	}
	if l.err == nil {
		l.state.Windows, l.err = all(l.ctx, l.tx, scanWindow, selectWindows+` WHERE closes_at > ? ORDER BY closes_at, id`, l.now.UnixMilli())
	}
	if l.err == nil {
		since := l.now.Add(-time.Duration(flow.MaxLimitPer)).UnixMilli()
		l.state.Recent, l.err = all(l.ctx, l.tx, scanCall, selectCalls+` WHERE at > ? AND kind IN (?, ?) ORDER BY at, id`,
			since, store.CallDirect, store.CallRehearsal)
	}
}
