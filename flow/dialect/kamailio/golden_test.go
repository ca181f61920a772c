package kamailio

import (
	"encoding/json"
	"testing"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
)

func TestGolden(t *testing.T) {
	hook := sampleHook()
	dialecttest.Suite{Dialect: Dialect(), Hook: hook, Judge: judge, Also: []dialecttest.Case{
		{Name: "direct-queue-that-is-a-sip-uri", Instruction: flow.Instruction{
			Act: flow.ActDirect, LookupID: "d1k2m3n4o5p6q7r8s9t0", Decision: flow.Decision{Route: flow.Direct, Reason: flow.ReasonListed},
			Target: flow.Target{Kind: flow.KindQueue, Address: "sip:queue@pbx.example.com;transport=tcp"},
		}},
	}}.Run(t)
}

func sampleHook() flow.Hook {
	hook := dialecttest.Hook("kamailio")
	hook.SIPTemplate = "sip:{number}@gw.example.com;user=phone"
	hook.Reading.BareIsE164 = Dialect().BareIsE164
	return hook
}

// judge reads a reply as rtjson and the script do: routes are there when the
// route is direct, and only then.
func judge(t *testing.T, c dialecttest.Case, r flow.Reply) {
	t.Helper()
	var got struct {
		Version, Routing, Route string
		Routes                  []struct{ URI string }
	}
	if err := json.Unmarshal(r.Body, &got); err != nil || r.Status != 200 || r.ContentType != "application/json" {
		t.Fatalf("%d %s %s: %v", r.Status, r.ContentType, r.Body, err)
	}
	direct := c.Instruction.Act == flow.ActDirect
	if got.Version != "1.0" || got.Routing != "serial" || (got.Route == "direct") != direct || (len(got.Routes) > 0) != direct {
		t.Errorf("%s is told %s", c.Instruction.Act, r.Body)
	}
}

// The sample of the platform's notes, to the letter.
func TestSample(t *testing.T) {
	hook := sampleHook()
	in := flow.Instruction{
		Act: flow.ActDirect, LookupID: "d1k2", Decision: flow.Decision{Route: flow.Direct, Reason: flow.ReasonListed},
		Target: flow.Target{Kind: flow.KindNumber, Address: "+15125550123"},
		Backup: flow.Target{Kind: flow.KindSIP, Address: "sip:desk@pbx.example.com"},
	}
	const want = `{"version":"1.0","routing":"serial","routes":[{"uri":"sip:+15125550123@gw.example.com;user=phone","fr_inv_timer":25000},{"uri":"sip:desk@pbx.example.com"}],"route":"direct","reason":"listed","lookup_id":"d1k2"}`
	if got := string(encode(in, &hook).Body); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
