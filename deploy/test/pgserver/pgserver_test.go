package pgserver_test

import (
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/deploy/test/pgserver"
)

func TestMain(m *testing.M) { pgserver.Main(m) }

// ask runs a statement at a URL, as a client would.
func ask(t *testing.T, address, statement string) string {
	t.Helper()
	out, err := tryAsking(t, address, statement)
	if err != nil {
		t.Fatalf("%s: %v\n%s", statement, err, out)
	}
	return out
}

func tryAsking(t *testing.T, address, statement string) (string, error) {
	t.Helper()
	psql := exec.CommandContext(t.Context(), "psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--dbname", address, "--command", statement)
	out, err := psql.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

func wantAnswer(t *testing.T, address, statement, want string) {
	t.Helper()
	if got := ask(t, address, statement); got != want {
		t.Errorf("%s: %q, want %q", statement, got, want)
	}
}

func TestDatabasesAreEmptyAndApart(t *testing.T) {
	s := pgserver.Shared(t)
	a, b := s.Database(t), s.Database(t)
	ask(t, a, "CREATE TABLE kept (n int)")
	wantAnswer(t, a, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", "1")
	wantAnswer(t, b, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", "0")
	wantAnswer(t, b, "SELECT usesuper FROM pg_user WHERE usename = current_user", "f")
}

func TestDatabaseGoesWithItsTest(t *testing.T) {
	s := pgserver.Shared(t)
	var name string
	t.Run("uses a database", func(t *testing.T) {
		u, err := url.Parse(s.Database(t))
		if err != nil {
			t.Fatal(err)
		}
		name = strings.TrimPrefix(u.Path, "/")
		wantAnswer(t, s.URL(), "SELECT count(*) FROM pg_database WHERE datname = '"+name+"'", "1")
	})
	wantAnswer(t, s.URL(), "SELECT count(*) FROM pg_database WHERE datname = '"+name+"'", "0")
}

func TestSharedIsOneServer(t *testing.T) {
	if one, other := pgserver.Shared(t), pgserver.Shared(t); one != other {
		t.Errorf("two servers, %s and %s", one.Address(), other.Address())
	}
}

func TestSettingsHoldAndCommitsAreDurable(t *testing.T) {
	s := pgserver.Start(t, "max_connections=23")
	wantAnswer(t, s.URL(), "SHOW max_connections", "23")
	wantAnswer(t, s.URL(), "SHOW fsync", "on")
	s.Set(t, "work_mem", "7MB")
	s.Restart(t)
	wantAnswer(t, s.URL(), "SHOW work_mem", "7MB")
}

// TestWhatWasCommittedIsThere ends a server in every way there is, and starts
// it where it was.
func TestWhatWasCommittedIsThere(t *testing.T) {
	s := pgserver.Start(t)
	db := s.Database(t)
	ask(t, db, "CREATE TABLE kept (way text)")
	for way, end := range map[string]func(){
		"killed":              func() { s.Kill(t) },
		"stopped fast":        func() { s.Stop(t, pgserver.Fast) },
		"stopped immediately": func() { s.Stop(t, pgserver.Immediate) },
		"restarted":           func() { s.Restart(t) },
	} {
		t.Run(way, func(t *testing.T) {
			ask(t, db, "INSERT INTO kept VALUES ('"+way+"')")
			end()
			if out, err := tryAsking(t, db, "SELECT 1"); err == nil && way != "restarted" {
				t.Errorf("it answers %q", out)
			}
			s.Restart(t)
			wantAnswer(t, db, "SELECT count(*) FROM kept WHERE way = '"+way+"'", "1")
		})
	}
}

func TestKillLeavesNoProcess(t *testing.T) {
	s := pgserver.Start(t)
	pids := strings.Fields(ask(t, s.URL(), "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()"))
	if len(pids) < 3 {
		t.Fatalf("only processes %v", pids)
	}
	s.Kill(t)
	for _, pid := range pids {
		text, err := os.ReadFile("/proc/" + pid + "/stat")
		if err == nil && !strings.Contains(string(text), ") Z ") {
			t.Errorf("process %s is there: %s", pid, text)
		}
	}
}

func TestTerminateEndsClients(t *testing.T) {
	s := pgserver.Start(t)
	db := s.Database(t)
	ended := make(chan string, 1)
	go func() {
		out, _ := tryAsking(t, db, "SELECT pg_sleep(60)") // fails, as it should
		ended <- out
	}()
	waitFor(t, func() bool {
		return ask(t, s.URL(), "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)' AND pid <> pg_backend_pid()") == "1"
	})
	s.Terminate(t)
	if out := <-ended; !strings.Contains(out, "terminating connection") {
		t.Errorf("the client was told %q", out)
	}
}

// TestStandbyHasWhatWasCommitted fails over: with a synchronous standby
// nothing that was committed is lost with the primary.
func TestStandbyHasWhatWasCommitted(t *testing.T) {
	primary := pgserver.Start(t)
	db := primary.Database(t)
	standby := primary.Standby(t)
	primary.Set(t, "synchronous_standby_names", "*")
	waitFor(t, func() bool { return primary.SQL(t, "SELECT sync_state FROM pg_stat_replication") == "sync" })
	ask(t, db, "CREATE TABLE kept AS SELECT 42 AS n")
	primary.Kill(t)

	replica := strings.Replace(db, primary.Address(), standby.Address(), 1)
	if out, err := tryAsking(t, replica, "CREATE TABLE more (n int)"); err == nil {
		t.Errorf("a standby was written to: %s", out)
	}
	standby.Promote(t)
	wantAnswer(t, replica, "SELECT n FROM kept", "42")
	ask(t, replica, "CREATE TABLE more (n int)")

	both := strings.Replace(db, primary.Address(), primary.Address()+","+standby.Address(), 1) + "&target_session_attrs=read-write"
	wantAnswer(t, both, "SELECT n FROM kept", "42")
}

func waitFor(t *testing.T, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for late := time.After(time.Minute); !holds(); {
		select {
		case <-late:
			t.Fatal("not within a minute")
		case <-tick.C:
		}
	}
}
