// Package console serves the pages on which people keep the list, arm a line
// and watch the call arrive. It is a client of the ops API that happens to
// live in the same program: whatever it changes, it asks the API to, in the
// name of whoever has signed in, and so it decides nothing of its own.
package console

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/klauspost/compress/gzhttp"
	"github.com/rs/zerolog"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/switchboard"
)

// API answers a request to the ops API in the name of somebody at a network
// address.
type API func(who store.Token, from string, w http.ResponseWriter, r *http.Request)

// Options are what a Console is made of. All but Scratch, PublicURL, OpenID and
// Log must be set.
type Options struct {
	Board     *switchboard.Switchboard
	Hooks     func() []Hook // the entrances as they are now
	API       API
	Key       []byte                      // secret that all replicas share; 32 bytes
	Refused   func(*http.Request, string) // told of a sign-in that was refused, and why
	Draining  func() bool
	Scratch   string  // directory for files that wait to be imported, which the next start may clear; empty: the system's own
	PublicURL string  // where people find the console; empty: wherever they ask
	OpenID    *OpenID // nil: tokens alone let people in
	Log       zerolog.Logger
}

// Console serves the pages. Make it with New.
type Console struct {
	board    *switchboard.Switchboard
	hooks    func() []Hook
	api      API
	sessions *sessions
	openid   *openid
	pages    *pages
	uploads  *uploads
	assets   *assets
	refused  func(*http.Request, string)
	draining func() bool
	log      zerolog.Logger
}

// New makes a console. It fails where the public URL is none, or where the
// settings of the identity provider can't be taken, as ani.Problems.
func New(o Options) (*Console, error) {
	public, err := publicURL(o.PublicURL)
	if err != nil {
		return nil, err
	}
	hash, block, err := sessionKeys(o.Key)
	if err != nil {
		return nil, fmt.Errorf("derive session keys: %w", err)
	}
	c := &Console{
		board: o.Board, hooks: o.Hooks, api: o.API, assets: newAssets(), refused: o.Refused, draining: o.Draining, log: o.Log,
		sessions: newSessions(hash, block, public != nil && public.Scheme == "https", o.Board),
	}
	c.pages = newPages(c.assets)
	c.uploads = newUploads(o.Scratch, o.Board.Now)
	c.openid, err = newOpenID(o.OpenID, public, c.sessions)
	return c, err
}

// sessionKeys are the keys that sign and encrypt cookies.
func sessionKeys(key []byte) (hash, block []byte, err error) {
	if hash, err = hkdf.Key(sha256.New, key, nil, "console session signature", 32); err != nil {
		return nil, nil, err
	}
	block, err = hkdf.Key(sha256.New, key, nil, "console session encryption", 32)
	return hash, block, err
}

func publicURL(s string) (*url.URL, error) {
	if s == "" {
		return nil, nil
	}
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil || (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.Fragment != "" {
		return nil, ani.Problems{{Field: "console.public_url", Text: "must be the scheme and host that people type, such as https://ringthrough.example.com"}}
	}
	return u, nil
}

// Serve adds the console's pages to mux.
func (c *Console) Serve(mux *http.ServeMux) {
	mux.Handle("GET /assets/{name}", c.assets)
	c.serveSignIn(mux)
	c.serveNow(mux)
	c.serveNumbers(mux)
	c.serveImport(mux)
	c.serveHistory(mux)
	c.serveActivate(mux)
	c.serveLines(mux)
	c.serveExplain(mux)
	c.serveWindows(mux)
	c.serveCalls(mux)
	c.serveRecent(mux)
	c.serveTokens(mux)
	c.serveAudit(mux)
	c.serveHooks(mux)
	mux.HandleFunc("GET "+livePath, c.live)
}

// page serves a pattern to people whose role is least at least.
func (c *Console) page(mux *http.ServeMux, pattern string, least store.Role, answer func(*visit) error) {
	mux.Handle(pattern, c.guarded(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{Console: c, w: w, r: r, state: c.state()}
		if !c.sessions.resume(v) {
			v.askToSignIn()
			return
		}
		if !v.who.Role.Allows(least) {
			v.fail(&refusal{Status: http.StatusForbidden, Detail: "This page is for people with the role " + string(least) + "; yours is " + string(v.who.Role) + "."})
			return
		}
		if err := answer(v); err != nil {
			v.fail(err)
		}
	}))
}

// guarded is what holds for every page: its size on the wire, what the
// browser may load, and that no other site's form is taken.
func (c *Console) guarded(h http.HandlerFunc) http.Handler {
	crossSite := http.NewCrossOriginProtection()
	crossSite.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{Console: c, w: w, r: r}
		v.fail(&refusal{Status: http.StatusForbidden, Detail: "This came from another site's page, so nothing was done. Open the console and try again there."})
	}))
	return gzhttp.GzipHandler(secured(crossSite.Handler(h)))
}

// policy lets a page load what this program serves and run no script that
// stands in it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func secured(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "same-origin")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cache-Control", "no-store")
		h.ServeHTTP(w, r)
	})
}

// patience is how long a page waits for the API.
const patience = 20 * time.Second

// visit is one request of somebody's.
type visit struct {
	*Console
	w   http.ResponseWriter
	r   *http.Request
	who Person // zero before the session is known

	state string // of the console, before anything was read
}

func (v *visit) context() (context.Context, context.CancelFunc) {
	return context.WithTimeout(v.r.Context(), patience)
}
