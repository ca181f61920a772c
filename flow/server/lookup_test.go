package server

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

const (
	listed   = "+16505550123"
	stranger = "+442079460000"
	dialled  = "+18005550100"
)

// withLine gives a rig a line and one listed caller.
func withLine(r *rig) *rig {
	r.t.Helper()
	line := flow.NewLine()
	line.Name, line.Numbers = "support-us", []ani.Number{ani.MustParse(dialled)}
	line.Targets = []flow.Target{{Kind: flow.KindNumber, Address: "+15125550123"}, {Kind: flow.KindQueue, Address: "WhatsApp activation"}}
	entry := ani.NewEntry()
	entry.ID, entry.Pattern, entry.Label = "entry-1", ani.PatternOf(ani.MustParse(listed)), "Meta call 1"
	r.edit(
		store.Change{Op: store.OpCreate, Kind: store.KindLine, Key: line.Name, Line: &line},
		store.Change{Op: store.OpCreate, Kind: store.KindEntry, Key: entry.ID, Entry: &entry},
	)
	return r
}

// lookup asks as an IVR does and reads the flat reply.
func (r *rig) lookup(body string) map[string]string {
	r.t.Helper()
	a := r.do("lookup", "POST", "/v1/lookup", body)
	if a.status != http.StatusOK {
		r.t.Fatalf("status %d: %s", a.status, a.body)
	}
	flat := map[string]string{}
	if err := json.Unmarshal([]byte(a.body), &flat); err != nil {
		r.t.Fatalf("reply %q: %v", a.body, err)
	}
	return flat
}

func ask(caller string) string { return `{"ani":"` + caller + `","dnis":"` + dialled + `"}` }

func TestLookupRingsThrough(t *testing.T) {
	r := withLine(newRig(t))
	got := r.lookup(`{"ani":"tel:+1-650-555-0123","dnis":"8005550100","region":"US","call_id":"c1"}`)
	want := map[string]string{
		"lookup_id": got["lookup_id"], "route": "direct", "reason": "listed", "detail": listed + " is on the list (Meta call 1)", "expected": "false",
		"target_kind": "number", "target": "+15125550123", "backup_kind": "queue", "backup": "WhatsApp activation",
		"line": "support-us", "label": "Meta call 1", "announce": "", "ani": listed, "dnis": dialled, "revision": got["revision"],
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	row, err := r.store.Call(t.Context(), got["lookup_id"])
	if err != nil || row.Kind != store.CallDirect || row.CallID != "c1" {
		t.Errorf("the journal has %+v, %v when the reply has gone out", row, err)
	}
}

func TestLookupAlwaysGivesAnAnswerToActOn(t *testing.T) {
	r := withLine(newRig(t))
	tests := []struct{ name, method, target, body, reason string }{
		{"a stranger", "POST", "/v1/lookup", ask(stranger), "not_listed"},
		{"broken JSON", "POST", "/v1/lookup", `{"ani":"+1650`, "malformed"},
		{"JSON that is no object", "POST", "/v1/lookup", `["+16505550123"]`, "malformed"},
		{"null for everything", "POST", "/v1/lookup", "null", "malformed"},
		{"a caller without a number", "POST", "/v1/lookup", `{"dnis":"` + dialled + `"}`, "ani_missing"},
		{"null for the caller", "POST", "/v1/lookup", `{"ani":null,"dnis":"` + dialled + `"}`, "ani_missing"},
		{"a template that nobody filled in", "POST", "/v1/lookup", ask("${input.ani}"), "ani_missing"},
		{"a withheld number", "POST", "/v1/lookup", ask("anonymous"), "ani_withheld"},
		{"a name for a number", "POST", "/v1/lookup", ask("sip:alice@example.com"), "ani_unparseable"},
		{"nothing at all", "POST", "/v1/lookup", "", "dnis_missing"},
		{"an empty query", "GET", "/v1/lookup", "", "dnis_missing"},
		{"another business's number", "GET", "/v1/lookup?ani=%2B16505550123&dnis=%2B18005550199", "", "line_unknown"},
		{"our own target calling", "POST", "/v1/lookup", ask("+15125550123"), "loop"},
		{"control characters", "POST", "/v1/lookup", `{"ani":"+1650555\u00000123","dnis":"` + dialled + `"}`, "ani_unparseable"},
		{"a number of 10,000 digits", "POST", "/v1/lookup", ask("+" + strings.Repeat("1", 10_000)), "ani_unparseable"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r.t = t
			a := r.do("lookup", test.method, test.target, test.body)
			flat := map[string]string{}
			if err := json.Unmarshal([]byte(a.body), &flat); a.status != http.StatusOK || err != nil {
				t.Fatalf("status %d, reply %q, %v", a.status, a.body, err)
			}
			if flat["route"] != "continue" || flat["reason"] != test.reason || flat["target"] != "" {
				t.Errorf("route %s, reason %s, target %q; want continue, %s", flat["route"], flat["reason"], flat["target"], test.reason)
			}
			if n := testutil.ToFloat64(r.s.metrics.lookups.WithLabelValues("flat", "continue", test.reason)); n < 1 {
				t.Errorf("the lookup is not counted")
			}
		})
	}
}

