package server

import (
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/flow/store"
)

func TestCreateToken(t *testing.T) {
	r := newRig(t)
	got := r.do("admin", "POST", "/v1/tokens", `{"name":" Genesys ","role":"viewer","expires_at":"2026-11-22T22:00:00Z"}`)
	made := parsed(t, got.body).(map[string]any)
	secret, _ := made["token"].(string)
	if !regexp.MustCompile(`^rt_[A-Za-z0-9_-]{43}$`).MatchString(secret) {
		t.Fatalf("token %q", secret)
	}
	got.want(t, http.StatusCreated, with(got.id(t), `{"id":"ID","name":"Genesys","role":"viewer","token":"`+secret+`","expires_at":"2026-11-22T22:00:00Z"}`))
	if listed := r.do(secret, "GET", "/v1/lines", ""); listed.status != 200 {
		t.Errorf("a new token doesn't let in: %d %s", listed.status, listed.body)
	}
	t.Run("the secret is nowhere to be had again", func(t *testing.T) {
		listing := r.do("admin", "GET", "/v1/tokens", "")
		if strings.Contains(listing.body, secret) || strings.Contains(listing.body, `"hash"`) || strings.Contains(r.log.String(), secret) {
			t.Error("the secret or its hash is shown")
		}
		if !strings.Contains(listing.body, `"name":"Genesys","role":"viewer","created_at":"2026-11-22T21:00:00Z","created_by":"admin","expires_at":"2026-11-22T22:00:00Z"}`) {
			t.Errorf("%s", listing.body)
		}
	})
	t.Run("it expires", func(t *testing.T) {
		r.clock.forward(time.Hour)
		r.do(secret, "GET", "/v1/lines", "").wantProblem(t, 401, "the token is not known, or it has expired or been revoked")
	})
}

func TestTwoTokensDiffer(t *testing.T) {
	if a, b := newSecret(), newSecret(); a == b {
		t.Errorf("%s twice", a)
	}
}

func TestCreateTokenRefused(t *testing.T) {
	r := newRig(t)
	for body, fields := range map[string][]string{
		`{}`:                                   {"name", missing, "role", missing},
		`{"name":"x","role":"root"}`:           {"role", `must be one of "lookup, viewer, editor, admin"`},
		`{"name":" ","role":"viewer"}`:         {"name", "is empty: say who or what bears the token"},
		`{"name":"a\nb","role":"viewer"}`:      {"name", "has control characters in it: write it on one line"},
		`{"name":"x","role":"viewer","ttl":1}`: {"ttl", unknown},
		`{"name":"x","role":"viewer","expires_at":"2026-11-22T21:00:00Z"}`: {"expires_at", "is in the past"},
	} {
		r.do("admin", "POST", "/v1/tokens", body).wantProblem(t, 422, badFields, fields...)
	}
	if n := len(r.board.Tokens()); n != 4 {
		t.Errorf("%d tokens after refusals, want 4", n)
	}
}

func TestRevokeToken(t *testing.T) {
	r := newRig(t)
	r.do("admin", "DELETE", "/v1/tokens/token-editor", "").want(t, 204, "")
	r.do("editor", "GET", "/v1/lines", "").wantProblem(t, 401, "the token is not known, or it has expired or been revoked")
	r.do("admin", "DELETE", "/v1/tokens/token-editor", "").wantProblem(t, 404, "there is no such thing, or no longer")
	const last = "this is the last valid admin token: make another one first"
	r.do("admin", "DELETE", "/v1/tokens/token-admin", "").wantProblem(t, 409, last)
	t.Run("an expired one is none to fall back on", func(t *testing.T) {
		r.do("admin", "POST", "/v1/tokens", `{"name":"short","role":"admin","expires_at":"2026-11-22T21:00:01Z"}`)
		r.clock.forward(time.Second)
		r.do("admin", "DELETE", "/v1/tokens/token-admin", "").wantProblem(t, 409, last)
	})
	t.Run("beside another it may go", func(t *testing.T) {
		r.token("second", store.RoleAdmin)
		r.do("admin", "DELETE", "/v1/tokens/token-admin", "").want(t, 204, "")
		r.do("second", "DELETE", "/v1/tokens/token-second", "").wantProblem(t, 409, last)
	})
}

func TestTwoAdminsDontRevokeEachOther(t *testing.T) {
	r := newRig(t)
	r.token("second", store.RoleAdmin)
	var all sync.WaitGroup
	all.Go(func() { r.do("admin", "DELETE", "/v1/tokens/token-second", "") })
	all.Go(func() { r.do("second", "DELETE", "/v1/tokens/token-admin", "") })
	all.Wait()
	tokens, err := r.store.Tokens(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	admins := 0
	for _, token := range tokens {
		if token.Role == store.RoleAdmin {
			admins++
		}
	}
	if admins != 1 {
		t.Errorf("%d admins are left, want 1", admins)
	}
}
