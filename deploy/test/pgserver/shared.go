package pgserver

import (
	"fmt"
	"sync"
	"testing"
)

// shared is the server of one test binary.
var shared struct {
	sync.Mutex
	runs   bool // Main does
	server *Server
}

// Main runs the tests of a package whose tests share a server, and stops that
// at the end:
//
//	func TestMain(m *testing.M) { pgserver.Main(m) }
func Main(m *testing.M) {
	shared.Lock()
	shared.runs = true
	shared.Unlock()
	m.Run()
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil {
		return
	}
	if err := shared.server.remove(); err != nil {
		panic(fmt.Errorf("remove PostgreSQL: %w", err))
	}
}

// Shared is one server for all tests of a package, which must not stop it. It
// doesn't sync, which is quick and holds for as long as nobody kills it. Up to
// 200 connections are taken.
func Shared(t testing.TB) *Server {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if !shared.runs {
		t.Fatal("share a PostgreSQL server: TestMain must call pgserver.Main, which stops it")
	}
	if shared.server == nil {
		shared.server = begin(t, []string{"fsync=off", "max_connections=200"})
	}
	return shared.server
}
