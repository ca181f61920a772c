// Package store is the contract of what ringthrough keeps: the list, the
// lines, windows, tokens, and the journal of calls. Implementations live
// below it; storetest holds each of them to the contract. A store knows
// nothing of decisions and never answers a lookup.
package store

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

// What a caller of a store branches on.
var (
	ErrNotFound    = errors.New("not found")
	ErrTaken       = errors.New("already taken")       // a pattern, a name or an id is there already
	ErrStale       = errors.New("changed by somebody") // the version asked for is no longer the one stored
	ErrBehind      = errors.New("edited by somebody")  // the next revision is not the one that the edit was made for
	ErrUnavailable = errors.New("store unavailable")   // out of reach, full, read-only or too slow; a later try may succeed
	ErrDamaged     = errors.New("store damaged")       // what is kept cannot be read: no later try will succeed, a backup is needed
	ErrNewer       = errors.New("store is of a newer version of ringthrough")
)

// Store keeps what must outlive the process. Its methods may be called from
// many goroutines. Whatever they return nil for is durable. Times are kept to
// the millisecond, in UTC; what is finer is cut off. A context that ends makes
// a method fail with ErrUnavailable and the context's own error.
type Store interface {
	// Load reads all that serves, as of one moment. It hands every entry to
	// yield until that returns false, in no particular order.
	Load(ctx context.Context, now time.Time, yield func(ani.Entry) bool) (State, error)

	// Edit commits all changes of e as the next revision, or none of them.
	// It gives ErrNotFound, ErrTaken or ErrStale as a *ChangeError that names
	// the change. Changes are made in their order, but whether two entries
	// have one pattern is asked when all are made.
	Edit(ctx context.Context, e Edit) (Revision, error)

	Entry(ctx context.Context, id string) (ani.Entry, error)
	EntryByPattern(ctx context.Context, p ani.Pattern) (ani.Entry, error)
	Entries(ctx context.Context, q EntryQuery) (Page[ani.Entry], error)
	Line(ctx context.Context, name string) (Line, error)
	Lines(ctx context.Context) ([]Line, error) // by name
	Window(ctx context.Context, id string) (flow.Window, error)
	Windows(ctx context.Context, q WindowQuery) (Page[flow.Window], error) // newest first
	Tokens(ctx context.Context) ([]Token, error)                           // by creation

	// Record writes to the journal, all of it or nothing. A call that is
	// there already is left as it is and counts nowhere a second time, so a
	// Record whose answer was lost may be repeated. A new direct call also
	// counts in its entry's hits and in its window's calls, a new rehearsal in
	// its window's calls. A record is no edit: it changes no version and makes
	// no revision.
	Record(ctx context.Context, marks []Mark) error
	Call(ctx context.Context, id string) (Call, error)
	Calls(ctx context.Context, q CallQuery) (Page[Call], error)           // newest first
	SetOutcome(ctx context.Context, id string, o OutcomeOf) (Call, error) // leaves an audit record too

	// EntriesByPattern reads those entries that have one of the patterns, in
	// no particular order: at most 1000 patterns at a time.
	EntriesByPattern(ctx context.Context, patterns []ani.Pattern) ([]ani.Entry, error)

	// Export hands over, as of one moment, the revision and the lines by name
	// to head, then every entry by the bytes of its pattern to entry, until
	// one of them returns false.
	Export(ctx context.Context, head func(Revision, []Line) bool, entry func(ani.Entry) bool) error

	Revisions(ctx context.Context, q RevisionQuery) (Page[RevisionInfo], error) // newest first
	RevisionInfo(ctx context.Context, n uint64) (RevisionInfo, error)
	Changes(ctx context.Context, q ChangeQuery) (Page[Recorded], error) // in the order in which they were made; none of a revision that isn't there

	// ChangedSince hands over, once for each entry and each line that was
	// changed after revision n, its first change after n, whose Before is what
	// it was at n unless that is erased. Lines come before entries. It gives
	// ErrNotFound where one of the revisions after n was pruned.
	ChangedSince(ctx context.Context, n uint64, yield func(Recorded) bool) error

	// Refuse adds an audit record of a try that changed nothing; the store
	// gives its ID and says that it was refused. Edit and SetOutcome add a
	// record for each change they make, in the same transaction.
	Refuse(ctx context.Context, r AuditRecord) error
	Audit(ctx context.Context, q AuditQuery) (Page[AuditRecord], error)
	VerifyAudit(ctx context.Context) (AuditState, error)

	// Enqueue keeps deliveries that are to be made, all or none: each is due
	// at its time. One whose notice was enqueued for its destination before,
	// made or not, is passed over; what is settled for good is forgotten once
	// a delivery of 7 days later is enqueued.
	Enqueue(ctx context.Context, deliveries []Delivery) error

	// Claim gives at most limit deliveries that are due, those that have been
	// for longest, oldest first, and makes them due again at until: whoever
	// claims them has until then to settle them. A claim is a try and counts
	// as one. No two callers claim one delivery.
	Claim(ctx context.Context, now, until time.Time, limit int) ([]Delivery, error)

	// Settle says how a claimed delivery went: it is tried again at next, or
	// never where next is zero. What went wrong is kept for people to read.
	// One that was settled for good stays so.
	Settle(ctx context.Context, notice, destination string, next time.Time, wrong string) error

	// Key is the secret called name; it is made of 32 random bytes when it is
	// first asked for, and the same for every replica from then on.
	Key(ctx context.Context, name string) ([]byte, error)

	Archive
	Keeping

	Ping(ctx context.Context) error
	Close() error
}

