package console_test

import (
	"cmp"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/flow/store"
)

// stop is a page that the tests of all pages look at.
type stop struct {
	name     string     // of its screenshots
	template string     // that it is made of; empty: none of the console's
	least    store.Role // who may see it; empty: everybody
	path     string
	post     []string // the form that it answers; nil: it is asked for by GET
	file     string   // the file that it answers
	status   int      // 0: 200
}

// stops are all pages, on a stage.
func (s *stage) stops() []stop {
	const everybody, viewer, editor, admin = store.Role(""), store.RoleViewer, store.RoleEditor, store.RoleAdmin
	changed := []string{"pattern", caller.String(), "label", said("mine"), "version", "1", "expires", "at", "zone", "UTC", "zone_was", "UTC", "min_attestation", "none"}
	csv := "pattern,label\n" + caller.String() + ",\"" + strings.ReplaceAll(said("new"), `"`, `""`) + "\"\n"
	return []stop{
		{name: "sign-in", template: "sign-in", least: everybody, path: "/sign-in?next=/lines"},
		{name: "sign-in-refused", template: "sign-in", least: everybody, path: "/sign-in", post: []string{"token", markup}, status: http.StatusUnauthorized},
		{name: "signed-in-again", template: "again", least: everybody, path: "/sign-in", post: []string{"token", "admin", "kept_path", "/numbers/new", "kept_body", "label=%22%3E%3Cimg"}},
		{name: "now", template: "now", least: viewer, path: "/"},
		{name: "activate-choose", template: "activate-choose", least: viewer, path: "/activate?number=%2B442079460000"},
		{name: "activate", template: "activate", least: viewer, path: "/activate/support-us"},
		{name: "numbers", template: "numbers", least: viewer, path: "/numbers"},
		{name: "numbers-found", template: "numbers", least: viewer, path: "/numbers?q=nothing+like+it&state=active"},
		{name: "number", template: "number", least: viewer, path: "/numbers/entry-1"},
		{name: "number-new", template: "number-new", least: editor, path: "/numbers/new"},
		{name: "number-bad", template: "number-new", least: editor, path: "/numbers/new", post: []string{"pattern", markup, "zone", "UTC", "expires", "at", "expires_at", "soon"}, status: http.StatusUnprocessableEntity},
		{name: "number-conflict", template: "number-conflict", least: editor, path: "/numbers/entry-1", post: changed, status: http.StatusPreconditionFailed},
		{name: "import", template: "import", least: editor, path: "/numbers/import"},
		{name: "import-preview", template: "import-preview", least: editor, path: "/numbers/import", file: csv},
		{name: "import-bad", template: "import-bad", least: editor, path: "/numbers/import", file: "pattern,label\n" + csv, status: http.StatusUnprocessableEntity},
		{name: "history", template: "history", least: viewer, path: "/history"},
		{name: "revision", template: "revision", least: viewer, path: "/history/7"},
		{name: "compare", template: "compare", least: viewer, path: "/history/compare?from=9"},
		{name: "restore", template: "restore", least: admin, path: "/history/9/restore"},
		{name: "lines", template: "lines", least: viewer, path: "/lines"},
		{name: "line", template: "line", least: viewer, path: "/lines/support-us"},
		{name: "line-new", template: "line-edit", least: editor, path: "/lines/new"},
		{name: "line-edit", template: "line-edit", least: editor, path: "/lines/support-us/edit"},
		{name: "line-bad", template: "line-edit", least: editor, path: "/lines/new", post: []string{"name", markup, "numbers", markup, "limit.calls", markup, "do", "save"}, status: http.StatusUnprocessableEntity},
		{name: "line-race", template: "line-race", least: editor, path: "/lines/support-us/edit", post: s.stale, status: http.StatusPreconditionFailed},
		{name: "line-delete", template: "line-delete", least: editor, path: "/lines/support-us/delete"},
		{name: "explain", template: "explain", least: viewer, path: "/explain?ani=" + "%2B16505550123" + "&line=support-us"},
		{name: "line-explain", template: "explain", least: viewer, path: "/lines/support-us/explain?ani=anonymous"},
		{name: "window", template: "window", least: editor, path: "/windows/new?line=support-us&mode=listed"},
		{name: "window-sure", template: "window-sure", least: editor, path: "/windows", post: []string{"line", "support-us", "mode", "anyone", "duration", "1h", "note", said("note")}},
		{name: "calls", template: "calls", least: viewer, path: "/calls"},
		{name: "calls-filtered", template: "calls", least: viewer, path: "/calls?line=support-us&kind=direct"},
		{name: "call", template: "call", least: viewer, path: "/calls/" + s.call.ID},
		{name: "call-candidate", template: "call", least: viewer, path: "/calls/" + s.candidate.ID},
		{name: "candidates", template: "candidates", least: viewer, path: "/calls/candidates"},
		{name: "recent", template: "recent", least: editor, path: "/calls/recent"},
		{name: "hooks", template: "hooks", least: admin, path: "/hooks"},
		{name: "tokens", template: "tokens", least: admin, path: "/tokens"},
		{name: "token-new", template: "token-new", least: admin, path: "/tokens/new"},
		{name: "token-made", template: "token-made", least: admin, path: "/tokens/new", post: []string{"name", said("Dana"), "role", "lookup", "expires", "never"}, status: http.StatusCreated},
		{name: "token-revoke", template: "token-revoke", least: admin, path: "/tokens/stage-0/revoke"},
		{name: "audit", template: "audit", least: admin, path: "/audit"},
		{name: "audit-bad", template: "audit", least: admin, path: "/audit?since=2026-01-02&until=2025-01-01", status: http.StatusUnprocessableEntity},
		{name: "audit-verify", template: "audit-verify", least: admin, path: "/audit/verify"},
		{name: "failed", template: "failed", least: viewer, path: "/numbers/nobody", status: http.StatusNotFound},
		{name: "docs", least: everybody, path: "/docs"},
	}
}

