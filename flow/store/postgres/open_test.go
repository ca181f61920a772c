package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/deploy/test/pgserver"
	"github.com/ringthrough/ringthrough/flow/store"
)

const password = "s3cr3t/%@word"

// TestBadURL holds that a URL of no use is refused at once, with a sentence
// that hasn't got the password.
func TestBadURL(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ url, want string }{
		"another scheme":          {"mysql://u:" + url.QueryEscape(password) + "@h/d", "write it as postgres://"},
		"no scheme":               {"host=h password=" + password, "write it as postgres://"},
		"a password unescaped":    {"postgres://u:s3cr3t/%@word@h/d", "write it as postgres://"},
		"a port that is none":     {"postgres://u:s3cr3t@h:s3cr3t/d", "write it as postgres://"},
		"an unknown sslmode":      {"postgres://u:s3cr3t@h/d?sslmode=s3cr3t", "sslmode"},
		"too small a pool":        {"postgres://u:s3cr3t@h/d?pool_max_conns=1", "at least 2"},
		"a pool of words":         {"postgres://u:s3cr3t@h/d?pool_max_conns=s3cr3t", "pool_max_conns"},
		"a certificate not there": {"postgres://u:s3cr3t@h/d?sslmode=verify-full&sslrootcert=/nowhere/s3cr3t.pem", "/nowhere/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Open(t.Context(), c.url)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("gave %v, want an error that says %q and not the password", err, c.want)
			}
		})
	}
}

// nowhere is an address where nobody listens.
func nowhere(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return l.Addr().String()
}

// unavailable fails the test unless err says so, in one line without password.
func unavailable(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("%s gave %v, want %v", what, err, store.ErrUnavailable)
	}
	if err != nil && strings.Contains(err.Error(), "s3cr3t") {
		t.Errorf("%s gave %v, which has the password", what, err)
	}
}

// some are methods of each sort.
func some(ctx context.Context, s *Store) map[string]error {
	_, load := s.Load(ctx, noon, func(ani.Entry) bool { return true })
	_, entry := s.Entry(ctx, "x")
	if errors.Is(entry, store.ErrNotFound) {
		entry = nil
	}
	_, lease := s.Lease(ctx, "chore", "me", time.Second)
	_, edit := s.Edit(ctx, store.Edit{At: noon, Changes: imported(0)})
	return map[string]error{
		"Load": load, "Entry": entry, "Lease": lease, "Edit": edit, "Ping": s.Ping(ctx),
		"Record": s.Record(ctx, []store.Mark{{Call: &store.Call{ID: "c", At: noon}}}),
		"Refuse": s.Refuse(ctx, store.AuditRecord{At: noon}),
	}
}

// TestNobodyThere opens a database that can't be reached.
func TestNobodyThere(t *testing.T) {
	t.Parallel()
	s := openAt(t, "postgres://u:"+url.QueryEscape(password)+"@"+nowhere(t)+"/d")
	for what, err := range some(t.Context(), s) {
		unavailable(t, what, err)
		if err == nil || !strings.Contains(err.Error(), "connection refused") {
			t.Errorf("%s gave %v, want the reason", what, err)
		}
	}
}

// TestSilence opens a database that takes connections and never answers.
func TestSilence(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	s := openAt(t, "postgres://u@"+l.Addr().String()+"/d?connect_timeout=1")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	for what, err := range some(ctx, s) {
		unavailable(t, what, err)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s gave %v, want %v", what, err, context.DeadlineExceeded)
		}
	}
	unavailable(t, "Ping without a deadline", s.Ping(t.Context()))
}

