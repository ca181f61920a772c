package bxml

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
)

// A caller is one that the request names.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"eventType":"initiate","from":"+16505550123","to":"+18005550100","callId":"c-1","diversion":{"origTo":"+442079460000"},"stirShaken":{"verstat":"TN-Validation-Passed","attestationIndicator":"A"}}`))
	f.Add([]byte(`{"eventType":"initiate","from":{"a":"+16505550123"},"FROM":"Restricted","stirShaken":null}`))
	f.Add([]byte(`{"eventType":"disconnect"}`))
	f.Add([]byte(`[{"eventType":"initiate"}]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		h := &flow.Hook{Reading: flow.Reading{Region: "US"}}
		r := flow.Request{Method: "POST", ContentType: "application/json", Body: body, Header: func(string) string { return "" }}
		dialecttest.CheckDecode(t, Dialect(), r, h, dialecttest.Texts(body))
	})
}

// Only a leg that was answered and hung up says that somebody has answered.
func FuzzResult(f *testing.F) {
	f.Add([]byte(`{"eventType":"transferComplete","cause":"hangup","answerTime":"2026-11-22T12:00:08Z","eventTime":"2026-11-22T12:00:20Z"}`))
	f.Add([]byte(`{"eventType":"transferComplete","cause":"busy","answerTime":"2026-11-22T12:00:08Z"}`))
	f.Add([]byte(`{"eventType":"transferDisconnect","cause":"hangup"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		report, ok := dialecttest.CheckResult(t, Dialect(), flow.Request{Method: "POST", Body: body}, &flow.Hook{})
		if !ok {
			return
		}
		texts := "\x00" + strings.Join(dialecttest.Texts(body), "\x00") + "\x00"
		if !strings.Contains(texts, "\x00transferComplete\x00") || report.Result == flow.ResultAnswered && !strings.Contains(texts, "\x00hangup\x00") {
			t.Fatalf("%+v from %q", report, body)
		}
		if report.Result == flow.ResultAnswered && !bytes.Contains(bytes.ToLower(body), []byte("time")) && !bytes.Contains(body, []byte(`\u`)) {
			t.Fatalf("%+v without a time from %q", report, body)
		}
	})
}

// Whatever stands in an instruction and its hook, the reply is a document
// that dials the target and nothing else.
func FuzzEncode(f *testing.F) {
	f.Add("direct", "number", "+15125550123", "https://a/?b=c&d", "", "+18005550100", int64(25*time.Second))
	f.Add("direct", "sip", "sip:desk@pbx.example.com", "\x00\xff", "transfer", "</Dial>", int64(-1))
	f.Add("continue", "sip", `sip:"/><Forward to="+1"/>`, "]]>", "forward", "", int64(0))
	f.Fuzz(func(t *testing.T, act, kind, address, text, verb, callerID string, timeout int64) {
		h := &flow.Hook{DialTimeout: time.Duration(timeout), CallerID: callerID, Options: map[string]string{"dial": verb, "language": text}}
		target := flow.Target{Kind: flow.Kind(kind), Address: address}
		in := flow.Instruction{
			Act: flow.Act(act), LookupID: text, Target: target, Backup: target,
			ContinueURL: text, ResultURL: text, WhisperURL: text,
		}
		if in.Act == flow.ActNothing {
			return
		}
		dialled := dialledBy(readReply(t, encode(in, h)))
		if in.Act == flow.ActDirect && carries(target, h) {
			if len(dialled) != 1 || dialled[0] != address {
				t.Fatalf("%v dials %q", target, dialled)
			}
		} else if len(dialled) > 0 {
			t.Fatalf("%s to %v dials %q", act, target, dialled)
		}
		readReply(t, whisper(text, h))
	})
}

// dialledBy are the addresses that a document dials.
func dialledBy(response dialecttest.Element) []string {
	var all []string
	for _, verb := range response.Children {
		if to, ok := verb.Attrs["to"]; ok {
			all = append(all, to)
		}
		for _, callee := range verb.Children {
			all = append(all, callee.Text)
		}
	}
	return all
}
