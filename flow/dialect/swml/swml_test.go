package swml

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
)

func TestCarries(t *testing.T) {
	tests := []struct {
		name   string
		target flow.Target
		hook   flow.Hook
		want   string // what is dialled; empty: nothing
	}{
		{"a number", flow.Target{Kind: flow.KindNumber, Address: "+15125550123"}, flow.Hook{}, "+15125550123"},
		{"a number that is a queue", flow.Target{Kind: flow.KindNumber, Address: "queue:x"}, flow.Hook{}, ""},
		{"a SIP URI", flow.Target{Kind: flow.KindSIP, Address: "sip:desk@pbx.example.com"}, flow.Hook{}, "sip:desk@pbx.example.com"},
		{"a stream is no SIP URI", flow.Target{Kind: flow.KindSIP, Address: "stream:wss://x@y"}, flow.Hook{}, ""},
		{"a resource", flow.Target{Kind: flow.KindUser, Address: "/private/dana"}, flow.Hook{}, "/private/dana"},
		{"a resource with more behind it", flow.Target{Kind: flow.KindUser, Address: "/private/dana?x=1"}, flow.Hook{}, ""},
		{"a user by e-mail", flow.Target{Kind: flow.KindUser, Address: "dana@example.com"}, flow.Hook{}, "/public/dana"},
		{"a user of a context", flow.Target{Kind: flow.KindUser, Address: "dana"}, options("context", "private"), "/private/dana"},
		{"a context that is none", flow.Target{Kind: flow.KindUser, Address: "dana"}, options("context", "a/b"), "/public/dana"},
		{"a user with a blank", flow.Target{Kind: flow.KindUser, Address: "dana example"}, flow.Hook{}, ""},
		{"a queue as a user", flow.Target{Kind: flow.KindUser, Address: "queue:support"}, flow.Hook{}, ""},
		{"a mailbox", flow.Target{Kind: flow.KindMailbox, Address: "4100"}, flow.Hook{}, ""},
		{"nothing", flow.Target{}, flow.Hook{}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := destination(tt.target, &tt.hook); got != tt.want || carries(tt.target, &tt.hook) != (tt.want != "") {
				t.Errorf("got %q, carries %t", got, carries(tt.target, &tt.hook))
			}
		})
	}
	if !carries(flow.Target{Kind: flow.KindQueue, Address: "WhatsApp activation"}, &flow.Hook{}) {
		t.Error("a queue is not carried")
	}
}

func options(name, value string) flow.Hook {
	return flow.Hook{DialTimeout: 25 * time.Second, Options: map[string]string{name: value}}
}

func TestHookSettings(t *testing.T) {
	number := flow.Target{Kind: flow.KindNumber, Address: "+15125550123"}
	queue := flow.Target{Kind: flow.KindQueue, Address: "WhatsApp activation"}
	tests := []struct {
		name   string
		target flow.Target
		hook   flow.Hook
		want   string
	}{
		{
			"a caller id and a long timeout", number, flow.Hook{CallerID: "+18005550100", DialTimeout: time.Hour},
			`{"connect":{"to":"+15125550123","from":"+18005550100","timeout":600,"answer_on_bridge":true,"result":{"case":{"connected":[{"hangup":{}}]},"default":[{"transfer":{"dest":"https://ivr"}}]}}}`,
		},
		{
			"call states are reported", number, options("call_state", "true"),
			`{"connect":{"to":"+15125550123","timeout":25,"answer_on_bridge":true,"call_state_url":"https://r","call_state_events":["answered","ended"],"result":{"case":{"connected":[{"hangup":{}}]},"default":[{"transfer":{"dest":"https://ivr"}}]}}}`,
		},
		{
			"call states are not reported", number, options("call_state", "yes"),
			`{"connect":{"to":"+15125550123","timeout":25,"answer_on_bridge":true,"result":{"case":{"connected":[{"hangup":{}}]},"default":[{"transfer":{"dest":"https://ivr"}}]}}}`,
		},
		{
			"a queue and then nothing", queue, options("after_queue", "hangup"),
			`{"enter_queue":{"queue_name":"WhatsApp activation","transfer_after_bridge":"{\"version\":\"1.0.0\",\"sections\":{\"main\":[{\"hangup\":{}}]}}"}}`,
		},
		{"what can't be rung carries on", flow.Target{Kind: flow.KindMailbox, Address: "4100"}, flow.Hook{}, `{"transfer":{"dest":"https://ivr"}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := flow.Instruction{Act: flow.ActDirect, Target: tt.target, ContinueURL: "https://ivr", ResultURL: "https://r"}
			want := `{"version":"1.0.0","sections":{"main":[` + tt.want + `]}}`
			if diff := cmp.Diff(want, string(encode(in, &tt.hook).Body)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestLanguage(t *testing.T) {
	for language, want := range map[string]string{
		"pt-BR": `{"version":"1.0.0","sections":{"main":[{"play":{"url":"say:x","say_language":"pt-BR"}}]}}`,
		"a b":   `{"version":"1.0.0","sections":{"main":[{"play":{"url":"say:x"}}]}}`,
	} {
		h := options("language", language)
		if got := string(whisper("x", &h).Body); got != want {
			t.Errorf("in %q: %s, want %s", language, got, want)
		}
	}
}

func TestWhisper(t *testing.T) {
	for text, want := range map[string]string{
		"Write down \"six\" digits & <hang up> 📞": `say:Write down "six" digits & <hang up> 📞`,
		"a\x00b\r\nc\u2028d":                      "say:ab  c d",
		"100% ${envs.key} %{call.from} $5 {x}":    "say:100% $ {envs.key} % {call.from} $5 {x}",
	} {
		var d struct {
			Sections struct {
				Main []struct{ Play struct{ URL string } }
			}
		}
		if err := json.Unmarshal(whisper(text, &flow.Hook{}).Body, &d); err != nil || len(d.Sections.Main) != 1 {
			t.Fatalf("whisper(%q): %v", text, err)
		}
		if got := d.Sections.Main[0].Play.URL; got != want {
			t.Errorf("whisper(%q) says %q, want %q", text, got, want)
		}
	}
}

// Whatever comes in, nobody's number is made up.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"call":{"from":"+16505550123","to":"sip:+18005550100@h","call_id":"x","headers":[{"name":"P-Asserted-Identity","value":"<sip:+16505550123;verstat=TN-Validation-Passed-A@h>"}]}}`))
	f.Add([]byte(`{"call":{"from":16505550123,"headers":[1,{"name":"Diversion","value":["<sip:+1@h>",1]}]}}`))
	f.Add([]byte(`{"event_type":"x"}`))
	f.Add([]byte(`{"call":null}`))
	hook := suite().Hook
	f.Fuzz(func(t *testing.T, body []byte) {
		dialecttest.CheckDecode(t, Dialect(), flow.Request{Method: "POST", Body: body}, &hook, dialecttest.Texts(body))
	})
}

