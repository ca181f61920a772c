package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/sethvargo/go-retry"
)

// How long a follower waits before it connects again: longer each time, until
// it has been connected.
const (
	firstWait   = 100 * time.Millisecond
	longestWait = 5 * time.Second
)

func newBackoff() retry.Backoff {
	return retry.WithJitterPercent(20, retry.WithCappedDuration(longestWait, retry.NewFibonacci(firstWait)))
}

// Follow listens on a connection of its own, beside those of the pool.
func (s *Store) Follow(ctx context.Context, tell func()) {
	backoff := newBackoff()
	for ctx.Err() == nil {
		if s.listen(ctx, tell) {
			backoff = newBackoff()
		}
		wait, _ := backoff.Next()
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}

// listen tells once when it is connected, and then of every notification,
// until the connection or ctx ends. It reports whether it was connected.
func (s *Store) listen(ctx context.Context, tell func()) bool {
	conn, err := pgx.ConnectConfig(ctx, s.pool.Config().ConnConfig)
	if err != nil {
		return false
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, `LISTEN `+channel); err != nil {
		return false
	}
	for {
		tell()
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return true
		}
	}
}
