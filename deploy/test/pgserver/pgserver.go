// Package pgserver runs throw-away PostgreSQL servers for tests: on loopback,
// in a directory of their own, as somebody who isn't root, and gone with the
// test. They can be killed, restarted and copied to a standby. The package
// knows nothing of what is kept in them, and signals nothing but what it has
// started.
package pgserver

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

// Server is one PostgreSQL server. Its methods are called by one goroutine at
// a time, but for URL and Database.
type Server struct {
	programs  programs
	dir       string // of the server alone; everything that it writes is below it
	port      int
	settings  []string
	run       *running // nil while it is down
	databases atomic.Int64
}

// role is whom the URLs of Database log in as. It owns its databases and is
// no superuser, so that limits hold for it.
const role = "ringthrough"

// startTries is how often another port is tried: somebody else may have taken
// the one that was free.
const startTries = 5

// Start runs a server until the test ends. Settings are those of
// postgresql.conf, such as "max_connections=20". Nothing is turned off that
// makes commits durable.
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	s := begin(t, settings)
	s.removeAfter(t)
	return s
}

func begin(t testing.TB, settings []string) *Server {
	t.Helper()
	s := &Server{programs: find(t), settings: settings}
	s.dir = s.programs.folder(t)
	s.programs.do(t, "initdb", "--pgdata", s.data(), "--username", superuser, "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions")
	s.up(t)
	s.SQL(t, "CREATE ROLE "+role+" LOGIN")
	return s
}

// up starts the server on the first port that it gets.
func (s *Server) up(t testing.TB) {
	t.Helper()
	for range startTries - 1 {
		s.port = peer.Port(t)
		if err := s.start(); err == nil {
			return
		}
	}
	s.port = peer.Port(t)
	s.must(t, s.start())
}

// superuser is the name of the role that may do everything.
const superuser = "postgres"

// URL is the database that every server has, for its superuser.
func (s *Server) URL() string { return s.url(superuser, "postgres") }

// Address is where the server listens, as host:port.
func (s *Server) Address() string { return "127.0.0.1:" + strconv.Itoa(s.port) }

func (s *Server) url(user, database string) string {
	return fmt.Sprintf("postgres://%s@%s/%s?sslmode=disable", user, s.Address(), database)
}

// Database makes an empty database, which goes when the test ends, and gives
// its URL. Whoever logs in with it owns the database and is no superuser.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := "test" + strconv.FormatInt(s.databases.Add(1), 10)
	s.SQL(t, "CREATE DATABASE "+name+" OWNER "+role)
	t.Cleanup(func() {
		// A server that is down takes its databases along.
		_ = s.programs.command("psql", s.psql("DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")...).Run()
	})
	return s.url(role, name)
}

// SQL runs a statement as superuser, in no transaction, and gives what it
// prints: rows by line, fields with | between them.
func (s *Server) SQL(t testing.TB, statement string) string {
	t.Helper()
	return strings.TrimSpace(s.programs.do(t, "psql", s.psql(statement)...))
}

func (s *Server) psql(statement string) []string {
	return []string{"--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1", "--dbname", s.URL(), "--command", statement}
}

// Set changes a setting of the running server that needs no restart. It
// outlives one.
func (s *Server) Set(t testing.TB, name, value string) {
	t.Helper()
	s.SQL(t, "ALTER SYSTEM SET "+name+" = '"+value+"'")
	s.SQL(t, "SELECT pg_reload_conf()")
}

// Terminate ends the connections of all clients.
func (s *Server) Terminate(t testing.TB) {
	t.Helper()
	s.SQL(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")
}

// Standby runs another server that follows this one by streaming replication.
// It is there once it may be asked.
func (s *Server) Standby(t testing.TB) *Server {
	t.Helper()
	standby := &Server{programs: s.programs, settings: s.settings, dir: s.programs.folder(t)}
	s.programs.do(t, "pg_basebackup", "--pgdata", standby.data(), "--dbname", s.URL(), "--checkpoint", "fast", "--wal-method", "stream", "--write-recovery-conf", "--no-sync")
	standby.removeAfter(t)
	standby.up(t)
	return standby
}

// Promote makes a standby a server that is written to. It returns when that
// is done.
func (s *Server) Promote(t testing.TB) {
	t.Helper()
	if got := s.SQL(t, "SELECT pg_promote(true, 60)"); got != "t" {
		t.Fatalf("promote the standby: it is none after a minute\n%s", s.Log())
	}
}

// Log is what the server has logged since it was first started.
func (s *Server) Log() string {
	text, err := os.ReadFile(s.logFile())
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func (s *Server) data() string    { return filepath.Join(s.dir, "data") }
func (s *Server) logFile() string { return filepath.Join(s.dir, "log") }

// must ends the test with the server's log where something failed.
func (s *Server) must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v\n%s", err, s.Log())
	}
}

// Stop ends the server in one of PostgreSQL's ways.
func (s *Server) Stop(t testing.TB, m Mode) {
	t.Helper()
	if s.run != nil {
		s.must(t, s.run.stop(syscall.Signal(m)))
		s.run = nil
	}
}

// Kill ends the server and all its processes with SIGKILL, as a power cut
// would but for what the kernel has still to write.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	if s.run != nil {
		s.must(t, s.run.kill())
		s.run = nil
	}
}

// Restart starts a server that is down, or stops it and starts it, on the port
// that it had.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.Stop(t, Fast)
	s.must(t, s.start())
}

// remove kills the server and takes away what it has written.
func (s *Server) remove() error {
	var err error
	if s.run != nil {
		err = s.run.kill()
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}

// removeAfter removes the server when the test ends.
func (s *Server) removeAfter(t testing.TB) {
	t.Helper()
	t.Cleanup(func() {
		if err := s.remove(); err != nil {
			t.Errorf("remove PostgreSQL: %v", err)
		}
	})
}

// start runs the postmaster until it takes connections.
func (s *Server) start() error {
	log, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	defer log.Close()
	cmd := s.programs.command("postgres", s.arguments()...)
	cmd.Stdout, cmd.Stderr = log, log
	s.run, err = launch(cmd, filepath.Join(s.data(), "postmaster.pid"))
	return err
}

// arguments are the command line of the postmaster. A setting that stands here
// is above those of the server's files, which a standby has from its primary.
func (s *Server) arguments() []string {
	args := []string{"-D", s.data()}
	for _, setting := range append([]string{
		"listen_addresses=127.0.0.1", "port=" + strconv.Itoa(s.port), "unix_socket_directories=" + s.dir,
		"log_min_messages=warning", "logging_collector=off",
	}, s.settings...) {
		args = append(args, "-c", setting)
	}
	return args
}

// command runs a program in the servers' folder, as the account that they
// belong to.
func (p programs) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(p.bin, name), args...)
	cmd.Dir = os.TempDir()
	cmd.Env = append(os.Environ(), "LC_ALL=C", "PGCONNECT_TIMEOUT=30")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.account}
	return cmd
}
