// Package sqlite keeps a store in one SQLite file, for a single replica. It
// knows SQL and nothing of what its rows mean to a call.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/ringthrough/ringthrough/flow/store"
)

// Store is a store.Store in a SQLite file.
//
// One connection writes, so edits and records wait for each other in Go,
// where a context can end the wait, and not in SQLite. Readers see what was
// committed before they began and wait for nobody.
type Store struct {
	path    string
	file    fs.FileInfo // of the database as it was opened
	writer  *sql.DB
	readers *sql.DB
}

var _ store.Store = (*Store)(nil)

// maxReaders bounds the connections that read, and so what they cache.
const maxReaders = 4

// Open opens the database at path, and makes it where there is none: the
// file for its owner alone, its directory too if that is missing.
//
// A file that is no database, or is damaged as far as a look of about a
// second can tell, gives store.ErrDamaged; one that a newer program has
// written store.ErrNewer; what can't be reached or written
// store.ErrUnavailable. The error is a whole sentence but for the hint.
func Open(ctx context.Context, path string) (*Store, error) {
	s, err := open(ctx, path)
	if err != nil {
		return nil, faults.Of("open store "+path, err)
	}
	return s, nil
}

func open(ctx context.Context, path string) (*Store, error) {
	path, info, err := prepare(path)
	if err != nil {
		return nil, err
	}
	s := &Store{path: path, file: info}
	if s.writer, err = connect(path, 1, writerPragmas); err != nil {
		return nil, err
	}
	if s.readers, err = connect(path, maxReaders, readerPragmas); err != nil {
		return nil, errors.Join(err, s.writer.Close())
	}
	if err := s.check(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Ping reads from the database, and makes sure that its file is still the
// one that was opened: what is written to a file that has been taken away is
// lost.
func (s *Store) Ping(ctx context.Context) error {
	var n int
	if err := s.readers.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&n); err != nil {
		return faults.Of("ping store", err)
	}
	info, err := os.Stat(s.path)
	if err == nil && !os.SameFile(info, s.file) {
		err = fmt.Errorf("%s is no longer the file that was opened", s.path)
	}
	return faults.Of("ping store", err)
}

// Close writes the log back into the database file and lets go of it.
func (s *Store) Close() error {
	err := s.readers.Close()
	return faults.Of("close store", errors.Join(err, s.writer.Close()))
}
