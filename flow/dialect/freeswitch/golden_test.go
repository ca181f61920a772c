package freeswitch

import (
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
)

func TestGolden(t *testing.T) {
	for _, s := range suites() {
		t.Run(s.Dir, s.Run)
	}
}

func suites() []dialecttest.Suite {
	asking, application := sampleHook(), sampleHook()
	application.Options = map[string]string{"module": "httapi"}
	return []dialecttest.Suite{
		{Dialect: Dialect(), Hook: asking, Dir: "xml_curl", Also: alsoWith(asking)},
		{Dialect: Dialect(), Hook: application, Dir: "httapi", Also: alsoWith(application)},
	}
}

func sampleHook() flow.Hook {
	hook := dialecttest.Hook("freeswitch")
	hook.FreeSWITCH = flow.FreeSWITCH{Gateway: "gw", Domain: "example.com"}
	return hook
}

// alsoWith are instructions with addresses as the switch takes them, and
// another way on.
func alsoWith(hook flow.Hook) []dialecttest.Case {
	number := dialecttest.Cases(hook)[0].Instruction
	extension, dialled := number, number
	extension.Target = flow.Target{Kind: flow.KindQueue, Address: "5000"}
	dialled.ContinueURL = "sip:ivr@10.0.0.2:5080"
	return []dialecttest.Case{
		{Name: "direct-queue-that-is-an-extension", Instruction: extension},
		{Name: "direct-number-with-a-sip-continue-url", Instruction: dialled},
	}
}

func TestRepliesAreXML(t *testing.T) {
	documents := map[string][]byte{}
	for _, s := range suites() {
		for _, r := range s.Replies(t) {
			if r.Body != "" {
				documents[s.Dir+"-"+r.Name] = []byte(r.Body)
			}
		}
	}
	peer.XMLLint(t, documents)
}
