package console_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/oauth2-proxy/mockoidc"

	"github.com/ringthrough/ringthrough/flow/server"
	"github.com/ringthrough/ringthrough/flow/server/console"
)

// vouched is somebody of whom the provider says what a test wants.
type vouched map[string]any

func (vouched) ID() string { return "4711" }

func (vouched) Userinfo([]string) ([]byte, error) { return []byte(`{}`), nil }

func (v vouched) Claims(_ []string, base *mockoidc.IDTokenClaims) (jwt.Claims, error) {
	claims := jwt.MapClaims{
		"iss": base.Issuer, "aud": base.Audience, "exp": base.ExpiresAt, "iat": base.IssuedAt, "sub": base.Subject, "nonce": base.Nonce,
		"groups": []string{"ops"}, "preferred_username": "dana",
	}
	maps.Copy(claims, v)
	return claims, nil
}

// comes signs somebody in with the provider and gives the page that they see.
func (p *mock) comes(t *testing.T, who vouched) page {
	t.Helper()
	p.QueueUser(who)
	return p.rig.stranger().get("/sign-in/openid?next=/calls")
}

// mock is a provider and the console that trusts it.
type mock struct {
	*mockoidc.MockOIDC
	rig *rig
}

// newMock trusts groups by a claim.
func newMock(t *testing.T, claim string, roles map[string][]string) *mock {
	t.Helper()
	p := provider(t)
	r := newRigAs(t, func(url string) server.ConsoleConfig {
		return server.ConsoleConfig{PublicURL: url, OpenID: &console.OpenID{
			Name: "Example login", Issuer: p.Issuer(), ClientID: p.ClientID, ClientSecret: p.ClientSecret, GroupsClaim: claim, Roles: roles,
		}}
	})
	return &mock{p, r}
}

func TestWhomTheProviderVouchesFor(t *testing.T) {
	m := newMock(t, "", map[string][]string{"editor": {"ops"}})
	for _, tt := range []struct {
		name string
		who  vouched
		want string // that the page shows of who has come in; empty: nobody has
	}{
		{"an address that is theirs", vouched{"email": "dana@example.com", "email_verified": true}, "dana@example.com"},
		{"an address that they typed themselves", vouched{"email": "boss@example.com", "email_verified": false}, "dana"},
		{"an address of which nothing is said", vouched{"email": "boss@example.com"}, "dana"},
		{"verified, said in text", vouched{"email": "dana@example.com", "email_verified": "true"}, "dana@example.com"},
		{"a name on two lines", vouched{"preferred_username": "dana\nadmin"}, "dana admin"},
		{"a name with markup", vouched{"preferred_username": "<script>alert(1)</script>"}, "&lt;script&gt;alert(1)&lt;/script&gt;"},
		{"a very long name", vouched{"preferred_username": strings.Repeat("d", 5000)}, strings.Repeat("d", 200) + " "},
		{"no name at all", vouched{"preferred_username": ""}, "4711"},
		{"one group, not in a list", vouched{"groups": "ops"}, "dana"},
		{"several audiences, and made for us", vouched{"aud": []string{m.ClientID, "other"}, "azp": m.ClientID}, "dana"},
		{"several audiences, made for nobody known", vouched{"aud": []string{m.ClientID, "other"}}, ""},
		{"made for another client", vouched{"azp": "other"}, ""},
		{"another audience", vouched{"aud": "other"}, ""},
		{"another issuer", vouched{"iss": "https://evil.example"}, ""},
		{"another nonce", vouched{"nonce": "another"}, ""},
		{"no nonce", vouched{"nonce": ""}, ""},
		{"out of date", vouched{"exp": time.Now().Add(-time.Minute).Unix()}, ""},
		{"groups that are no names", vouched{"groups": []any{1, nil, map[string]any{"name": "ops"}, ""}}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := m.comes(t, tt.who)
			if (got.path == "/calls") != (tt.want != "") {
				t.Fatalf("ended up at %s (%d)", got.path, got.status)
			}
			if tt.want != "" {
				got.shows(t, `title="role: editor">`+strings.TrimSpace(tt.want)+" <small>")
			}
		})
	}
}

