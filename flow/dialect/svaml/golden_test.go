package svaml

import (
	"encoding/json"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
)

func suite() dialecttest.Suite {
	hook := dialecttest.Hook("svaml")
	hook.Reading.BareIsE164 = true
	return dialecttest.Suite{Dialect: Dialect(), Hook: hook, Also: also(hook), Judge: judge}
}

func TestGolden(t *testing.T) { suite().Run(t) }

// customers is what the customer's own server says for a continue.
const customers = `{"instructions":[{"name":"answer"},{"name":"say","text":"Welcome to Example.","locale":"en-US"}],"action":{"name":"park","holdPrompt":"#tts[Please hold]","maxDuration":60}}`

// also has what the standard instructions don't: what the server fetched, and
// a continue that is dialled.
func also(hook flow.Hook) []dialecttest.Case {
	var all []dialecttest.Case
	add := func(name string, in flow.Instruction) {
		all = append(all, dialecttest.Case{Name: name, Instruction: in})
	}
	for _, c := range dialecttest.Cases(hook) {
		in := c.Instruction
		if c.Name != "continue" {
			continue
		}
		in.Continued = []byte(customers)
		add("continue-fetched", in)
		in.Continued, in.ContinueURL = nil, "tel:+18005550111"
		add("continue-to-a-number", in)
		in.ContinueURL = "sip:ivr@pbx.example.com"
		add("continue-to-a-sip-uri", in)
	}
	return all
}

// judge holds every reply to what Sinch drops the call without: status 200,
// JSON, and one action with a name.
func judge(t *testing.T, _ dialecttest.Case, r flow.Reply) {
	t.Helper()
	var reply struct{ Action struct{ Name string } }
	if err := json.Unmarshal(r.Body, &reply); err != nil || reply.Action.Name == "" || r.Status != 200 || r.ContentType != "application/json" {
		t.Errorf("no SVAML: status %d, %s, %s", r.Status, r.ContentType, r.Body)
	}
}

// The types of the vendor's SDK take every reply, and refuse what is wrong.
func TestTypesOfTheSDK(t *testing.T) {
	wrong := func(name, body string) dialecttest.Said {
		return dialecttest.Said{Name: name, Status: 200, ContentType: "application/json", Body: body, Wrong: true}
	}
	replies := append(suite().Replies(t),
		wrong("no such action", `{"instructions":[],"action":{"name":"redirect","url":"https://ivr.example.com"}}`),
		wrong("ice can't be answered with continue", `{"instructions":[],"action":{"name":"continue"}}`),
		wrong("a timeout in words", `{"instructions":[],"action":{"name":"connectPstn","number":"+15125550123","dialTimeout":"25"}}`),
		wrong("SIP has no timeout", `{"instructions":[],"action":{"name":"connectSip","destination":{"type":"sip","endpoint":"a@b"},"dialTimeout":25}}`),
		wrong("nowhere to connect", `{"instructions":[],"action":{"name":"connectSip"}}`))
	var judged int
	peer.Node(t, "reply_svaml.js", replies, &judged)
	if judged != len(replies) {
		t.Errorf("%d of %d replies were judged", judged, len(replies))
	}
}
