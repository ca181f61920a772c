package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/flow"
)

// defaultLine is a line of which nothing was said.
const defaultLine = `{"name":"NAME","numbers":[],"default":false,"enabled":true,"policy":"always","attestation":"reject_failed",
	"limit":{"calls":20,"per":"1h"},"targets":[],"redial_within":"90s","continue_url":"","announce":"",
	"timezone":"UTC","version":VERSION,"created_at":"2026-11-22T21:00:00Z","updated_at":"2026-11-22T21:00:00Z"}`

func lineLike(name string, version int) string {
	return strings.NewReplacer("NAME", name, "VERSION", fmt.Sprint(version)).Replace(defaultLine)
}

func TestPutLine(t *testing.T) {
	r := newRig(t)
	t.Run("with every default", func(t *testing.T) {
		got := r.do("editor", "PUT", "/v1/lines/plain", `{}`)
		got.want(t, http.StatusCreated, lineLike("plain", 1))
		if got.header.Get("ETag") != `"1"` {
			t.Errorf("ETag %q", got.header.Get("ETag"))
		}
	})
	t.Run("null is the default", func(t *testing.T) {
		r.do("editor", "PUT", "/v1/lines/plain", `{"name":null,"numbers":null,"targets":null,"limit":null,"announce":null}`).want(t, http.StatusOK, lineLike("plain", 1))
	})
	const full = `{"name":"support-us","numbers":["+18005550100","+442079460000"],"default":true,"enabled":false,"policy":"window","attestation":"B",
		"limit":{"calls":5,"per":"30m"},"targets":[{"kind":"number","address":"+15125550123","label":"Dana","hours":"Mo-Fr 08:00-18:00"},{"kind":"sip","address":"sip:desk@pbx.example.com"}],
		"redial_within":"45s","continue_url":"https://ivr.example.com/start","announce":"Write.","timezone":"Europe/Berlin"`
	const kept = `,"version":%d,"created_at":"2026-11-22T21:00:00Z","updated_at":"%s"}`
	t.Run("with everything, numbers as people write them", func(t *testing.T) {
		asWritten := strings.NewReplacer("+18005550100", "tel:+1 (800) 555-0100", "+442079460000", "+44 (0)20 7946 0000", "+15125550123", "+1 512-555-0123").Replace(full)
		r.do("editor", "PUT", "/v1/lines/support-us", asWritten+"}").want(t, http.StatusCreated, full+fmt.Sprintf(kept, 1, "2026-11-22T21:00:00Z"))
	})
	r.clock.forward(time.Minute)
	t.Run("what was got may be sent back, and is no edit", func(t *testing.T) {
		revision := r.board.Snapshot().Revision
		got := r.do("viewer", "GET", "/v1/lines/support-us", "")
		r.do("editor", "PUT", "/v1/lines/support-us", got.body, "If-Match", got.header.Get("ETag")).want(t, http.StatusOK, got.body)
		if r.board.Snapshot().Revision != revision {
			t.Errorf("revision %d, want %d", r.board.Snapshot().Revision, revision)
		}
	})
	t.Run("a put replaces the whole", func(t *testing.T) {
		got := r.do("editor", "PUT", "/v1/lines/support-us", `{"numbers":["+18005550100"],"limit":{"calls":7}}`)
		var line flow.Line
		if err := json.Unmarshal([]byte(got.body), &line); err != nil || got.status != http.StatusOK {
			t.Fatalf("%v: %d %s", err, got.status, got.body)
		}
		if !line.Enabled || line.Default || line.Timezone != "UTC" || len(line.Targets) != 0 || line.Limit != (flow.Limit{Calls: 7, Per: flow.DefaultLimitPer}) {
			t.Errorf("%+v", line)
		}
	})
	t.Run("the listing is by name", func(t *testing.T) {
		got := r.do("viewer", "GET", "/v1/lines", "")
		if strings.Index(got.body, `"plain"`) > strings.Index(got.body, `"support-us"`) || strings.Count(got.body, `"version"`) != 2 {
			t.Errorf("%s", got.body)
		}
	})
}

