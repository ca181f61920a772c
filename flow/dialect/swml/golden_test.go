package swml

import (
	"encoding/json"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
)

func suite() dialecttest.Suite {
	hook := dialecttest.Hook("swml")
	return dialecttest.Suite{Dialect: Dialect(), Hook: hook, Also: also(hook), Judge: judge}
}

func TestGolden(t *testing.T) { suite().Run(t) }

// also has what the standard instructions don't: a whisper, and a call that
// has nowhere to go on.
func also(hook flow.Hook) []dialecttest.Case {
	var all []dialecttest.Case
	add := func(name string, in flow.Instruction) {
		all = append(all, dialecttest.Case{Name: name, Instruction: in})
	}
	for _, c := range dialecttest.Cases(hook) {
		in := c.Instruction
		switch c.Name {
		case "direct-number", "direct-queue", "direct-sip-backup":
			in.ContinueURL = ""
			add(c.Name+"-without-a-continue-url", in)
		case "direct-nasty-texts":
			in.WhisperURL = hook.PublicURL + "/whisper?id=" + in.LookupID + "&leg=1&exp=1795357200&sig=c2lnbmF0dXJl"
			add(c.Name+"-whispered", in)
		}
		if c.Name == "direct-number" {
			in = c.Instruction
			in.Backup = flow.Target{Kind: flow.KindQueue, Address: "WhatsApp activation"}
			add("direct-number-queue-backup", in)
		}
	}
	return all
}

// judge holds every reply to being a document with a method, or what
// SignalWire takes for none.
func judge(t *testing.T, c dialecttest.Case, r flow.Reply) {
	t.Helper()
	switch {
	case c.Instruction.Act == flow.ActNothing:
		if r.Status != 200 || len(r.Body) > 0 {
			t.Errorf("status %d, %s", r.Status, r.Body)
		}
	case c.Instruction.ContinueURL == "" && c.Instruction.Act == flow.ActContinue:
		if r.Status != 404 {
			t.Errorf("status %d: only an error makes SignalWire turn to the fallback URL", r.Status)
		}
	default:
		var d document
		if err := json.Unmarshal(r.Body, &d); err != nil || len(d.Sections.Main) == 0 || r.Status != 200 || r.ContentType != "application/json" {
			t.Errorf("no document: status %d, %s, %s", r.Status, r.ContentType, r.Body)
		}
	}
}

// The schema that SignalWire's reference makes takes every reply, and refuses
// what is wrong.
func TestSchema(t *testing.T) {
	wrong := func(name, main string) dialecttest.Said {
		return dialecttest.Said{
			Name: name, Status: 200, ContentType: "application/json", Wrong: true,
			Body: `{"version":"1.0.0","sections":{"main":` + main + `}}`,
		}
	}
	replies := append(suite().Replies(t),
		wrong("no such method", `[{"redirect":{"url":"https://ivr.example.com"}}]`),
		wrong("nowhere to connect", `[{"connect":{"timeout":25}}]`),
		wrong("two ways to connect", `[{"connect":{"to":"+15125550123","serial":[{"to":"+15125550124"}]}}]`),
		wrong("a queue with nothing after it", `[{"enter_queue":{"queue_name":"x"}}]`),
		wrong("an event that there is not", `[{"connect":{"to":"+15125550123","call_state_events":["failed"]}}]`))
	var judged int
	peer.Node(t, "reply_swml.js", replies, &judged)
	if judged != len(replies) {
		t.Errorf("%d of %d replies were judged", judged, len(replies))
	}
}