// TestDownAndUp opens the store of a server that is down, starts it, kills it
// and starts it again.
func TestDownAndUp(t *testing.T) {
	t.Parallel()
	server := pgserver.Start(t)
	s := openAt(t, server.Database(t))
	server.Stop(t, pgserver.Fast)
	for what, err := range some(t.Context(), s) {
		unavailable(t, what, err)
	}
	server.Restart(t)
	for what, err := range some(t.Context(), s) {
		if err != nil {
			t.Errorf("%s once it is up: %v", what, err)
		}
	}
	importInto(t, s, 10)
	server.Kill(t)
	for what, err := range some(t.Context(), s) {
		unavailable(t, what, err)
	}
	server.Restart(t)
	state, err := s.Load(t.Context(), noon, func(ani.Entry) bool { return true })
	if err != nil || state.EntryHint != 10 || state.Revision.N != 2 {
		t.Errorf("found %+v, %v; want revision 2 with 10 entries", state, err)
	}
}

// TestReadOnly has the database refuse to be written, and then not any more.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	at := database(t)
	s := openAt(t, at)
	must(t, s.Ping(t.Context()))
	admin := superuser(t, at)
	defer admin.Close(t.Context())
	name := filepath.Base(must1(url.Parse(at)).Path)
	exec := func(stmt string) {
		t.Helper()
		_, err := admin.Exec(t.Context(), stmt)
		must(t, err)
	}
	exec(`ALTER DATABASE ` + name + ` SET default_transaction_read_only = on`)
	s.pool.Reset()
	failed := some(t.Context(), s)
	for _, what := range []string{"Edit", "Record", "Refuse", "Ping", "Lease"} {
		unavailable(t, what, failed[what])
	}
	must(t, errors.Join(failed["Load"], failed["Entry"]))
	exec(`ALTER DATABASE ` + name + ` RESET default_transaction_read_only`)
	_ = s.Ping(t.Context()) // is how it finds out
	for what, err := range some(t.Context(), s) {
		if err != nil {
			t.Errorf("%s afterwards: %v", what, err)
		}
	}
}

// TestNoConnectionLeft has the server refuse another connection.
func TestNoConnectionLeft(t *testing.T) {
	t.Parallel()
	at := database(t)
	admin := superuser(t, at)
	defer admin.Close(t.Context())
	name := filepath.Base(must1(url.Parse(at)).Path)
	_, err := admin.Exec(t.Context(), `ALTER DATABASE `+name+` CONNECTION LIMIT 0`)
	must(t, err)
	s := openAt(t, at)
	for what, err := range some(t.Context(), s) {
		unavailable(t, what, err)
	}
	_, err = admin.Exec(t.Context(), `ALTER DATABASE `+name+` CONNECTION LIMIT -1`)
	must(t, err)
	must(t, s.Ping(t.Context()))
}

func must1[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestSmallPool has many more edits at once than there are connections, each
// of which reads the store on its way.
func TestSmallPool(t *testing.T) {
	t.Parallel()
	s := openAt(t, database(t)+"&pool_max_conns=2")
	const editors = 12
	var wg sync.WaitGroup
	for i := range editors {
		wg.Go(func() {
			_, err := s.Edit(t.Context(), store.Edit{At: noon, Changes: func(yield func(store.Change) bool) {
				if _, err := s.Lines(t.Context()); err != nil {
					t.Error(err)
				}
				l := store.Change{Op: store.OpPut, Kind: store.KindToken, Key: fmt.Sprint(i), Token: &store.Token{}}
				yield(l)
			}})
			if err == nil {
				err = s.Refuse(t.Context(), store.AuditRecord{At: noon})
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := s.pool.Stat().MaxConns(); n != 2 {
		t.Errorf("the pool has up to %d connections, want 2", n)
	}
	found, err := s.Tokens(t.Context())
	if err != nil || len(found) != editors {
		t.Errorf("found %d tokens, %v; want %d", len(found), err, editors)
	}
}

// TestPool holds the size of the pool where the URL doesn't say.
func TestPool(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int32{"postgres://h/d": 10, "postgres://h/d?pool_max_conns=25": 25} {
		c, err := configOf(text)
		if err != nil || c.MaxConns != want || c.ConnConfig.ConnectTimeout != connectTimeout {
			t.Errorf("%s: gave %+v, %v; want %d connections", text, c, err, want)
		}
	}
}
