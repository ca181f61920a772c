package postgres

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/ringthrough/ringthrough/flow/store/fault"
)

// Codes of PostgreSQL (appendix A of its manual).
const (
	codeReadOnly      = "25006"
	codeSerialization = "40001"
	codeDeadlock      = "40P01"
	codeDamagedData   = "XX001"
	codeDamagedIndex  = "XX002"
)

// faults is what PostgreSQL's errors say.
var faults = fault.Faults{
	NoRows:  pgx.ErrNoRows,
	Damaged: func(err error) bool { return isCode(err, codeDamagedData, codeDamagedIndex) },
}

func isCode(err error, codes ...string) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && slices.Contains(codes, e.Code)
}

// maxTries is how often work is tried that the database has undone because
// somebody else's got in its way.
const maxTries = 4

// again does work until it isn't undone. Work that failed otherwise, or whose
// end is unknown, is not repeated.
func again(do func() error) error {
	for try := 1; ; try++ {
		err := do()
		if try == maxTries || !isCode(err, codeSerialization, codeDeadlock) {
			return err
		}
	}
}

// fault is err as callers of the store know it. A server that turns out to be
// read-only is left: what is reached next may be another one.
func (s *Store) fault(ctx context.Context, what string, err error) error {
	if isCode(err, codeReadOnly) {
		s.pool.Reset()
	}
	return faults.In(ctx, what, err)
}
