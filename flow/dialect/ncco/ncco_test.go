package ncco

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
	"github.com/ringthrough/ringthrough/flow/dialect/jsontext"
)

func TestCarries(t *testing.T) {
	vbc, whole := options("user_type", "vbc"), options("user_name", "whole")
	tests := []struct {
		name   string
		target flow.Target
		hook   flow.Hook
		want   bool
	}{
		{"a number", flow.Target{Kind: flow.KindNumber, Address: "+15125550123"}, flow.Hook{}, true},
		{"digits alone", flow.Target{Kind: flow.KindNumber, Address: "15125550123"}, flow.Hook{}, false},
		{"a SIP URI", flow.Target{Kind: flow.KindSIP, Address: "sip:desk@pbx.example.com"}, flow.Hook{}, true},
		{"a SIP URI with headers", flow.Target{Kind: flow.KindSIP, Address: "sip:desk@pbx.example.com?X=y"}, flow.Hook{}, false},
		{"a user", flow.Target{Kind: flow.KindUser, Address: "dana"}, flow.Hook{}, true},
		{"a user by e-mail", flow.Target{Kind: flow.KindUser, Address: "dana@example.com"}, flow.Hook{}, true},
		{"a user with a blank", flow.Target{Kind: flow.KindUser, Address: "dana example"}, flow.Hook{}, false},
		{"a user by the whole e-mail", flow.Target{Kind: flow.KindUser, Address: "dana@example.com"}, whole, true},
		{"an extension", flow.Target{Kind: flow.KindUser, Address: "701"}, vbc, true},
		{"a name is no extension", flow.Target{Kind: flow.KindUser, Address: "dana"}, vbc, false},
		{"a queue", flow.Target{Kind: flow.KindQueue, Address: "WhatsApp activation"}, flow.Hook{}, false},
		{"a mailbox", flow.Target{Kind: flow.KindMailbox, Address: "4100"}, flow.Hook{}, false},
		{"nothing", flow.Target{}, flow.Hook{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := carries(tt.target, &tt.hook); got != tt.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

func options(name, value string) flow.Hook {
	return flow.Hook{DialTimeout: 25 * time.Second, Options: map[string]string{name: value}}
}

func TestHookSettings(t *testing.T) {
	called := flow.Decision{Call: flow.Call{DNIS: ani.MustParse("+18005550100")}}
	tests := []struct {
		name string
		in   flow.Instruction
		hook flow.Hook
		want string
	}{
		{
			"the account's number", flow.Instruction{Decision: called, Target: flow.Target{Kind: flow.KindNumber, Address: "+15125550123"}},
			flow.Hook{CallerID: "+18005550199", DialTimeout: time.Hour},
			`[{"action":"connect","from":"18005550199","timeout":120,"endpoint":[{"type":"phone","number":"15125550123"}]}]`,
		},
		{
			"an extension", flow.Instruction{Decision: called, Target: flow.Target{Kind: flow.KindUser, Address: "701"}}, options("user_type", "vbc"),
			`[{"action":"connect","from":"18005550100","timeout":25,"endpoint":[{"type":"vbc","extension":"701"}]}]`,
		},
		{
			"a whole e-mail address", flow.Instruction{Decision: called, Target: flow.Target{Kind: flow.KindUser, Address: "dana@example.com"}}, options("user_name", "whole"),
			`[{"action":"connect","from":"18005550100","timeout":25,"endpoint":[{"type":"app","user":"dana@example.com"}]}]`,
		},
		{
			"what can't be rung carries on", flow.Instruction{Target: flow.Target{Kind: flow.KindQueue, Address: "x"}}, options("ncco", `[{"action":"talk","text":"x"}]`),
			`[{"action":"talk","text":"x"}]`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.in.Act = flow.ActDirect
			if diff := cmp.Diff(tt.want, string(encode(tt.in, &tt.hook).Body)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// What the customer's server said is passed on byte for byte, and only if it
// is an NCCO; then comes the least bad.
func TestContinue(t *testing.T) {
	const static = `[{"action":"talk","text":"static"}]`
	asked := `[{"action":"notify","payload":{"lookup_id":"d1"},"eventUrl":["https://ivr.example.com/start?a=1&b=2"],"eventMethod":"POST"}]`
	tests := []struct {
		name      string
		url       string
		static    string
		continued string
		want      string // empty: an HTTP error
	}{
		{"an NCCO", "https://ivr.example.com/start?a=1&b=2", static, " [ {\"action\": \"talk\",\n\"text\":\"<x>\"} ]\n", " [ {\"action\": \"talk\",\n\"text\":\"<x>\"} ]\n"},
		{"an NCCO that ends the call", "https://ivr.example.com/start?a=1&b=2", static, "[]", "[]"},
		{"nothing fetched", "https://ivr.example.com/start?a=1&b=2", static, "", static},
		{"an error page", "https://ivr.example.com/start?a=1&b=2", static, "<html>", static},
		{"an object", "https://ivr.example.com/start?a=1&b=2", static, `{"action":"talk"}`, static},
		{"a list of words", "https://ivr.example.com/start?a=1&b=2", static, `["talk"]`, static},
		{"an NCCO cut short", "https://ivr.example.com/start?a=1&b=2", static, `[{"action":"talk"}`, static},
		{"an NCCO without an end", "https://ivr.example.com/start?a=1&b=2", static, `[{"action":"talk","text":"` + strings.Repeat("x", jsontext.MaxPassedOn) + `"}]`, static},
		{"no static NCCO", "https://ivr.example.com/start?a=1&b=2", "", "", asked},
		{"a static NCCO that is none", "https://ivr.example.com/start?a=1&b=2", `{"action":"talk"}`, "", asked},
		{"a static NCCO alone", "", static, "", static},
		{"a URL that nobody can ask", "ftp://ivr.example.com", "", "", ""},
		{"nothing at all", "", "", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := options("ncco", tt.static)
			r := encode(flow.Instruction{Act: flow.ActContinue, LookupID: "d1", ContinueURL: tt.url, Continued: []byte(tt.continued)}, &h)
			if tt.want == "" {
				if r.Status != 404 {
					t.Errorf("status %d, want an error that sends Vonage to the fallback URL", r.Status)
				}
				return
			}
			if diff := cmp.Diff(tt.want, string(r.Body)); diff != "" || r.Status != 200 {
				t.Errorf("status %d, -want +got\n%s", r.Status, diff)
			}
		})
	}
}

func TestLanguage(t *testing.T) {
	for language, want := range map[string]string{
		"pt-BR": `[{"action":"talk","text":"x","language":"pt-BR"}]`,
		"a b":   `[{"action":"talk","text":"x"}]`,
	} {
		h := options("language", language)
		if got := string(whisper("x", &h).Body); got != want {
			t.Errorf("in %q: %s, want %s", language, got, want)
		}
	}
}

func TestWhisper(t *testing.T) {
	for text, want := range map[string]string{
		"Write down \"six\" digits & <hang up> 📞": `[{"action":"talk","text":"Write down \"six\" digits & <hang up> 📞"}]`,
		"a\x1bb\tc":     `[{"action":"talk","text":"ab c"}]`,
		"<speak>x":      `[{"action":"talk","text":". <speak>x"}]`,
		"say </speak>!": `[{"action":"talk","text":"say </speak>!"}]`,
	} {
		if got := string(whisper(text, &flow.Hook{}).Body); got != want {
			t.Errorf("whisper(%q) is %s, want %s", text, got, want)
		}
	}
}

// Whatever comes in, nobody's number is made up.
func FuzzDecode(f *testing.F) {
	f.Add(true, "to=18005550100&from=16505550123&uuid=x", []byte(""))
	f.Add(true, "from=+1&from=+2", []byte(""))
	f.Add(false, "from=16505550123", []byte(`{"from":"16505550123","to":"18005550100","uuid":"x"}`))
	f.Add(false, "", []byte(`{"from":1.5e9,"From":{"a":1},"status":"ringing"}`))
	hook := suite().Hook
	f.Fuzz(func(t *testing.T, get bool, query string, body []byte) {
		r, texts := flow.Request{Method: "POST", RawQuery: query, Body: body}, dialecttest.Texts(body)
		if get {
			values, _ := url.ParseQuery(query)
			r.Method, texts = "GET", nil
			for _, all := range values {
				for _, v := range all {
					texts = append(texts, strings.ToValidUTF8(v, "\ufffd"))
				}
			}
		}
		dialecttest.CheckDecode(t, Dialect(), r, &hook, texts)
	})
}

// Nothing but Vonage's own words is an answer or an end.
func FuzzResult(f *testing.F) {
	f.Add([]byte(`{"status":"completed","duration":"34"}`))
	f.Add([]byte(`{"status":"answered"}`))
	f.Add([]byte(`{"status":["timeout"],"Status":"busy","duration":-1}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		report, ok := dialecttest.CheckResult(t, Dialect(), flow.Request{Method: "POST", Body: body}, &flow.Hook{})
		if !ok || report == (flow.Report{}) {
			return
		}
		texts := dialecttest.Texts(body)
		if !slices.ContainsFunc(texts, func(text string) bool {
			want, ok := reports[jsontext.Text(text)]
			return ok && want.Ended == report.Ended && want.Result == report.Result
		}) {
			t.Fatalf("%+v, by %q", report, texts)
		}
	})
}

// Whatever stands in an instruction, the reply is an NCCO, an acknowledgement
// or the error that leads to the fallback URL.
func FuzzEncode(f *testing.F) {
	f.Add("direct", "number", "+15125550123", "https://a/?b=1&c=2", "https://r", "https://w", "", []byte(nil))
	f.Add("direct", "user", "da\x00na\"", "", "\xff", "x", "[{}]", []byte(`[{}`))
	f.Add("continue", "", "", "tel:+18005550111", "", "", "", []byte(`[{"action":"talk"}]`))
	f.Fuzz(func(t *testing.T, act, kind, address, continueURL, resultURL, whisperURL, static string, continued []byte) {
		h := options("ncco", static)
		in := flow.Instruction{
			Act: flow.Act(act), Target: flow.Target{Kind: flow.Kind(kind), Address: address},
			ContinueURL: continueURL, ResultURL: resultURL, WhisperURL: whisperURL, Continued: continued,
		}
		r := encode(in, &h)
		empty := r.Status == 200 && len(r.Body) == 0 && in.Act == flow.ActNothing
		if !empty && r.Status != 404 && !jsontext.IsArray(r.Body) {
			t.Fatalf("no NCCO: %d %s", r.Status, r.Body)
		}
		ours := !bytes.Equal(r.Body, continued) && string(r.Body) != static
		if ours && bytes.ContainsAny(r.Body, "\r\n") {
			t.Fatalf("more than one line: %s", r.Body)
		}
		if w := whisper(address, &h); !json.Valid(w.Body) {
			t.Fatalf("whisper: %s", w.Body)
		}
	})
}
