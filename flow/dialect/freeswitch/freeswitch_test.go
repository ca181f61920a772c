package freeswitch

import (
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
)

const declaration = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// The samples of the platform's notes, to the letter.
func TestSamples(t *testing.T) {
	asking := sampleHook()
	application := sampleHook()
	application.Options = map[string]string{"module": "httapi"}
	ring := flow.Instruction{Act: flow.ActDirect, Target: flow.Target{Kind: flow.KindNumber, Address: "+15125550123"}, ContinueURL: asking.ContinueURL}
	mailbox := flow.Instruction{Act: flow.ActDirect, Target: flow.Target{Kind: flow.KindMailbox, Address: "4100"}}
	carryOn := flow.Instruction{Act: flow.ActContinue, ContinueURL: asking.ContinueURL}
	tests := []struct {
		name string
		hook flow.Hook
		in   flow.Instruction
		want string
	}{
		{"dialplan", asking, ring, `<document type="freeswitch/xml"><section name="dialplan"><context name="global"><extension name="ringthrough"><condition><action application="set" data="call_timeout=25"/><action application="set" data="hangup_after_bridge=true"/><action application="set" data="continue_on_fail=true"/><action application="bridge" data="sofia/gateway/gw/+15125550123"/></condition></extension></context></section></document>`},
		{"dialplan, not found", asking, carryOn, `<document type="freeswitch/xml"><section name="result"><result status="not found"/></section></document>`},
		{"httapi", application, ring, `<document type="xml/freeswitch-httapi"><work><dial>+15125550123</dial><break/></work></document>`},
		{"httapi, on", application, carryOn, `<document type="xml/freeswitch-httapi"><work><break/></work></document>`},
		{"httapi, a mailbox", application, mailbox, `<document type="xml/freeswitch-httapi"><work><voicemail profile="default" domain="example.com" id="4100"/><hangup/></work></document>`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(encode(tt.in, &tt.hook).Body); got != declaration+tt.want {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestWays(t *testing.T) {
	number := flow.Target{Kind: flow.KindNumber, Address: "+15125550123"}
	sip := flow.Target{Kind: flow.KindSIP, Address: "sip:desk@pbx.example.com"}
	settings := func(change func(*flow.Hook)) flow.Hook {
		h := sampleHook()
		h.ContinueURL = ""
		change(&h)
		return h
	}
	tests := []struct {
		name           string
		hook           flow.Hook
		target, backup flow.Target
		want           string // the actions but for how long they ring; empty: can't be carried
	}{
		{"target, then backup", settings(func(*flow.Hook) {}), sip, number, "bridge sofia/external/sip:desk@pbx.example.com; bridge sofia/gateway/gw/+15125550123"},
		{"a profile of its own", settings(func(h *flow.Hook) { h.FreeSWITCH.Profile = "internal" }), sip, flow.Target{}, "bridge sofia/internal/sip:desk@pbx.example.com"},
		{"no gateway but a template", settings(func(h *flow.Hook) { h.FreeSWITCH.Gateway = ""; h.SIPTemplate = "sip:{number}@gw.example.com" }), number, flow.Target{}, "bridge sofia/external/sip:+15125550123@gw.example.com"},
		{"neither", settings(func(h *flow.Hook) { h.FreeSWITCH.Gateway = "" }), number, flow.Target{}, ""},
		{"a gateway with a second destination in it", settings(func(h *flow.Hook) { h.FreeSWITCH.Gateway = "gw/1|sofia" }), number, flow.Target{}, ""},
		{"the account's number", settings(func(h *flow.Hook) { h.CallerID = "+18005550100" }), number, flow.Target{}, "set effective_caller_id_number=+18005550100; bridge sofia/gateway/gw/+15125550123"},
		{"a user", settings(func(*flow.Hook) {}), flow.Target{Kind: flow.KindUser, Address: "dana"}, flow.Target{}, "bridge user/dana@example.com"},
		{"a user of another domain", settings(func(*flow.Hook) {}), flow.Target{Kind: flow.KindUser, Address: "dana@example.net"}, flow.Target{}, "bridge user/dana@example.net"},
		{"nobody picked up: the extension", settings(func(h *flow.Hook) { h.Options = map[string]string{"continue_extension": "9000 XML ivr"} }), number, sip, "bridge sofia/gateway/gw/+15125550123; bridge sofia/external/sip:desk@pbx.example.com; set ringthrough_lookup_id=d1k2; transfer 9000 XML ivr"},
		{"nobody picked up: a URL that can be dialled wins", settings(func(h *flow.Hook) {
			h.ContinueURL, h.Options = "sip:ivr@10.0.0.2", map[string]string{"continue_extension": "9000"}
		}), number, flow.Target{}, "bridge sofia/gateway/gw/+15125550123; bridge sofia/external/sip:ivr@10.0.0.2"},
		{"an extension that is no extension", settings(func(h *flow.Hook) { h.Options = map[string]string{"continue_extension": "${destination_number}"} }), number, flow.Target{}, "bridge sofia/gateway/gw/+15125550123"},
		{"a queue is the end", settings(func(h *flow.Hook) { h.Options = map[string]string{"callcenter": "true"} }), flow.Target{Kind: flow.KindQueue, Address: "support@default"}, number, "answer ; callcenter support@default"},
		{"a queue without the option", settings(func(*flow.Hook) {}), flow.Target{Kind: flow.KindQueue, Address: "support@default"}, flow.Target{}, ""},
		{"a queue that is an extension", settings(func(*flow.Hook) {}), flow.Target{Kind: flow.KindQueue, Address: "5000 XML default"}, number, "answer ; set ringthrough_lookup_id=d1k2; transfer 5000 XML default"},
		{"a mailbox after a number", settings(func(h *flow.Hook) { h.Options = map[string]string{"continue_extension": "9000"} }), number, flow.Target{Kind: flow.KindMailbox, Address: "4100"}, "bridge sofia/gateway/gw/+15125550123; answer ; voicemail default example.com 4100"},
		{"a mailbox of no domain", settings(func(h *flow.Hook) { h.FreeSWITCH.Domain = "" }), flow.Target{Kind: flow.KindMailbox, Address: "4100"}, flow.Target{}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := carries(tt.target, &tt.hook); got != (tt.want != "") {
				t.Fatalf("carries: %t", got)
			}
			in := flow.Instruction{Act: flow.ActDirect, LookupID: "d1k2", Target: tt.target, Backup: tt.backup, ContinueURL: tt.hook.ContinueURL}
			if got := strings.Join(actionsOf(t, encode(in, &tt.hook)), "; "); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestRefusesDialStrings(t *testing.T) {
	h := sampleHook()
	h.Options = map[string]string{"callcenter": "true"}
	for _, address := range []string{
		"sip:a@b,sofia/gateway/gw/1", "sip:a@b|user/c", "sip:{x=y}a@b", "sip:a@b[x=y]", "sip:${x}@b", "sip:a%40c@b", "sip:a@b;x=:_:y", "sip:a@b^c",
		"", "+1512|2", "4100 example.net", "a b", "x@y,z", "x@y z", "5000 XML default x", "5000 inline hangup",
	} {
		for _, kind := range flow.Kinds() {
			if carries(flow.Target{Kind: kind, Address: address}, &h) {
				t.Errorf("%s %q can be dialled", kind, address)
			}
		}
	}
}

func TestTimeoutIsClamped(t *testing.T) {
	h := sampleHook()
	for timeout, want := range map[time.Duration]string{0: "=1\"", -time.Second: "=1\"", 1500 * time.Millisecond: "=2\"", time.Hour: "=180\""} {
		h.DialTimeout = timeout
		in := flow.Instruction{Act: flow.ActDirect, Target: flow.Target{Kind: flow.KindNumber, Address: "+15125550123"}}
		if got := string(encode(in, &h).Body); !strings.Contains(got, "call_timeout"+want) {
			t.Errorf("%s: %s", timeout, got)
		}
	}
}

// actionsOf lists the actions of a dialplan, but for how long they ring.
func actionsOf(t *testing.T, r flow.Reply) []string {
	t.Helper()
	e, err := dialecttest.ReadXML(r.Body)
	if err != nil {
		t.Fatalf("%s: %v", r.Body, err)
	}
	for len(e.Children) == 1 && e.Name != "condition" {
		e = e.Children[0]
	}
	var all []string
	for _, a := range e.Children {
		switch data := a.Attrs["data"]; {
		case strings.HasPrefix(data, "call_timeout="), data == "hangup_after_bridge=true", data == "continue_on_fail=true":
		default:
			all = append(all, a.Attrs["application"]+" "+data)
		}
	}
	return all
}
