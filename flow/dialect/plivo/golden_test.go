package plivo

import (
	"testing"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
)

func TestGolden(t *testing.T) { suite().Run(t) }

func suite() dialecttest.Suite {
	hook := dialecttest.Hook("plivo")
	hook.Reading.BareIsE164 = Dialect().BareIsE164
	return dialecttest.Suite{Dialect: Dialect(), Hook: hook, Also: also(hook)}
}

// also are direct calls with an announcement, without a way back, and to a
// Plivo endpoint.
func also(hook flow.Hook) []dialecttest.Case {
	number := flow.Target{Kind: flow.KindNumber, Address: "+15125550123"}
	oneWay := ring(hook, number)
	oneWay.ResultURL = ""
	announced := ring(hook, number)
	announced.WhisperURL = hook.PublicURL + "/whisper?id=d1k2m3n4o5p6q7r8s9t0&exp=1795357200&sig=c2lnbmF0dXJl"
	return []dialecttest.Case{
		{Name: "direct-endpoint", Instruction: ring(hook, flow.Target{Kind: flow.KindUser, Address: "sip:dana123@phone.plivo.com"})},
		{Name: "direct-number-one-way", Instruction: oneWay},
		{Name: "direct-number-announced", Instruction: announced},
	}
}

func ring(hook flow.Hook, target flow.Target) flow.Instruction {
	return flow.Instruction{
		Act: flow.ActDirect, LookupID: "d1k2m3n4o5p6q7r8s9t0", Target: target, ContinueURL: hook.ContinueURL,
		ResultURL: hook.PublicURL + "/result?id=d1k2m3n4o5p6q7r8s9t0&exp=1795357200&sig=c2lnbmF0dXJl",
	}
}
