package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/flow/store"
)

func TestSignInIsRefused(t *testing.T) {
	r := newRig(t)
	for name, token := range map[string]string{
		"nobody's token": "rt_nobody", "an IVR's": "lookup", "none": "", "one that is no token": strings.Repeat("x", 4000), "markup": "<script>alert(1)</script>",
	} {
		t.Run(name, func(t *testing.T) {
			p := r.stranger().post("/sign-in", "token", token)
			if p.status != http.StatusUnauthorized || len(p.header.Values("Set-Cookie")) > 0 {
				t.Errorf("status %d, cookies %q", p.status, p.header.Values("Set-Cookie"))
			}
			p.shows(t, `role="alert"`)
			if len(token) > 8 && strings.Contains(p.text, token) {
				t.Error("the page shows what was typed")
			}
		})
	}
}

func TestSessionCookieIsKeptFromScriptsAndOtherSites(t *testing.T) {
	r := newRig(t)
	v := r.stranger()
	v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	cookie := v.post("/sign-in", "token", "viewer").header.Get("Set-Cookie")
	for _, attribute := range []string{"ringthrough=", "HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(cookie, attribute) {
			t.Errorf("%q is without %s", cookie, attribute)
		}
	}
	if strings.Contains(cookie, "viewer") {
		t.Errorf("the cookie can be read: %s", cookie)
	}
}

func TestSessionEnds(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(r *rig, v *visitor)
		in   bool
	}{
		{"nothing done for just under two hours", func(r *rig, _ *visitor) { r.forward(2*time.Hour - time.Minute) }, true},
		{"nothing done for two hours", func(r *rig, _ *visitor) { r.forward(2 * time.Hour) }, false},
		{"twelve hours, busy all the time", func(r *rig, v *visitor) {
			for range 12 {
				v.get("/docs")
				v.get("/calls")
				r.forward(time.Hour)
			}
		}, false},
		{"eleven hours, busy all the time", func(r *rig, v *visitor) {
			for range 11 {
				v.get("/calls")
				r.forward(time.Hour)
			}
		}, true},
		{"the page's own requests are nothing done", func(r *rig, v *visitor) {
			v.header.Set("Ringthrough-Background", "1")
			for range 4 {
				r.forward(time.Hour)
				v.get("/calls")
			}
			v.header.Del("Ringthrough-Background")
		}, false},
		{"signed out", func(_ *rig, v *visitor) { v.post("/sign-out") }, false},
		{"the token is revoked", func(r *rig, _ *visitor) {
			r.edit(store.Change{Op: store.OpDelete, Kind: store.KindToken, Key: "token-editor"})
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			v := r.visitor("editor")
			tt.end(r, v)
			if p := v.get("/calls"); (p.path == "/calls") != tt.in {
				t.Errorf("ended up at %s", p.path)
			}
		})
	}
}

func TestACopyOfTheCookieIsSignedOutToo(t *testing.T) {
	r := newRig(t)
	v, thief := r.visitor("editor"), r.stranger()
	at, err := url.Parse(r.url)
	if err != nil {
		t.Fatal(err)
	}
	thief.client.Jar.SetCookies(at, v.client.Jar.Cookies(at))
	if p := thief.get("/calls"); p.path != "/calls" {
		t.Fatalf("the copy doesn't work even before: %s", p.path)
	}
	v.post("/sign-out")
	if p := thief.get("/calls"); p.path == "/calls" {
		t.Error("the copy still works")
	}
}

func TestWhatWasTypedSurvivesTheSignIn(t *testing.T) {
	r := newRig(t).withLine()
	v := r.visitor("editor")
	r.forward(3 * time.Hour)
	p := v.post("/activate/support-us/callers", "numbers", "+442079460000, \"><img src=x>", "keep", "72h")
	if p.status != http.StatusUnauthorized {
		t.Fatalf("status %d", p.status)
	}
	p.shows(t, "What you typed is kept", `name="kept_path" value="/activate/support-us/callers"`)
	again := v.post("/sign-in", "token", "editor", "kept_path", p.hidden(t, "kept_path"), "kept_body", p.hidden(t, "kept_body"))
	again.shows(t, "Send it now", `action="/activate/support-us/callers"`, `name="keep" value="72h"`, "&#34;&gt;&lt;img")
	v.post("/activate/support-us/callers", "numbers", again.hidden(t, "numbers"), "keep", again.hidden(t, "keep")).shows(t, "The numbers are on the list.")
}

func TestNobodyIsSentElsewhere(t *testing.T) {
	r := newRig(t)
	for _, next := range []string{"https://evil.example/", "//evil.example/", `/\evil.example`, "javascript:alert(1)", "evil", "/\tx", ""} {
		t.Run(next, func(t *testing.T) {
			v := r.stranger()
			v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			if to := v.post("/sign-in", "token", "viewer", "next", next).header.Get("Location"); to != "/" {
				t.Errorf("sent to %q", to)
			}
		})
	}
}

func TestAnotherSitesFormsAreRefused(t *testing.T) {
	r := newRig(t).withLine()
	for _, path := range []string{"/sign-in", "/sign-out", "/activate/support-us/arm", "/activate/support-us/callers"} {
		t.Run(path, func(t *testing.T) {
			v := r.visitor("editor")
			v.header.Set("Sec-Fetch-Site", "cross-site")
			if p := v.post(path, "token", "editor", "duration", "15m", "numbers", stranger.String()); p.status != http.StatusForbidden {
				t.Errorf("status %d", p.status)
			}
		})
	}
	if open := r.board.Snapshot().Live("support-us").Windows; len(open) > 0 {
		t.Errorf("windows were opened: %v", open)
	}
}

func TestPagesMayLoadNothingFromElsewhere(t *testing.T) {
	h := newRig(t).stranger().get("/sign-in").header
	for name, want := range map[string]string{
		"Content-Security-Policy": "script-src 'self'", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "same-origin",
	} {
		if !strings.Contains(h.Get(name), want) {
			t.Errorf("%s: %q, want %q in it", name, h.Get(name), want)
		}
	}
	if policy := h.Get("Content-Security-Policy"); strings.Contains(policy, "unsafe") || !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("the policy is %q", policy)
	}
}
