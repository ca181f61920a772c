package server

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

// armed makes a line that expects a call.
func (r *rig) armed() string {
	r.t.Helper()
	r.line()
	return r.do("editor", "POST", "/v1/windows", `{"line":"support-us","mode":"listed","duration":"1h"}`).id(r.t)
}

func TestCalls(t *testing.T) {
	r := newRig(t)
	window := r.armed()
	r.entry("+16505550100")
	direct := r.call("+16505550100", "c1")
	r.clock.forward(time.Minute)
	candidate := r.call("+442079460000", "c2")
	t.Run("one", func(t *testing.T) {
		r.do("viewer", "GET", "/v1/calls/"+direct, "").want(t, 200, with(direct, `{"id":"ID","at":"2026-11-22T21:00:00Z","hook":"flat","call_id":"c1","line":"support-us",
			"ani":"+16505550100","dnis":"+18005550100","kind":"direct","route":"direct","reason":"listed","expected":true,"entry":"+16505550100","label":"",
			"window":"`+window+`","target_kind":"number","target":"+15125550123","attempt":1,"attestation":"none","result":"","duration_seconds":0,
			"outcome":"","outcome_by":"","note":""}`))
		r.do("viewer", "GET", "/v1/calls/nobody", "").wantProblem(t, 404, "there is no such thing, or no longer")
	})
	for query, want := range map[string]string{
		"": candidate + " " + direct, "?kind=direct": direct, "?kind=candidate": candidate, "?kind=rehearsal": "", "?line=support-us": candidate + " " + direct, "?line=other": "",
		"?since=2026-11-22T21:00:01Z": candidate, "?until=2026-11-22T21:01:00Z": direct, "?since=2026-11-22T22:01:00%2B01:00": candidate,
	} {
		got := r.do("viewer", "GET", "/v1/calls"+query, "")
		var ids []string
		for _, item := range parsed(t, got.body).(map[string]any)["items"].([]any) {
			ids = append(ids, item.(map[string]any)["id"].(string))
		}
		if strings.Join(ids, " ") != want {
			t.Errorf("%q gives %v, want %s", query, ids, want)
		}
	}
	first := parsed(t, r.do("viewer", "GET", "/v1/calls?limit=1", "").body).(map[string]any)
	rest := r.do("viewer", "GET", "/v1/calls?limit=1&cursor="+first["next_cursor"].(string), "")
	if !strings.Contains(rest.body, direct) || strings.Contains(rest.body, candidate) {
		t.Errorf("second part: %s", rest.body)
	}
	r.do("viewer", "GET", "/v1/calls?since=yesterday&until=2026-13-01T00:00:00Z&kind=odd", "").wantProblem(t, 422, badFields,
		"kind", `must be one of "direct, candidate, rehearsal"`, "since", mustBeTime, "until", mustBeTime)
	r.do("viewer", "GET", "/v1/calls?cursor=made-up", "").wantProblem(t, 422, badFields, "cursor", "is not the next_cursor of an earlier part of this listing")
}

func TestOutcome(t *testing.T) {
	r := newRig(t)
	r.armed()
	r.entry("+16505550100")
	id := r.call("+16505550100", "c1")
	at := "/v1/calls/" + id + "/outcome"
	for range 2 { // said twice, counted once
		got := r.do("editor", "POST", at, `{"outcome":"code_received","note":"read by Dana"}`)
		if got.status != 200 || !strings.Contains(got.body, `"outcome":"code_received","outcome_by":"editor","note":"read by Dana"`) {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	if n := testutil.ToFloat64(r.s.metrics.outcomes.WithLabelValues("support-us", "code_received")); n != 1 {
		t.Errorf("counted %v times, want 1", n)
	}
	r.do("editor", "POST", at, `{"outcome":"lost"}`).wantProblem(t, 422, badFields, "outcome", `must be one of "code_received, code_missed, not_activation"`)
	r.do("editor", "POST", at, `{"note":"x"}`).wantProblem(t, 422, badFields, "outcome", missing)
	r.do("editor", "POST", at, `{"outcome":"code_missed","note":"`+strings.Repeat("x", 1001)+`"}`).wantProblem(t, 422, badFields, "note", "is too long: at most 1000 bytes")
	r.do("editor", "POST", "/v1/calls/nobody/outcome", `{"outcome":"code_missed"}`).wantProblem(t, 404, "there is no such thing, or no longer")
}

func TestPromote(t *testing.T) {
	r := newRig(t)
	r.armed()
	id := r.call("+442079460000", "c1")
	withheld := r.call("anonymous", "c2")
	t.Run("for the call's own line", func(t *testing.T) {
		got := r.do("editor", "POST", "/v1/calls/"+id+"/promote", "")
		got.want(t, http.StatusCreated, with(got.id(t), `{"id":"ID","pattern":"+442079460000","label":"","source":"","lines":["support-us"],"enabled":true,"min_attestation":"none","note":"",
			"created_at":"2026-11-22T21:00:00Z","created_by":"editor","updated_at":"2026-11-22T21:00:00Z","hits":0,"version":1,"state":"active"}`))
		if got.header.Get("Location") != "/v1/entries/"+got.id(t) || got.header.Get("ETag") != `"1"` {
			t.Errorf("header %v", got.header)
		}
		r.do("editor", "POST", "/v1/calls/"+id+"/promote", `{}`).wantProblem(t, 409,
			"+442079460000 is on the list already, as the entry "+got.id(t)+": edit that one instead")
		r.do("editor", "DELETE", got.header.Get("Location"), "")
	})
	t.Run("with everything", func(t *testing.T) {
		got := r.do("editor", "POST", "/v1/calls/"+id+"/promote", `{"label":"Meta 2","source":"call","lines":[],"expires_at":"2026-11-23T21:00:00Z","note":"n"}`)
		got.want(t, http.StatusCreated, with(got.id(t), `{"id":"ID","pattern":"+442079460000","label":"Meta 2","source":"call","lines":[],"expires_at":"2026-11-23T21:00:00Z",
			"enabled":true,"min_attestation":"none","note":"n","created_at":"2026-11-22T21:00:00Z","created_by":"editor","updated_at":"2026-11-22T21:00:00Z","hits":0,"version":1,"state":"active"}`))
	})
	r.do("editor", "POST", "/v1/calls/"+withheld+"/promote", `{}`).wantProblem(t, 422, "the call has no caller's number that could be put on the list")
	r.do("editor", "POST", "/v1/calls/nobody/promote", `{}`).wantProblem(t, 404, "there is no such thing, or no longer")
	r.do("editor", "POST", "/v1/calls/"+id+"/promote", `{"pattern":"+1650555*","expires_at":"soon"}`).wantProblem(t, 422, badFields,
		"expires_at", mustBeTime, "pattern", unknown)
}
