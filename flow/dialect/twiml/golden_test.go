package twiml

import (
	"testing"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
)

func TestGolden(t *testing.T) {
	for _, s := range suites() {
		t.Run(s.Hook.Name, s.Run)
	}
}

// suites are one for each vendor.
func suites() []dialecttest.Suite {
	var all []dialecttest.Suite
	for _, v := range []vendor{twilio, signalwire, telnyx} {
		hook := dialecttest.Hook(string(v))
		dir := ""
		if v != twilio {
			hook.Options = map[string]string{"vendor": string(v)}
			dir = string(v)
		}
		all = append(all, dialecttest.Suite{Dialect: Dialect(), Hook: hook, Also: also(hook), Dir: dir})
	}
	return all
}

const workflow = "WW0f1e2d3c4b5a69788796a5b4c3d2e1f0"

// also are direct calls with an announcement, without a way back, and to
// addresses that the standard ones don't have.
func also(hook flow.Hook) []dialecttest.Case {
	number := flow.Target{Kind: flow.KindNumber, Address: "+15125550123"}
	queue := flow.Target{Kind: flow.KindQueue, Address: "WhatsApp activation"}
	client := flow.Target{Kind: flow.KindUser, Address: "dana@example.com"}
	verto := flow.Target{Kind: flow.KindUser, Address: "dana@example-space.verto.signalwire.com"}
	oneWay, queueOneWay := ring(hook, number), ring(hook, queue)
	oneWay.ResultURL, queueOneWay.ResultURL = "", ""
	return []dialecttest.Case{
		{Name: "direct-verto", Instruction: ring(hook, verto)},
		{Name: "direct-workflow", Instruction: ring(hook, flow.Target{Kind: flow.KindQueue, Address: workflow})},
		{Name: "direct-number-one-way", Instruction: oneWay},
		{Name: "direct-queue-one-way", Instruction: queueOneWay},
		{Name: "direct-number-announced", Instruction: announced(hook, number)},
		{Name: "direct-sip-announced", Instruction: announced(hook, flow.Target{Kind: flow.KindSIP, Address: "sip:desk@pbx.example.com"})},
		{Name: "direct-queue-announced", Instruction: announced(hook, queue)},
		{Name: "direct-client-announced", Instruction: announced(hook, client)},
		{Name: "direct-verto-announced", Instruction: announced(hook, verto)},
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
