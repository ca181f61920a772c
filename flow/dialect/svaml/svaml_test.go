package svaml

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
	"github.com/ringthrough/ringthrough/flow/dialect/jsontext"
)

func options(name, value string) flow.Hook {
	return flow.Hook{DialTimeout: 25 * time.Second, Options: map[string]string{name: value}}
}

func TestCarries(t *testing.T) {
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
		{"a user with a blank, whole", flow.Target{Kind: flow.KindUser, Address: "dana example"}, options("user_name", "whole"), false},
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

func TestHookSettings(t *testing.T) {
	tests := []struct {
		name   string
		target flow.Target
		hook   flow.Hook
		want   string // the action
	}{
		{
			"a caller id and a long timeout", flow.Target{Kind: flow.KindNumber, Address: "+15125550123"}, flow.Hook{CallerID: "+18005550100", DialTimeout: time.Hour},
			`{"name":"connectPstn","number":"+15125550123","dialTimeout":600,"cli":"+18005550100"}`,
		},
		{
			"a caller id on SIP", flow.Target{Kind: flow.KindSIP, Address: "sip:desk@pbx.example.com"}, flow.Hook{CallerID: "+18005550100"},
			`{"name":"connectSip","destination":{"type":"sip","endpoint":"desk@pbx.example.com"},"cli":"+18005550100"}`,
		},
		{
			"a whole SIP URI", flow.Target{Kind: flow.KindSIP, Address: "sip:desk@pbx.example.com"}, options("sip_uri", "whole"),
			`{"name":"connectSip","destination":{"type":"sip","endpoint":"sip:desk@pbx.example.com"}}`,
		},
		{
			"SIP over TLS", flow.Target{Kind: flow.KindSIP, Address: "sips:desk@pbx.example.com:5061"}, flow.Hook{},
			`{"name":"connectSip","destination":{"type":"sip","endpoint":"desk@pbx.example.com:5061"},"transport":"tls"}`,
		},
		{
			"an app has no caller id", flow.Target{Kind: flow.KindUser, Address: "dana@example.com"}, flow.Hook{CallerID: "+18005550100"},
			`{"name":"connectMxp","destination":{"type":"username","endpoint":"dana"}}`,
		},
		{
			"a whole e-mail address", flow.Target{Kind: flow.KindUser, Address: "dana@example.com"}, options("user_name", "whole"),
			`{"name":"connectMxp","destination":{"type":"username","endpoint":"dana@example.com"}}`,
		},
		{
			"what can't be rung carries on", flow.Target{Kind: flow.KindQueue, Address: "x"}, options("fallback", "tel:+18005550111"),
			`{"name":"connectPstn","number":"+18005550111"}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := `{"instructions":[],"action":` + tt.want + `}`
			got := encode(flow.Instruction{Act: flow.ActDirect, Target: tt.target}, &tt.hook)
			if diff := cmp.Diff(want, string(got.Body)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// What the customer's server said is passed on byte for byte, and only if it
// is SVAML; then comes the least bad.
func TestContinue(t *testing.T) {
	const (
		https  = "https://ivr.example.com/start?a=1&b=2"
		number = `{"instructions":[],"action":{"name":"connectPstn","number":"+18005550111"}}`
		desk   = `{"instructions":[],"action":{"name":"connectSip","destination":{"type":"sip","endpoint":"ivr@pbx.example.com"}}}`
		hangup = `{"instructions":[],"action":{"name":"hangup"}}`
	)
	tests := []struct {
		name, url, fallback, continued, want string
	}{
		{"SVAML", https, "tel:+18005550111", " {\"action\": {\"name\":\"hangup\"}}\n", " {\"action\": {\"name\":\"hangup\"}}\n"},
		{"instructions alone", https, "tel:+18005550111", `{"instructions":[]}`, `{"instructions":[]}`},
		{"another object", https, "tel:+18005550111", `{"error":"not found"}`, number},
		{"an NCCO", https, "tel:+18005550111", `[{"action":"talk"}]`, number},
		{"an error page", https, "sip:ivr@pbx.example.com", "<html>", desk},
		{"SVAML cut short", https, "tel:+18005550111", `{"action":{}`, number},
		{"SVAML without an end", https, "tel:+18005550111", `{"action":"` + strings.Repeat("x", jsontext.MaxPassedOn) + `"}`, number},
		{"nothing fetched and no fallback", https, "", "", hangup},
		{"a fallback that is none", https, "https://ivr.example.com", "", hangup},
		{"a number without a country", "tel:8005550111", "", "", hangup},
		{"the URL wins over the fallback", "sip:ivr@pbx.example.com", "tel:+18005550111", "", desk},
		{"a fallback alone", "", "tel:+18005550111", "", number},
		{"nothing at all", "", "", "", hangup},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := options("fallback", tt.fallback)
			r := encode(flow.Instruction{Act: flow.ActContinue, ContinueURL: tt.url, Continued: []byte(tt.continued)}, &h)
			if diff := cmp.Diff(tt.want, string(r.Body)); diff != "" || r.Status != 200 {
				t.Errorf("status %d, -want +got\n%s", r.Status, diff)
			}
		})
	}
}

// Whatever comes in, nobody's number is made up.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"event":"ice","callid":"x","cli":"+16505550123","to":{"type":"did","endpoint":"+18005550100"},"rdnis":"+15125550123"}`))
	f.Add([]byte(`{"event":"ice","callId":"x","cli":16505550123,"to":"+18005550100"}`))
	f.Add([]byte(`{"event":"dice","result":"ANSWERED"}`))
	f.Add([]byte(`{"event":"pie"}`))
	hook := suite().Hook
	f.Fuzz(func(t *testing.T, body []byte) {
		dialecttest.CheckDecode(t, Dialect(), flow.Request{Method: "POST", Body: body}, &hook, dialecttest.Texts(body))
	})
}

// Nothing but Sinch's own words is an answer or an end.
func FuzzResult(f *testing.F) {
	f.Add([]byte(`{"event":"dice","result":"ANSWERED","duration":34}`))
	f.Add([]byte(`{"event":"ace"}`))
	f.Add([]byte(`{"event":"dice","result":"N/A","duration":"99999"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		report, ok := dialecttest.CheckResult(t, Dialect(), flow.Request{Method: "POST", Body: body}, &flow.Hook{})
		texts := dialecttest.Texts(body)
		switch {
		case ok && report.Ended && !slices.Contains(texts, "dice"), ok && !report.Ended && !slices.Contains(texts, "ace"),
			report.Ended && report.Result == flow.ResultAnswered && !slices.Contains(texts, "ANSWERED"):
			t.Fatalf("%+v, by %q", report, texts)
		}
	})
}

// Whatever stands in an instruction, the reply is SVAML.
func FuzzEncode(f *testing.F) {
	f.Add("direct", "number", "+15125550123", "https://a/?b=1&c=2", "tel:+18005550111", []byte(nil))
	f.Add("direct", "user", "da\x00na\"", "", "\xff", []byte(`{"action":`))
	f.Add("continue", "", "", "sip:a@b", "", []byte(`{"action":{}}`))
	f.Add("nothing", "", "", "", "", []byte(nil))
	f.Fuzz(func(t *testing.T, act, kind, address, continueURL, fallback string, continued []byte) {
		h := options("fallback", fallback)
		r := encode(flow.Instruction{
			Act: flow.Act(act), Target: flow.Target{Kind: flow.Kind(kind), Address: address}, ContinueURL: continueURL, Continued: continued,
		}, &h)
		if r.Status != 200 || !jsontext.IsObject(r.Body, "action", "instructions") {
			t.Fatalf("no SVAML: %d %s", r.Status, r.Body)
		}
		if bytes.Equal(r.Body, continued) {
			return
		}
		var reply struct{ Action struct{ Name string } }
		if err := json.Unmarshal(r.Body, &reply); err != nil || reply.Action.Name == "" || bytes.ContainsAny(r.Body, "\r\n") {
			t.Fatalf("%v: %s", err, r.Body)
		}
	})
}
