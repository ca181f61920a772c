package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/oauth2-proxy/mockoidc"

	"github.com/ringthrough/ringthrough/flow/server"
	"github.com/ringthrough/ringthrough/flow/server/console"
)

// provider is an identity provider of the test's own.
func provider(t *testing.T) *mockoidc.MockOIDC {
	t.Helper()
	p, err := mockoidc.Run()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Shutdown() })
	return p
}

func withProvider(t *testing.T, p *mockoidc.MockOIDC) *rig {
	t.Helper()
	return newRigAs(t, func(url string) server.ConsoleConfig {
		return server.ConsoleConfig{PublicURL: url, OpenID: &console.OpenID{
			Name: "Example login", Issuer: p.Issuer(), ClientID: p.ClientID, ClientSecret: p.ClientSecret, Scopes: []string{"openid", "email", "groups"},
			Roles: map[string][]string{"viewer": {"staff"}, "editor": {"ops"}, "admin": {"telephony"}},
		}}
	})
}

func TestPeopleSignInWithTheirProvider(t *testing.T) {
	for _, tt := range []struct {
		name   string
		groups []string
		role   string // that the page shows; empty: nobody is let in
	}{
		{"one group", []string{"ops"}, "editor"},
		{"the highest of several counts", []string{"staff", "telephony", "ops"}, "admin"},
		{"no group that has a role", []string{"engineering"}, ""},
		{"no group at all", nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := provider(t)
			r := withProvider(t, p)
			v := r.stranger()
			v.get("/sign-in").shows(t, "Sign in with Example login")
			p.QueueUser(&mockoidc.MockUser{Subject: "4711", Email: "dana@example.com", EmailVerified: true, Groups: tt.groups})
			got := v.get("/sign-in/openid?next=/calls")
			if tt.role == "" {
				got.shows(t, "none of your groups may use ringthrough")
				if after := v.get("/calls"); after.path == "/calls" {
					t.Error("somebody is let in all the same")
				}
				return
			}
			if got.path != "/calls" {
				t.Fatalf("ended up at %s (%d)\n%s", got.path, got.status, got.text)
			}
			got.shows(t, "dana@example.com", "<small>"+tt.role+"</small>")
		})
	}
}

func TestProviderSignInThatIsNotOurs(t *testing.T) {
	p := provider(t)
	r := withProvider(t, p)
	for _, tt := range []struct {
		name string
		come func(v *visitor) page
	}{
		{"nobody went to the provider", func(v *visitor) page { return v.get("/sign-in/openid/callback?code=x&state=y") }},
		{"another state", func(v *visitor) page {
			v.begun(t)
			return v.get("/sign-in/openid/callback?code=x&state=y")
		}},
		{"a code that the provider didn't give", func(v *visitor) page {
			return v.get("/sign-in/openid/callback?code=x&state=" + v.begun(t))
		}},
		{"the provider says no", func(v *visitor) page {
			return v.get("/sign-in/openid/callback?error=access_denied&state=" + v.begun(t))
		}},
		{"eleven minutes later", func(v *visitor) page {
			state := v.begun(t)
			r.forward(11 * time.Minute)
			return v.get("/sign-in/openid/callback?code=x&state=" + state)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := r.stranger()
			if got := tt.come(v); got.status < 400 {
				t.Errorf("status %d at %s", got.status, got.path)
			}
			if after := v.get("/calls"); after.path == "/calls" {
				t.Error("somebody is let in")
			}
		})
	}
}

// begun goes off to the provider, but doesn't arrive there; it gives the state
// that has to come back.
func (v *visitor) begun(t *testing.T) string {
	t.Helper()
	v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	_, after, ok := strings.Cut(v.get("/sign-in/openid").header.Get("Location"), "state=")
	v.client.CheckRedirect = nil
	if !ok {
		t.Fatal("the provider is asked without a state")
	}
	state, _, _ := strings.Cut(after, "&")
	return state
}

func TestProviderThatIsAway(t *testing.T) {
	p := provider(t)
	r := withProvider(t, p)
	if err := p.Shutdown(); err != nil {
		t.Fatal(err)
	}
	got := r.stranger().get("/sign-in/openid")
	if got.status != http.StatusBadGateway {
		t.Errorf("status %d", got.status)
	}
	got.shows(t, "Example login can’t be reached")
	r.visitor("viewer") // a token is as good as ever
}