// State is what a replica serves from.
type State struct {
	Revision  Revision
	Lines     []Line
	Windows   []flow.Window // those that close after the time asked for
	Tokens    []Token
	Recent    []Call // direct calls and rehearsals of the last flow.MaxLimitPer, oldest first
	EntryHint int    // how many entries were handed over
	Calls     uint64 // position of the journal; of a Shared store only
}

// Revision is one edit that was committed. Revisions are numbered from 1
// without gaps; 0 is an empty store.
type Revision struct {
	N  uint64
	At time.Time
}

// Author is who makes an edit, and from where.
type Author struct {
	Name string // of the token
	Role Role
	From string // network address
}

// Edit is a set of changes that belong together.
type Edit struct {
	Author  Author
	At      time.Time
	Note    string           // why
	Next    uint64           // what its revision has to be, else ErrBehind before any change is read; 0: whichever comes
	Changes iter.Seq[Change] // may read the store, which is as it was before, but must not write to it
}

// Kind is what a change changes.
type Kind string

// The kinds of thing.
const (
	KindEntry  Kind = "entry"
	KindLine   Kind = "line"
	KindWindow Kind = "window"
	KindToken  Kind = "token"
	KindCall   Kind = "call"   // in the audit alone: a call is in no edit
	KindNumber Kind = "number" // in the audit alone: one that was erased
)

// Op is how a change changes it.
type Op string

// The operations. Put creates what isn't there.
const (
	OpCreate Op = "create" // ErrTaken where it is there
	OpUpdate Op = "update" // ErrNotFound where it isn't
	OpPut    Op = "put"
	OpDelete Op = "delete" // ErrNotFound where it isn't
)

// Change is one change to one thing. The store keeps versions and the times
// and authors of creation and update itself and ignores those in the value;
// it never takes calls from it, nor hits but for Since.
type Change struct {
	Op        Op
	Kind      Kind
	Key       string // entry, window and token: id; line: name
	IfVersion int64  // what must be stored now, else ErrStale; 0: whatever is, be it nothing. Entries and lines only

	// Since is the version that the entry or line had which is created anew:
	// it goes on from there, with creation, hits and last hit as the value has
	// them. 0: it begins with version 1. Where something is there it is
	// ignored.
	Since int64

	Entry  *ani.Entry // what it is afterwards; the one of Kind, nil on OpDelete
	Line   *flow.Line
	Window *flow.Window
	Token  *Token
}

// ChangeError says which change of an edit could not be made.
type ChangeError struct {
	Change Change
	Err    error // ErrNotFound, ErrTaken or ErrStale
}

func (e *ChangeError) Error() string {
	return string(e.Change.Op) + " " + string(e.Change.Kind) + " " + e.Change.Key + ": " + e.Err.Error()
}

func (e *ChangeError) Unwrap() error { return e.Err }

// Line is a stored line. Its version counts its edits from 1.
type Line struct {
	flow.Line
	Version   int64     `json:"version"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Role is what a token may do. Each role may do what those before it may.
type Role string

// The roles, least first.
const (
	RoleLookup Role = "lookup"
	RoleViewer Role = "viewer"
	RoleEditor Role = "editor"
	RoleAdmin  Role = "admin"
)

// Allows reports whether r may do what needs role least.
func (r Role) Allows(least Role) bool { return r.rank() > 0 && r.rank() >= least.rank() }

func (r Role) rank() int {
	switch r {
	case RoleLookup:
		return 1
	case RoleViewer:
		return 2
	case RoleEditor:
		return 3
	case RoleAdmin:
		return 4
	default:
		return 0
	}
}

// Token lets its bearer in. The secret itself is nowhere kept.
type Token struct {
	ID        string
	Name      string
	Role      Role
	Hash      [32]byte // SHA-256 of the secret
	CreatedAt time.Time
	CreatedBy string
	ExpiresAt time.Time // zero: never
}

// Page is a part of a longer listing. Next is the Cursor that asks for the
// part after it; it is empty at the end. Any other Cursor gives ErrNotFound.
type Page[T any] struct {
	Items []T
	Next  string
}

// EntryQuery asks for entries, by the bytes of their patterns. Limit is 1 to
// 1000.
type EntryQuery struct {
	Text   string    // part of pattern, label, source or note, in any case (Unicode's folding); empty: any
	Line   string    // for this line, every-line entries included; empty: any
	State  ani.State // at At; empty: any
	At     time.Time
	Limit  int
	Cursor string
}

// WindowQuery asks for windows. Limit is 1 to 1000.
type WindowQuery struct {
	Line   string
	State  string // scheduled, open or closed at At; empty: any
	At     time.Time
	Limit  int
	Cursor string
}
