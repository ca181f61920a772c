package postgres

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/ringthrough/ringthrough/flow/store"
)

// checkTimeout bounds one look at the schema, with whatever it has to migrate.
const checkTimeout = 10 * time.Minute

// checking is whether the schema was looked at.
type checking struct {
	sync.Mutex
	sound   bool
	attempt *attempt // that is going on
}

// attempt is one look at the schema.
type attempt struct {
	done chan struct{}
	err  error // once done
}

// ready makes sure that the schema is fit for this program. Whoever asks while
// another's attempt goes on waits for that, which outlives both.
func (s *Store) ready(ctx context.Context) error {
	a := s.attempt(ctx)
	if a == nil {
		return ctx.Err()
	}
	select {
	case <-a.done:
		return a.err
	case <-ctx.Done():
		return fmt.Errorf("%w: the database was not reached yet: %w", store.ErrUnavailable, ctx.Err())
	}
}

// attempt is the one that goes on, or a new one; nil once one has succeeded.
func (s *Store) attempt(ctx context.Context) *attempt {
	c := &s.checking
	c.Lock()
	defer c.Unlock()
	if c.sound {
		return nil
	}
	if c.attempt == nil {
		c.attempt = &attempt{done: make(chan struct{})}
		go s.check(context.WithoutCancel(ctx), c.attempt)
	}
	return c.attempt
}

func (s *Store) check(ctx context.Context, a *attempt) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	a.err = faults.In(ctx, "reach store", migrate(ctx, s.pool))
	s.checking.Lock()
	defer s.checking.Unlock()
	s.checking.sound, s.checking.attempt = a.err == nil, nil
	close(a.done)
}
