package server

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestOpenWindow(t *testing.T) {
	r := newRig(t)
	r.line()
	for _, c := range []struct{ name, body, want string }{
		{"from now", `{"line":"support-us","mode":"listed","duration":"15m"}`,
			`"mode":"listed","opens_at":"2026-11-22T21:00:00Z","closes_at":"2026-11-22T21:15:00Z","max_calls":0,"note":"","state":"open"`},
		{"from later", `{"line":"support-us","mode":"anyone","opens_at":"2026-11-22T23:00:00+01:00","duration":"2h","max_calls":1,"note":"Meta calls at ten"}`,
			`"mode":"anyone","opens_at":"2026-11-22T22:00:00Z","closes_at":"2026-11-23T00:00:00Z","max_calls":1,"note":"Meta calls at ten","state":"scheduled"`},
		{"until a time", `{"line":"support-us","mode":"listed","opens_at":null,"closes_at":"2026-11-29T21:00:00Z"}`,
			`"mode":"listed","opens_at":"2026-11-22T21:00:00Z","closes_at":"2026-11-29T21:00:00Z","max_calls":0,"note":"","state":"open"`},
		{"by a clock that is slow", `{"line":"support-us","mode":"listed","opens_at":"2026-11-22T20:59:01Z","duration":"15m"}`,
			`"mode":"listed","opens_at":"2026-11-22T20:59:01Z","closes_at":"2026-11-22T21:14:01Z","max_calls":0,"note":"","state":"open"`},
		{"with callers as they write themselves", `{"line":"support-us","mode":"rehearsal","duration":"2h","callers":["(512) 555-0199","+44 20 7946 0000","tel:+15125550199"]}`,
			`"mode":"rehearsal","callers":["+15125550199","+442079460000"],"opens_at":"2026-11-22T21:00:00Z","closes_at":"2026-11-22T23:00:00Z","max_calls":0,"note":"","state":"open"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := r.do("editor", "POST", "/v1/windows", c.body)
			id := got.id(t)
			got.want(t, http.StatusCreated, with(id, `{"id":"ID","line":"support-us","calls":0,"created_at":"2026-11-22T21:00:00Z","created_by":"editor",`+c.want+`}`))
			if got.header.Get("Location") != "/v1/windows/"+id {
				t.Errorf("Location %q", got.header.Get("Location"))
			}
			if again := r.do("viewer", "GET", "/v1/windows/"+id, ""); again.body != got.body {
				t.Errorf("read back %s", again.body)
			}
		})
	}
}

func TestOpenWindowServesAtOnce(t *testing.T) {
	r := newRig(t)
	r.line()
	r.do("editor", "POST", "/v1/windows", `{"line":"support-us","mode":"anyone","duration":"15m"}`)
	got := r.do("lookup", "POST", "/v1/lookup", `{"ani":"anonymous","dnis":"+18005550100"}`)
	if !strings.Contains(got.body, `"reason":"window"`) {
		t.Errorf("%s", got.body)
	}
}

func TestOpenWindowRefused(t *testing.T) {
	r := newRig(t)
	r.line()
	for _, c := range []struct {
		name, body string
		fields     []string
	}{
		{"nothing", `{}`, []string{"line", missing, "mode", missing}},
		{"unknown fields", `{"line":"support-us","mode":"listed","until":"x"}`, []string{"until", unknown}},
		{"no end", `{"line":"support-us","mode":"listed"}`, []string{"duration", "is missing: say how long the window stays open, as in 15m, or give closes_at"}},
		{"two ends", `{"line":"support-us","mode":"listed","duration":"1h","closes_at":"2026-11-22T22:00:00Z"}`,
			[]string{"duration", "is there beside closes_at: give one of the two"}},
		{"a span that can't be read", `{"line":"support-us","mode":"listed","duration":"a while"}`,
			[]string{"duration", `"a while" is no span of time: write it as 90s, 15m, 2h or 7d`}},
		{"a span backwards", `{"line":"support-us","mode":"listed","duration":"-1h"}`, []string{"duration", "must be longer than 0s"}},
		{"listed for too long", `{"line":"support-us","mode":"listed","duration":"169h"}`, []string{"duration", "is too far off: a window of mode listed may last 168h at most"}},
		{"anyone for too long", `{"line":"support-us","mode":"anyone","closes_at":"2026-11-22T23:00:01Z"}`, []string{"closes_at", "is too far off: a window of mode anyone may last 2h at most"}},
		{"in the past", `{"line":"support-us","mode":"listed","opens_at":"2026-11-22T20:58:59Z","duration":"1h"}`,
			[]string{"opens_at", "is in the past: leave it out for a window that opens now"}},
		{"over already", `{"line":"support-us","mode":"listed","opens_at":"2026-11-22T20:59:30Z","closes_at":"2026-11-22T20:59:59Z"}`, []string{"closes_at", "is in the past"}},
		{"no such line", `{"line":"nobody","mode":"listed","duration":"1h"}`, []string{"line", `names "nobody", but there is no such line`}},
		{"a rehearsal without callers", `{"line":"support-us","mode":"rehearsal","duration":"1h"}`, []string{"callers", "are missing: name the telephone that you rehearse from"}},
		{"a caller that can't be read", `{"line":"support-us","mode":"rehearsal","duration":"1h","callers":["me"]}`,
			[]string{"callers[0]", `"me" is no number that can be read: write + and the country code first, as in +18005550100`}},
		{"callers of no rehearsal", `{"line":"support-us","mode":"listed","duration":"1h","callers":["+15125550199"]}`,
			[]string{"callers", "belong to a rehearsal: leave them out, or use mode rehearsal"}},
		{"fewer than no calls", `{"line":"support-us","mode":"listed","duration":"1h","max_calls":-1}`, []string{"max_calls", "must be at least 0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r.do("editor", "POST", "/v1/windows", c.body).wantProblem(t, 422, badFields, c.fields...)
		})
	}
	if windows := r.board.Snapshot().Live("support-us").Windows; len(windows) != 0 {
		t.Errorf("windows after refusals: %v", windows)
	}
}

func TestCloseWindow(t *testing.T) {
	r := newRig(t)
	r.line()
	open := r.do("editor", "POST", "/v1/windows", `{"line":"support-us","mode":"anyone","duration":"15m"}`).id(t)
	planned := r.do("editor", "POST", "/v1/windows", `{"line":"support-us","mode":"listed","opens_at":"2026-11-23T21:00:00Z","duration":"1h"}`).id(t)
	r.clock.forward(time.Minute)
	for _, id := range []string{open, planned} {
		r.do("editor", "DELETE", "/v1/windows/"+id, "").want(t, 204, "")
		got := r.do("viewer", "GET", "/v1/windows/"+id, "")
		if !strings.Contains(got.body, `"closes_at":"2026-11-22T21:01:00Z"`) || !strings.Contains(got.body, `"state":"closed"`) {
			t.Errorf("%s", got.body)
		}
	}
	if got := r.do("lookup", "POST", "/v1/lookup", `{"ani":"+442079460000","dnis":"+18005550100"}`); !strings.Contains(got.body, `"reason":"not_listed"`) {
		t.Errorf("a closed window lets callers through: %s", got.body)
	}
	revision := r.board.Snapshot().Revision
	r.do("editor", "DELETE", "/v1/windows/"+open, "").want(t, 204, "")
	if r.board.Snapshot().Revision != revision {
		t.Error("closing a closed window is an edit")
	}
	r.do("editor", "DELETE", "/v1/windows/nobody", "").wantProblem(t, 404, "there is no such thing, or no longer")
	r.do("viewer", "GET", "/v1/windows/nobody", "").wantProblem(t, 404, "there is no such thing, or no longer")
}

func TestListWindows(t *testing.T) {
	r := newRig(t)
	r.line()
	r.do("editor", "PUT", "/v1/lines/other", `{}`)
	for _, line := range []string{"support-us", "support-us", "other"} {
		r.do("editor", "POST", "/v1/windows", `{"line":"`+line+`","mode":"listed","duration":"15m"}`)
		r.clock.forward(time.Minute)
	}
	r.do("editor", "POST", "/v1/windows", `{"line":"other","mode":"listed","opens_at":"2026-11-23T21:00:00Z","duration":"15m"}`)
	r.clock.forward(12 * time.Minute) // the first has just closed, the second not
	for query, want := range map[string]int{"": 4, "?line=support-us": 2, "?state=open": 2, "?state=closed": 1, "?state=scheduled": 1, "?line=other&state=open": 1, "?line=nobody": 0} {
		got := r.do("viewer", "GET", "/v1/windows"+query, "")
		if items := parsed(t, got.body).(map[string]any)["items"].([]any); len(items) != want {
			t.Errorf("%q gives %d windows, want %d: %s", query, len(items), want, got.body)
		}
	}
	seen := map[string]bool{}
	cursor := ""
	for more := true; more; more = cursor != "" {
		part := parsed(t, r.do("viewer", "GET", "/v1/windows?limit=1&cursor="+cursor, "").body).(map[string]any)
		for _, item := range part["items"].([]any) {
			seen[item.(map[string]any)["id"].(string)] = true
		}
		cursor = part["next_cursor"].(string)
	}
	if len(seen) != 4 {
		t.Errorf("paging gives %d windows, want 4", len(seen))
	}
	r.do("viewer", "GET", "/v1/windows?state=shut", "").wantProblem(t, 422, badFields, "state", `must be one of "scheduled, open, closed"`)
	r.do("viewer", "GET", "/v1/windows?cursor=made-up", "").wantProblem(t, 422, badFields, "cursor", "is not the next_cursor of an earlier part of this listing")
}

// A line is not left diverted because somebody planned one window behind the
// other: together they may last as long as one.
func TestOpenWindowsInARow(t *testing.T) {
	r := newRig(t)
	r.line()
	open := func(body string) answer {
		return r.do("editor", "POST", "/v1/windows", `{"line":"support-us",`+body+`}`)
	}
	if got := open(`"mode":"anyone","duration":"2h"`); got.status != http.StatusCreated {
		t.Fatalf("%d %s", got.status, got.body)
	}
	const text = "is too far off: with the windows of mode anyone beside it the line would be open for 3h, and 2h is the most. Leave 15m between them, or open this one once the others have closed"
	open(`"mode":"anyone","opens_at":"2026-11-22T23:00:00Z","duration":"1h"`).wantProblem(t, 422, badFields, "duration", text)
	open(`"mode":"anyone","closes_at":"2026-11-23T00:00:00Z","opens_at":"2026-11-22T22:00:00Z"`).wantProblem(t, 422, badFields, "closes_at", text)
	r.clock.forward(2 * time.Hour)
	if got := open(`"mode":"anyone","duration":"2h"`); got.status != http.StatusCreated {
		t.Errorf("once the first has closed: %d %s", got.status, got.body)
	}
}

// A window that is opened in the instant in which its line is deleted goes
// with it, or is refused: here it is committed after the line was looked up,
// and before it is deleted.
func TestOpenWindowWhileItsLineGoes(t *testing.T) {
	r := newRig(t)
	for range 20 {
		r.do("editor", "PUT", "/v1/lines/gone", `{}`)
		opened := make(chan answer)
		go func() {
			opened <- r.do("editor", "POST", "/v1/windows", `{"line":"gone","mode":"anyone","duration":"15m"}`)
		}()
		r.do("editor", "DELETE", "/v1/lines/gone", "").want(t, 204, "")
		if got := <-opened; got.status != http.StatusCreated && got.status != http.StatusUnprocessableEntity {
			t.Errorf("%d %s", got.status, got.body)
		}
		for _, state := range []string{"open", "scheduled"} {
			r.do("viewer", "GET", "/v1/windows?state="+state, "").want(t, 200, `{"items":[],"next_cursor":""}`)
		}
	}
}
