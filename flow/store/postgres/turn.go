package postgres

import "context"

// turn is held by one at a time.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

// wait takes the turn, or gives the error of ctx once that is done.
func (t turn) wait(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t turn) pass() { <-t }
