package sqlite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

// fill makes n edits, each of which creates one entry.
func fill(t testing.TB, s *Store, n int) {
	t.Helper()
	for c := range imported(n) {
		if _, err := s.Edit(t.Context(), store.Edit{At: noon, Changes: slices.Values([]store.Change{c})}); err != nil {
			t.Fatal(err)
		}
	}
}

// held is the revision of a store and the patterns in it.
func held(ctx context.Context, s *Store) (uint64, []string, error) {
	var patterns []string
	state, err := s.Load(ctx, noon, func(e ani.Entry) bool {
		patterns = append(patterns, e.Pattern.String())
		return true
	})
	return state.Revision.N, patterns, err
}

// sound is the bytes of a database of 50 entries that was closed, and its
// patterns.
func sound(t *testing.T) ([]byte, []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ringthrough.db")
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, s, 50)
	_, patterns, err := held(t.Context(), s)
	if err = errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b, patterns
}

// fileOf is the path of a new file with b in it.
func fileOf(t *testing.T, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ringthrough.db")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// refused opens path, which must fail with want and in one line that names
// the file.
func refused(t *testing.T, path string, want error) {
	t.Helper()
	s, err := Open(t.Context(), path)
	if err == nil {
		s.Close()
	}
	if !errors.Is(err, want) {
		t.Errorf("Open gave %v, want %v", err, want)
		return
	}
	if !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%q is not a line that names the file", err)
	}
}

func TestNoDatabase(t *testing.T) {
	for name, b := range map[string]string{
		"one letter":          "x",
		"a short text":        "lines: []\n",
		"a long text":         strings.Repeat("pattern,label,source\n", 1000),
		"zeros":               strings.Repeat("\x00", 8192),
		"the magic word only": "SQLite format 3\x00",
	} {
		t.Run(name, func(t *testing.T) {
			path := fileOf(t, []byte(b))
			refused(t, path, store.ErrDamaged)
			after, err := os.ReadFile(path)
			if err != nil || string(after) != b {
				t.Errorf("the file was changed to %q, %v", after, err)
			}
		})
	}
}

func TestTruncated(t *testing.T) {
	whole, _ := sound(t)
	size := len(whole)
	half := size / 2 / 4096 * 4096
	for _, length := range []int{1, 15, 16, 17, 99, 100, 101, 511, 512, 1000, 4095, 4096, 4097, half - 1, half, half + 1, size - 4096, size - 1} {
		t.Run(fmt.Sprint(length, " of ", size), func(t *testing.T) {
			refused(t, fileOf(t, whole[:length]), store.ErrDamaged)
		})
	}
}

func TestEmptyFileWithLog(t *testing.T) {
	path := fileOf(t, nil)
	if err := os.WriteFile(path+"-wal", []byte("what was written last"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, path, store.ErrDamaged)
	if _, err := os.Stat(path + "-wal"); err != nil {
		t.Error("the log is gone: ", err)
	}
}

// TestFlippedHeader turns over each byte of the header. Some say nothing that
// matters; what is opened all the same must be all there, and go on working.
func TestFlippedHeader(t *testing.T) {
	whole, want := sound(t)
	const matter = 20 // the magic word, the size of a page, the versions of the format
	for i := range 100 {
		b := bytes.Clone(whole)
		b[i] ^= 0xff
		path := fileOf(t, b)
		s, err := Open(t.Context(), path)
		if err != nil && !typed(err) {
			t.Errorf("byte %d: %v is none of the store's errors", i, err)
		}
		if err != nil {
			continue
		}
		if i < matter {
			t.Errorf("byte %d was not noticed", i)
		}
		n, got, err := held(t.Context(), s)
		if err != nil || n != 50 || !slices.Equal(got, want) {
			t.Errorf("byte %d: opened with revision %d and %d entries, %v", i, n, len(got), err)
		}
		_, err = s.Edit(t.Context(), store.Edit{At: noon, Changes: slices.Values([]store.Change{})})
		if err = errors.Join(err, s.Close()); err != nil {
			t.Errorf("byte %d: %v", i, err)
		}
		if n, got, err = held(t.Context(), openAt(t, path)); err != nil || n != 51 || !slices.Equal(got, want) {
			t.Errorf("byte %d: opened again with revision %d and %d entries, %v", i, n, len(got), err)
		}
	}
}

func typed(err error) bool {
	return errors.Is(err, store.ErrDamaged) || errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrNewer)
}

// TestGarbledPage writes over one page after the other. Only what is in no
// use may go unnoticed.
func TestGarbledPage(t *testing.T) {
	whole, want := sound(t)
	for at := 4096; at < len(whole); at += 4096 {
		b := bytes.Clone(whole)
		copy(b[at:], bytes.Repeat([]byte{0xa5}, 4096))
		s, err := Open(t.Context(), fileOf(t, b))
		if err == nil {
			n, got, err := held(t.Context(), s)
			t.Errorf("page %d: opened with revision %d and %d of %d entries, %v", at/4096+1, n, len(got), len(want), err)
			s.Close()
		} else if !errors.Is(err, store.ErrDamaged) {
			t.Errorf("page %d: Open gave %v, want %v", at/4096+1, err, store.ErrDamaged)
		}
	}
}

// TestFlippedAnywhere turns over bytes of the whole file. SQLite keeps no
// checksums, so a letter may be another one; nothing may panic, and every
// error must say what kind it is.
func TestFlippedAnywhere(t *testing.T) {
	whole, _ := sound(t)
	random := rand.New(rand.NewPCG(1, 2))
	refusals := 0
	for range 150 {
		b := bytes.Clone(whole)
		at := random.IntN(len(b))
		b[at] ^= byte(1 + random.IntN(255))
		s, err := Open(t.Context(), fileOf(t, b))
		if err == nil {
			_, _, err = held(t.Context(), s)
			s.Close()
		}
		if err != nil {
			refusals++
		}
		if err != nil && !typed(err) {
			t.Errorf("byte %d: %v is none of the store's errors", at, err)
		}
	}
	if refusals == 0 {
		t.Error("nothing was noticed")
	}
}

// TestDamagedWhileOpen writes over the file of a store that serves.
func TestDamagedWhileOpen(t *testing.T) {
	whole, _ := sound(t)
	path := fileOf(t, whole)
	s := openAt(t, path)
	s.readers.SetMaxIdleConns(0) // drops what they have cached
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt(bytes.Repeat([]byte{0xa5}, len(whole)-4096), 4096)
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := held(t.Context(), s); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("Load gave %v, want %v", err, store.ErrDamaged)
	}
}

// TestUnreadableColumn has a row say what no program of ours writes.
func TestUnreadableColumn(t *testing.T) {
	for column, value := range map[string]any{
		"lines":      "+15125550123",
		"pattern":    "no +15125550123",
		"expires_at": nil,
	} {
		s := openAt(t, filepath.Join(t.TempDir(), "ringthrough.db"))
		fill(t, s, 1)
		if _, err := s.writer.Exec(`UPDATE entries SET `+column+` = ?`, value); err != nil {
			t.Fatal(err)
		}
		_, _, err := held(t.Context(), s)
		if value == nil {
			if err != nil {
				t.Errorf("%s: %v", column, err)
			}
			continue
		}
		if !errors.Is(err, store.ErrDamaged) || strings.Contains(err.Error(), "5125550123") {
			t.Errorf("%s: gave %v, want %v and no number in it", column, err, store.ErrDamaged)
		}
	}
}
