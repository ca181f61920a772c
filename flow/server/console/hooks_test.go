package console_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/server"
)

// withHooks opens two hooks beside plain /v1/lookup.
func (r *rig) withHooks() *rig {
	r.t.Helper()
	err := r.server.SetHooks([]server.HookConfig{
		{Name: "pbx", Dialect: "flat", Region: "US", Auth: server.AuthConfig{Scheme: "basic", Secrets: []string{"hush-hush"}}},
		{Name: "open", Dialect: "jambonz", Auth: server.AuthConfig{Scheme: "none"}},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return r
}

// asks is a lookup at the hook pbx.
func (r *rig) asks(password string, fields ...string) {
	r.t.Helper()
	ivr := r.stranger()
	ivr.header.Set("Authorization", basic("ivr", password))
	ivr.post("/v1/lookup/pbx", fields...)
}

func basic(user, password string) string {
	r, _ := http.NewRequest(http.MethodGet, "/", nil) // the address is a good one
	r.SetBasicAuth(user, password)
	return r.Header.Get("Authorization")
}

func TestHooksSayWhatEachLastSent(t *testing.T) {
	r := newRig(t).withLine().withHooks()
	v := r.visitor("admin")
	v.get("/hooks").shows(t, "None since the program started.", "Nothing.", "everybody is let in", "those of US", "left to the platform’s fallback")
	v.get("/").shows(t, "not since the program started")

	r.asks("hush-hush", "ani", stranger.String(), "dnis", dialled.String())
	p := v.get("/hooks")
	p.shows(t, stranger.Masked(), "not listed", "carries on")
	if strings.Contains(p.text, stranger.String()) {
		t.Error("a stranger's number is not masked")
	}
	r.asks("hush-hush", "ani", caller.String(), "dnis", dialled.String())
	v.get("/hooks").shows(t, caller.String(), "rings through", `href="/lines/support-us"`)
	r.visitor("viewer").get("/").shows(t, `<th scope="row">pbx</th>`, "support-us, listed")
}

func TestHooksSayWhatGoesWrong(t *testing.T) {
	r := newRig(t).withLine().withHooks()
	for range 3 {
		r.asks("guessed-password", "ani", stranger.String())
	}
	ivr := r.stranger()
	ivr.header.Set("Authorization", basic("ivr", "hush-hush"))
	ivr.header.Set("Content-Type", "application/json")
	ivr.post("/v1/lookup/pbx", "ani", "x")
	r.stranger().get("/v1/lookup?ani=" + ani.MustParse("+16505550177").String()) // without a token
	p := r.visitor("admin").get("/hooks")
	p.shows(t, "Sign-ins refused</dt><dd>3", "from <code>127.0.0.1</code>", "Last not read", "no token was shown")
	for _, secret := range []string{"guessed-password", "hush-hush", "+16505550177"} {
		if strings.Contains(p.text, secret) {
			t.Errorf("%s is shown", secret)
		}
	}
	r.withHooks() // a reload
	r.visitor("admin").get("/hooks").shows(t, "Sign-ins refused</dt><dd>3")
}

func TestHooksInTheBrowser(t *testing.T) {
	r := newRig(t).withLine().withHooks()
	b := r.browser("admin")
	b.click("Hooks")
	b.reads("h2", "pbx")
	r.asks("hush-hush", "ani", caller.String(), "dnis", dialled.String())
	r.asks("guessed", "ani", caller.String())
	r.ring(stranger)
	b.click("Look again")
	b.reads("dd", "rings through")
	b.judge("hooks")
}

func TestDocsInTheBrowser(t *testing.T) {
	r := newRig(t)
	b := r.browser("admin")
	b.click("API")
	b.reads("h1", "API")
	value[bool](b, `[...document.querySelectorAll("details")].forEach((d, i) => d.open = i % 10 === 0) || true`)
	b.judge("docs")
	b.click("← Console")
	b.sees(`nav[aria-label="Pages"]`)
}
