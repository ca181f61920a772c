package store

import (
	"context"
	"time"

	"github.com/ringthrough/ringthrough/ani"
)

// Keeping lets go of what is too old to be kept, or must not be.
type Keeping interface {
	// Prune deletes what is before the times of p, a little at a time so that
	// nobody else waits for long, and says how much that was, be it that an
	// error or the end of ctx kept it from going on. Windows and calls of open
	// windows stay. Of the audit only the oldest records go, up to the first
	// one that is kept, and the rest of the chain still verifies: what was
	// before it is only known by its hash. A revision goes with the records of
	// its changes, so the earlier of the two times holds for both, and the
	// last revision stays. Settled deliveries go with the audit.
	Prune(ctx context.Context, p Pruning) (Pruned, error)

	// Erase takes a number out of everything that is kept, in one transaction,
	// and leaves an audit record, action "erase", kind "number", key the masked
	// number, with the Erased as its After. Calls stay, with an empty ANI,
	// label and note; deliveries whose body has the number are deleted.
	// Windows lose the caller; a rehearsal window that would be left with none
	// is closed. Entries must have been deleted before, and lines must not
	// name it: Erase gives ErrTaken where one does. Audit records that have the
	// number, in before, after, key or note, lose before, after and note, and
	// the key where that has it, and are marked as erased; their digests stay,
	// so the chain verifies, and the changes they stand for can't be restored.
	// Notes of revisions that have it are emptied. A second Erase finds
	// nothing, and leaves a record all the same.
	//
	// A text has a number where Mentions says so. Whatever else of a call,
	// a window or an entry has it is treated as the fields named here: a call's
	// DNIS, target and call id are emptied where they have it, and so is a
	// window's note; an entry that has it in label, source or note gives
	// ErrTaken like one whose pattern it is.
	Erase(ctx context.Context, n ani.Number, by Author, at time.Time, note string) (Erased, error)
}

// Pruning is before when what goes. A zero time: nothing.
type Pruning struct {
	Calls      time.Time // direct calls and rehearsals
	Candidates time.Time
	Audit      time.Time
	Revisions  time.Time
}

// Pruned is how many were deleted.
type Pruned struct {
	Calls      int64 `json:"calls"`
	Candidates int64 `json:"candidates"`
	Audit      int64 `json:"audit"`
	Revisions  int64 `json:"revisions"`
}

// Erased is how many things a number was taken out of.
type Erased struct {
	Calls      int64 `json:"calls"`
	Windows    int64 `json:"windows"`
	Audit      int64 `json:"audit"`
	Revisions  int64 `json:"revisions"`
	Deliveries int64 `json:"deliveries"`
}
