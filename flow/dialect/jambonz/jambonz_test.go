package jambonz

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
	"github.com/ringthrough/ringthrough/flow/dialect/jsontext"
)

func TestCarries(t *testing.T) {
	realm := flow.Hook{Options: map[string]string{"realm": "sip.example.com"}}
	tests := []struct {
		name   string
		target flow.Target
		hook   flow.Hook
		want   bool
	}{
		{"a number", flow.Target{Kind: flow.KindNumber, Address: "+15125550123"}, flow.Hook{}, true},
		{"a number with more behind it", flow.Target{Kind: flow.KindNumber, Address: "+15125550123@evil.example.com"}, flow.Hook{}, false},
		{"a SIP URI", flow.Target{Kind: flow.KindSIP, Address: "sips:desk@pbx.example.com:5061;transport=tls"}, flow.Hook{}, true},
		{"a SIP URI with headers", flow.Target{Kind: flow.KindSIP, Address: "sip:desk@pbx.example.com?Route=x"}, flow.Hook{}, false},
		{"a user", flow.Target{Kind: flow.KindUser, Address: "dana@sip.example.com"}, flow.Hook{}, true},
		{"a user that jambonz puts the realm to", flow.Target{Kind: flow.KindUser, Address: "dana"}, flow.Hook{}, true},
		{"a user with a blank", flow.Target{Kind: flow.KindUser, Address: "dana example"}, flow.Hook{}, false},
		{"a user with a parameter", flow.Target{Kind: flow.KindUser, Address: "dana@sip.example.com;x=1"}, flow.Hook{}, false},
		{"a user of the realm", flow.Target{Kind: flow.KindUser, Address: "dana@example.com"}, realm, true},
		{"a nameless user of the realm", flow.Target{Kind: flow.KindUser, Address: "@example.com"}, realm, false},
		{"a queue", flow.Target{Kind: flow.KindQueue, Address: "WhatsApp activation"}, flow.Hook{}, true},
		{"a queue without a name", flow.Target{Kind: flow.KindQueue}, flow.Hook{}, false},
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

func TestHookSettings(t *testing.T) {
	number := flow.Target{Kind: flow.KindNumber, Address: "+15125550123"}
	tests := []struct {
		name   string
		target flow.Target
		hook   flow.Hook
		want   string
	}{
		{
			"a trunk and a caller id", number,
			flow.Hook{CallerID: "+18005550100", DialTimeout: 25 * time.Second, Options: map[string]string{"trunk": "acme"}},
			`[{"verb":"dial","answerOnBridge":true,"callerId":"+18005550100","timeout":25,"target":[{"type":"phone","number":"+15125550123","trunk":"acme"}]}]`,
		},
		{
			"a caller id that is none", number, flow.Hook{CallerID: "Support", DialTimeout: 25 * time.Second},
			`[{"verb":"dial","answerOnBridge":true,"timeout":25,"target":[{"type":"phone","number":"+15125550123"}]}]`,
		},
		{
			"a realm", flow.Target{Kind: flow.KindUser, Address: "dana@example.com"},
			flow.Hook{DialTimeout: time.Hour, Options: map[string]string{"realm": "sip.example.com"}},
			`[{"verb":"dial","answerOnBridge":true,"timeout":600,"target":[{"type":"user","name":"dana@sip.example.com"}]}]`,
		},
		{
			"what can't be rung carries on", flow.Target{Kind: flow.KindMailbox, Address: "4100"}, flow.Hook{},
			`[{"verb":"sip:decline","status":503,"reason":"Service Unavailable"}]`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := encode(flow.Instruction{Act: flow.ActDirect, Target: tt.target}, &tt.hook)
			if diff := cmp.Diff(tt.want, string(got.Body)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestLanguage(t *testing.T) {
	for language, want := range map[string]string{
		"pt-BR": `[{"verb":"say","text":"x","synthesizer":{"vendor":"default","language":"pt-BR"}}]`,
		"a b":   `[{"verb":"say","text":"x"}]`,
	} {
		if got := string(whisper("x", &flow.Hook{Options: map[string]string{"language": language}}).Body); got != want {
			t.Errorf("in %q: %s, want %s", language, got, want)
		}
	}
}

func TestWhisper(t *testing.T) {
	for text, want := range map[string]string{
		"Write down \"six\" digits & <hang up> 📞": `[{"verb":"say","text":"Write down \"six\" digits & <hang up> 📞"}]`,
		"a\x00b\nc": `[{"verb":"say","text":"ab c"}]`,
		" <SPEAK>x": `[{"verb":"say","text":". <SPEAK>x"}]`,
		"":          `[{"verb":"say","text":""}]`,
	} {
		if got := string(whisper(text, &flow.Hook{}).Body); got != want {
			t.Errorf("whisper(%q) is %s, want %s", text, got, want)
		}
	}
}

// Whatever comes in, nobody's number is made up.
func FuzzDecode(f *testing.F) {
	f.Add("POST", []byte(`{"from":"+16505550123","to":"18005550100","call_sid":"x","sip":{"headers":{"p-asserted-identity":"<sip:+16505550123;verstat=TN-Validation-Passed-A@h>"}}}`))
	f.Add("POST", []byte(`{"FROM":16505550123,"from":null,"to":[],"sip":{"headers":{"Diversion":["<sip:+1@h>",1]}}}`))
	f.Add("GET", []byte(`{}`))
	f.Add("POST", []byte(`{"from":"\ud800","call_status":"completed"}`))
	hook := suite().Hook
	f.Fuzz(func(t *testing.T, method string, body []byte) {
		dialecttest.CheckDecode(t, Dialect(), flow.Request{Method: method, Body: body}, &hook, dialecttest.Texts(body))
	})
}

// Nothing but jambonz's own words is an answer, and every report is of the
// end: the action hook is asked once.
func FuzzResult(f *testing.F) {
	f.Add([]byte(`{"dial_call_status":"completed"}`))
	f.Add([]byte(`{"queue_result":"bridged","queue_time":3}`))
	f.Add([]byte(`{"dial_call_status":["completed"],"queue_result":"error"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		report, ok := dialecttest.CheckResult(t, Dialect(), flow.Request{Method: "POST", Body: body}, &flow.Hook{})
		if ok && !report.Ended {
			t.Fatal("a report that is no end would leave the caller in silence")
		}
		texts := dialecttest.Texts(body)
		if ok && report.Result == flow.ResultAnswered && !slices.Contains(texts, "completed") && !slices.Contains(texts, "bridged") {
			t.Fatalf("answered, by %q", texts)
		}
	})
}

// Whatever stands in an instruction, the reply is a list of verbs that the
// platform can run.
func FuzzEncode(f *testing.F) {
	f.Add("direct", "number", "+15125550123", "https://a/?b=1&c=2", "https://r", "", "Write <down>")
	f.Add("direct", "user", "da\x00na\"", "", "\xff", "x", dialecttest.NastyAnnounce)
	f.Add("continue", "", "", "", "", "", "")
	f.Fuzz(func(t *testing.T, act, kind, address, continueURL, resultURL, whisperURL, announce string) {
		in := flow.Instruction{
			Act: flow.Act(act), Target: flow.Target{Kind: flow.Kind(kind), Address: address},
			ContinueURL: continueURL, ResultURL: resultURL, WhisperURL: whisperURL,
		}
		for _, r := range []flow.Reply{encode(in, &flow.Hook{}), whisper(announce, &flow.Hook{})} {
			if !jsontext.IsArray(r.Body) || slices.Contains(r.Body, '\n') {
				t.Fatalf("no list of verbs on one line: %s", r.Body)
			}
			var verbs []map[string]any
			if err := json.Unmarshal(r.Body, &verbs); err != nil || len(verbs) != 1 && in.Act != flow.ActNothing {
				t.Fatalf("%v: %s", err, r.Body)
			}
		}
	})
}
