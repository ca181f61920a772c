package console_test

import (
	"context"
	"crypto/sha256"
	"html"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
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

// The numbers of the tests.
var (
	dialled  = ani.MustParse("+18005550100")
	caller   = ani.MustParse("+16505550123")
	stranger = ani.MustParse("+442079460000")
)

// rig is a server with a store of its own that answers at an address. The
// secrets of its tokens are the names of their roles.
type rig struct {
	t      testing.TB
	url    string
	board  *switchboard.Switchboard
	server *server.Server
	skew   atomic.Int64 // how far its clock is ahead of the machine's
	files  string       // its scratch directory
}

func newRig(t testing.TB) *rig {
	t.Helper()
	return newRigAs(t, func(string) server.ConsoleConfig { return server.ConsoleConfig{} })
}

// newRigAs is a rig whose console is configured for the address that it will
// answer at.
func newRigAs(t testing.TB, config func(url string) server.ConsoleConfig) *rig {
	t.Helper()
	r := &rig{t: t, files: t.TempDir()}
	kept, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	r.board, err = switchboard.Open(t.Context(), switchboard.Options{Store: kept, Spool: filepath.Join(t.TempDir(), "spool"), Now: r.now, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.board.Close(context.WithoutCancel(t.Context())) })
	for _, role := range []store.Role{store.RoleLookup, store.RoleViewer, store.RoleEditor, store.RoleAdmin} {
		token := store.Token{ID: "token-" + string(role), Name: string(role), Role: role, Hash: sha256.Sum256([]byte(role))}
		r.edit(store.Change{Op: store.OpCreate, Kind: store.KindToken, Key: token.ID, Token: &token})
	}
	listener := httptest.NewUnstartedServer(nil)
	r.url = "http://" + listener.Listener.Addr().String()
	s, err := server.New(t.Context(), server.Options{Board: r.board, Console: config(r.url), Scratch: r.files, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	r.server = s
	listener.Config.Handler = s.All()
	listener.Start()
	t.Cleanup(func() { s.Drain(); listener.CloseClientConnections(); listener.Close() })
	return r
}

func (r *rig) now() time.Time          { return time.Now().Add(time.Duration(r.skew.Load())) }
func (r *rig) forward(d time.Duration) { r.skew.Add(int64(d)) }

func (r *rig) edit(changes ...store.Change) {
	r.t.Helper()
	if _, err := r.board.Edit(r.t.Context(), store.Author{Name: "rig", Role: store.RoleAdmin}, "", changes...); err != nil {
		r.t.Fatal(err)
	}
}

// withLine adds the line support-us, with a person and a backup, and an entry
// for caller.
func (r *rig) withLine() *rig {
	r.t.Helper()
	l := flow.NewLine()
	l.Name, l.Numbers = "support-us", []ani.Number{dialled}
	l.Targets = []flow.Target{{Kind: flow.KindNumber, Address: "+15125550123", Label: "Dana"}, {Kind: flow.KindQueue, Address: "WhatsApp"}}
	e := ani.NewEntry()
	e.ID, e.Pattern, e.Label = "entry-1", ani.PatternOf(caller), "Meta call 1"
	r.edit(store.Change{Op: store.OpPut, Kind: store.KindLine, Key: l.Name, Line: &l}, store.Change{Op: store.OpCreate, Kind: store.KindEntry, Key: e.ID, Entry: &e})
	return r
}

// ring is a lookup for a call to the line, as an IVR makes it.
func (r *rig) ring(from ani.Number) {
	r.t.Helper()
	ivr := r.stranger()
	ivr.header.Set("Authorization", "Bearer lookup")
	if p := ivr.post("/v1/lookup", "ani", from.String(), "dnis", dialled.String()); p.status != http.StatusOK {
		r.t.Fatalf("lookup: %d %s", p.status, p.text)
	}
}

// visitor is a browser without scripts.
type visitor struct {
	t      testing.TB
	client *http.Client
	url    string
	header http.Header
}

// stranger has not signed in.
func (r *rig) stranger() *visitor {
	jar, _ := cookiejar.New(nil) // it never fails
	return &visitor{t: r.t, client: &http.Client{Jar: jar, Timeout: 30 * time.Second}, url: r.url, header: http.Header{}}
}

// visitor has signed in with the token of role.
func (r *rig) visitor(role string) *visitor {
	r.t.Helper()
	v := r.stranger()
	if p := v.post("/sign-in", "token", role, "next", "/calls"); p.status != http.StatusOK || p.path != "/calls" {
		r.t.Fatalf("sign in as %s: %d at %s\n%s", role, p.status, p.path, p.text)
	}
	return v
}

// page is what a browser shows.
type page struct {
	status int
	path   string // where it ended up
	text   string
	header http.Header
}

func (v *visitor) get(path string) page { return v.send(http.MethodGet, path, nil) }

// post sends a form; the fields come as name, value, name, value.
func (v *visitor) post(path string, fields ...string) page {
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return v.send(http.MethodPost, path, form)
}

func (v *visitor) send(method, path string, form url.Values) page {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	maps.Copy(r.Header, v.header)
	return v.do(r)
}

func (v *visitor) do(r *http.Request) page {
	v.t.Helper()
	answer, err := v.client.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return page{answer.StatusCode, answer.Request.URL.RequestURI(), string(body), answer.Header}
}

// shows fails the test where the page doesn't have each of the texts, as they
// stand there or as they are read.
func (p page) shows(t testing.TB, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(p.text, text) && !strings.Contains(html.UnescapeString(p.text), text) {
			t.Errorf("%s (%d) doesn't show %q:\n%s", p.path, p.status, text, p.text)
		}
	}
}

// hidden is the value of a hidden field.
func (p page) hidden(t testing.TB, name string) string {
	t.Helper()
	_, after, ok := strings.Cut(p.text, `type="hidden" name="`+name+`" value="`)
	value, _, closed := strings.Cut(after, `"`)
	if !ok || !closed {
		t.Fatalf("%s has no hidden field %s:\n%s", p.path, name, p.text)
	}
	return html.UnescapeString(value)
}
