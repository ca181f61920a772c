package postgres

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/pgserver"
	"github.com/ringthrough/ringthrough/flow/store"
)

// TestManyAtOnce opens an empty database by eight replicas at once.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	at := pgserver.Shared(t).Database(t)
	stores := make([]*Store, 8)
	for i := range stores {
		stores[i] = openAt(t, at)
	}
	var wg sync.WaitGroup
	for _, s := range stores {
		wg.Go(func() {
			if _, err := s.Key(t.Context(), "signing"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	importInto(t, stores[3], 1)
	state, err := stores[5].VerifyAudit(t.Context())
	if err != nil || state.Records != 1 || state.Broken != 0 {
		t.Errorf("the chain is %+v, %v; want one record", state, err)
	}
}

// later does to a database what a later program's migration does.
func later(t *testing.T, at string, needs string) {
	t.Helper()
	admin := superuser(t, at)
	defer admin.Close(t.Context())
	_, err := admin.Exec(t.Context(), `ALTER TABLE entries ADD COLUMN mood text NOT NULL DEFAULT 'fine'; ALTER TABLE lines ADD COLUMN mood text;
		CREATE TABLE moods (n bigint); INSERT INTO schema_versions (version_id, is_applied) VALUES (2, true);
		UPDATE schema_needs SET needs = `+needs)
	must(t, err)
}

// TestLaterSchema opens a database that a later program has migrated, and that
// this one may go on using, or not.
func TestLaterSchema(t *testing.T) {
	t.Parallel()
	at := pgserver.Shared(t).Database(t)
	s := openAt(t, at)
	importInto(t, s, 3)
	later(t, at, "1")
	for _, s := range []*Store{s, openAt(t, at)} {
		_, err := s.Edit(t.Context(), store.Edit{At: noon, Changes: func(yield func(store.Change) bool) {
			yield(store.Change{Op: store.OpDelete, Kind: store.KindEntry, Key: "d4g00000000000000001"})
		}})
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			t.Errorf("beside a later program: %v", err)
		}
		if _, err := s.EntriesByPattern(t.Context(), nil); err != nil {
			t.Error(err)
		}
	}
	later2 := superuser(t, at)
	defer later2.Close(t.Context())
	_, err := later2.Exec(t.Context(), `UPDATE schema_needs SET needs = 2`)
	must(t, err)
	for range 2 {
		err = openAt(t, at).Ping(t.Context())
		if !errors.Is(err, store.ErrNewer) || errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "needs a program that knows 2") {
			t.Errorf("a database that needs a later program gave %v, want %v", err, store.ErrNewer)
		}
	}
}
