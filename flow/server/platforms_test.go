package server

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// open opens one hook that anybody may ask at.
func (r *rig) open(dialect, continueURL string) *rig {
	r.t.Helper()
	hook := HookConfig{
		Name: "hook", Dialect: dialect, Auth: AuthConfig{Scheme: "none"}, ContinueURL: continueURL,
		PublicURL: "https://route.example.com/v1/lookup/hook",
	}
	if err := r.s.SetHooks([]HookConfig{hook}); err != nil {
		r.t.Fatal(err)
	}
	return r
}

// onlyCall is the one call of the journal, with all that is known of it.
func (r *rig) onlyCall() store.Call {
	r.t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for r.board.JournalPending() > 0 {
		select {
		case <-look.C:
		case <-r.t.Context().Done():
			r.t.Fatal("the journal is not written")
		}
	}
	page, err := r.store.Calls(r.t.Context(), store.CallQuery{Limit: 10})
	if err != nil || len(page.Items) != 1 {
		r.t.Fatalf("the journal has %+v, %v; want one call", page.Items, err)
	}
	return page.Items[0]
}

// TestResultAtTheLookupsAddress: Sinch reports the end of a call where it
// asked about it.
func TestResultAtTheLookupsAddress(t *testing.T) {
	r := withLine(newRig(t)).open("svaml", "tel:+18005550199")
	first := r.do("", "POST", "/v1/lookup/hook", `{"event":"ice","callid":"abc","cli":"16505550123","to":{"type":"did","endpoint":"+18005550100"}}`)
	if !strings.Contains(first.body, "connectPstn") || !strings.Contains(first.body, "+15125550123") {
		t.Fatalf("%d %s", first.status, first.body)
	}
	end := r.do("", "POST", "/v1/lookup/hook", `{"event":"dice","callid":"abc","result":"ANSWERED","duration":"42"}`)
	if end.status != 200 {
		t.Errorf("%d %s", end.status, end.body)
	}
	if call := r.onlyCall(); call.Result != flow.ResultAnswered || call.Duration != 42 {
		t.Errorf("the journal has %+v", call)
	}
}

// TestContinueIsFetched: Vonage can't be sent on, so the customer's own
// server says how a call carries on; after a failed leg too.
func TestContinueIsFetched(t *testing.T) {
	var asked []string
	customer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.RawQuery)
		_, _ = w.Write([]byte(`[{"action":"talk","text":"Welcome"}]`))
	}))
	defer customer.Close()
	r := withLine(newRig(t)).open("ncco", customer.URL+"/start")
	unlisted := r.do("", "GET", "/v1/lookup/hook?from=442079460000&to=18005550100&uuid=u1", "")
	if unlisted.status != 200 || !strings.Contains(unlisted.body, `"Welcome"`) {
		t.Errorf("a stranger: %d %s", unlisted.status, unlisted.body)
	}
	direct := r.do("", "GET", "/v1/lookup/hook?from=16505550123&to=18005550100&uuid=u2", "")
	if !strings.Contains(direct.body, `"15125550123"`) {
		t.Fatalf("a listed caller: %s", direct.body)
	}
	_, rest, _ := strings.Cut(direct.body, `"eventUrl":["https://route.example.com`)
	target, _, ok := strings.Cut(rest, `"`)
	if !ok {
		t.Fatalf("nowhere to report: %s", direct.body)
	}
	failed := r.do("", "POST", target, `{"status":"busy","to":"15125550123","from":"18005550100"}`)
	if !strings.Contains(failed.body, `"Welcome"`) {
		t.Errorf("after a busy leg: %d %s", failed.status, failed.body)
	}
	want := []string{"GET from=442079460000&to=18005550100&uuid=u1", "GET from=16505550123&to=18005550100&uuid=u2"}
	if strings.Join(asked, ", ") != strings.Join(want, ", ") {
		t.Errorf("the customer's server was asked %q, want %q", asked, want)
	}
	if call := r.onlyCall(); call.Result != flow.ResultBusy {
		t.Errorf("the journal has %+v", call)
	}
}

// TestNonsenseCarriesOn: a platform that is signed in and sends nonsense is
// told to carry on, in its own words and with status 200.
func TestNonsenseCarriesOn(t *testing.T) {
	for dialect, want := range map[string]string{
		"flat": `"reason":"malformed"`, "twiml": "<Redirect", "plivo": "<Redirect", "bxml": "<Redirect",
		"jambonz": `"redirect"`, "swml": `"transfer"`, "svaml": `connectPstn`,
	} {
		t.Run(dialect, func(t *testing.T) {
			continueURL := "https://ivr.example.com/start"
			if dialect == "svaml" {
				continueURL = "tel:+18005550199"
			}
			r := withLine(newRig(t)).open(dialect, continueURL)
			for _, body := range []string{`{"half`, "\x00\xff", "%zz=%zz", `{"from":{}}`, "<xml/>"} {
				request := httptest.NewRequest("POST", "/v1/lookup/hook", strings.NewReader(body))
				recorder := httptest.NewRecorder()
				r.http.ServeHTTP(recorder, request)
				if recorder.Code != 200 || !strings.Contains(recorder.Body.String(), want) && !strings.Contains(recorder.Body.String(), `"route":"continue"`) {
					t.Errorf("%q: %d %s", body, recorder.Code, recorder.Body)
				}
			}
			if !strings.Contains(r.log.String(), "could not be read") && dialect != "flat" {
				t.Error("the log doesn't say that something was wrong")
			}
		})
	}
}