func TestLookupTurnsAway(t *testing.T) {
	r := withLine(newRig(t))
	tests := []struct {
		name, role, method, target, body string
		status                           int
	}{
		{"no token", "", "POST", "/v1/lookup", ask(listed), 401},
		{"an unknown token", "guess", "POST", "/v1/lookup", ask(listed), 401},
		{"a token of 10,000 bytes", strings.Repeat("x", 10_000), "POST", "/v1/lookup", ask(listed), 401},
		{"another method", "lookup", "PUT", "/v1/lookup", ask(listed), 405},
		{"a hook that isn't there", "lookup", "POST", "/v1/lookup/nowhere", ask(listed), 404},
		{"a body over 16 KiB", "lookup", "POST", "/v1/lookup", `{"ani":"` + strings.Repeat("1", 16<<10) + `"}`, 413},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r.t = t
			a := r.do(test.role, test.method, test.target, test.body)
			var p Problem
			if err := json.Unmarshal([]byte(a.body), &p); err != nil || a.header.Get("Content-Type") != "application/problem+json" {
				t.Fatalf("reply %q of %s is no problem: %v", a.body, a.header.Get("Content-Type"), err)
			}
			if a.status != test.status || p.Status != test.status || p.Detail == "" {
				t.Errorf("status %d, problem %+v; want %d", a.status, p, test.status)
			}
		})
	}
	if n := testutil.ToFloat64(r.s.metrics.authFailures.WithLabelValues("flat")); n != 3 {
		t.Errorf("%v refused sign-ins are counted, want 3", n)
	}
	if strings.Contains(r.log.String(), "guess") {
		t.Error("the log has what was shown for a token")
	}
}

