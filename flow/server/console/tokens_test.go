package console_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/ringthrough/ringthrough/flow/store"
)

// secretIn is the token that a page shows.
func (p page) secretIn(t *testing.T) string {
	t.Helper()
	_, after, ok := strings.Cut(p.text, "<textarea")
	_, after, opened := strings.Cut(after, ">")
	secret, _, closed := strings.Cut(after, "</textarea>")
	if !ok || !opened || !closed || !strings.HasPrefix(secret, "rt_") {
		t.Fatalf("no token is shown:\n%s", p.text)
	}
	return secret
}

func TestTokenIsShownOnce(t *testing.T) {
	r := newRig(t)
	v := r.visitor("admin")
	made := v.post("/tokens/new", "name", "ivr "+markup, "role", "lookup", "expires", "90d", "why", "the new flow")
	if made.status != http.StatusCreated || made.path != "/tokens/new" {
		t.Fatalf("status %d at %s", made.status, made.path)
	}
	secret := made.secretIn(t)
	if token, ok := r.board.Bearer([]byte(secret)); !ok || token.Role != store.RoleLookup || token.ExpiresAt.Sub(r.now()).Round(time.Hour) != 90*24*time.Hour {
		t.Errorf("the token is %+v, %v", token, ok)
	}
	if strings.Contains(made.text, markup) {
		t.Error("the name is markup")
	}
	for name, values := range made.header {
		if strings.Contains(strings.Join(values, " "), secret) {
			t.Errorf("the header %s has the token", name)
		}
	}
	for _, path := range []string{"/tokens", "/tokens/new", "/audit", "/history"} {
		if p := v.get(path); strings.Contains(p.text, secret) || strings.Contains(p.text, markup) {
			t.Errorf("%s shows the token, or the name as markup", path)
		}
	}
	v.get("/audit").shows(t, "the new flow")
}

// What compresses well tells how long it was: the page with a secret, in which
// the name stands too, is sent as it is.
func TestTokenIsNotCompressed(t *testing.T) {
	r := newRig(t)
	v := r.visitor("admin")
	v.header.Set("Accept-Encoding", "gzip")
	if p := v.get("/tokens/new"); p.header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("a page without a secret comes as %q: this test would not tell", p.header.Get("Content-Encoding"))
	}
	p := v.post("/tokens/new", "name", "ivr", "role", "lookup", "expires", "never")
	p.secretIn(t)
	if p.header.Get("Content-Encoding") != "" || p.header.Get("Cache-Control") != "no-store" || p.header.Get("No-Gzip-Compression") != "" {
		t.Errorf("header %v", p.header)
	}
}

func TestTokenThatCantBeMade(t *testing.T) {
	r := newRig(t)
	v := r.visitor("admin")
	before := len(r.board.Tokens())
	for _, tt := range []struct {
		name, field string
		form        []string
	}{
		{"no name", "name", []string{"role", "lookup", "expires", "never"}},
		{"a name of blanks", "name", []string{"name", "  ", "role", "lookup", "expires", "never"}},
		{"a name that is too long", "name", []string{"name", strings.Repeat("n", 201), "role", "lookup", "expires", "never"}},
		{"no role", "role", []string{"name", "ivr", "expires", "never"}},
		{"a role that there isn't", "role", []string{"name", "ivr", "role", markup, "expires", "never"}},
		{"nothing is said of its end", "expires_at", []string{"name", "ivr", "role", "lookup"}},
		{"the day is not said", "expires_at", []string{"name", "ivr", "role", "lookup", "expires", "day"}},
		{"no day", "expires_at", []string{"name", "ivr", "role", "lookup", "expires", "day", "expires_at", markup}},
		{"a day that is over", "expires_at", []string{"name", "ivr", "role", "lookup", "expires", "day", "expires_at", "2020-01-01"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := v.post("/tokens/new", tt.form...)
			if p.status != http.StatusUnprocessableEntity {
				t.Errorf("status %d", p.status)
			}
			p.shows(t, `href="#f-`+tt.field+`"`, `id="e-`+tt.field+`"`, `role="alert"`)
			if strings.Contains(p.text, markup) {
				t.Error("what was typed is markup")
			}
		})
	}
	if after := len(r.board.Tokens()); after != before {
		t.Errorf("%d tokens were made", after-before)
	}
}

func TestTokenIsGoodToTheEndOfItsDay(t *testing.T) {
	r := newRig(t)
	day := r.now().UTC().AddDate(0, 0, 3)
	p := r.visitor("admin").post("/tokens/new", "name", "ivr", "role", "lookup", "expires", "day", "expires_at", day.Format(time.DateOnly))
	token, ok := r.board.Bearer([]byte(p.secretIn(t)))
	if want := day.Truncate(24*time.Hour).AddDate(0, 0, 1); !ok || !token.ExpiresAt.Equal(want) {
		t.Errorf("it ends %s, want %s", token.ExpiresAt, want)
	}
}

func TestTokenIsRevoked(t *testing.T) {
	r := newRig(t)
	v, editor := r.visitor("admin"), r.visitor("editor")
	v.get("/tokens").shows(t, `href="/tokens/token-editor/revoke"`, "yours")
	v.get("/tokens/token-editor/revoke").shows(t, "signed out everywhere", "Revoke it now")
	v.get("/tokens/token-lookup/revoke").shows(t, "carry on into the normal IVR")
	p := v.post("/tokens/token-editor/revoke", "why", "left the team")
	p.shows(t, "The token editor is revoked.")
	if p.path != "/tokens" || strings.Contains(p.text, "/tokens/token-editor/revoke") {
		t.Errorf("at %s the token is still there", p.path)
	}
	if p := editor.get("/calls"); p.path == "/calls" {
		t.Error("who signed in with it still is")
	}
	v.get("/audit?kind=token").shows(t, "left the team")
	if p := v.post("/tokens/token-editor/revoke"); p.status != http.StatusNotFound {
		t.Errorf("once more: status %d", p.status)
	}
}

