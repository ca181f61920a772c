package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/rs/zerolog"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/sqlite"
	"github.com/ringthrough/ringthrough/flow/switchboard"
)

// start is when the tests of the API begin.
var start = time.Date(2026, 11, 22, 21, 0, 0, 0, time.UTC)

// rig is a server with a switchboard and a store of its own. Its tokens'
// secrets are the names of their roles; lookups are of hook "flat".
type rig struct {
	t     testing.TB
	s     *Server
	board *switchboard.Switchboard
	store store.Store
	clock *clock
	log   *syncBuffer
	http  http.Handler
}

type clock struct{ ms atomic.Int64 }

func (c *clock) now() time.Time          { return time.UnixMilli(c.ms.Load()).UTC() }
func (c *clock) forward(d time.Duration) { c.ms.Add(d.Milliseconds()) }

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(b)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func newRig(t testing.TB) *rig {
	t.Helper()
	return newRigOn(t, func(s store.Store) store.Store { return s })
}

// newRigOn lets a test put itself between the switchboard and the store.
func newRigOn(t testing.TB, between func(store.Store) store.Store) *rig {
	t.Helper()
	r := &rig{t: t, clock: &clock{}, log: &syncBuffer{}}
	r.clock.ms.Store(start.UnixMilli())
	kept, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	r.store = between(kept)
	logger := zerolog.New(r.log)
	r.board, err = switchboard.Open(t.Context(), switchboard.Options{
		Store: r.store, Spool: filepath.Join(t.TempDir(), "spool"), Now: r.clock.now, Log: logger,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.board.Close(context.WithoutCancel(t.Context())) })
	for _, role := range []store.Role{store.RoleLookup, store.RoleViewer, store.RoleEditor, store.RoleAdmin} {
		r.token(string(role), role)
	}
	if r.s, err = New(t.Context(), Options{Board: r.board, Log: logger, Build: Build{Version: "1.2.3"}}); err != nil {
		t.Fatal(err)
	}
	r.http = r.s.All()
	return r
}

func (r *rig) token(secret string, role store.Role) {
	r.t.Helper()
	token := store.Token{ID: "token-" + secret, Name: secret, Role: role, Hash: sha256.Sum256([]byte(secret))}
	r.edit(store.Change{Op: store.OpCreate, Kind: store.KindToken, Key: token.ID, Token: &token})
}

func (r *rig) edit(changes ...store.Change) {
	r.t.Helper()
	if _, err := r.board.Edit(r.t.Context(), store.Author{Name: "rig", Role: store.RoleAdmin}, "", changes...); err != nil {
		r.t.Fatal(err)
	}
}

// answer is what the server said.
type answer struct {
	status int
	header http.Header
	body   string
}