func TestLookupTakesATokenInEachPlace(t *testing.T) {
	r := withLine(newRig(t))
	for name, header := range map[string]func(*http.Request){
		"Bearer":    func(r *http.Request) { r.Header.Set("Authorization", "bearer lookup") },
		"Basic":     func(r *http.Request) { r.SetBasicAuth("anybody", "lookup") },
		"X-API-Key": func(r *http.Request) { r.Header.Set("X-API-Key", "lookup") },
	} {
		t.Run(name, func(t *testing.T) {
			request := httptest.NewRequest("POST", "/v1/lookup?format=text", strings.NewReader(ask(listed)))
			header(request)
			recorder := httptest.NewRecorder()
			r.http.ServeHTTP(recorder, request)
			if got := recorder.Body.String(); got != "direct" {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestLookupFormats(t *testing.T) {
	r := withLine(newRig(t))
	for _, test := range []struct {
		format, caller string
		status         int
		contentType    string
		body           string // its beginning
	}{
		{"json", listed, 200, "application/json", `{"lookup_id":"`},
		{"form", listed, 200, "application/x-www-form-urlencoded", "lookup_id="},
		{"TEXT", listed, 200, "text/plain", "direct"},
		{"text", stranger, 200, "text/plain", "continue"},
		{"status", listed, 200, "", ""},
		{"status", stranger, 302, "", ""},
		{"unheard-of", stranger, 200, "application/json", `{"lookup_id":"`},
	} {
		a := r.do("lookup", "POST", "/v1/lookup?format="+test.format, ask(test.caller))
		if a.status != test.status || !strings.HasPrefix(a.header.Get("Content-Type"), test.contentType) || !strings.HasPrefix(a.body, test.body) || a.header.Get("Location") != "" {
			t.Errorf("format %s: %d %v %q", test.format, a.status, a.header, a.body)
		}
	}
}

func TestLookupRetryCountsOnce(t *testing.T) {
	r := withLine(newRig(t))
	question := `{"ani":"` + listed + `","dnis":"` + dialled + `","call_id":"again"}`
	first, second := r.lookup(question), r.lookup(question)
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("the retry is answered otherwise: %s", diff)
	}
	if n := testutil.ToFloat64(r.s.metrics.activations.WithLabelValues("support-us", "number", "false")); n != 1 {
		t.Errorf("%v activation calls are counted, want 1", n)
	}
	r.clock.forward(time.Minute)
	if third := r.lookup(question); third["lookup_id"] == first["lookup_id"] {
		t.Error("a minute later it is still the same call")
	}
}

func TestLookupIsShed(t *testing.T) {
	r := withLine(newRig(t))
	r.s.inFlight.Store(maxInFlight)
	if a := r.do("lookup", "POST", "/v1/lookup", ask(listed)); a.status != 503 || a.header.Get("Retry-After") == "" {
		t.Errorf("overloaded: %d %v", a.status, a.header)
	}
	r.s.inFlight.Store(0)
	r.s.Drain()
	if a := r.do("lookup", "POST", "/v1/lookup", ask(listed)); a.status != 503 {
		t.Errorf("draining: %d", a.status)
	}
	if a := r.do("", "GET", "/readyz", ""); a.status != 503 {
		t.Errorf("draining, but ready: %d", a.status)
	}
	if a := r.do("", "GET", "/livez", ""); a.status != 200 {
		t.Errorf("draining, but not alive: %d", a.status)
	}
}

// fragile is a hook whose platform drops the caller on any HTTP error, and
// whose dialect panics on a body that says so.
func fragile(r *rig) *entrance {
	flat := r.s.hooks.Load().flat.dialect
	decode := flat.Decode
	flat.DropsOnError = true
	flat.Decode = func(q flow.Request, h *flow.Hook) (flow.Call, error) {
		if strings.Contains(string(q.Body), "panic") {
			panic("as asked")
		}
		return decode(q, h)
	}
	return r.s.entrance(flat, &flow.Hook{Name: "fragile"}, schemeToken, nil)
}

func TestLookupNeverDropsACaller(t *testing.T) {
	r := withLine(newRig(t))
	e := fragile(r)
	for _, test := range []struct {
		name, body string
		before     func()
	}{
		{"too large", `{"ani":"` + strings.Repeat("1", 16<<10) + `"}`, func() {}},
		{"a fault of ours", `{"panic":1}`, func() {}},
		{"overloaded", ask(listed), func() { r.s.inFlight.Store(maxInFlight) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.before()
			request := httptest.NewRequest("POST", "/", strings.NewReader(test.body))
			request.Header.Set("Authorization", "Bearer lookup")
			recorder := httptest.NewRecorder()
			r.s.lookup(recorder, request, e)
			if recorder.Code != 200 || !strings.Contains(recorder.Body.String(), `"route":"continue","reason":"error"`) {
				t.Errorf("%d %s", recorder.Code, recorder.Body)
			}
		})
	}
}

func TestLookupOfABodyThatBreaksOff(t *testing.T) {
	r := withLine(newRig(t))
	for _, body := range []string{"ani=" + listed + "&dnis=" + dialled, ask(listed)} {
		request := httptest.NewRequest("POST", "/v1/lookup?format=text", io.MultiReader(strings.NewReader(body), broken{}))
		request.Header.Set("Authorization", "Bearer lookup")
		recorder := httptest.NewRecorder()
		r.http.ServeHTTP(recorder, request)
		if recorder.Code != 200 || recorder.Body.String() != "continue" {
			t.Errorf("%d %s", recorder.Code, recorder.Body)
		}
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

func TestLookupLogs(t *testing.T) {
	r := withLine(newRig(t))
	r.lookup(ask(listed))
	r.lookup(ask(stranger))
	lines := strings.Split(strings.TrimSpace(r.log.String()), "\n")
	if n := strings.Count(r.log.String(), `"message":"call rings through"`); n != 1 {
		t.Errorf("%d lines for one direct call: %q", n, lines)
	}
	if strings.Contains(r.log.String(), stranger) {
		t.Error("a stranger's number stands unmasked in the log")
	}
}

func TestResult(t *testing.T) {
	r := withLine(newRig(t))
	id := r.lookup(ask(listed))["lookup_id"]
	for _, test := range []struct {
		name, role, id, body string
		status               int
	}{
		{"without a token", "", id, `{"result":"answered"}`, 401},
		{"a word that is no result", "lookup", id, `{"result":"rang"}`, 422},
		{"half a body", "lookup", id, `{"result":`, 400},
		{"a call that nobody knows", "lookup", "nobody", `{"result":"answered"}`, 404},
		{"answered", "lookup", id, `{"result":"answered","duration_seconds":"12"}`, 204},
		{"the same again", "lookup", id, `{"result":"answered","duration_seconds":"12"}`, 204},
	} {
		t.Run(test.name, func(t *testing.T) {
			r.t = t
			if a := r.do(test.role, "POST", "/v1/calls/"+test.id+"/result", test.body); a.status != test.status {
				t.Errorf("status %d: %s; want %d", a.status, a.body, test.status)
			}
		})
	}
	row, err := r.store.Call(t.Context(), id)
	if err != nil || row.Result != flow.ResultAnswered || row.Duration != 12 {
		t.Errorf("the journal has %+v, %v", row, err)
	}
	if n := testutil.ToFloat64(r.s.metrics.results.WithLabelValues("support-us", "answered")); n != 1 {
		t.Errorf("%v results are counted, want 1", n)
	}
}