func TestLastAdminTokenStays(t *testing.T) {
	r := newRig(t)
	v := r.visitor("admin")
	v.get("/tokens/token-admin/revoke").shows(t, "This is the last valid token with the role admin", `href="/tokens/new"`)
	p := v.post("/tokens/token-admin/revoke")
	if p.status != http.StatusConflict {
		t.Errorf("status %d", p.status)
	}
	p.shows(t, "This is the last valid token with the role admin")
	v.post("/tokens/new", "name", "second", "role", "admin", "expires", "1d").secretIn(t)
	v.get("/tokens/token-admin/revoke").shows(t, "You have signed in with it yourself", "Revoke it now")
	r.forward(25 * time.Hour) // the second one has expired
	r.visitor("admin").get("/tokens/token-admin/revoke").shows(t, "This is the last valid token with the role admin")
	r.visitor("admin").get("/tokens").shows(t, "expired")
}

func TestTokensComeInPages(t *testing.T) {
	r := newRig(t)
	var changes []store.Change
	for i := range 120 {
		id := fmt.Sprintf("t%03d", i)
		changes = append(changes, store.Change{Op: store.OpCreate, Kind: store.KindToken, Key: id, Token: &store.Token{ID: id, Name: id, Role: store.RoleViewer, Hash: [32]byte{byte(i), 1}}})
	}
	r.edit(changes...)
	v := r.visitor("admin")
	seen := map[string]bool{}
	for _, path := range []string{"/tokens", "/tokens?page=2", "/tokens?page=3", "/tokens?page=4", "/tokens?page=-1", "/tokens?page=x"} {
		p := v.get(path)
		if n := strings.Count(p.text, "/revoke"); p.status != http.StatusOK || n == 0 || n > 50 {
			t.Errorf("%s: %d with %d tokens", path, p.status, n)
		}
		for _, part := range strings.Split(p.text, `href="/tokens/`)[1:] {
			if id, ok := strings.CutSuffix(strings.SplitN(part, `"`, 2)[0], "/revoke"); ok {
				seen[id] = true
			}
		}
	}
	if len(seen) != 124 {
		t.Errorf("%d tokens are shown, want 124", len(seen))
	}
}

func TestTokensAreForAdmins(t *testing.T) {
	r := newRig(t)
	for _, role := range []string{"viewer", "editor"} {
		v := r.visitor(role)
		for _, path := range []string{"/tokens", "/tokens/new", "/tokens/token-viewer/revoke", "/audit", "/audit/verify", "/hooks"} {
			if p := v.get(path); p.status != http.StatusForbidden {
				t.Errorf("%s gets %s: %d", role, path, p.status)
			}
		}
		for _, path := range []string{"/tokens/new", "/tokens/token-viewer/revoke"} {
			if p := v.post(path, "name", "mine", "role", "admin", "expires", "never"); p.status != http.StatusForbidden {
				t.Errorf("%s posts to %s: %d", role, path, p.status)
			}
		}
	}
	cross := r.visitor("admin")
	cross.header.Set("Sec-Fetch-Site", "cross-site")
	for _, path := range []string{"/tokens/new", "/tokens/token-viewer/revoke"} {
		if p := cross.post(path, "name", "mine", "role", "admin", "expires", "never"); p.status != http.StatusForbidden {
			t.Errorf("another site posts to %s: %d", path, p.status)
		}
	}
	if n := len(r.board.Tokens()); n != 4 {
		t.Errorf("there are %d tokens, want 4", n)
	}
}

func TestTokenFormSurvivesTheSignIn(t *testing.T) {
	r := newRig(t)
	v := r.visitor("admin")
	r.forward(3 * time.Hour)
	p := v.post("/tokens/new", "name", markup, "role", "viewer", "expires", "never")
	p.shows(t, "What you typed is kept")
	again := v.post("/sign-in", "token", "admin", "kept_path", p.hidden(t, "kept_path"), "kept_body", p.hidden(t, "kept_body"))
	again.shows(t, `action="/tokens/new"`)
	v.post("/tokens/new", "name", again.hidden(t, "name"), "role", again.hidden(t, "role"), "expires", again.hidden(t, "expires")).secretIn(t)
}

func TestTokenInTheBrowser(t *testing.T) {
	r := newRig(t)
	b := r.browser("admin")
	b.click("Tokens")
	b.reads("h1", "Tokens")
	b.click("New token")
	b.judge("token-new")
	b.fill("#f-name", "Dana "+markup)
	b.run(chromedp.Click(chromedp.CSS(`[value="viewer"]`)), chromedp.Click(chromedp.CSS(`[value="30d"]`)))
	b.click("Make the token")
	b.reads("h1", "Dana")
	b.sees(`[data-copy="secret"]`)
	b.judge("token-made")
	if secret := value[string](b, `document.getElementById("secret").value`); !strings.HasPrefix(secret, "rt_") {
		t.Errorf("the token is %q", secret)
	}
	b.click("I have it")
	b.reads("th", "Dana")
	b.judge("tokens")
	b.goTo("/tokens/token-lookup/revoke")
	b.judge("token-revoke")
	b.click("Revoke it now")
	b.reads(".said", "The token lookup is revoked.")
	b.goTo("/tokens/token-admin/revoke")
	b.judge("token-revoke-last")
}
