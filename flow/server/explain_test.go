package server

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/flow"
)

func TestExplain(t *testing.T) {
	r := newRig(t)
	r.line()
	r.entry("+16505550100")
	revision := r.board.Snapshot().Revision
	got := r.do("viewer", "POST", "/v1/explain", `{"ani":"(650) 555-0100","dnis":"+1 800 555 0100","attestation":"TN-Validation-Passed-A","region":"us"}`)
	var answer struct {
		flat  map[string]string
		Steps []flow.Step `json:"steps"`
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal([]byte(got.body), &all); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(all["steps"], &answer.Steps); err != nil {
		t.Fatal(err)
	}
	delete(all, "steps")
	answer.flat = map[string]string{}
	for key, raw := range all {
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			t.Fatalf("%s is no text: %s", key, raw)
		}
		answer.flat[key] = s
	}
	want := map[string]string{
		"lookup_id": "", "route": "direct", "reason": "listed", "detail": "+16505550100 is on the list", "expected": "false",
		"target_kind": "number", "target": "+15125550123", "backup_kind": "", "backup": "", "line": "support-us", "label": "",
		"announce": "", "ani": "+16505550100", "dnis": "+18005550100", "revision": "6",
	}
	if diff := cmp.Diff(want, answer.flat); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	if len(answer.Steps) != 16 || answer.Steps[15].Outcome != flow.Decided || answer.Steps[15].Reason != flow.ReasonListed {
		t.Errorf("steps: %+v", answer.Steps)
	}
	if s := r.board.Snapshot(); s.Revision != revision || len(s.Live("support-us").Directs) != 0 {
		t.Error("an explanation leaves a trace")
	}
}

func TestExplainAtAnotherTime(t *testing.T) {
	r := newRig(t)
	r.line()
	r.do("editor", "POST", "/v1/entries", `{"pattern":"+16505550100","not_before":"2026-11-23T00:00:00Z"}`)
	for body, reason := range map[string]string{
		`{"ani":"+16505550100","dnis":"+18005550100"}`:                             "entry_inactive",
		`{"ani":"+16505550100","dnis":"+18005550100","at":"2026-11-23T00:00:00Z"}`: "listed",
		`{"ani":"","dnis":"+18005550100"}`:                                         "ani_missing",
		`{"ani":"+16505550100","dnis":""}`:                                         "dnis_missing",
	} {
		got := r.do("viewer", "POST", "/v1/explain", body)
		if answer := parsed(t, got.body).(map[string]any); answer["reason"] != reason {
			t.Errorf("%s: %v, want %s", body, answer["reason"], reason)
		}
	}
	r.do("viewer", "POST", "/v1/explain", `{"at":"now","region":"USA","caller":"x"}`).wantProblem(t, 422, badFields,
		"ani", missing, "at", mustBeTime, "caller", unknown, "dnis", missing, "region", "must be two letters, such as US")
}
