package fault

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/ringthrough/ringthrough/flow/store"
)

var (
	errNoRows  = errors.New("no rows")
	errTorn    = errors.New("torn page")
	errNetwork = errors.New("network")
)

var faults = Faults{NoRows: errNoRows, Damaged: func(err error) bool { return errors.Is(err, errTorn) }}

func TestFaults(t *testing.T) {
	for name, c := range map[string]struct{ err, want, not error }{
		"nothing":                    {nil, nil, store.ErrUnavailable},
		"what isn't there":           {fmt.Errorf("read: %w", errNoRows), store.ErrNotFound, store.ErrUnavailable},
		"damage":                     {errTorn, store.ErrDamaged, store.ErrUnavailable},
		"anything else":              {errNetwork, store.ErrUnavailable, store.ErrDamaged},
		"the contract's own":         {store.ErrBehind, store.ErrBehind, store.ErrUnavailable},
		"a change that can't be":     {&store.ChangeError{Err: store.ErrTaken}, store.ErrTaken, store.ErrUnavailable},
		"what no store could change": {ErrMisuse, ErrMisuse, store.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			err := faults.Of("test", c.err)
			if !errors.Is(err, c.want) || errors.Is(err, c.not) {
				t.Errorf("gave %v, want %v", err, c.want)
			}
		})
	}
}

// TestEndedContext holds that the end of a context is why work under it failed.
func TestEndedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	if err := faults.In(ctx, "test", errNetwork); errors.Is(err, context.Canceled) {
		t.Errorf("before it ended: gave %v", err)
	}
	cancel()
	if err := faults.In(ctx, "test", errNetwork); !errors.Is(err, context.Canceled) || !errors.Is(err, store.ErrUnavailable) || !errors.Is(err, errNetwork) {
		t.Errorf("gave %v, want an error that is canceled and unavailable", err)
	}
	if err := faults.In(ctx, "test", store.ErrTaken); errors.Is(err, context.Canceled) {
		t.Errorf("what was known before it ended: gave %v", err)
	}
	if err := faults.In(ctx, "test", nil); err != nil {
		t.Errorf("of work that was done: gave %v", err)
	}
}
