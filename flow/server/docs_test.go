package server

import (
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

func TestDocument(t *testing.T) {
	r := newRig(t)
	got := r.do("", "GET", "/openapi.json", "")
	if got.status != 200 || got.header.Get("Content-Type") != "application/openapi+json" {
		t.Fatalf("%d %v", got.status, got.header)
	}
	document := parsed(t, got.body).(map[string]any)
	t.Run("is valid OpenAPI 3.1", func(t *testing.T) {
		if version := document["openapi"]; version != "3.1.0" {
			t.Errorf("openapi %v", version)
		}
		if ok, problems := documentJudge(t).ValidateDocument(); !ok {
			for _, p := range problems {
				t.Errorf("%s: %s %v", p.Message, p.Reason, p.SchemaValidationErrors)
			}
		}
	})
	t.Run("has every call that is served", func(t *testing.T) {
		described := map[string]bool{}
		for path, item := range document["paths"].(map[string]any) {
			for method := range item.(map[string]any) {
				described[strings.ToUpper(method)+" "+path] = true
			}
		}
		served := map[string]bool{}
		for call := range access {
			served[call] = true
		}
		if diff := cmp.Diff(served, described); diff != "" {
			t.Errorf("calls (-served +described):\n%s", diff)
		}
	})
	t.Run("says what a new entry can't be without", func(t *testing.T) {
		schemas := document["components"].(map[string]any)["schemas"].(map[string]any)
		for schema, required := range map[string][]any{"NewEntry": {"pattern"}, "EntryFields": nil, "NewWindow": {"line", "mode"}, "NewToken": {"name", "role"}} {
			got, _ := schemas[schema].(map[string]any)["required"].([]any)
			if diff := cmp.Diff(required, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", schema, diff)
			}
		}
	})
	t.Run("is the same in YAML", func(t *testing.T) {
		var fromYAML any
		in := r.do("", "GET", "/openapi.yaml", "")
		if err := yaml.Unmarshal([]byte(in.body), &fromYAML); err != nil {
			t.Fatal(err)
		}
		asJSON, err := marshal(fromYAML)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(document, parsed(t, string(asJSON))); diff != "" {
			t.Errorf("documents (-json +yaml):\n%s", diff)
		}
	})
}

func TestDocsPage(t *testing.T) {
	r := newRig(t)
	page := r.do("", "GET", "/docs", "")
	if page.status != 200 || page.header.Get("Content-Type") != "text/html; charset=utf-8" || page.header.Get("Content-Security-Policy") != docsPolicy {
		t.Fatalf("%d %v", page.status, page.header)
	}
	for call, role := range access {
		method, path, _ := strings.Cut(call, " ")
		if !strings.Contains(page.body, `<b class="`+method+`">`+method+`</b> <code>`+path+`</code>`) {
			t.Errorf("%s is not on the page", call)
		}
		if !strings.Contains(page.body, `<i>`+string(role)+`</i>`) {
			t.Errorf("the role %s is not on the page", role)
		}
	}
	if found := regexp.MustCompile(`(?i)<script|\sstyle=|\son[a-z]+=|https?://`).FindString(page.body); found != "" {
		t.Errorf("the page has %q in it: it must work offline and under its policy", found)
	}
	for _, link := range regexp.MustCompile(`(?:href|src)="([^"]+)"`).FindAllStringSubmatch(page.body, -1) {
		if anchor, ok := strings.CutPrefix(link[1], "#"); ok {
			if !strings.Contains(page.body, `id="`+anchor+`"`) {
				t.Errorf("the link %s leads nowhere", link[1])
			}
		} else if got := r.do("", "GET", link[1], ""); got.status != 200 && link[1] != "/" { // the console asks to sign in
			t.Errorf("the link %s gives %d", link[1], got.status)
		}
	}
}
