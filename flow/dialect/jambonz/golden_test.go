package jambonz

import (
	"encoding/json"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
)

func suite() dialecttest.Suite {
	hook := dialecttest.Hook("jambonz")
	hook.Reading.BareIsE164 = true
	return dialecttest.Suite{Dialect: Dialect(), Hook: hook, Also: also(hook), Judge: judge}
}

func TestGolden(t *testing.T) { suite().Run(t) }

// also has the ways of ringing that the standard instructions don't have.
func also(hook flow.Hook) []dialecttest.Case {
	var all []dialecttest.Case
	for _, c := range dialecttest.Cases(hook) {
		in := c.Instruction
		switch c.Name {
		case "direct-number", "direct-queue":
			in.ResultURL = ""
			all = append(all, dialecttest.Case{Name: c.Name + "-without-a-result-url", Instruction: in})
		case "direct-nasty-texts":
			in.WhisperURL = hook.PublicURL + "/whisper?id=" + in.LookupID + "&leg=1&exp=1795357200&sig=c2lnbmF0dXJl"
			all = append(all, dialecttest.Case{Name: c.Name + "-whispered", Instruction: in})
		}
	}
	return all
}

// judge holds every reply to what jambonz drops the call without: status
// 200, JSON, and a verb.
func judge(t *testing.T, c dialecttest.Case, r flow.Reply) {
	t.Helper()
	var verbs []map[string]any
	if err := json.Unmarshal(r.Body, &verbs); err != nil || r.Status != 200 || r.ContentType != "application/json" {
		t.Fatalf("status %d, type %s: %v", r.Status, r.ContentType, err)
	}
	if len(verbs) == 0 && c.Instruction.Act != flow.ActNothing {
		t.Error("there is no verb: jambonz would drop the call")
	}
}

// The vendor's own validator takes every reply, and refuses what is wrong.
func TestVerbSpecifications(t *testing.T) {
	replies := append(suite().Replies(t),
		dialecttest.Said{Name: "no such verb", Status: 200, ContentType: "application/json", Body: `[{"verb":"ring"}]`, Wrong: true},
		dialecttest.Said{Name: "no target", Status: 200, ContentType: "application/json", Body: `[{"verb":"dial","timeout":25}]`, Wrong: true},
		dialecttest.Said{Name: "a timeout in words", Status: 200, ContentType: "application/json", Body: `[{"verb":"dial","timeout":"25","target":[]}]`, Wrong: true})
	var judged int
	peer.Node(t, "reply_jambonz.js", replies, &judged)
	if judged != len(replies) {
		t.Errorf("%d of %d replies were judged", judged, len(replies))
	}
}
