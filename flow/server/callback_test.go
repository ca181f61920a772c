package server

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

const (
	twilioSecret = "twilio-secret"
	twilioURL    = "https://route.example.com/v1/lookup/twilio"
)

// withTwilio gives a rig a hook that Twilio asks at.
func withTwilio(r *rig, announce string) *rig {
	r.t.Helper()
	withLine(r)
	line, _ := r.board.Snapshot().Line("support-us")
	line.Announce = announce
	line.Targets = []flow.Target{{Kind: flow.KindNumber, Address: "+15125550123"}, {Kind: flow.KindMailbox, Address: "4100"}, {Kind: flow.KindSIP, Address: "sip:desk@pbx.example.com"}}
	r.edit(store.Change{Op: store.OpUpdate, Kind: store.KindLine, Key: line.Name, Line: &line})
	hook := HookConfig{
		Name: "twilio", Dialect: "twiml", PublicURL: twilioURL, ContinueURL: "https://ivr.example.com/start?a=1&b=2",
		Auth: AuthConfig{Scheme: "twilio", Secrets: []string{twilioSecret}},
	}
	if err := r.s.SetHooks([]HookConfig{hook}); err != nil {
		r.t.Fatal(err)
	}
	return r
}

// twilio posts a form as Twilio would, to the hook's public URL or below it.
func (r *rig) twilio(target string, form url.Values, secret string) *httptest.ResponseRecorder {
	r.t.Helper()
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write([]byte(target))
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		mac.Write([]byte(name + form.Get(name)))
	}
	request := httptest.NewRequest("POST", target, strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	recorder := httptest.NewRecorder()
	r.http.ServeHTTP(recorder, request)
	return recorder
}

func twilioCall(caller string) url.Values {
	return url.Values{"From": {caller}, "To": {dialled}, "CallSid": {"CA" + caller}, "CallStatus": {"ringing"}}
}

var action = regexp.MustCompile(`action="([^"]*)"`)

// resultURL is where a reply wants the end of the leg reported.
func resultURL(t *testing.T, body string) string {
	t.Helper()
	m := action.FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("no action in %s", body)
	}
	return strings.ReplaceAll(m[1], "&amp;", "&")
}

// TestLegs follows one call: the target doesn't answer, the backup is rung,
// and doesn't answer either.
func TestLegs(t *testing.T) {
	r := withTwilio(newRig(t), "")
	first := r.twilio(twilioURL, twilioCall(listed), twilioSecret).Body.String()
	if !strings.Contains(first, `answerOnBridge="true"`) || !strings.Contains(first, "<Number>+15125550123</Number>") {
		t.Fatalf("first leg: %s", first)
	}
	second := r.twilio(resultURL(t, first), url.Values{"DialCallStatus": {"no-answer"}}, twilioSecret).Body.String()
	if !strings.Contains(second, "<Sip>sip:desk@pbx.example.com</Sip>") {
		t.Fatalf("second leg, past the mailbox that Twilio doesn't have: %s", second)
	}
	third := r.twilio(resultURL(t, second), url.Values{"DialCallStatus": {"busy"}}, twilioSecret).Body.String()
	if !strings.Contains(third, "<Redirect") || !strings.Contains(third, "https://ivr.example.com/start?a=1&amp;b=2") {
		t.Errorf("after both: %s", third)
	}
	page, err := r.store.Calls(t.Context(), store.CallQuery{Limit: 10})
	if err != nil || len(page.Items) != 1 || page.Items[0].Result != flow.ResultBusy {
		t.Errorf("the journal has %+v, %v", page.Items, err)
	}
}

func TestAnsweredLegEndsTheCall(t *testing.T) {
	r := withTwilio(newRig(t), "")
	first := r.twilio(twilioURL, twilioCall(listed), twilioSecret).Body.String()
	reply := r.twilio(resultURL(t, first), url.Values{"DialCallStatus": {"completed"}, "DialCallDuration": {"31"}}, twilioSecret).Body.String()
	if !strings.Contains(reply, "<Hangup") || strings.Contains(reply, "Redirect") {
		t.Errorf("the caller is not let go: %s", reply)
	}
	page, err := r.store.Calls(t.Context(), store.CallQuery{Limit: 10})
	if err != nil || len(page.Items) != 1 || page.Items[0].Result != flow.ResultAnswered || page.Items[0].Duration != 31 {
		t.Errorf("the journal has %+v, %v", page.Items, err)
	}
}