// A role that is given by address is given to nobody who only claims to have
// the address.
func TestRolesByAddress(t *testing.T) {
	m := newMock(t, "email", map[string][]string{"admin": {"dana@example.com"}})
	for name, tt := range map[string]struct {
		who vouched
		in  bool
	}{
		"theirs":               {vouched{"email": "dana@example.com", "email_verified": true}, true},
		"typed by themselves":  {vouched{"email": "dana@example.com", "email_verified": false}, false},
		"of which nobody says": {vouched{"email": "dana@example.com"}, false},
		"somebody else's":      {vouched{"email": "eve@example.com", "email_verified": true}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := m.comes(t, tt.who); (got.path == "/calls") != tt.in {
				t.Errorf("ended up at %s (%d)", got.path, got.status)
			}
		})
	}
}

// What the provider is asked is what RFC 9700 wants of a client.
func TestWhatTheProviderIsAsked(t *testing.T) {
	m := newMock(t, "", map[string][]string{"editor": {"ops"}})
	ask := func() url.Values {
		v := m.rig.stranger()
		v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		to, err := url.Parse(v.get("/sign-in/openid").header.Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		return to.Query()
	}
	q, again := ask(), ask()
	for name, want := range map[string]string{
		"response_type": "code", "client_id": m.ClientID, "redirect_uri": m.rig.url + "/sign-in/openid/callback",
		"scope": "openid profile email", "code_challenge_method": "S256",
	} {
		if q.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, q.Get(name), want)
		}
	}
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		if len(q.Get(name)) < 43 || q.Get(name) == again.Get(name) {
			t.Errorf("%s is %q, then %q", name, q.Get(name), again.Get(name))
		}
	}
}

func TestAnswerOfAnotherProvider(t *testing.T) {
	m := newMock(t, "", map[string][]string{"editor": {"ops"}})
	for name, iss := range map[string]string{"ours": m.Issuer(), "another": "https://evil.example", "empty": ""} {
		t.Run(name, func(t *testing.T) {
			v := m.rig.stranger()
			v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			m.QueueUser(vouched{})
			there := v.get("/sign-in/openid").header.Get("Location")
			back := v.follow(there).header.Get("Location") + "&iss=" + url.QueryEscape(iss)
			if got := v.follow(back); (got.status == http.StatusSeeOther) != (iss == m.Issuer()) {
				t.Errorf("status %d", got.status)
			}
		})
	}
}

// follow asks for a whole address.
func (v *visitor) follow(address string) page {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.do(r)
}

// A code that comes to another browser than the one that went to the provider
// lets nobody in: neither would a sign-in that somebody else has begun.
func TestCodeInAnotherBrowser(t *testing.T) {
	m := newMock(t, "", map[string][]string{"editor": {"ops"}})
	v, other := m.rig.stranger(), m.rig.stranger()
	for _, x := range []*visitor{v, other} {
		x.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	m.QueueUser(vouched{})
	back := v.follow(v.get("/sign-in/openid").header.Get("Location")).header.Get("Location")
	other.get("/sign-in/openid")
	if got := other.follow(back); got.status != http.StatusForbidden {
		t.Errorf("another browser: status %d", got.status)
	}
	if got := v.follow(back); got.status != http.StatusSeeOther {
		t.Errorf("the one that went there: status %d", got.status)
	}
	if got := v.follow(back); got.status != http.StatusForbidden {
		t.Errorf("the one that went there, once more: status %d", got.status)
	}
}

func TestOpenIDCookieBelongsToTheHost(t *testing.T) {
	p := provider(t)
	r := newRigAs(t, func(string) server.ConsoleConfig {
		return server.ConsoleConfig{PublicURL: "https://ringthrough.example.com", OpenID: &console.OpenID{
			Issuer: p.Issuer(), ClientID: p.ClientID, Roles: map[string][]string{"editor": {"ops"}},
		}}
	})
	v := r.stranger()
	v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	cookie := v.get("/sign-in/openid").header.Get("Set-Cookie")
	for _, attribute := range []string{"__Host-ringthrough-openid=", "HttpOnly", "Secure", "SameSite=Lax", "Path=/;"} {
		if !strings.Contains(cookie, attribute) {
			t.Errorf("%q is without %s", cookie, attribute)
		}
	}
	v.get("/sign-in?next=/lines").shows(t, `href="https://ringthrough.example.com/sign-in/openid?next=%2flines"`)
}
