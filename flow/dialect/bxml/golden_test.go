package bxml

import (
	"testing"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
)

func TestGolden(t *testing.T) {
	for _, s := range suites() {
		t.Run("dial="+s.Hook.Options["dial"], s.Run)
	}
}

// suites are one for each verb that rings.
func suites() []dialecttest.Suite {
	var all []dialecttest.Suite
	for _, verb := range []string{"", "transfer"} {
		hook := dialecttest.Hook("bandwidth")
		hook.Options = map[string]string{"dial": verb}
		all = append(all, dialecttest.Suite{Dialect: Dialect(), Hook: hook, Also: also(hook), Dir: verb})
	}
	return all
}

// also are direct calls with an announcement and without a way back.
func also(hook flow.Hook) []dialecttest.Case {
	number := flow.Target{Kind: flow.KindNumber, Address: "+15125550123"}
	oneWay := ring(hook, number)
	oneWay.ResultURL = ""
	return []dialecttest.Case{
		{Name: "direct-number-one-way", Instruction: oneWay},
		{Name: "direct-number-announced", Instruction: announced(hook, number)},
		{Name: "direct-sip-announced", Instruction: announced(hook, flow.Target{Kind: flow.KindSIP, Address: "sip:desk@pbx.example.com"})},
	}
}

func ring(hook flow.Hook, target flow.Target) flow.Instruction {
	return flow.Instruction{
		Act: flow.ActDirect, LookupID: "d1k2m3n4o5p6q7r8s9t0", Target: target, ContinueURL: hook.ContinueURL,
		ResultURL: hook.PublicURL + "/result?id=d1k2m3n4o5p6q7r8s9t0&exp=1795357200&sig=c2lnbmF0dXJl",
	}
}

func announced(hook flow.Hook, target flow.Target) flow.Instruction {
	in := ring(hook, target)
	in.WhisperURL = hook.PublicURL + "/whisper?id=d1k2m3n4o5p6q7r8s9t0&exp=1795357200&sig=c2lnbmF0dXJl"
	return in
}
