package plivo

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
)

// A caller is one that the request names.
func FuzzDecode(f *testing.F) {
	f.Add("POST", "From=16505550123&To=18005550100&CallUUID=a-b&Event=StartApp&CallStatus=ringing&STIRVerification=Verified&STIRAttestation=A")
	f.Add("GET", "From=+16505550123&To=&ForwardedFrom=442079460000&STIRVerification=Not+Verified")
	f.Add("POST", "From=1&From=2")
	f.Add("POST", "Event=Hangup&From=%00")
	f.Fuzz(func(t *testing.T, method, text string) {
		r := flow.Request{Method: method, RawQuery: text, Body: []byte(text), Header: func(string) string { return "" }}
		h := &flow.Hook{Reading: flow.Reading{BareIsE164: true}}
		dialecttest.CheckDecode(t, Dialect(), r, h, append(valuesOf(text, "From"), valuesOf(text, "CallUUID")...))
	})
}

// Only the word that means it says that somebody has answered.
func FuzzResult(f *testing.F) {
	f.Add("DialStatus=completed&DialBLegDuration=12")
	f.Add("DialStatus=no-answer&Duration=3")
	f.Add("DialStatus=Completed")
	f.Fuzz(func(t *testing.T, text string) {
		report, ok := dialecttest.CheckResult(t, Dialect(), flow.Request{Method: "POST", RawQuery: text, Body: []byte(text)}, &flow.Hook{})
		words := valuesOf(text, "DialStatus")
		if ok && (len(words) == 0 || report.Result == flow.ResultAnswered && !slices.Contains(words, "completed")) {
			t.Fatalf("%+v from %q", report, words)
		}
	})
}

// valuesOf are the values of the field called name, each also as valid text.
func valuesOf(form, name string) []string {
	values, _ := url.ParseQuery(form)
	var all []string
	for _, v := range values[name] {
		all = append(all, v, strings.ToValidUTF8(v, "\ufffd"))
	}
	return all
}

// Whatever stands in an instruction and its hook, the reply is a document
// that dials the target and nothing else.
func FuzzEncode(f *testing.F) {
	f.Add("direct", "number", "+15125550123", "https://a/?b=c&d", "+18005550100", int64(25*time.Second))
	f.Add("direct", "user", `sip:dana@x"/><Dial>`, "\x00\xff", "</Dial>", int64(-1))
	f.Add("continue", "sip", "sip:desk@pbx.example.com", "]]>", "", int64(0))
	f.Fuzz(func(t *testing.T, act, kind, address, text, callerID string, timeout int64) {
		h := &flow.Hook{DialTimeout: time.Duration(timeout), CallerID: callerID, Options: map[string]string{"language": text}}
		target := flow.Target{Kind: flow.Kind(kind), Address: address}
		in := flow.Instruction{
			Act: flow.Act(act), LookupID: text, Target: target, Backup: target,
			ContinueURL: text, ResultURL: text, WhisperURL: text,
		}
		var dialled []string
		for _, verb := range readReply(t, encode(in, h)).Children {
			for _, noun := range verb.Children {
				dialled = append(dialled, noun.Text)
			}
		}
		if in.Act == flow.ActDirect && carries(target, h) {
			if len(dialled) != 1 || dialled[0] != strings.TrimPrefix(address, "+") {
				t.Fatalf("%v dials %q", target, dialled)
			}
		} else if len(dialled) > 0 {
			t.Fatalf("%s to %v dials %q", act, target, dialled)
		}
		readReply(t, whisper(text, h))
	})
}