// Nothing but SignalWire's own words is an answer or an end.
func FuzzResult(f *testing.F) {
	f.Add([]byte(`{"event_type":"calling.call.state","params":{"call_state":"answered"}}`))
	f.Add([]byte(`{"event_type":"calling.call.state","params":{"call_state":"ended","answer_time":1,"end_time":2e3}}`))
	f.Add([]byte(`{"event_type":"calling.call.state","params":{"call_state":"ended","end_reason":"BUSY","end_time":1e400}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		report, ok := dialecttest.CheckResult(t, Dialect(), flow.Request{Method: "POST", Body: body}, &flow.Hook{})
		texts := dialecttest.Texts(body)
		if ok && !slices.Contains(texts, "calling.call.state") {
			t.Fatalf("%+v, by %q", report, texts)
		}
		if report.Ended && !slices.Contains(texts, "ended") || report.Duration > 24*time.Hour {
			t.Fatalf("%+v, by %q", report, texts)
		}
		if !report.Ended && report.Result == flow.ResultAnswered && !slices.Contains(texts, "answered") {
			t.Fatalf("%+v, by %q", report, texts)
		}
	})
}

// Whatever stands in an instruction, the reply is a document on one line, an
// acknowledgement or the error that leads to the fallback URL.
func FuzzEncode(f *testing.F) {
	f.Add("direct", "number", "+15125550123", "user", "dana", "https://a/?b=1&c=2", "https://r", "https://w", "true", "Write <down>")
	f.Add("direct", "queue", "a\x00\"}", "sip", "sip:a@b", "", "\xff", "x", "", dialecttest.NastyAnnounce)
	f.Add("continue", "", "", "", "", "", "", "", "", "${x}%{y}${")
	f.Fuzz(func(t *testing.T, act, kind, address, kind2, address2, continueURL, resultURL, whisperURL, option, announce string) {
		h := flow.Hook{Options: map[string]string{"call_state": option, "context": option, "after_queue": option}}
		in := flow.Instruction{
			Act: flow.Act(act), Target: flow.Target{Kind: flow.Kind(kind), Address: address}, Backup: flow.Target{Kind: flow.Kind(kind2), Address: address2},
			ContinueURL: continueURL, ResultURL: resultURL, WhisperURL: whisperURL,
		}
		r := encode(in, &h)
		if in.Act == flow.ActNothing || r.Status == 404 {
			r = whisper(announce, &h)
			if text := string(r.Body); strings.Contains(text, "${") || strings.Contains(text, "%{") {
				t.Fatalf("a variable is left: %s", text)
			}
		}
		var d document
		if err := json.Unmarshal(r.Body, &d); err != nil || len(d.Sections.Main) != 1 || bytes.ContainsAny(r.Body, "\r\n") {
			t.Fatalf("%v: %s", err, r.Body)
		}
	})
}