// do asks with the token of role, and holds the answer to the document. The
// header comes as name, value, name, value.
func (r *rig) do(role, method, target, body string, header ...string) answer {
	r.t.Helper()
	request := httptest.NewRequest(method, target, strings.NewReader(body))
	request.RemoteAddr = "192.0.2.7:4711"
	if role != "" {
		request.Header.Set("Authorization", "Bearer "+role)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	recorder := httptest.NewRecorder()
	r.http.ServeHTTP(recorder, request)
	a := answer{recorder.Code, recorder.Header(), recorder.Body.String()}
	r.holdToDocument(request, a)
	return a
}

// holdToDocument checks that the reply is one that the document describes.
func (r *rig) holdToDocument(request *http.Request, a answer) {
	r.t.Helper()
	if a.header.Get("Cache-Control") != "no-store" {
		r.t.Errorf("%s %s: Cache-Control %q", request.Method, request.URL, a.header.Get("Cache-Control"))
	}
	if !inDocument(request.URL.Path) || a.status == http.StatusMethodNotAllowed || a.status == http.StatusNotModified {
		return
	}
	if a.header.Get("Content-Type") == ndjson {
		return // the judge takes a body for one value
	}
	response := &http.Response{StatusCode: a.status, Header: a.header, Body: io.NopCloser(strings.NewReader(a.body))}
	if ok, problems := documentJudge(r.t).ValidateHttpResponse(request, response); !ok {
		for _, p := range problems {
			r.t.Errorf("%s %s: reply is not as the document says: %s: %s: %v\n%s", request.Method, request.URL, p.Message, p.Reason, p.SchemaValidationErrors, a.body)
		}
	}
}

// inDocument reports whether a path is the ops API's: lookups and results are
// described by their dialects.
func inDocument(path string) bool {
	return strings.HasPrefix(path, "/v1/") && !strings.HasPrefix(path, "/v1/lookup") && !strings.HasSuffix(path, "/result")
}

// documentJudge checks against the document, which is the same for every rig.
func documentJudge(t testing.TB) validator.Validator {
	t.Helper()
	v, err := judge()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

var judge = sync.OnceValues(func() (validator.Validator, error) {
	mux := http.NewServeMux()
	newAPI(&Server{build: Build{Version: "1.2.3"}}, mux, heartbeat)
	recorder := httptest.NewRecorder()
	mux.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/openapi.json", nil))
	doc, err := libopenapi.NewDocument(recorder.Body.Bytes())
	if err != nil {
		return nil, err
	}
	v, errs := validator.NewValidator(doc)
	if len(errs) > 0 {
		return nil, errs[0]
	}
	return v, nil
})

// want compares an answer with a status and JSON; in that, ID stands for
// whatever id the server made up, REQUEST for nothing. No JSON: no body.
func (a answer) want(t testing.TB, status int, body string) {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	if body == "" {
		if a.body != "" {
			t.Fatalf("body %q, want none", a.body)
		}
		return
	}
	if diff := cmp.Diff(parsed(t, body), parsed(t, a.body)); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

func parsed(t testing.TB, s string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatalf("%v: %s", err, s)
	}
	return v
}

// id is the id in the body.
func (a answer) id(t testing.TB) string {
	t.Helper()
	id, _ := parsed(t, a.body).(map[string]any)["id"].(string)
	if id == "" {
		t.Fatalf("no id: %d %s", a.status, a.body)
	}
	return id
}

// with is the body with the id in place of ID.
func with(id, body string) string { return strings.ReplaceAll(body, "ID", id) }

// wantProblem compares an answer with a problem's status and detail, and with
// the bad fields as field, detail, field, detail.
func (a answer) wantProblem(t *testing.T, status int, detail string, fields ...string) {
	t.Helper()
	want := Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
	for i := 0; i < len(fields); i += 2 {
		want.Errors = append(want.Errors, FieldProblem{fields[i], fields[i+1]})
	}
	if a.status != status || a.header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("status %d, type %q, want %d: %s", a.status, a.header.Get("Content-Type"), status, a.body)
	}
	var got Problem
	decoder := json.NewDecoder(strings.NewReader(a.body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&got); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problem (-want +got):\n%s", diff)
	}
}

const badFields = "some fields can't be taken as they are"

// line makes the line support-us with the number that rigs' calls go to.
func (r *rig) line() {
	r.t.Helper()
	l := flow.NewLine()
	l.Name = "support-us"
	l.Numbers = []ani.Number{ani.MustParse("+18005550100")}
	l.Targets = []flow.Target{{Kind: flow.KindNumber, Address: "+15125550123"}}
	r.edit(store.Change{Op: store.OpCreate, Kind: store.KindLine, Key: l.Name, Line: &l})
}

// entry puts a pattern on the list, under its own text as id.
func (r *rig) entry(pattern string, lines ...string) {
	r.t.Helper()
	p, err := ani.ParsePattern(pattern)
	if err != nil {
		r.t.Fatal(err)
	}
	e := ani.NewEntry()
	e.ID, e.Pattern, e.Lines = pattern, p, append(e.Lines, lines...)
	r.edit(store.Change{Op: store.OpCreate, Kind: store.KindEntry, Key: e.ID, Entry: &e})
}

// call has somebody ring the line and returns the lookup's id.
func (r *rig) call(from, callID string) string {
	r.t.Helper()
	call := flow.Reading{}.Call(flow.Fields{ANI: from, DNIS: "+18005550100", CallID: callID})
	id := r.board.Lookup("flat", call).ID
	r.settled()
	return id
}

// settled waits until the journal is in the store.
func (r *rig) settled() {
	r.t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for r.board.JournalPending() > 0 {
		select {
		case <-tick.C:
		case <-r.t.Context().Done():
			r.t.Fatal("the journal is never written")
		}
	}
}
