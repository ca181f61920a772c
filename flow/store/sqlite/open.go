package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/ringthrough/ringthrough/flow/store"
)

// Pragmas hold for one connection each, so every new one gets them.
var (
	writerPragmas = []string{
		"busy_timeout(5000)",
		"journal_mode(wal)",
		"synchronous(full)", // in WAL mode anything less may lose the last commits with the power
		"foreign_keys(1)",
		"temp_store(memory)", // a read-only image may have no place for temporary files
		"cache_size(-32768)", // KiB, of which twice as much is taken; holds most of the indexes while a million entries come in
		"journal_size_limit(67108864)",
	}
	readerPragmas = []string{
		"busy_timeout(5000)",
		"query_only(1)",
		"temp_store(memory)",
		"cache_size(-8192)",
	}
)

// connect makes a pool of at most conns connections. None of them is open
// yet.
func connect(path string, conns int, pragmas []string) (*sql.DB, error) {
	query := url.Values{"_pragma": pragmas, "_txlock": {"immediate"}, "_dqs": {"0"}, "_error_rc": {"1"}}
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// prepare makes sure that there is a file at path, and gives its absolute
// path.
//
// A file that is there is not opened: closing it again would drop the locks
// that SQLite holds on it on behalf of this whole process.
func prepare(path string) (string, fs.FileInfo, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", nil, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		err = f.Close()
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return "", nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", nil, err
	}
	if !info.Mode().IsRegular() {
		return "", nil, fmt.Errorf("%s is not a file", path)
	}
	return path, info, nil
}

// applicationID marks a file as ringthrough's: "RgTh".
const applicationID = 0x52675468

// check makes sure that the file is a sound database of ours before anything
// is written to it, brings its schema up to date, and makes sure that it can
// be written.
func (s *Store) check(ctx context.Context) error {
	if s.file.Size() == 0 && s.logSize() > 0 {
		return fmt.Errorf("%w: the file is empty but its log %s-wal is not", store.ErrDamaged, s.path)
	}
	fresh, err := s.fresh(ctx)
	if err != nil {
		return err
	}
	if err := s.sound(ctx); err != nil {
		return err
	}
	if fresh {
		if _, err := s.writer.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", applicationID)); err != nil {
			return err
		}
	}
	if err := migrate(ctx, s.writer); err != nil {
		return err
	}
	if s.file.Size() <= maxChecked {
		if err := s.witnessed(ctx); err != nil {
			return err
		}
	}
	// To begin a transaction isn't enough: that succeeds on a file that can
	// only be read.
	if _, err := s.writer.ExecContext(ctx, `DELETE FROM keys WHERE false`); err != nil {
		return fmt.Errorf("the file or its directory cannot be written: %w", err)
	}
	return nil
}

// fresh reports whether nothing was ever written to the file. It fails where
// what was written is not ringthrough's.
func (s *Store) fresh(ctx context.Context) (bool, error) {
	var id, tables int
	err := s.readers.QueryRowContext(ctx, `SELECT application_id, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id`).Scan(&id, &tables)
	switch {
	case err != nil:
		return false, err
	case id == applicationID:
		return false, nil
	case tables > 0:
		return false, fmt.Errorf("%w: the file is the database of another program", store.ErrDamaged)
	default:
		return true, nil
	}
}

// maxChecked bounds, in bytes, the databases that are read through at every
// start, and compared with their audit. That takes a second at most; a list of
// thousands and years of its journal stay well below it. Of a larger one
// only the header, the length and the schema are looked at: damage further
// in shows when it is read.
const maxChecked = 64 << 20

// sound looks for damage.
func (s *Store) sound(ctx context.Context) error {
	var pageSize int64
	if err := s.readers.QueryRowContext(ctx, `PRAGMA page_size`).Scan(&pageSize); err != nil {
		return err
	}
	size := s.file.Size()
	if size%pageSize != 0 && s.logSize() == 0 {
		return fmt.Errorf("%w: the file ends in the middle of a page", store.ErrDamaged)
	}
	if size > maxChecked {
		return nil
	}
	var found string
	if err := s.readers.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return fmt.Errorf("%w: %s", store.ErrDamaged, found)
	}
	return nil
}

// logSize is how much stands in the write-ahead log that the last process
// left behind; a missing log is empty.
func (s *Store) logSize() int64 {
	info, err := os.Stat(s.path + "-wal")
	if err != nil {
		return 0
	}
	return info.Size()
}
