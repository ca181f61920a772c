package console

import (
	"net/http"
	"time"

	"github.com/gorilla/securecookie"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/rs/xid"

	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/switchboard"
)

// How long somebody stays signed in: without doing anything, and at most.
const (
	idleExpiry     = 2 * time.Hour
	absoluteExpiry = 12 * time.Hour

	// renewAfter is how old a cookie gets before a request renews it.
	renewAfter = time.Minute
)

// maxSignedOut is how many sessions that were signed out are remembered, so
// that a copy of their cookie lets nobody in.
const maxSignedOut = 10_000

// Person is somebody who has signed in.
type Person struct {
	Name  string     `json:"n"`
	Role  store.Role `json:"r"`
	Token string     `json:"t,omitempty"` // id of the token that let them in; empty where an identity provider did

	// Provider is the mark of the settings by which an identity provider let
	// them in: nobody stays signed in by settings that no longer hold.
	Provider string `json:"p,omitempty"`

	Session string    `json:"s"`
	Since   time.Time `json:"a"` // when they signed in
	Seen    time.Time `json:"l"` // when they last did something
}

// sessions keeps who has signed in, encrypted and signed, in their own
// cookie: any replica knows it.
type sessions struct {
	cookies   *securecookie.SecureCookie
	provider  string // mark of the identity provider's settings; empty: there is none
	secure    bool   // people come by HTTPS, whatever this program speaks itself
	board     *switchboard.Switchboard
	signedOut *lru.Cache[string, bool]
}

func newSessions(hash, block []byte, secure bool, board *switchboard.Switchboard) *sessions {
	cookies := securecookie.New(hash, block).SetSerializer(securecookie.JSONEncoder{})
	cookies.MaxAge(0) // Person says when it ends, by the switchboard's clock
	s := &sessions{cookies: cookies, secure: secure, board: board}
	s.signedOut, _ = lru.New[string, bool](maxSignedOut) // fails for sizes below 1 alone
	return s
}

// cookieName has the prefix by which browsers hold a cookie to HTTPS and to
// this host, where that can be.
// See https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes.
func (s *sessions) cookieName(r *http.Request) string {
	if s.isSecure(r) {
		return "__Host-ringthrough"
	}
	return "ringthrough"
}

func (s *sessions) isSecure(r *http.Request) bool { return s.secure || r.TLS != nil }

// begin signs somebody in.
func (s *sessions) begin(w http.ResponseWriter, r *http.Request, p Person) error {
	now := s.board.Now()
	p.Session, p.Since, p.Seen = xid.New().String(), now, now
	return s.write(w, r, p)
}

func (s *sessions) write(w http.ResponseWriter, r *http.Request, p Person) error {
	value, err := s.cookies.Encode(s.cookieName(r), p)
	if err != nil {
		return err
	}
	http.SetCookie(w, s.cookie(r, s.cookieName(r), value, int(absoluteExpiry.Seconds())))
	return nil
}

func (s *sessions) cookie(r *http.Request, name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure is set wherever people come by HTTPS
		Name: name, Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: s.isSecure(r), SameSite: http.SameSiteLaxMode,
	}
}

// end signs somebody out, on this replica even those who have a copy of the
// cookie.
func (s *sessions) end(w http.ResponseWriter, r *http.Request) {
	if p, ok := s.read(r); ok {
		s.signedOut.Add(p.Session, true)
	}
	http.SetCookie(w, s.cookie(r, s.cookieName(r), "", -1))
}

func (s *sessions) read(r *http.Request) (Person, bool) {
	var p Person
	cookie, err := r.Cookie(s.cookieName(r))
	if err != nil || s.cookies.Decode(cookie.Name, cookie.Value, &p) != nil {
		return Person{}, false
	}
	return p, true
}

// resume finds out who makes a request. A request that the page makes by
// itself doesn't count as something done.
func (s *sessions) resume(v *visit) bool {
	p, ok := s.read(v.r)
	now := s.board.Now()
	if !ok || !s.valid(&p, now) {
		return false
	}
	v.who = p
	if now.Sub(p.Seen) > renewAfter && !v.background() {
		p.Seen = now
		_ = s.write(v.w, v.r, p) // the old cookie is good for a while yet
	}
	return true
}

// background reports whether the page asks by itself: for news, for a part
// that news has come of, or to look the same without a script.
func (v *visit) background() bool {
	return v.r.Header.Get("Ringthrough-Background") != "" || v.r.URL.Path == livePath || v.r.URL.Query().Has("again")
}

// valid reports whether p is still signed in, and brings the role up to date:
// who came with a token may do what the token may do now.
func (s *sessions) valid(p *Person, now time.Time) bool {
	if now.Sub(p.Since) >= absoluteExpiry || now.Sub(p.Seen) >= idleExpiry || s.signedOut.Contains(p.Session) {
		return false
	}
	if p.Token == "" {
		return p.Provider != "" && p.Provider == s.provider && p.Role.Allows(store.RoleViewer)
	}
	t, ok := s.board.TokenValid(p.Token, now)
	p.Name, p.Role = t.Name, t.Role
	return ok && t.Role.Allows(store.RoleViewer)
}

// token is the token in whose name p asks the API.
func (p Person) token() store.Token { return store.Token{ID: p.Token, Name: p.Name, Role: p.Role} }
