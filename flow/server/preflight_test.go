package server

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// statuses are a preflight's in one line: whether the line is ready, then the
// checks that are not ok.
func (r *rig) statuses(line string) string {
	r.t.Helper()
	got := r.do("viewer", "GET", "/v1/lines/"+line+"/preflight", "")
	if got.status != 200 {
		r.t.Fatalf("%d %s", got.status, got.body)
	}
	p := parsed(r.t, got.body).(map[string]any)
	words := []string{p["line"].(string)}
	if p["ready"].(bool) {
		words = append(words, "ready")
	}
	for _, item := range p["checks"].([]any) {
		c := item.(map[string]any)
		if c["status"] != "ok" {
			words = append(words, c["code"].(string)+" "+c["status"].(string))
		}
		if c["text"].(string) == "" {
			r.t.Errorf("%s says nothing", c["code"])
		}
	}
	return strings.Join(words, ", ")
}

func TestPreflight(t *testing.T) {
	r := newRig(t)
	want := func(when, line, want string) {
		t.Helper()
		if diff := cmp.Diff(want, r.statuses(line)); diff != "" {
			t.Errorf("%s: -want +got\n%s", when, diff)
		}
	}
	r.armed()
	want("just made", "support-us", "support-us, number warn, entries fail, target warn, lookups warn, rehearsal warn")
	r.do("editor", "POST", "/v1/entries", `{"pattern":"+16505550123"}`)
	r.do("lookup", "POST", "/v1/lookup", `{"ani":"+442079460000","dnis":"+18005550100"}`)
	r.settled()
	want("asked about", "support-us", "support-us, ready, number warn, target warn, rehearsal warn")
	got := r.do("viewer", "GET", "/v1/lines/support-us/preflight", "")
	if !strings.Contains(got.body, `{"code":"lookups","status":"ok","text":"The IVR last asked about this line 0s ago (21:00 UTC), through the hook flat."}`) {
		t.Errorf("%s", got.body)
	}
	r.do("viewer", "GET", "/v1/lines/nobody/preflight", "").wantProblem(t, 404, "there is no such thing, or no longer")
	r.do("lookup", "GET", "/v1/lines/support-us/preflight", "").wantProblem(t, 403, "the token's role is lookup, and this needs viewer")
}

// The line that takes the calls to numbers of no line is looked at like the
// others: a call to any such number is for it.
func TestPreflightOfTheDefault(t *testing.T) {
	r := newRig(t)
	r.do("editor", "PUT", "/v1/lines/rest", `{"default":true,"targets":[{"kind":"user","address":"a"},{"kind":"user","address":"b"}]}`)
	r.entry("+16505550123")
	r.do("lookup", "POST", "/v1/lookup", `{"ani":"+442079460000","dnis":"+33142685300"}`)
	if diff := cmp.Diff("rest, ready, number warn, rehearsal warn, window warn", r.statuses("rest")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
