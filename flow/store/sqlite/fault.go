package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/ringthrough/ringthrough/flow/store"
)

// errMisuse marks a change that no store could make, such as one without a
// value. It is the caller's fault and not the database's.
var errMisuse = errors.New("not a change")

// fault is err as callers of the store know it: one of the contract's
// errors, or the store being unavailable for the reason that err gives.
func fault(what string, err error) error {
	switch {
	case err == nil:
		return nil
	case known(err):
		return fmt.Errorf("%s: %w", what, err)
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("%s: %w", what, store.ErrNotFound)
	case isCode(err, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
		return fmt.Errorf("%s: %w: %w", what, store.ErrDamaged, err)
	default:
		return fmt.Errorf("%s: %w: %w", what, store.ErrUnavailable, err)
	}
}

// faultIn is fault for work under ctx: once that is done, it is why the work
// failed, whatever the driver made of it.
func faultIn(ctx context.Context, what string, err error) error {
	if cause := ctx.Err(); err != nil && cause != nil && !known(err) && !errors.Is(err, cause) {
		err = fmt.Errorf("%w: %w", cause, err)
	}
	return fault(what, err)
}

func known(err error) bool {
	return slices.ContainsFunc([]error{
		store.ErrNotFound, store.ErrTaken, store.ErrStale,
		store.ErrUnavailable, store.ErrDamaged, store.ErrNewer, errMisuse,
	}, func(sentinel error) bool { return errors.Is(err, sentinel) })
}

// isCode reports whether SQLite gave one of the primary result codes.
func isCode(err error, codes ...int) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && slices.Contains(codes, e.Code()&0xff)
}

// isSameKey reports whether a row was refused because there is one with its
// primary key already.
func isSameKey(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
}

// isDuplicate reports whether a row was refused because another one has its
// value in a column that is unique.
func isDuplicate(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE
}
