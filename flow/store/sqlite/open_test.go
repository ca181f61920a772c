package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/flow/store"
)

func TestFilesAreForTheirOwner(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "data")
	s := openAt(t, filepath.Join(dir, "ringthrough.db"))
	fill(t, s, 1)
	want := map[string]os.FileMode{
		filepath.Dir(dir): 0o700 | os.ModeDir, dir: 0o700 | os.ModeDir,
		s.path: 0o600, s.path + "-wal": 0o600, s.path + "-shm": 0o600,
	}
	got := map[string]os.FileMode{}
	for path := range want {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		got[path] = info.Mode()
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("modes (-want +got):\n%s", d)
	}
}

// TestPath holds that a path is a path and nothing else: no part of it is
// read as settings of the connection.
func TestPath(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, path := range []string{
		"plain.db", "sub dir/übung.db", "what?mode=memory&x=1#frag.db", "100%25.db", "%00.db", "file:x.db", ":memory:", "a&_pragma=query_only(1).db",
	} {
		s, err := Open(t.Context(), path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		fill(t, s, 1)
		if err := s.Close(); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%s holds nothing: %v", path, err)
		}
	}
}

func TestUnreachable(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"a file where a directory should be": filepath.Join(file, "ringthrough.db"),
		"a directory":                        dir,
		"a directory that cannot be made":    "/proc/ringthrough/ringthrough.db",
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, path, store.ErrUnavailable)
		})
	}
}

func TestNewerSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ringthrough.db")
	s := openAt(t, path)
	fill(t, s, 1)
	if _, err := s.writer.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)`); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	refused(t, path, store.ErrNewer)
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Error("the file was changed", err)
	}
}

func TestDatabaseOfAnotherProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "other.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`CREATE TABLE bookmarks (url TEXT)`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	refused(t, path, store.ErrDamaged)
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Error("the file was changed", err)
	}
}

func TestEndedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	path := filepath.Join(t.TempDir(), "ringthrough.db")
	if _, err := Open(ctx, path); !errors.Is(err, store.ErrUnavailable) || !errors.Is(err, context.Canceled) {
		t.Errorf("Open gave %v, want an error that is both canceled and unavailable", err)
	}
	s := openAt(t, path)
	if n, _, err := held(t.Context(), s); n != 0 || err != nil {
		t.Errorf("opened at last with revision %d, %v", n, err)
	}
}

// TestPragmas asks new connections what holds for them.
func TestPragmas(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "ringthrough.db"))
	s.writer.SetMaxIdleConns(0)
	s.readers.SetMaxIdleConns(0)
	for _, c := range []struct {
		db           *sql.DB
		pragma, want string
	}{
		{s.writer, "journal_mode", "wal"}, {s.writer, "synchronous", "2"}, {s.writer, "foreign_keys", "1"},
		{s.writer, "busy_timeout", "5000"}, {s.writer, "query_only", "0"},
		{s.readers, "query_only", "1"}, {s.readers, "busy_timeout", "5000"},
	} {
		var got string
		if err := c.db.QueryRowContext(t.Context(), "PRAGMA "+c.pragma).Scan(&got); err != nil || got != c.want {
			t.Errorf("%s is %s, %v; want %s", c.pragma, got, err, c.want)
		}
	}
}
