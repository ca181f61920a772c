package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/editing"
)

// makeEdit makes one edit of the changes that imported gives.
func makeEdit(ctx context.Context, s *Store, n int) error {
	_, err := s.Edit(ctx, store.Edit{At: noon, Changes: imported(n)})
	return err
}

// recording records n direct calls.
func recording(ctx context.Context, s *Store, n int) error {
	marks := make([]store.Mark, n)
	for i := range marks {
		marks[i].Call = &store.Call{ID: fmt.Sprint("call", i), At: noon, Kind: store.CallDirect}
	}
	return s.Record(ctx, marks)
}

// TestFaults has the database refuse to be written, and then not any more.
func TestFaults(t *testing.T) {
	for name, fault := range map[string]struct {
		begin, end string
	}{
		// No page more than there are: SQLite answers as for a full disk.
		"full":      {"PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1000000"},
		"read-only": {"PRAGMA query_only = 1", "PRAGMA query_only = 0"},
	} {
		t.Run(name, func(t *testing.T) {
			s := openAt(t, filepath.Join(t.TempDir(), "ringthrough.db"))
			if _, err := s.writer.Exec(fault.begin); err != nil {
				t.Fatal(err)
			}
			for _, n := range []int{1000, 2000} {
				unavailable(t, "Edit", makeEdit(t.Context(), s, n))
				unavailable(t, "Record", recording(t.Context(), s, n))
			}
			large := strings.Repeat("x", 1<<20)
			unavailable(t, "Refuse", s.Refuse(t.Context(), store.AuditRecord{At: noon, Note: large}))
			unavailable(t, "Enqueue", s.Enqueue(t.Context(), []store.Delivery{{Notice: "n", At: noon, Body: json.RawMessage(large)}}))
			nothing(t, s)
			if _, err := s.writer.Exec(fault.end); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(makeEdit(t.Context(), s, 1000), recording(t.Context(), s, 1000)); err != nil {
				t.Errorf("once the fault has gone: %v", err)
			}
			if n, entries, err := held(t.Context(), s); n != 1 || len(entries) != 1000 || err != nil {
				t.Errorf("found revision %d and %d entries, %v; want 1 and 1000", n, len(entries), err)
			}
		})
	}
}

// TestParked has as many entries wait for their patterns as may, and then one
// more.
func TestParked(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "ringthrough.db"))
	if err := makeEdit(t.Context(), s, editing.MaxWaiting+2); err != nil {
		t.Fatal(err)
	}
	// Each entry takes the pattern of the next, the last one that of the first.
	rotate := func(n int) error {
		var round []ani.Entry
		for c := range imported(n) {
			round = append(round, *c.Entry)
		}
		_, err := s.Edit(t.Context(), store.Edit{At: noon, Changes: func(yield func(store.Change) bool) {
			for i, e := range round {
				e.Pattern = round[(i+1)%n].Pattern
				if !yield(store.Change{Op: store.OpUpdate, Kind: store.KindEntry, Key: e.ID, Entry: &e}) {
					return
				}
			}
		}})
		return err
	}
	if err := rotate(editing.MaxWaiting + 2); !errors.Is(err, store.ErrTaken) {
		t.Errorf("with too many: gave %v, want %v", err, store.ErrTaken)
	}
	if err := rotate(editing.MaxWaiting + 1); err != nil {
		t.Errorf("with as many as may wait: %v", err)
	}
}

// TestLocked has another process hold the lock for longer than a call has.
func TestLocked(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "ringthrough.db"))
	other := openAt(t, s.path)
	tx, err := other.writer.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err = recording(ctx, s, 1)
	unavailable(t, "Record", err)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Record gave %v, want %v", err, context.DeadlineExceeded)
	}
	nothing(t, s)
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := recording(t.Context(), s, 1); err != nil {
		t.Errorf("once the lock has gone: %v", err)
	}
}

// TestKeyOfTwoProcesses has two stores on one file make a key at once.
func TestKeyOfTwoProcesses(t *testing.T) {
	first := openAt(t, filepath.Join(t.TempDir(), "ringthrough.db"))
	stores := []*Store{first, openAt(t, first.path)}
	got := make([][]byte, len(stores))
	done := make(chan error)
	for i, s := range stores {
		go func() {
			var err error
			got[i], err = s.Key(t.Context(), "signing")
			done <- err
		}()
	}
	for range stores {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if len(got[0]) != 32 || !slices.Equal(got[0], got[1]) {
		t.Errorf("the keys are %x and %x", got[0], got[1])
	}
}

// TestFileTakenAway removes the database, and puts another one in its place.
func TestFileTakenAway(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "ringthrough.db"))
	if err := os.Rename(s.path, s.path+".old"); err != nil {
		t.Fatal(err)
	}
	unavailable(t, "Ping", s.Ping(t.Context()))
	if err := os.WriteFile(s.path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	unavailable(t, "Ping", s.Ping(t.Context()))
	if err := errors.Join(os.Remove(s.path), os.Rename(s.path+".old", s.path)); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("with its file back: %v", err)
	}
}

func unavailable(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrDamaged) {
		t.Errorf("%s gave %v, want %v", what, err, store.ErrUnavailable)
	}
}

// nothing fails the test where anything is in the store.
func nothing(t *testing.T, s *Store) {
	t.Helper()
	n, entries, err := held(t.Context(), s)
	if err != nil || n != 0 || len(entries) != 0 {
		t.Errorf("found revision %d and %d entries, %v; want an empty store", n, len(entries), err)
	}
	page, err := s.Calls(t.Context(), store.CallQuery{Limit: 1})
	if err != nil || len(page.Items) != 0 {
		t.Errorf("found calls %v, %v; want none", page.Items, err)
	}
	holds(t, s, 0)
}
