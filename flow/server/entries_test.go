package server

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/ani"
)

func TestCreateEntry(t *testing.T) {
	r := newRig(t)
	r.line()
	got := r.do("editor", "POST", "/v1/entries", `{"pattern":"tel:+1 (650) 555-0123","label":"Meta <call> 1","source":"OPS-7","lines":["support-us","support-us"],
		"not_before":"2026-11-22T20:00:00.123456+01:00","expires_at":"2026-11-25T21:00:00Z","min_attestation":"B","note":"first"}`)
	id := got.id(t)
	got.want(t, http.StatusCreated, with(id, `{"id":"ID","pattern":"+16505550123","label":"Meta <call> 1","source":"OPS-7","lines":["support-us"],
		"not_before":"2026-11-22T19:00:00.123Z","expires_at":"2026-11-25T21:00:00Z","enabled":true,"min_attestation":"B","note":"first",
		"created_at":"2026-11-22T21:00:00Z","created_by":"editor","updated_at":"2026-11-22T21:00:00Z","hits":0,"version":1,"state":"active"}`))
	if got.header.Get("Location") != "/v1/entries/"+id || got.header.Get("ETag") != `"1"` {
		t.Errorf("header: %v", got.header)
	}
	if again := r.do("viewer", "GET", "/v1/entries/"+id, ""); again.body != got.body {
		t.Errorf("read back:\n%s\nmade:\n%s", again.body, got.body)
	}
	lookup := r.do("lookup", "POST", "/v1/lookup", `{"ani":"+16505550123","dnis":"+18005550100","attestation":"A"}`)
	if !strings.Contains(lookup.body, `"route":"direct"`) {
		t.Errorf("a created entry must serve at once: %s", lookup.body)
	}
}

func TestCreateEntryDefaults(t *testing.T) {
	r := newRig(t)
	got := r.do("editor", "POST", "/v1/entries", `{"pattern":"+1650555*","label":null,"lines":null,"enabled":null,"expires_at":null}`)
	got.want(t, http.StatusCreated, with(got.id(t), `{"id":"ID","pattern":"+1650555*","label":"","source":"","lines":[],"enabled":true,"min_attestation":"none","note":"",
		"created_at":"2026-11-22T21:00:00Z","created_by":"editor","updated_at":"2026-11-22T21:00:00Z","hits":0,"version":1,"state":"active"}`))
}

func TestCreateEntryRefused(t *testing.T) {
	r := newRig(t)
	r.entry("+16505550199")
	long := strings.Repeat("x", 201)
	for _, c := range []struct {
		name, body string
		status     int
		detail     string
		fields     []string
	}{
		{"no pattern", `{"label":"x"}`, 422, badFields, []string{"pattern", "is missing"}},
		{"unknown fields are each named", `{"pattern":"+16505550123","lable":"x","id":"mine"}`, 422, badFields,
			[]string{"id", "is not known here: leave it out", "lable", "is not known here: leave it out"}},
		{"wrong types are each named", `{"pattern":1,"label":true,"lines":"support-us","enabled":"yes","expires_at":"tomorrow","min_attestation":"D"}`, 422, badFields,
			[]string{"enabled", "must be true or false", "expires_at", mustBeTime, "label", "must be a text", "lines", "must be a list",
				"min_attestation", `must be one of "none, C, B, A"`, "pattern", "must be a text"}},
		{"a list for an object", `[]`, 422, badFields, []string{"body", "must be an object"}},
		{"null for an object", `null`, 422, badFields, []string{"body", "must be an object"}},
		{"values are each named", `{"pattern":"+16505550123","label":"` + long + `","not_before":"2026-11-22T21:00:00Z","expires_at":"2026-11-22T21:00:00Z"}`, 422, badFields,
			[]string{"label", "is too long: at most 200 bytes", "expires_at", "is not after not_before: give a later time, or leave one of the two out"}},
		{"a line that isn't there", `{"pattern":"+16505550123","lines":["nobody"]}`, 422, badFields, []string{"lines[0]", `names "nobody", but there is no such line`}},
		{"broken JSON", `{"pattern":`, 400, "the body is not JSON: unexpected end of JSON input", nil},
		{"something behind the JSON", `{"pattern":"+16505550123"} x`, 400, "the body is not JSON: invalid character 'x' after top-level value", nil},
		{"nothing", ``, 400, "the body is not JSON: it is empty", nil},
		{"a pattern that is there", `{"pattern":"+1 650 555 0199"}`, 409,
			"+16505550199 is on the list already, as the entry +16505550199: edit that one instead", nil},
		{"a body over the limit", `{"pattern":"+16505550123","note":"` + strings.Repeat("x", maxAPIBody) + `"}`, 413, "the body is too large: at most 1 MiB", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r.do("editor", "POST", "/v1/entries", c.body).wantProblem(t, c.status, c.detail, c.fields...)
		})
	}
	if n := r.board.Snapshot().List.Len(); n != 1 {
		t.Errorf("%d entries serve after refusals, want 1", n)
	}
}