func TestPutLineRefused(t *testing.T) {
	r := newRig(t)
	r.line()
	r.do("editor", "PUT", "/v1/lines/rest", `{"default":true}`)
	for _, c := range []struct {
		name, line, body string
		status           int
		fields           []string
	}{
		{"another name than the path's", "a", `{"name":"b"}`, 422, []string{"name", `is "b", and the path says "a": lines are not renamed, make a new one`}},
		{"a name with a blank in it", "a%20b", `{}`, 422, []string{"name", "must be 1 to 63 of a to z, 0 to 9 and -, such as support-us"}},
		{"unknown fields, inner ones too", "a", `{"number":[],"limit":{"count":1},"targets":[{"kind":"queue","address":"q","hour":"24/7"}]}`, 422,
			[]string{"limit.count", unknown, "number", unknown, "targets[0].hour", unknown}},
		{"what a target can't be without", "a", `{"targets":[{}]}`, 422, []string{"targets[0].address", missing, "targets[0].kind", missing}},
		{"words of no set", "a", `{"policy":"never","attestation":"D","targets":[{"kind":"fax","address":"x"}]}`, 422,
			[]string{"attestation", `must be one of "reject_failed, ignore, C, B, A"`, "policy", `must be one of "always, window"`, "targets[0].kind", `must be one of "number, sip, queue, user, mailbox"`}},
		{"numbers and spans that can't be read", "a", `{"numbers":["nobody"],"redial_within":"soon","limit":{"per":"an hour"}}`, 422,
			[]string{"limit.per", `"an hour" is no span of time: write it as 90s, 15m, 2h or 7d`,
				"redial_within", `"soon" is no span of time: write it as 90s, 15m, 2h or 7d`,
				"numbers[0]", `"nobody" is no number that can be read: write + and the country code first, as in +18005550100`}},
		{"numbers out of bounds", "a", `{"limit":{"calls":0}}`, 422, []string{"limit.calls", "must be at least 1"}},
		{"an integer that Go doesn't take for one", "a", `{"limit":{"calls":1e1}}`, 422, []string{"limit.calls", "must be written as a plain whole number"}},
		{"a number of another line", "zz", `{"numbers":["+18005550100"]}`, 422, []string{"numbers[0]", "already belongs to the line support-us"}},
		{"a second default", "zz", `{"default":true}`, 422, []string{"default", "is already the line rest: at most one line takes calls to numbers of no line"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r.do("editor", "PUT", "/v1/lines/"+c.line, c.body).wantProblem(t, c.status, badFields, c.fields...)
		})
	}
	if n := len(r.board.Snapshot().Lines()); n != 2 {
		t.Errorf("%d lines serve after refusals, want 2", n)
	}
}

func TestLineVersions(t *testing.T) {
	r := newRig(t)
	const at = "/v1/lines/a"
	r.do("editor", "PUT", at, `{}`, "If-Match", `"1"`).wantProblem(t, 412, "there is no such line, or no longer")
	if got := r.do("editor", "PUT", at, `{}`, "If-None-Match", `*`); got.status != 201 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	r.do("editor", "PUT", at, `{}`, "If-None-Match", `*`).wantProblem(t, 412, "there is a line of that name already")
	if got := r.do("editor", "PUT", at, `{"enabled":false}`, "If-Match", `"1"`); got.status != 200 || got.header.Get("ETag") != `"2"` {
		t.Fatalf("%d %s", got.status, got.body)
	}
	const lost = "somebody else has changed it meanwhile: its version is 2 now. Read it again, then repeat the edit"
	r.do("editor", "PUT", at, `{}`, "If-Match", `"1"`).wantProblem(t, 412, lost)
	r.do("editor", "DELETE", at, "", "If-Match", `"1"`).wantProblem(t, 412, lost)
	r.do("viewer", "GET", at, "", "If-None-Match", `"2"`).want(t, 304, "")
	r.do("editor", "DELETE", at, "", "If-Match", `"2"`).want(t, 204, "")
	r.do("viewer", "GET", at, "").wantProblem(t, 404, "there is no such thing, or no longer")
	r.do("editor", "DELETE", at, "").wantProblem(t, 404, "there is no such thing, or no longer")
}

func TestDeleteLine(t *testing.T) {
	r := newRig(t)
	r.line()
	r.entry("+16505550100") // for every line: keeps none
	t.Run("not while entries name it", func(t *testing.T) {
		r.entry("+16505550101", "support-us")
		r.entry("+16505550102", "support-us")
		r.do("editor", "DELETE", "/v1/lines/support-us", "").wantProblem(t, 409,
			"delete line support-us: still named by entries: 2, of which the first is +16505550101. Change or delete them first")
		for _, id := range []string{"+16505550101", "+16505550102"} {
			r.do("editor", "PATCH", "/v1/entries/"+id, `{"lines":[]}`)
		}
	})
	t.Run("closes its windows in the same edit", func(t *testing.T) {
		open := r.do("editor", "POST", "/v1/windows", `{"line":"support-us","mode":"listed","duration":"1h"}`).id(t)
		planned := r.do("editor", "POST", "/v1/windows", `{"line":"support-us","mode":"listed","opens_at":"2026-11-23T21:00:00Z","duration":"1h"}`).id(t)
		revision := r.board.Snapshot().Revision
		r.do("editor", "DELETE", "/v1/lines/support-us", "").want(t, 204, "")
		if got := r.board.Snapshot().Revision; got != revision+1 {
			t.Errorf("revision %d, want %d", got, revision+1)
		}
		for _, id := range []string{open, planned} {
			if got := r.do("viewer", "GET", "/v1/windows/"+id, ""); !strings.Contains(got.body, `"state":"closed"`) {
				t.Errorf("window %s: %d %s", id, got.status, got.body)
			}
		}
	})
}
