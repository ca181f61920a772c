package console

import (
	"errors"
	"maps"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

func TestOpenIDSettingsThatCantBeTaken(t *testing.T) {
	good := OpenID{Issuer: "https://login.example.com/realms/staff", ClientID: "ringthrough", Roles: map[string][]string{"viewer": {"staff"}}}
	public, _ := url.Parse("https://ringthrough.example.com")
	if err := good.validate(public); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		public string
		spoil  func(*OpenID)
		want   string
	}{
		{"no public URL", "", func(*OpenID) {}, "console.public_url"},
		{"people come by http", "http://ringthrough.example.com", func(*OpenID) {}, "console.public_url"},
		{"no issuer", "https://a.example", func(o *OpenID) { o.Issuer = "" }, "console.openid.issuer"},
		{"an issuer without a scheme", "https://a.example", func(o *OpenID) { o.Issuer = "login.example.com" }, "console.openid.issuer"},
		{"an issuer by http", "https://a.example", func(o *OpenID) { o.Issuer = "http://login.example.com" }, "console.openid.issuer"},
		{"an issuer with a query", "https://a.example", func(o *OpenID) { o.Issuer += "?x=1" }, "console.openid.issuer"},
		{"no client", "https://a.example", func(o *OpenID) { o.ClientID = "" }, "console.openid.client_id"},
		{"no roles", "https://a.example", func(o *OpenID) { o.Roles = nil }, "console.openid.roles"},
		{"a role that people don't have", "https://a.example", func(o *OpenID) { o.Roles["lookup"] = []string{"ivrs"} }, "console.openid.roles"},
		{"a role of no group", "https://a.example", func(o *OpenID) { o.Roles["admin"] = nil }, "console.openid.roles.admin"},
		{"a group without a name", "https://a.example", func(o *OpenID) { o.Roles["admin"] = []string{""} }, "console.openid.roles.admin"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			set := good
			set.Roles = maps.Clone(good.Roles)
			tt.spoil(&set)
			public, err := publicURL(tt.public)
			if err != nil {
				t.Fatal(err)
			}
			wrong := ani.Problems(nil)
			if err := set.validate(public); !errors.As(err, &wrong) || len(wrong) != 1 || wrong[0].Field != tt.want {
				t.Errorf("%v, want %s alone to be wrong", err, tt.want)
			}
		})
	}
}

func TestPublicURLThatCantBeTaken(t *testing.T) {
	for _, s := range []string{"ringthrough.example.com", "ftp://a.example", "https://", "https://a.example/console", "https://a.example?x=1", "https://user@a.example", "https://a.example/#x"} {
		if _, err := publicURL(s); err == nil || !strings.Contains(err.Error(), "console.public_url") {
			t.Errorf("%s: %v", s, err)
		}
	}
}

// Whoever an identity provider let in stays signed in as long as the settings
// hold by which it did.
func TestSettingsThatChangeSignPeopleOut(t *testing.T) {
	before := OpenID{Issuer: "https://login.example.com", ClientID: "ringthrough", Roles: map[string][]string{"admin": {"ops"}, "viewer": {"staff"}}}
	now := time.Now()
	p := Person{Name: "dana", Role: store.RoleAdmin, Provider: before.mark(), Since: now, Seen: now}
	for _, tt := range []struct {
		name   string
		change func(*OpenID)
		in     bool
	}{
		{"the same ones", func(*OpenID) {}, true},
		{"another name for it", func(o *OpenID) { o.Name = "Login" }, true},
		{"the claim's own name", func(o *OpenID) { o.GroupsClaim = "groups" }, true},
		{"other roles", func(o *OpenID) { o.Roles = map[string][]string{"viewer": {"ops", "staff"}} }, false},
		{"another claim", func(o *OpenID) { o.GroupsClaim = "roles" }, false},
		{"another issuer", func(o *OpenID) { o.Issuer = "https://login.example.net" }, false},
		{"another client", func(o *OpenID) { o.ClientID = "other" }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			after := before
			tt.change(&after)
			s := newSessions(make([]byte, 32), make([]byte, 32), true, nil)
			s.provider = after.mark()
			if got := s.valid(&p, now); got != tt.in {
				t.Errorf("signed in: %v", got)
			}
		})
	}
	if s := newSessions(make([]byte, 32), make([]byte, 32), true, nil); s.valid(&p, now) {
		t.Error("signed in, though no provider is configured any more")
	}
}