func TestUnreadablePatternIsNamedOnce(t *testing.T) {
	got := newRig(t).do("editor", "POST", "/v1/entries", `{"pattern":"+165*"}`)
	if got.status != 422 || strings.Count(got.body, `"field":"pattern"`) != 1 {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestBodiesThatAreNotJSON(t *testing.T) {
	r := newRig(t)
	const want = "send JSON, with Content-Type: application/json"
	for _, contentType := range []string{"text/plain", "application/x-www-form-urlencoded", "application/json-patch+json", "application/merge-patch+json", "nonsense;;"} {
		r.do("editor", "POST", "/v1/entries", `{"pattern":"+16505550123"}`, "Content-Type", contentType).wantProblem(t, 415, want)
	}
	if got := r.do("editor", "POST", "/v1/entries", `{"pattern":"+16505550123"}`, "Content-Type", "Application/JSON; charset=UTF-8"); got.status != 201 {
		t.Errorf("a charset: %d %s", got.status, got.body)
	}
}

func TestPatchEntry(t *testing.T) {
	r := newRig(t)
	r.line()
	made := r.do("editor", "POST", "/v1/entries", `{"pattern":"+16505550123","label":"one","lines":["support-us"],"expires_at":"2026-11-25T21:00:00Z","min_attestation":"A"}`)
	at := "/v1/entries/" + made.id(t)
	r.clock.forward(time.Minute)
	body := func(fields string, version int) string {
		return with(made.id(t), fmt.Sprintf(`{"id":"ID",%s,"source":"","note":"","created_at":"2026-11-22T21:00:00Z",
			"created_by":"editor","updated_at":"2026-11-22T21:01:00Z","hits":0,"version":%d}`, fields, version))
	}
	for i, c := range []struct{ name, patch, want string }{
		{"fields that are not named stay", `{"label":"two"}`,
			`"pattern":"+16505550123","label":"two","lines":["support-us"],"expires_at":"2026-11-25T21:00:00Z","enabled":true,"min_attestation":"A","state":"active"`},
		{"null clears", `{"expires_at":null,"label":null,"min_attestation":null,"lines":null}`,
			`"pattern":"+16505550123","label":"","lines":[],"enabled":true,"min_attestation":"none","state":"active"`},
		{"the pattern may change", `{"pattern":"+16505550100-+16505550199","enabled":false}`,
			`"pattern":"+16505550100-+16505550199","label":"","lines":[],"enabled":false,"min_attestation":"none","state":"disabled"`},
		{"null is the default", `{"enabled":null}`,
			`"pattern":"+16505550100-+16505550199","label":"","lines":[],"enabled":true,"min_attestation":"none","state":"active"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r.do("editor", "PATCH", at, c.patch, "Content-Type", "application/merge-patch+json").want(t, 200, body(c.want, i+2))
		})
	}
	t.Run("what changes nothing makes no revision", func(t *testing.T) {
		revision := r.board.Snapshot().Revision
		got := r.do("editor", "PATCH", at, `{"enabled":true}`)
		if got.status != 200 || got.header.Get("ETag") != `"5"` || r.board.Snapshot().Revision != revision {
			t.Errorf("%d %v, revision %d then %d", got.status, got.header, revision, r.board.Snapshot().Revision)
		}
	})
}

func TestPatchEntryRefused(t *testing.T) {
	r := newRig(t)
	r.entry("+16505550100")
	r.entry("+16505550199")
	for _, c := range []struct {
		name, id, patch string
		status          int
		detail          string
		fields          []string
	}{
		{"a field that isn't there", "+16505550100", `{"labels":"x"}`, 422, badFields, []string{"labels", unknown}},
		{"what the server keeps itself", "+16505550100", `{"version":3}`, 422, badFields, []string{"version", unknown}},
		{"null for the pattern", "+16505550100", `{"pattern":null}`, 422, badFields, []string{"pattern", errTextOfNoPattern(t)}},
		{"a pattern that is there", "+16505550100", `{"pattern":"+16505550199"}`, 409,
			"+16505550199 is on the list already, as the entry +16505550199: edit that one instead", nil},
		{"an entry that isn't there", "nobody", `{"label":"x"}`, 404, "there is no such thing, or no longer", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r.do("editor", "PATCH", "/v1/entries/"+c.id, c.patch).wantProblem(t, c.status, c.detail, c.fields...)
		})
	}
}

// errTextOfNoPattern is what package ani says of an entry without one.
func errTextOfNoPattern(t *testing.T) string {
	t.Helper()
	e := ani.NewEntry()
	var p ani.Problems
	if !errors.As(e.Normalize(), &p) {
		t.Fatal("an entry without a pattern is taken")
	}
	return p[0].Text
}

func TestEntryVersions(t *testing.T) {
	r := newRig(t)
	r.entry("+16505550100")
	const at = "/v1/entries/+16505550100"
	const lost = "somebody else has changed it meanwhile: its version is 2 now. Read it again, then repeat the edit"
	if got := r.do("editor", "PATCH", at, `{"label":"two"}`, "If-Match", `"1"`); got.status != 200 || got.header.Get("ETag") != `"2"` {
		t.Fatalf("%d %v", got.status, got.header)
	}
	r.do("editor", "PATCH", at, `{"label":"three"}`, "If-Match", `"1"`).wantProblem(t, 412, lost)
	r.do("editor", "PATCH", at, `{"label":"three"}`, "If-Match", `W/"2"`).wantProblem(t, 412, lost) // If-Match compares strongly
	r.do("editor", "DELETE", at, "", "If-Match", `"1"`).wantProblem(t, 412, lost)
	for header, status := range map[string]int{`"2"`: 304, `W/"2"`: 304, `"1", "2"`: 304, `*`: 304, `"1"`: 200} {
		got := r.do("viewer", "GET", at, "", "If-None-Match", header)
		if got.status != status || got.header.Get("ETag") != `"2"` || (got.body == "") != (status == 304) {
			t.Errorf("If-None-Match %s: %d %v %q", header, got.status, got.header, got.body)
		}
	}
	r.do("editor", "DELETE", at, "", "If-Match", `"2"`).want(t, 204, "")
	r.do("editor", "DELETE", at, "").wantProblem(t, 404, "there is no such thing, or no longer")
	r.do("viewer", "GET", at, "").wantProblem(t, 404, "there is no such thing, or no longer")
}

func TestRacingPatchesLoseNothing(t *testing.T) {
	r := newRig(t)
	r.entry("+16505550100")
	var all sync.WaitGroup
	for _, patch := range []string{`{"label":"l"}`, `{"source":"s"}`, `{"note":"n"}`} {
		all.Go(func() {
			if got := r.do("editor", "PATCH", "/v1/entries/+16505550100", patch); got.status != 200 {
				t.Errorf("%s: %d %s", patch, got.status, got.body)
			}
		})
	}
	all.Wait()
	r.do("viewer", "GET", "/v1/entries/+16505550100", "").want(t, 200, `{"id":"+16505550100","pattern":"+16505550100","label":"l","source":"s","lines":[],
		"enabled":true,"min_attestation":"none","note":"n","created_at":"2026-11-22T21:00:00Z","created_by":"rig","updated_at":"2026-11-22T21:00:00Z","hits":0,"version":4,"state":"active"}`)
}

func TestListEntries(t *testing.T) {
	r := newRig(t)
	r.line()
	for i := range 25 {
		r.entry(fmt.Sprintf("+165055501%02d", i))
	}
	r.entry("+442079460000", "support-us")
	r.do("editor", "PATCH", "/v1/entries/+16505550107", `{"label":"100% Meta_call","enabled":false}`)
	t.Run("paging gives every entry once", func(t *testing.T) {
		seen := map[string]int{}
		cursor, pages := "", 0
		for more := true; more; more = cursor != "" {
			got := r.do("viewer", "GET", "/v1/entries?limit=10&cursor="+cursor, "")
			part := parsed(t, got.body).(map[string]any)
			for _, item := range part["items"].([]any) {
				seen[item.(map[string]any)["id"].(string)]++
			}
			cursor = part["next_cursor"].(string)
			pages++
		}
		if len(seen) != 26 || pages != 3 {
			t.Errorf("%d entries on %d pages, want 26 on 3", len(seen), pages)
		}
	})
	for query, want := range map[string]int{
		"": 26, "?q=meta_CALL": 1, "?q=%25": 1, "?state=disabled": 1, "?state=active": 25, "?line=support-us": 26, "?line=other": 25, "?q=nothing": 0, "?q=2079": 1,
	} {
		got := r.do("viewer", "GET", "/v1/entries"+query, "")
		if items := parsed(t, got.body).(map[string]any)["items"].([]any); len(items) != want {
			t.Errorf("%q gives %d entries, want %d", query, len(items), want)
		}
	}
	for query, fields := range map[string][]string{
		"?limit=0":            {"limit", "must be at least 1"},
		"?limit=1001":         {"limit", "must be at most 1000"},
		"?limit=ten":          {"limit", "must be a whole number"},
		"?state=gone":         {"state", `must be one of "active, scheduled, expired, disabled"`},
		"?cursor=made-up":     {"cursor", "is not the next_cursor of an earlier part of this listing"},
		"?stat=active":        {"stat", unknown},
		"?limit=0&state=gone": {"limit", "must be at least 1", "state", `must be one of "active, scheduled, expired, disabled"`},
	} {
		r.do("viewer", "GET", "/v1/entries"+query, "").wantProblem(t, 422, badFields, fields...)
	}
}
