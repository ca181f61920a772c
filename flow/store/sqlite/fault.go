package sqlite

import (
	"database/sql"
	"errors"
	"slices"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/ringthrough/ringthrough/flow/store/fault"
)

// faults is what SQLite's errors say.
var faults = fault.Faults{
	NoRows:  sql.ErrNoRows,
	Damaged: func(err error) bool { return isCode(err, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) },
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
