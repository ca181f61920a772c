package server

import (
	"net/http"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/rs/xid"

	"github.com/ringthrough/ringthrough/flow/store"
)

// access is the least role of every call (design §7).
var access = map[string]store.Role{
	"GET /v1/entries":                store.RoleViewer,
	"POST /v1/entries":               store.RoleEditor,
	"GET /v1/entries/{id}":           store.RoleViewer,
	"PATCH /v1/entries/{id}":         store.RoleEditor,
	"DELETE /v1/entries/{id}":        store.RoleEditor,
	"GET /v1/lines":                  store.RoleViewer,
	"GET /v1/lines/{name}":           store.RoleViewer,
	"PUT /v1/lines/{name}":           store.RoleEditor,
	"DELETE /v1/lines/{name}":        store.RoleEditor,
	"GET /v1/windows":                store.RoleViewer,
	"POST /v1/windows":               store.RoleEditor,
	"GET /v1/windows/{id}":           store.RoleViewer,
	"DELETE /v1/windows/{id}":        store.RoleEditor,
	"GET /v1/calls":                  store.RoleViewer,
	"GET /v1/calls/{id}":             store.RoleViewer,
	"POST /v1/calls/{id}/outcome":    store.RoleEditor,
	"POST /v1/calls/{id}/promote":    store.RoleEditor,
	"GET /v1/calls/stream":           store.RoleViewer,
	"GET /v1/tokens":                 store.RoleAdmin,
	"POST /v1/tokens":                store.RoleAdmin,
	"DELETE /v1/tokens/{id}":         store.RoleAdmin,
	"POST /v1/explain":               store.RoleViewer,
	"POST /v1/erase":                 store.RoleAdmin,
	"GET /v1/check":                  store.RoleViewer,
	"GET /v1/lines/{name}/preflight": store.RoleViewer,
	"GET /v1/recent":                 store.RoleEditor,
	"POST /v1/import":                store.RoleEditor,
	"POST /v1/apply":                 store.RoleEditor,
	"GET /v1/export":                 store.RoleViewer,
	"GET /v1/revisions":              store.RoleViewer,
	"GET /v1/revisions/{n}":          store.RoleViewer,
	"GET /v1/revisions/{n}/diff":     store.RoleViewer,
	"POST /v1/revisions/{n}/restore": store.RoleAdmin,
	"GET /v1/audit":                  store.RoleAdmin,
	"GET /v1/audit/verify":           store.RoleAdmin,
	"GET /v1/notices":                store.RoleAdmin,
	"POST /v1/notices/test":          store.RoleAdmin,
}

func TestAccess(t *testing.T) {
	r := newRig(t)
	r.s.Drain() // a stream that is let in ends at once
	for call, least := range access {
		method, path, _ := strings.Cut(call, " ")
		path = strings.NewReplacer("{id}", "nobody", "{name}", "nobody", "{n}", "0").Replace(path)
		t.Run(call, func(t *testing.T) {
			r.do("", method, path, "").wantProblem(t, 401, `no token was shown: send one as "Authorization: Bearer …"`)
			got := r.do("wrong", method, path, "")
			got.wantProblem(t, 401, "the token is not known, or it has expired or been revoked")
			if got.header.Get("WWW-Authenticate") != `Bearer realm="ringthrough"` {
				t.Errorf("WWW-Authenticate %q", got.header.Get("WWW-Authenticate"))
			}
			for _, role := range []store.Role{store.RoleLookup, store.RoleViewer, store.RoleEditor, store.RoleAdmin} {
				got := r.do(string(role), method, path, "")
				if !role.Allows(least) {
					got.wantProblem(t, 403, "the token's role is "+string(role)+", and this needs "+string(least))
				} else if got.status == 401 || got.status == 403 || got.status >= 500 {
					t.Errorf("%s: %d %s", role, got.status, got.body)
				}
			}
		})
	}
	// Of each call, no token and a wrong one, and the roles below its least.
	refused := 2 * len(access)
	for _, least := range access {
		for _, role := range []store.Role{store.RoleLookup, store.RoleViewer, store.RoleEditor} {
			if !role.Allows(least) {
				refused++
			}
		}
	}
	if n := int(testutil.ToFloat64(r.s.metrics.authFailures.WithLabelValues("api"))); n != refused {
		t.Errorf("%d refusals counted, want %d", n, refused)
	}
}

func TestEveryCallHasARole(t *testing.T) {
	mux := http.NewServeMux()
	a := newAPI(&Server{}, mux, heartbeat)
	found := 0
	for path, item := range a.huma.OpenAPI().Paths {
		for _, op := range []*huma.Operation{item.Get, item.Put, item.Post, item.Patch, item.Delete, item.Head, item.Options, item.Trace} {
			if op == nil {
				continue
			}
			found++
			if least := access[op.Method+" "+path]; least == "" || op.Metadata[roleKey] != least {
				t.Errorf("%s %s needs %v, want %q", op.Method, path, op.Metadata[roleKey], least)
			}
		}
	}
	if found != len(access) {
		t.Errorf("%d calls, want %d", found, len(access))
	}
}

func TestTokenIsTakenFromEachPlace(t *testing.T) {
	r := newRig(t)
	for name, header := range map[string][]string{
		"key":             {"X-API-Key", "viewer"},
		"basic":           {"Authorization", "Basic YW55Ym9keTp2aWV3ZXI="}, // anybody:viewer
		"bearer any case": {"Authorization", "bearer viewer"},
	} {
		if got := r.do("", "GET", "/v1/lines", "", header...); got.status != 200 {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
}

func TestWhatIsNotServed(t *testing.T) {
	r := newRig(t)
	got := r.do("admin", "PUT", "/v1/entries", `{}`)
	got.wantProblem(t, 405, "this can be asked with GET, HEAD, POST")
	if got.header.Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("Allow %q", got.header.Get("Allow"))
	}
}

func TestRequestID(t *testing.T) {
	r := newRig(t)
	if got := r.do("viewer", "GET", "/v1/lines", "", "X-Request-Id", "abc-123"); got.header.Get("X-Request-Id") != "abc-123" {
		t.Errorf("the client's id becomes %q", got.header.Get("X-Request-Id"))
	}
	for name, id := range map[string]string{"none": "", "a long one": strings.Repeat("x", 129), "one with a blank": "a b", "one that is not ASCII": "é"} {
		got := r.do("", "GET", "/v1/lines", "", "X-Request-Id", id).header.Get("X-Request-Id")
		if _, err := xid.FromString(got); err != nil {
			t.Errorf("%s becomes %q", name, got)
		}
	}
}
