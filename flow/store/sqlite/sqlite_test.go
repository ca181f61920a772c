package sqlite

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) (store.Store, func() store.Store) {
		path := filepath.Join(t.TempDir(), "ringthrough.db")
		var s *Store
		open := func() store.Store {
			s = openAt(t, path)
			return s
		}
		return open(), func() store.Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return open()
		}
	})
}

// openAt opens the database at path until the test ends.
func openAt(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
