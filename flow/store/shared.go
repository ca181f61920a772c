package store

import (
	"context"
	"time"
)

// Shared is a Store that several replicas use at once, and tells each of them
// what the others have written.
type Shared interface {
	Store

	// Position is how far the store has come.
	Position(ctx context.Context) (Position, error)

	// Changed hands over what has become of each entry, line, window and token
	// that was changed after revision n, once, as of one moment: OpPut with the
	// whole value, creation, hits and version included, or OpDelete. It gives
	// the last revision as of that moment. Where it can't tell, because the
	// history between was pruned or n is beyond the last revision, it gives
	// ErrNotFound: whoever asks has to load all.
	Changed(ctx context.Context, n uint64, yield func(Change) bool) (Revision, error)

	// CallsChanged reads those calls of the journal that were written, or
	// given a result or an outcome, after the position n, each once and as it
	// is now, in the order of their last change: at most limit of them, 1 to
	// 1000. It gives the position of the last one, and n where there is none.
	CallsChanged(ctx context.Context, n uint64, limit int) ([]Call, uint64, error)

	// Follow calls tell whenever somebody may have written something, until
	// ctx is done. It is a hint that comes late, too often, or never where the
	// way to the store is broken; when that is mended it comes once more.
	Follow(ctx context.Context, tell func())

	// Lease makes holder the only one who does the chore called name for span,
	// by the store's own clock, and reports whether it is: not where somebody
	// else's lease runs. Who has it extends it by asking again. Release ends
	// it at once.
	Lease(ctx context.Context, name, holder string, span time.Duration) (bool, error)
	Release(ctx context.Context, name, holder string) error

	// Sight keeps the last lookup of each pair of hook and line; what is older
	// than what is kept changes nothing. Sights gives them all.
	Sight(ctx context.Context, sights []Sight) error
	Sights(ctx context.Context) ([]Sight, error)
}

// Position is how far a store has come: its last revision, and how many
// changes were made to the journal. A call counts when it is written, when its
// result and when its outcome is; the numbers are given out in the order in
// which the changes can be seen.
type Position struct {
	Revision uint64
	At       time.Time // when that was made: two of one number are told apart by it, where a store lost its last ones to a failover or a backup
	Calls    uint64
}

// Sight is that a hook asked about a line. Who called is no part of it.
type Sight struct {
	Hook  string
	Line  string // empty where the call belonged to none
	At    time.Time
	Route string
}
