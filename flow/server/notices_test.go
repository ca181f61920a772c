package server

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/flow/notice"
	"github.com/ringthrough/ringthrough/flow/store"
)

// twoNotices are destinations of which the second one fails.
type twoNotices struct{}

func (twoNotices) List() []notice.Shown {
	return []notice.Shown{
		{Name: "ops-chat", Kind: "slack", Events: notice.Events(), Lines: []string{}},
		{Name: "siem", Kind: "webhook", Events: []notice.Event{notice.EventUnexpected}, Lines: []string{"support-us"}},
	}
}

func (twoNotices) Test(_ context.Context, name string) ([]notice.Tried, error) {
	switch name {
	case "":
		return []notice.Tried{{Name: "ops-chat", OK: true}, {Name: "siem", Error: "answered 500"}}, nil
	case "siem":
		return []notice.Tried{{Name: "siem", Error: "answered 500"}}, nil
	default:
		return nil, store.ErrNotFound
	}
}

func TestNotices(t *testing.T) {
	r := newRig(t)
	r.s.notices = twoNotices{}
	r.do("admin", "GET", "/v1/notices", "").want(t, 200, `{"items":[
		{"name":"ops-chat","kind":"slack","events":["activation","unexpected","rehearsal","window_unused","limit","expiry"],"lines":[]},
		{"name":"siem","kind":"webhook","events":["unexpected"],"lines":["support-us"]}]}`)
	r.do("admin", "POST", "/v1/notices/test", "").want(t, 200, `{"items":[{"name":"ops-chat","ok":true,"error":""},{"name":"siem","ok":false,"error":"answered 500"}]}`)
	r.do("admin", "POST", "/v1/notices/test?name=siem", "").want(t, 200, `{"items":[{"name":"siem","ok":false,"error":"answered 500"}]}`)
	r.do("admin", "POST", "/v1/notices/test?name=nobody", "").wantProblem(t, 404, "there is no such thing, or no longer")
}

func TestNoNotices(t *testing.T) {
	r := newRig(t)
	r.do("admin", "GET", "/v1/notices", "").want(t, 200, `{"items":[]}`)
	r.do("admin", "POST", "/v1/notices/test", "").want(t, 200, `{"items":[]}`)
	r.do("admin", "POST", "/v1/notices/test?name=x", "").wantProblem(t, 404, "there is no such thing, or no longer")
}

// Every result is there from the start: 0 is worth knowing.
func TestNoticesAreCounted(t *testing.T) {
	r := newRig(t)
	r.s.metrics.Noticed(notice.ResultSent)
	recorder := httptest.NewRecorder()
	r.http.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	lines := strings.Split(recorder.Body.String(), "\n")
	for result, want := range map[string]string{"sent": "1", "failed": "0", "given_up": "0", "dropped": "0"} {
		if line := `ringthrough_notices_total{result="` + result + `"} ` + want; !slices.Contains(lines, line) {
			t.Errorf("the metrics lack %s", line)
		}
	}
}
