package kamailio

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dial"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
)

// A caller is one that the request names.
func FuzzDecode(f *testing.F) {
	f.Add("POST", `{"ani":"16505550123","dnis":"18005550100","call_id":"a84b4c76e66710","attestation":"<sip:+16505550123;verstat=TN-Validation-Passed-A@c.example.com>"}`)
	f.Add("POST", "ani=16505550123&dnis=18005550100&call_id=a&diversion=%3Csip:%2B442079460000@x%3E")
	f.Add("GET", "ani=%3Cnull%3E&dnis=0")
	f.Add("POST", "ani=82010000") // a trunk prefix after the country code
	f.Add("POST", `{"ani":1e9,"dnis":[]}`)
	f.Fuzz(func(t *testing.T, method, text string) {
		r := flow.Request{Method: method, RawQuery: text, Body: []byte(text), Header: func(string) string { return "" }}
		texts := dialecttest.Texts(r.Body)
		values, _ := url.ParseQuery(text)
		for _, v := range values {
			for _, one := range v {
				texts = append(texts, one, strings.ToValidUTF8(one, "\ufffd"))
			}
		}
		values, _ = url.ParseQuery(strings.TrimSpace(text))
		for _, v := range values {
			texts = append(texts, v...)
		}
		h := sampleHook()
		dialecttest.CheckDecode(t, Dialect(), r, &h, texts)
	})
}

// Whatever stands in an instruction and its hook, the reply is one line of
// JSON whose routes are the targets.
func FuzzEncode(f *testing.F) {
	f.Add("direct", "number", "+15125550123", "sip:{number}@gw.example.com", "d1k2", int64(25*time.Second))
	f.Add("direct", "user", `dana"`, "sip:{number}@a?b", "\x00\xff\u2028", int64(-1))
	f.Add("continue", "sip", "sip:desk@pbx.example.com", "", "", int64(1<<62))
	f.Fuzz(func(t *testing.T, act, kind, address, template, id string, timeout int64) {
		h := &flow.Hook{SIPTemplate: template, DialTimeout: time.Duration(timeout)}
		target := flow.Target{Kind: flow.Kind(kind), Address: address}
		r := encode(flow.Instruction{Act: flow.Act(act), LookupID: id, Target: target, Backup: target}, h)
		var got answer
		if err := json.Unmarshal(r.Body, &got); err != nil || bytes.ContainsAny(r.Body, "\r\n") {
			t.Fatalf("%q: %v", r.Body, err)
		}
		if direct := act == "direct" && carries(target, h); direct != (got.Route == flow.Direct) || direct != (len(got.Routes) == 2) {
			t.Fatalf("%s to %v: %s", act, target, r.Body)
		}
		for _, hop := range got.Routes {
			if !dial.IsSIP(hop.URI) || hop.RingFor < 0 || hop.RingFor > 180000 {
				t.Fatalf("%+v", hop)
			}
		}
	})
}