func TestContradictoryReports(t *testing.T) {
	t.Run("an answered call stays answered", func(t *testing.T) {
		r := withTwilio(newRig(t), "")
		report := resultURL(t, r.twilio(twilioURL, twilioCall(listed), twilioSecret).Body.String())
		for _, status := range []string{"completed", "no-answer", "completed"} {
			if reply := r.twilio(report, url.Values{"DialCallStatus": {status}}, twilioSecret).Body.String(); !strings.Contains(reply, "<Hangup") {
				t.Errorf("%s: %s", status, reply)
			}
		}
		if call := r.onlyCall(); call.Result != flow.ResultAnswered {
			t.Errorf("the journal has %+v", call)
		}
	})
	t.Run("a leg that has failed is not answered afterwards", func(t *testing.T) {
		r := withTwilio(newRig(t), "")
		report := resultURL(t, r.twilio(twilioURL, twilioCall(listed), twilioSecret).Body.String())
		r.twilio(report, url.Values{"DialCallStatus": {"no-answer"}}, twilioSecret)
		r.twilio(report, url.Values{"DialCallStatus": {"completed"}}, twilioSecret)
		if call := r.onlyCall(); call.Result != flow.ResultNoAnswer {
			t.Errorf("the journal has %+v", call)
		}
	})
}

func TestWhisper(t *testing.T) {
	r := withTwilio(newRig(t), `"Quick" & <quiet> 🎉`)
	first := r.twilio(twilioURL, twilioCall(listed), twilioSecret).Body.String()
	m := regexp.MustCompile(`<Number[^>]* url="([^"]*)"`).FindStringSubmatch(first)
	if m == nil {
		t.Fatalf("nothing is whispered: %s", first)
	}
	whisper := r.twilio(strings.ReplaceAll(m[1], "&amp;", "&"), url.Values{"CallSid": {"CAchild"}}, twilioSecret).Body.String()
	if !strings.Contains(whisper, "🎉") || !strings.Contains(whisper, "&amp;") || strings.Contains(whisper, "<quiet>") {
		t.Errorf("whisper: %s", whisper)
	}
}

func TestCallbacksMustBeOurs(t *testing.T) {
	r := withTwilio(newRig(t), "")
	made := resultURL(t, r.twilio(twilioURL, twilioCall(listed), twilioSecret).Body.String())
	other := resultURL(t, r.twilio(twilioURL, twilioCall("+16505550124"), twilioSecret).Body.String()+`action="https://route.example.com/v1/lookup/twilio/result?id=x&amp;leg=1&amp;exp=9999999999&amp;sig=x"`)
	ended := url.Values{"DialCallStatus": {"completed"}}
	change := func(name, value string) string {
		u, err := url.Parse(made)
		if err != nil {
			t.Fatal(err)
		}
		query := u.Query()
		query.Set(name, value)
		u.RawQuery = query.Encode()
		return u.String()
	}
	for name, test := range map[string]struct{ target, secret string }{
		"another lookup":           {change("id", "someone-else"), twilioSecret},
		"another leg":              {change("leg", "2"), twilioSecret},
		"a longer life":            {change("exp", "9999999999"), twilioSecret},
		"another signature":        {change("sig", "AAAA"), twilioSecret},
		"made up":                  {other, twilioSecret},
		"the whisper's in place":   {strings.Replace(made, "/result?", "/whisper?", 1), twilioSecret},
		"not signed by Twilio":     {made, "guess"},
		"no parameters whatsoever": {twilioURL + "/result", twilioSecret},
	} {
		t.Run(name, func(t *testing.T) {
			if reply := r.twilio(test.target, ended, test.secret); reply.Code != 403 && reply.Code != 401 {
				t.Errorf("%d %s", reply.Code, reply.Body)
			}
		})
	}
	r.clock.forward(callbackLife + time.Second)
	if reply := r.twilio(made, ended, twilioSecret); reply.Code != 403 {
		t.Errorf("two hours later: %d", reply.Code)
	}
	page, err := r.store.Calls(t.Context(), store.CallQuery{Limit: 10})
	if err != nil || page.Items[0].Result != "" {
		t.Errorf("a refused report was kept: %+v, %v", page.Items, err)
	}
}

func TestTwilioWithoutASignature(t *testing.T) {
	r := withTwilio(newRig(t), "")
	if reply := r.twilio(twilioURL, twilioCall(listed), "guess"); reply.Code != 403 {
		t.Errorf("another secret: %d", reply.Code)
	}
	request := httptest.NewRequest("POST", twilioURL, strings.NewReader(twilioCall(listed).Encode()))
	recorder := httptest.NewRecorder()
	r.http.ServeHTTP(recorder, request)
	if recorder.Code != 401 && recorder.Code != 403 {
		t.Errorf("no signature: %d", recorder.Code)
	}
	if strings.Contains(r.log.String(), twilioSecret) || strings.Contains(recorder.Body.String(), twilioSecret) {
		t.Error("the secret shows")
	}
}
