// Package rig is the real server for tests of what is loaded into platforms:
// lookups, sign-in and journal as they are, on a port of its own, with the
// sample line that pages and fixtures show. It knows no platform.
package rig

import (
	"context"
	"crypto/sha256"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/server"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/sqlite"
	"github.com/ringthrough/ringthrough/flow/switchboard"
)

// The sample line and its IVR.
const (
	Token  = "rt_lookup-token-of-the-tests" // of the role lookup
	Caller = "+16505550123"                 // is on the list
	Label  = "Meta call 1"                  // the caller's, unless a rig is told otherwise
	Line   = "support-us"
	Called = "+18005550100" // the line's number
)

// Queue is where platforms that know queues by id alone are sent.
const Queue = "f3b2c1d0-1111-4222-8333-444455556666"

// Sample is whom the line rings unless a rig is told otherwise.
func Sample() []flow.Target {
	return []flow.Target{
		{Kind: flow.KindNumber, Address: "+15125550123"},
		{Kind: flow.KindQueue, Address: "WhatsApp activation"},
	}
}

// Rig is a server that answers until the test ends.
type Rig struct {
	URL    string
	client *http.Client
	kept   store.Store
	board  *switchboard.Switchboard
}

// New opens a rig with these hooks beside plain /v1/lookup, and the sample line.
func New(t testing.TB, hooks ...server.HookConfig) Rig {
	t.Helper()
	return NewWith(t, Label, Sample(), hooks...)
}

// NewWith is New with a label for the caller and whom the line rings.
func NewWith(t testing.TB, label string, targets []flow.Target, hooks ...server.HookConfig) Rig {
	t.Helper()
	kept, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	board, err := switchboard.Open(t.Context(), switchboard.Options{Store: kept, Spool: filepath.Join(t.TempDir(), "spool"), Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = board.Close(context.WithoutCancel(t.Context())) })
	if _, err := board.Edit(t.Context(), store.Author{Name: "rig", Role: store.RoleAdmin}, "", content(label, targets)...); err != nil {
		t.Fatal(err)
	}
	s, err := server.New(t.Context(), server.Options{Board: board, Hooks: hooks, Scratch: t.TempDir(), Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	listener := httptest.NewServer(s.All())
	t.Cleanup(func() { s.Drain(); listener.CloseClientConnections(); listener.Close() })
	return Rig{URL: listener.URL, client: listener.Client(), kept: kept, board: board}
}

// content is the token, the line and the list.
func content(label string, targets []flow.Target) []store.Change {
	token := store.Token{ID: "t1", Name: "ivr", Role: store.RoleLookup, Hash: sha256.Sum256([]byte(Token))}
	entry := ani.NewEntry()
	entry.ID, entry.Label, entry.Pattern = "e1", label, ani.PatternOf(ani.MustParse(Caller))
	line := flow.NewLine()
	line.Name, line.Numbers, line.Targets = Line, []ani.Number{ani.MustParse(Called)}, targets
	line.Announce = "WhatsApp activation call: write down six digits."
	return []store.Change{
		{Op: store.OpCreate, Kind: store.KindToken, Key: token.ID, Token: &token},
		{Op: store.OpPut, Kind: store.KindLine, Key: line.Name, Line: &line},
		{Op: store.OpCreate, Kind: store.KindEntry, Key: entry.ID, Entry: &entry},
	}
}

// Post sends a body to a path as a platform does that signs in by sign, and
// gives the status and what came back.
func (r Rig) Post(t testing.TB, path, contentType, body string, sign func(*http.Request)) (status int, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	sign(req)
	res, err := r.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(res.Body)
	if err != nil || res.Body.Close() != nil {
		t.Fatalf("read the answer to %s: %v", path, err)
	}
	return res.StatusCode, string(text)
}

// Results are how the calls in the journal ended, newest first; empty for
// those that nothing is known of.
func (r Rig) Results(t testing.TB) []flow.Result {
	t.Helper()
	r.settle(t)
	page, err := r.kept.Calls(t.Context(), store.CallQuery{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	results := make([]flow.Result, 0, len(page.Items))
	for _, c := range page.Items {
		results = append(results, c.Result)
	}
	return results
}

// settle waits until the journal is written: lookups and reports don't wait for
// a slow disk.
func (r Rig) settle(t testing.TB) {
	t.Helper()
	deadline := time.NewTimer(30 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for r.board.JournalPending() > 0 {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("%d rows of the journal wait", r.board.JournalPending())
		}
	}
}
