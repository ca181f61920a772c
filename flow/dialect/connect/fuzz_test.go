package connect

import (
	"testing"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
)

// A caller is one that the event names.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"Details":{"ContactData":{"ContactId":"c1","CustomerEndpoint":{"Address":"+16505550123"},"SystemEndpoint":null},"Parameters":{"ani":"","attestation":"A"}}}`))
	f.Add([]byte(`{"Details":{"ContactData":{"CustomerEndpoint":[1]},"Parameters":{"ani":16505550123}}}`))
	f.Add([]byte(`{"details":{"contactdata":{}}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		dialecttest.CheckDecode(t, Dialect(), flow.Request{Method: "POST", Body: body}, &flow.Hook{Reading: flow.Reading{Region: "US"}}, dialecttest.Texts(body))
	})
}

// Whatever stands in an instruction, the reply is a flat map of strings, and
// direct to nothing that a flow can't carry out.
func FuzzEncode(f *testing.F) {
	f.Add("direct", "number", "+15125550123", "Meta <1>")
	f.Add("direct", "queue", queueARN, "\x00\xff\u2028")
	f.Add("direct", "user", "dana@example.com", `"`)
	f.Add("continue", "sip", "sip:desk@pbx.example.com", "")
	f.Fuzz(func(t *testing.T, act, kind, address, text string) {
		target := flow.Target{Kind: flow.Kind(kind), Address: address}
		in := flow.Instruction{Act: flow.Act(act), LookupID: text, Target: target, Backup: target, Decision: flow.Decision{Announce: text, Line: text}}
		got := readResponse(t, encode(in, nil))
		if direct := act == "direct" && carries(target, nil); direct != (got["route"] == "direct") {
			t.Fatalf("%s to %v: %v", act, target, got)
		} else if direct && got["target"] != address || !direct && got["target"]+got["backup"] != "" {
			t.Fatalf("%s to %v: %v", act, target, got)
		}
		if len(got) != 15 {
			t.Fatalf("%d keys", len(got))
		}
	})
}
