package ncco

import (
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
	"github.com/ringthrough/ringthrough/flow/dialect/jsontext"
)

func suite() dialecttest.Suite {
	hook := dialecttest.Hook("ncco")
	hook.Reading.BareIsE164 = true
	return dialecttest.Suite{Dialect: Dialect(), Hook: hook, Also: also(hook), Judge: judge}
}

func TestGolden(t *testing.T) { suite().Run(t) }

// customers is what the customer's own server says for a continue.
const customers = `[{"action":"talk","text":"Welcome to Example."},{"action":"input","type":["dtmf"],"eventUrl":["https://ivr.example.com/menu"]}]`

// also has what the standard instructions don't: what the server fetched, a
// whisper, a leg without a way to report, a call that is not known any more,
// a continue that is dialled.
func also(hook flow.Hook) []dialecttest.Case {
	var all []dialecttest.Case
	add := func(name string, in flow.Instruction) {
		all = append(all, dialecttest.Case{Name: name, Instruction: in})
	}
	for _, c := range dialecttest.Cases(hook) {
		in := c.Instruction
		switch c.Name {
		case "direct-number":
			in.ResultURL = ""
			add(c.Name+"-without-a-result-url", in)
			in = c.Instruction
			in.Decision = flow.Decision{}
			add(c.Name+"-after-another", in)
		case "direct-nasty-texts", "direct-sip":
			in.WhisperURL = hook.PublicURL + "/whisper?id=" + in.LookupID + "&leg=1&exp=1795357200&sig=c2lnbmF0dXJl"
			add(c.Name+"-whispered", in)
		case "continue":
			in.Continued = []byte(customers)
			add("continue-fetched", in)
			in.Continued, in.ContinueURL = nil, "tel:+18005550111"
			add("continue-to-a-number", in)
			in.ContinueURL = "sip:ivr@pbx.example.com"
			add("continue-to-a-sip-uri", in)
		}
	}
	return all
}

// judge holds every reply to being an NCCO, or what Vonage takes for none.
func judge(t *testing.T, c dialecttest.Case, r flow.Reply) {
	t.Helper()
	switch {
	case c.Instruction.Act == flow.ActNothing:
		if len(r.Body) > 0 {
			t.Errorf("an NCCO would take the place of the one that runs: %s", r.Body)
		}
	case c.Instruction.ContinueURL == "" && c.Instruction.Act == flow.ActContinue:
		if r.Status != 404 {
			t.Errorf("status %d: only an error makes Vonage turn to the fallback URL", r.Status)
		}
	case r.Status != 200 || r.ContentType != "application/json" || !jsontext.IsArray(r.Body):
		t.Errorf("no NCCO: status %d, %s, %s", r.Status, r.ContentType, r.Body)
	case strings.Contains(string(r.Body), `"+`):
		t.Errorf("Vonage writes numbers without a +: %s", r.Body)
	}
}

// The types of the vendor's SDK take every reply, and refuse what is wrong.
func TestTypesOfTheSDK(t *testing.T) {
	wrong := func(name, body string) dialecttest.Said {
		return dialecttest.Said{Name: name, Status: 200, ContentType: "application/json", Body: body, Wrong: true}
	}
	replies := append(suite().Replies(t),
		wrong("no such action", `[{"action":"redirect","url":"https://ivr.example.com"}]`),
		wrong("no endpoint", `[{"action":"connect","from":"18005550100"}]`),
		wrong("an event URL that is no list", `[{"action":"connect","eventUrl":"https://r","endpoint":[{"type":"phone","number":"15125550123"}]}]`),
		wrong("a field that there is not", `[{"action":"talk","text":"x","txt":"y"}]`))
	var judged int
	peer.Node(t, "reply_ncco.js", replies, &judged)
	if judged != len(replies) {
		t.Errorf("%d of %d replies were judged", judged, len(replies))
	}
}
