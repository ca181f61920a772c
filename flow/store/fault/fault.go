// Package fault turns what goes wrong in a database into the errors of the
// store's contract. Which of a driver's errors is which, the driver's own
// store has to say.
package fault

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ringthrough/ringthrough/flow/store"
)

// ErrMisuse marks a change that no store could make, such as one without a
// value. It is the caller's fault and not the database's.
var ErrMisuse = errors.New("not a change")

// Faults is what a driver's errors say.
type Faults struct {
	NoRows  error            // what is looked for isn't there
	Damaged func(error) bool // what is kept can't be read
}

// Of is err as callers of the store know it: one of the contract's errors, or
// the store being unavailable for the reason that err gives.
func (f Faults) Of(what string, err error) error {
	switch {
	case err == nil:
		return nil
	case Known(err):
		return fmt.Errorf("%s: %w", what, err)
	case errors.Is(err, f.NoRows):
		return fmt.Errorf("%s: %w", what, store.ErrNotFound)
	case f.Damaged(err):
		return fmt.Errorf("%s: %w: %w", what, store.ErrDamaged, err)
	default:
		return fmt.Errorf("%s: %w: %w", what, store.ErrUnavailable, err)
	}
}

// In is Of for work under ctx: once that is done, it is why the work failed,
// whatever the driver made of it.
func (f Faults) In(ctx context.Context, what string, err error) error {
	if cause := ctx.Err(); err != nil && cause != nil && !Known(err) && !errors.Is(err, cause) {
		err = fmt.Errorf("%w: %w", cause, err)
	}
	return f.Of(what, err)
}

// Known reports whether err is one of the contract's errors, or ErrMisuse.
func Known(err error) bool {
	return slices.ContainsFunc([]error{
		store.ErrNotFound, store.ErrTaken, store.ErrStale, store.ErrBehind,
		store.ErrUnavailable, store.ErrDamaged, store.ErrNewer, ErrMisuse,
	}, func(sentinel error) bool { return errors.Is(err, sentinel) })
}
