package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/ringthrough/ringthrough/flow/store"
)

// opened opens a house with a configuration file of this text.
func opened(t *testing.T, text string) (*house, error) {
	t.Helper()
	config := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := readSettings(config)
	if err != nil {
		return nil, err
	}
	h, err := openHouse(t.Context(), set.under(settings{Data: t.TempDir()}), zerolog.Nop())
	if err == nil {
		t.Cleanup(func() { _ = h.close(t.Context()) })
	}
	return h, err
}

const openidText = `
console:
  public_url: https://ringthrough.example.com
  openid:
    name: Staff login
    issuer: https://login.example.com/realms/staff
    client_id: ringthrough
    client_secret: env:RINGTHROUGH_TEST_CLIENT_SECRET
    scopes: [openid, profile, email, groups]
    groups_claim: groups
    roles:
      viewer: [staff]
      editor: [ops, shift-leads]
      admin: [telephony]
`

func TestConsoleConfiguration(t *testing.T) {
	t.Setenv("RINGTHROUGH_TEST_CLIENT_SECRET", "hush-hush")
	if _, err := opened(t, openidText); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, was, is, want string }{
		{"an unknown key", "public_url:", "publik_url:", "publik_url"},
		{"an unknown key of the provider's", "client_id:", "klient_id:", "klient_id"},
		{"a public URL without a scheme", "https://ringthrough.example.com", "ringthrough.example.com", "console.public_url"},
		{"no public URL", "  public_url: https://ringthrough.example.com\n", "", "console.public_url"},
		{"an issuer by http", "https://login", "http://login", "console.openid.issuer"},
		{"no client", "    client_id: ringthrough\n", "", "console.openid.client_id"},
		{"a secret's variable that isn't set", "env:RINGTHROUGH_TEST_CLIENT_SECRET", "env:RINGTHROUGH_TEST_GONE", "console.openid.client_secret"},
		{"a secret's file that isn't there", "env:RINGTHROUGH_TEST_CLIENT_SECRET", "file:/nowhere/secret", "console.openid.client_secret"},
		{"a role that people don't have", "viewer: [staff]", "lookup: [staff]", "console.openid.roles"},
		{"a role of no group", "viewer: [staff]", "viewer: []", "console.openid.roles.viewer"},
		{"a secret that is no text", "env:RINGTHROUGH_TEST_CLIENT_SECRET", "[hush-hush]", "read configuration"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := opened(t, strings.Replace(openidText, tt.was, tt.is, 1))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("%v doesn't name %s", err, tt.want)
			}
			if strings.Contains(err.Error(), "hush-hush") {
				t.Errorf("a secret stands in %v", err)
			}
		})
	}
}

func TestDemoSaysHowToSignIn(t *testing.T) {
	h, err := opened(t, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.firstToken(t.Context()); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := h.demonstrate(t.Context(), &out, "127.0.0.1:8080"); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "http://127.0.0.1:8080/\n") {
		t.Errorf("no address to click:\n%s", &out)
	}
	found := regexp.MustCompile(`with the token (rt_\S+)`).FindStringSubmatch(out.String())
	if found == nil {
		t.Fatalf("no token:\n%s", &out)
	}
	if token, ok := h.board.Bearer([]byte(found[1])); !ok || token.Role != store.RoleAdmin {
		t.Errorf("the token is %+v, %v", token, ok)
	}
	if err := os.Remove(filepath.Join(h.set.Data, tokenFile)); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := h.demonstrate(t.Context(), &out, "127.0.0.1:8080"); err != nil || !strings.Contains(out.String(), "a token of yours") {
		t.Errorf("without the file: %v\n%s", err, &out)
	}
}
