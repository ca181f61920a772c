package twiml

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
	"github.com/ringthrough/ringthrough/flow/dialect/markup"
)

// A caller is one that the request names, and never the display name.
func FuzzDecode(f *testing.F) {
	f.Add("POST", "telnyx", "From=%2B16505550123&To=%2B18005550100&CallSid=CA1&CallerId=%2B16505550199&ShakenStirAttestation=A&ShakenStirValidated=true")
	f.Add("GET", "", "From=sip:+16505550123@example.com&To=&ForwardedFrom=+442079460000&StirVerstat=TN-Validation-Failed")
	f.Add("POST", "nobody", "From=1&From=2")
	f.Add("POST", "", "CallStatus=completed&From=%00")
	f.Fuzz(func(t *testing.T, method, vendor, text string) {
		r := flow.Request{Method: method, RawQuery: text, Body: []byte(text), Header: func(string) string { return "" }}
		h := &flow.Hook{Reading: flow.Reading{Region: "US"}, Options: map[string]string{"vendor": vendor}}
		dialecttest.CheckDecode(t, Dialect(), r, h, valuesOf(text, "From", "CallSid"))
	})
}

// Only the words that mean it say that somebody has answered.
func FuzzResult(f *testing.F) {
	f.Add("DialCallStatus=completed&DialCallDuration=12&DialBridged=true")
	f.Add("DialCallStatus=no-answer&QueueResult=bridged")
	f.Add("QueueResult=bridged&QueueTime=3")
	f.Add("DialCallStatus=Completed")
	f.Fuzz(func(t *testing.T, text string) {
		report, ok := dialecttest.CheckResult(t, Dialect(), flow.Request{Method: "POST", RawQuery: text, Body: []byte(text)}, &flow.Hook{})
		words := " " + strings.Join(valuesOf(text, "DialCallStatus", "QueueResult"), " ") + " "
		if ok && report.Result == flow.ResultAnswered && !strings.Contains(words, "completed") && !strings.Contains(words, "answered") && !strings.Contains(words, "bridged") {
			t.Fatalf("%+v from %q", report, words)
		}
		if ok && report.Ended && strings.TrimSpace(words) == "" {
			t.Fatalf("%+v from nothing", report)
		}
	})
}

// valuesOf are the values of the fields called names, each also as valid text.
func valuesOf(form string, names ...string) []string {
	values, _ := url.ParseQuery(form)
	var all []string
	for _, name := range names {
		for _, v := range values[name] {
			all = append(all, v, strings.ToValidUTF8(v, "\ufffd"))
		}
	}
	return all
}

// Whatever stands in an instruction and its hook, the reply is a document
// that dials the target and nothing else.
func FuzzEncode(f *testing.F) {
	f.Add("direct", "number", "+15125550123", "https://a/?b=c&d", "twilio", "+18005550100", int64(25*time.Second))
	f.Add("direct", "user", `dana"/><Dial>`, "\x00\xff", "signalwire", "</Dial>", int64(-1))
	f.Add("direct", "queue", workflow, "]]>", "telnyx", "", int64(1<<62))
	f.Add("continue", "sip", "sip:desk@pbx.example.com", "tel:+1", "", "", int64(0))
	f.Fuzz(func(t *testing.T, act, kind, address, text, vendor, callerID string, timeout int64) {
		h := &flow.Hook{
			DialTimeout: time.Duration(timeout), CallerID: callerID,
			Options: map[string]string{"vendor": vendor, "language": text},
		}
		target := flow.Target{Kind: flow.Kind(kind), Address: address}
		in := flow.Instruction{
			Act: flow.Act(act), LookupID: text, Target: target, Backup: target,
			ContinueURL: text, ResultURL: text, WhisperURL: text,
		}
		got := read(t, encode(in, h))
		dialled := dialledBy(got)
		if in.Act == flow.ActDirect && carries(target, h) {
			if len(dialled) != 1 || dialled[0] != address {
				t.Fatalf("%v dials %q", target, dialled)
			}
		} else if len(dialled) > 0 {
			t.Fatalf("%s to %v dials %q", act, target, dialled)
		}
		if spoken := read(t, whisper(text, h)); text != "" && spoken.Children[0].Text != plain(t, text) {
			t.Fatalf("%q is spoken as %s", text, spoken)
		}
	})
}

// dialledBy are the addresses that a document dials.
func dialledBy(e dialecttest.Element) []string {
	var all []string
	switch e.Name {
	case "Dial":
		for _, noun := range e.Children {
			all = append(all, noun.Text)
		}
		return all
	case "Enqueue":
		return []string{e.Text + e.Attrs["workflowSid"]}
	}
	for _, child := range e.Children {
		all = append(all, dialledBy(child)...)
	}
	return all
}

func plain(t *testing.T, text string) string {
	t.Helper()
	b, err := markup.Text(text).MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
