package server

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

// moody is a store that fails as it is told.
type moody struct {
	store.Store
	err   error
	panic string
}

func (m *moody) Lines(ctx context.Context) ([]store.Line, error) {
	if m.panic != "" {
		panic(m.panic)
	}
	if m.err != nil {
		return nil, m.err
	}
	return m.Store.Lines(ctx)
}

func (m *moody) Edit(ctx context.Context, e store.Edit) (store.Revision, error) {
	if m.err != nil {
		return store.Revision{}, m.err
	}
	return m.Store.Edit(ctx, e)
}

func newMoodyRig(t *testing.T) (*rig, *moody) {
	t.Helper()
	m := &moody{}
	return newRigOn(t, func(s store.Store) store.Store { m.Store = s; return m }), m
}

// inside is what no client may read.
const inside = "open /var/lib/ringthrough/secret.db: disk I/O error"

func TestFaults(t *testing.T) {
	r, m := newMoodyRig(t)
	const away = "the store can't be reached or written, so nothing was changed; lookups go on. Try again later"
	for _, c := range []struct {
		name, panics string
		err          error
		status       int
		detail       string
	}{
		{"the store is away", "", errors.Join(store.ErrUnavailable, errors.New(inside)), 503, away},
		{"the store is too slow", "", context.DeadlineExceeded, 503, away},
		{"an error that nobody knows", "", errors.New(inside), 500, "internal error"},
		{"a panic", inside, nil, 500, "internal error"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m.err, m.panic = c.err, c.panics
			got := r.do("viewer", "GET", "/v1/lines", "", "X-Request-Id", "request-of-"+strings.ReplaceAll(c.name, " ", "-"))
			got.wantProblem(t, c.status, c.detail)
			if strings.Contains(got.body+flatten(got.header), "ringthrough/secret") {
				t.Errorf("the inside shows: %s", got.body)
			}
			if !strings.Contains(r.log.String(), "request-of-"+strings.ReplaceAll(c.name, " ", "-")) {
				t.Errorf("the log doesn't name the request: %s", r.log)
			}
		})
	}
	t.Run("an edit while the store is away", func(t *testing.T) {
		m.err, m.panic = store.ErrUnavailable, ""
		r.do("editor", "POST", "/v1/entries", `{"pattern":"+16505550123"}`).wantProblem(t, 503, away)
		if r.board.Snapshot().List.Len() != 0 {
			t.Error("an edit serves that was not kept")
		}
		m.err = nil
		if got := r.do("editor", "POST", "/v1/entries", `{"pattern":"+16505550123"}`); got.status != 201 {
			t.Errorf("and again: %d %s", got.status, got.body)
		}
	})
	if strings.Contains(r.log.String(), "Bearer") {
		t.Error("a token is in the log")
	}
}

func flatten(h http.Header) string {
	var b bytes.Buffer
	_ = h.Write(&b)
	return b.String()
}

// TestLostRaceIsSeenAtCommit has somebody else edit between the look and the
// commit.
func TestLostRaceIsSeenAtCommit(t *testing.T) {
	r, m := newMoodyRig(t)
	r.entry("+16505550100")
	made := r.do("viewer", "GET", "/v1/entries/+16505550100", "")
	m.Store = &meddler{Store: m.Store, before: func() { r.do("editor", "PATCH", "/v1/entries/+16505550100", `{"note":"quicker"}`) }}
	r.do("editor", "PATCH", "/v1/entries/+16505550100", `{"label":"x"}`, "If-Match", made.header.Get("ETag")).wantProblem(t, 412,
		"somebody else has changed it meanwhile: read it again, then repeat the edit")
}

// meddler calls before, once, when an entry has been looked at.
type meddler struct {
	store.Store
	before func()
}

func (m *meddler) Entry(ctx context.Context, id string) (ani.Entry, error) {
	e, err := m.Store.Entry(ctx, id)
	if before := m.before; before != nil {
		m.before = nil
		before()
	}
	return e, err
}

// FuzzBodies holds that whatever is sent as a body, the API answers as its
// document says, and never with a fault of its own.
func FuzzBodies(f *testing.F) {
	for _, seed := range []string{
		`{"pattern":"+16505550123"}`, `{"limit":{"calls":1e3},"targets":[{}]}`, `{"line":"support-us","mode":"rehearsal","duration":"1h","callers":[""]}`,
		`{"name":"x","role":"viewer","Role":1}`, `{"ani":"+16505550100","dnis":null,"region":"US"}`, `[`, `null`, "\xff", `{"a":{"b":[1]}}`,
	} {
		f.Add([]byte(seed))
	}
	r := newRig(f)
	r.line()
	f.Fuzz(func(t *testing.T, raw []byte) {
		here := *r
		here.t = t
		for _, call := range []string{"POST /v1/entries", "PUT /v1/lines/fuzz", "POST /v1/windows", "POST /v1/tokens", "POST /v1/explain"} {
			method, path, _ := strings.Cut(call, " ")
			got := here.do("admin", method, path, string(raw))
			if got.status >= 500 || got.status == 401 || strings.Contains(got.body, "Go struct") || strings.Contains(got.body, "json:") {
				t.Errorf("%s %q: %d %s", call, raw, got.status, got.body)
			}
		}
	})
}

// TestHumasOwnFaultsSayNothing holds the one way round problemOf to it.
func TestHumasOwnFaultsSayNothing(t *testing.T) {
	fault := &huma.ErrorModel{Status: 500, Detail: inside, Errors: []*huma.ErrorDetail{{Message: inside, Location: "body", Value: inside}}}
	p := problemOfModel(fault)
	if p.Status != 500 || p.Detail != "internal error" || len(p.Errors) != 0 {
		t.Errorf("%+v", p)
	}
}

func TestHumaKeepsItsOwnErrors(t *testing.T) {
	recorder := httptest.NewRecorder()
	mux := http.NewServeMux()
	newAPI(&Server{}, mux, heartbeat)
	mux.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/openapi.json", nil))
	if strings.Contains(recorder.Body.String(), "ErrorModel") {
		t.Error("the document names an error that nobody is sent")
	}
}
