package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

const patience = 30 * time.Second

// TestKilledConnections ends the connections of replicas in the middle of
// their edits and records. What was acknowledged is there, once.
func TestKilledConnections(t *testing.T) {
	t.Parallel()
	at := database(t)
	admin := superuser(t, at)
	defer admin.Close(t.Context())
	const editors, each = 4, 40
	var acknowledged sync.Map
	var wg sync.WaitGroup
	done := make(chan struct{})
	for i := range editors {
		s := openAt(t, at)
		must(t, s.Ping(t.Context()))
		wg.Go(func() {
			for n := range each {
				writeBoth(t, s, &acknowledged, i*1000+n)
			}
		})
	}
	go func() {
		wg.Wait()
		close(done)
	}()
	kills := 0
	for running := true; running; kills++ {
		select {
		case <-done:
			running = false
		case <-time.After(5 * time.Millisecond):
		}
		_, err := admin.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND random() < 0.3`)
		must(t, err)
	}
	if kills < 5 {
		t.Errorf("connections were ended %d times only", kills)
	}
	allThere(t, openAt(t, at), &acknowledged)
}

// writeBoth makes an edit and a record, and notes what was acknowledged.
func writeBoth(t *testing.T, s *Store, acknowledged *sync.Map, n int) {
	t.Helper()
	id := fmt.Sprint("x", n)
	token := store.Change{Op: store.OpCreate, Kind: store.KindToken, Key: id, Token: &store.Token{Name: id}}
	_, err := s.Edit(t.Context(), store.Edit{At: noon, Changes: slices.Values([]store.Change{token})})
	if err == nil {
		acknowledged.Store("token "+id, true)
	} else if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Edit gave %v, want %v", err, store.ErrUnavailable)
	}
	err = s.Record(t.Context(), []store.Mark{{Call: &store.Call{ID: id, At: noon, Kind: store.CallDirect}}})
	if err == nil {
		acknowledged.Store("call "+id, true)
	} else if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Record gave %v, want %v", err, store.ErrUnavailable)
	}
}

// allThere holds that the store has what was acknowledged, as many revisions
// as tokens, and a chain and a journal without gaps.
func allThere(t *testing.T, s *Store, acknowledged *sync.Map) {
	t.Helper()
	tokens, err := s.Tokens(t.Context())
	must(t, err)
	calls, last, err := s.CallsChanged(t.Context(), 0, 1000)
	must(t, err)
	there := map[string]bool{}
	for _, v := range tokens {
		there["token "+v.ID] = true
	}
	for _, c := range calls {
		there["call "+c.ID] = true
	}
	n := 0
	acknowledged.Range(func(key, _ any) bool {
		n++
		if !there[key.(string)] {
			t.Errorf("%v was acknowledged and isn't there", key)
		}
		return true
	})
	if n == 0 {
		t.Error("nothing was acknowledged")
	}
	at, err := s.Position(t.Context())
	state, verified := s.VerifyAudit(t.Context())
	must(t, errors.Join(err, verified))
	if at.Revision != uint64(len(tokens)) || at.Calls != uint64(len(calls)) || last != at.Calls || state.Broken != 0 || state.Records != int64(len(tokens)) {
		t.Errorf("found %+v, %+v with %d tokens and %d calls up to %d", at, state, len(tokens), len(calls), last)
	}
}

// TestFollowAgain ends the connection of a follower: it is told once it is
// there again, and of what comes then.
func TestFollowAgain(t *testing.T) {
	t.Parallel()
	at := database(t)
	s, other := openAt(t, at), openAt(t, at)
	told := make(chan struct{}, 1000)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go s.Follow(ctx, func() { told <- struct{}{} })
	wait := func(what string) {
		t.Helper()
		select {
		case <-told:
		case <-time.After(patience):
			t.Fatalf("%s: nobody was told", what)
		}
	}
	wait("at first")
	admin := superuser(t, at)
	defer admin.Close(t.Context())
	for range 3 {
		tag, err := admin.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`)
		if err != nil || tag.RowsAffected() != 1 {
			t.Fatalf("%d connections were ended, %v; want that of the follower", tag.RowsAffected(), err)
		}
		wait("once it is there again")
		importInto(t, other, 0)
		wait("of an edit")
	}
}

// frozen is a way to a server that can stop to pass anything on.
type frozen struct {
	net.Listener
	to     string
	thawed sync.RWMutex // locked while nothing is passed on
}

// pass takes one connection.
func (f *frozen) pass() bool {
	in, err := f.Accept()
	if err != nil {
		return false
	}
	out, err := net.Dial("tcp", f.to)
	if err != nil {
		in.Close()
		return true
	}
	for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
		go f.copy(way[0], way[1])
	}
	return true
}

func (f *frozen) copy(from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	b := make([]byte, 4096)
	for {
		n, err := from.Read(b)
		f.thawed.RLock()
		_, failed := to.Write(b[:n])
		f.thawed.RUnlock()
		if err != nil || failed != nil {
			return
		}
	}
}

// TestHalfOpen has the network pass nothing on and say nothing of it.
func TestHalfOpen(t *testing.T) {
	t.Parallel()
	u := must1(url.Parse(database(t)))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	way := &frozen{Listener: l, to: u.Host}
	t.Cleanup(func() { l.Close() })
	go func() {
		for way.pass() {
		}
	}()
	u.Host = l.Addr().String()
	s := openAt(t, u.String())
	importInto(t, s, 10)
	way.thawed.Lock()
	for range 3 {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		for what, err := range some(ctx, s) {
			unavailable(t, what, err)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s gave %v, want %v", what, err, context.DeadlineExceeded)
			}
		}
		cancel()
	}
	way.thawed.Unlock()
	state, err := s.Load(t.Context(), noon, func(ani.Entry) bool { return true })
	if err != nil || state.EntryHint != 10 {
		t.Errorf("afterwards: found %d entries, %v; want 10", state.EntryHint, err)
	}
	importInto(t, s, 0)
}
