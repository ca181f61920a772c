package console

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

// OpenID are the settings of an identity provider (OpenID Connect Core 1.0)
// that people may sign in with. The secret has been read by whoever makes a
// Console.
type OpenID struct {
	Name         string              `yaml:"name"`          // what people know it by; empty: its host
	Issuer       string              `yaml:"issuer"`        // URL, as it stands in the provider's own discovery document
	ClientID     string              `yaml:"client_id"`     // that the provider knows the console by
	ClientSecret string              `yaml:"client_secret"` // empty: a client without one
	Scopes       []string            `yaml:"scopes"`        // empty: openid, profile, email
	GroupsClaim  string              `yaml:"groups_claim"`  // claim of the ID token with the names of a person's groups; empty: groups
	Roles        map[string][]string `yaml:"roles"`         // viewer, editor, admin → groups that have it; the highest counts
}

// newOpenID makes nothing of no settings.
func newOpenID(set *OpenID, public *url.URL, s *sessions) (*openid, error) {
	if set == nil {
		return nil, nil
	}
	if err := set.validate(public); err != nil {
		return nil, err
	}
	s.provider = set.mark()
	return &openid{set: *set, public: public, sealing: s.cookies}, nil
}

func (o *OpenID) validate(public *url.URL) error {
	var p ani.Problems
	switch {
	case public == nil:
		p.Add("console.public_url", "is missing: the identity provider sends people back there")
	case !private(public):
		p.Add("console.public_url", "must be https: the identity provider sends people back there with what lets them in")
	}
	if u, err := url.Parse(o.Issuer); err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || !private(u) {
		p.Add("console.openid.issuer", "must be the provider's https: URL, such as https://login.example.com/realms/staff")
	}
	if o.ClientID == "" {
		p.Add("console.openid.client_id", "is missing")
	}
	if len(o.Roles) == 0 {
		p.Add("console.openid.roles", "is missing: say which groups have the roles viewer, editor and admin")
	}
	for role, groups := range o.Roles {
		if role := store.Role(role); !role.Allows(store.RoleViewer) {
			p.Add("console.openid.roles", fmt.Sprintf("has %q: use viewer, editor and admin", role))
		}
		if len(groups) == 0 || slices.Contains(groups, "") {
			p.Add("console.openid.roles."+role, "must name groups, none of them empty")
		}
	}
	return p.Err()
}

// private reports whether nobody on the way can read what is sent to u: a
// redirect URI may be http on the same machine alone (RFC 9700, section 2.6).
func private(u *url.URL) bool {
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback())
}

// roleOf is the highest role that one of the groups has; empty where none has
// one.
func (o *OpenID) roleOf(groups []string) store.Role {
	for _, role := range []store.Role{store.RoleAdmin, store.RoleEditor, store.RoleViewer} {
		if slices.ContainsFunc(o.Roles[string(role)], func(g string) bool { return slices.Contains(groups, g) }) {
			return role
		}
	}
	return ""
}

// mark differs between settings by which other people may do other things.
func (o *OpenID) mark() string {
	b, _ := json.Marshal([]any{o.Issuer, o.ClientID, o.groupsClaim(), o.Roles}) // they are texts, and maps are written in order
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

func (o *OpenID) groupsClaim() string { return cmp.Or(o.GroupsClaim, "groups") }

// openidWait is how long the provider may take to answer.
const openidWait = 10 * time.Second

// openid signs people in with an identity provider, which is asked for its
// settings when it is first needed: lookups don't wait for it, nor does a
// start fail with it.
type openid struct {
	set     OpenID
	public  *url.URL
	sealing interface {
		Encode(name string, value any) (string, error)
		Decode(name, value string, dst any) error
	}

	mu       sync.Mutex
	provider *oidc.Provider // nil until it has answered
}

// name is what people know the provider by; empty where there is none.
func (o *openid) name() string {
	if o == nil {
		return ""
	}
	u, _ := url.Parse(o.set.Issuer) // validate has parsed it
	return cmp.Or(o.set.Name, u.Host)
}

// discovered is the provider, as it describes itself.
func (o *openid) discovered(ctx context.Context) (*oidc.Provider, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.provider == nil {
		provider, err := oidc.NewProvider(ctx, o.set.Issuer)
		if err != nil {
			return nil, fmt.Errorf("ask the identity provider for its settings: %w", err)
		}
		o.provider = provider
	}
	return o.provider, nil
}

// metadata is what of the provider's own description the library leaves to
// its callers.
type metadata struct {
	AuthMethods []string `json:"token_endpoint_auth_methods_supported"`
	NamesItself bool     `json:"authorization_response_iss_parameter_supported"` // RFC 9207
}

func metadataOf(p *oidc.Provider) metadata {
	var m metadata
	_ = p.Claims(&m) // what can't be read is as good as not said
	return m
}

func (o *openid) client(p *oidc.Provider) *oauth2.Config {
	scopes := o.set.Scopes
	if len(scopes) == 0 {
		scopes = []string{"profile", "email"}
	}
	if !slices.Contains(scopes, oidc.ScopeOpenID) {
		scopes = append([]string{oidc.ScopeOpenID}, scopes...)
	}
	endpoint := p.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInHeader // what a provider that doesn't say takes
	if o.set.ClientSecret == "" || slices.Contains(metadataOf(p).AuthMethods, "client_secret_post") {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return &oauth2.Config{
		ClientID: o.set.ClientID, ClientSecret: o.set.ClientSecret, Endpoint: endpoint,
		RedirectURL: o.public.JoinPath(openidCallback).String(), Scopes: scopes,
	}
}
