package postgres

import (
	"context"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ringthrough/ringthrough/deploy/test/pgserver"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/storetest"
)

func TestMain(m *testing.M) { pgserver.Main(m) }

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// free are databases with the schema and nothing in them.
var free struct {
	sync.Mutex
	urls []string
}

// database is the URL of an empty database of its own, with the schema in it.
func database(t testing.TB) string {
	t.Helper()
	at := taken()
	if at == "" {
		at = lasting(t)
		s, err := Open(context.WithoutCancel(t.Context()), at)
		must(t, err)
		must(t, s.Ping(t.Context()))
		must(t, s.Close())
	}
	t.Cleanup(func() {
		wipe(t, at)
		free.Lock()
		defer free.Unlock()
		free.urls = append(free.urls, at)
	})
	return at
}

// lasting makes a database that outlives the test.
func lasting(t testing.TB) string {
	t.Helper()
	server := pgserver.Shared(t)
	name := fmt.Sprint("lasting", made.Add(1))
	server.SQL(t, "CREATE DATABASE "+name+" OWNER ringthrough")
	u, err := url.Parse(server.URL())
	must(t, err)
	u.User, u.Path = url.User("ringthrough"), "/"+name
	return u.String()
}

var made atomic.Int64

func taken() (url string) {
	free.Lock()
	defer free.Unlock()
	if n := len(free.urls); n > 0 {
		url, free.urls = free.urls[n-1], free.urls[:n-1]
	}
	return url
}

// wipe empties a database, as only its server's superuser may.
func wipe(t testing.TB, at string) {
	t.Helper()
	conn := superuser(t, at)
	defer conn.Close(context.WithoutCancel(t.Context()))
	_, err := conn.Exec(context.WithoutCancel(t.Context()), `SET session_replication_role = replica; BEGIN;
		DELETE FROM entries; DELETE FROM entry_hits; DELETE FROM lines; DELETE FROM windows; DELETE FROM window_calls; DELETE FROM tokens;
		DELETE FROM calls; DELETE FROM revisions; DELETE FROM audit; DELETE FROM deliveries; DELETE FROM keys; DELETE FROM leases; DELETE FROM sights;
		DELETE FROM journal_head; INSERT INTO journal_head (calls) VALUES (0);
		DELETE FROM audit_head; INSERT INTO audit_head (records, hash) VALUES (0, decode(repeat('00', 32), 'hex'));
		DELETE FROM audit_base; INSERT INTO audit_base (records, hash) VALUES (0, decode(repeat('00', 32), 'hex')); COMMIT`)
	must(t, err)
}

// superuser is a connection that may do everything with the database at url.
func superuser(t testing.TB, at string) *pgx.Conn {
	t.Helper()
	u, err := url.Parse(at)
	must(t, err)
	u.User = url.User("postgres")
	conn, err := pgx.Connect(context.WithoutCancel(t.Context()), u.String())
	must(t, err)
	return conn
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// openAt opens the database at url until the test ends.
func openAt(t testing.TB, url string) *Store {
	t.Helper()
	s, err := Open(context.WithoutCancel(t.Context()), url)
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) (store.Store, func() store.Store) {
		t.Helper()
		at := database(t)
		s := openAt(t, at)
		return s, func() store.Store {
			must(t, s.Close())
			s = openAt(t, at)
			return s
		}
	})
}

func TestShared(t *testing.T) {
	storetest.RunShared(t, func(t *testing.T) (one, two store.Shared) {
		t.Helper()
		at := database(t)
		return openAt(t, at), openAt(t, at)
	})
}