// parts are what pages load by themselves.
func (s *stage) parts() []stop {
	const viewer = store.RoleViewer
	return []stop{
		{least: viewer, path: "/now/lines"}, {least: viewer, path: "/now/calls"}, {least: viewer, path: "/now/journal"}, {least: viewer, path: "/now/lines-table"},
		{least: viewer, path: "/activate/support-us/live"}, {least: viewer, path: "/calls/" + s.call.ID + "/now"},
		{least: viewer, path: "/lines/support-us/now"}, {least: viewer, path: "/lines/support-us/windows"},
		{least: viewer, path: "/numbers/export.csv"}, {least: viewer, path: "/numbers/export.yaml"},
	}
}

// stands is the template that the page bears.
func (p page) stands() string {
	_, after, _ := strings.Cut(p.text, `data-page="`)
	name, _, _ := strings.Cut(after, `"`)
	return name
}

// at looks at a page.
func (v *visitor) at(s stop) page {
	switch {
	case s.file != "":
		return v.upload(s.file, "mode", "merge")
	case s.post != nil:
		return v.post(s.path, s.post...)
	default:
		return v.get(s.path)
	}
}

func TestEveryPageIsLookedAt(t *testing.T) {
	s := newStage(t)
	looked := map[string]bool{}
	for _, stop := range s.stops() {
		looked[stop.template] = true
	}
	templates, err := filepath.Glob("templates/*.html")
	if err != nil || len(templates) == 0 {
		t.Fatal(err)
	}
	for _, path := range templates {
		if name := strings.TrimSuffix(filepath.Base(path), ".html"); name != "layout" && !looked[name] {
			t.Errorf("nobody looks at %s", path)
		}
	}
	patterns, mux := registered(t)
	for _, stop := range append(s.stops(), s.parts()...) {
		if stop.post == nil {
			_, pattern := mux.Handler(httptest.NewRequest(http.MethodGet, stop.path, nil))
			delete(patterns, pattern)
		}
	}
	for pattern := range patterns {
		t.Errorf("nobody looks at %s", pattern)
	}
}

// registered are the patterns of all pages, as they stand in the source.
func registered(t *testing.T) (patterns map[string]bool, mux *http.ServeMux) {
	t.Helper()
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	patterns, mux = map[string]bool{}, http.NewServeMux()
	for _, source := range sources {
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?:page\(mux, |open\()"(GET /[^"]*)"`).FindAllSubmatch(text, -1) {
			if pattern := string(m[1]); !strings.HasSuffix(source, "_test.go") && !patterns[pattern] {
				patterns[pattern] = true
				mux.Handle(pattern, http.NotFoundHandler())
			}
		}
	}
	if len(patterns) < 40 {
		t.Fatalf("%d patterns are found: that can't be all", len(patterns))
	}
	return patterns, mux
}

func TestEveryPageForEveryRole(t *testing.T) {
	s := newStage(t)
	visitors := map[store.Role]*visitor{"": s.stranger()}
	for _, role := range []store.Role{store.RoleViewer, store.RoleEditor, store.RoleAdmin} {
		visitors[role] = s.visitor(string(role))
	}
	for _, stop := range append(s.stops(), s.parts()...) {
		for role, v := range visitors {
			t.Run(stop.name+stop.path+" as "+cmp.Or(string(role), "nobody"), func(t *testing.T) {
				if v.t = t; stop.path == "/sign-in" {
					v = s.stranger() // or the role would be another from then on
				}
				p := v.at(stop)
				switch {
				case stop.least == "" || role.Allows(stop.least):
					p.is(t, cmp.Or(stop.status, http.StatusOK))
					if p.stands() != stop.template {
						t.Errorf("it is made of %q", p.stands())
					}
					if stop.name != "" {
						p.valid(t)
					}
				case role == "" && stop.post == nil && stop.file == "":
					p.is(t, http.StatusOK)
					if !strings.HasPrefix(p.path, "/sign-in") {
						t.Errorf("ended up at %s", p.path)
					}
				case role == "":
					p.is(t, http.StatusUnauthorized)
				default:
					p.is(t, http.StatusForbidden)
				}
				if html := strings.HasPrefix(p.header.Get("Content-Type"), "text/html"); html && strings.Contains(p.text, "<img") || html && strings.Contains(p.text, "<script>") {
					t.Error("what somebody wrote is markup")
				}
			})
		}
	}
}
