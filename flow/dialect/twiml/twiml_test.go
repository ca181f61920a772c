package twiml

import (
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
)

func TestCarries(t *testing.T) {
	all, none := "twilio signalwire telnyx carrier-pigeon", ""
	tests := []struct {
		name    string
		target  flow.Target
		vendors string // who carries it
	}{
		{"a number", flow.Target{Kind: flow.KindNumber, Address: "+15125550123"}, all},
		{"two numbers", flow.Target{Kind: flow.KindNumber, Address: "+15125550123,+15125550199"}, none},
		{"a SIP URI", flow.Target{Kind: flow.KindSIP, Address: "sip:desk@pbx.example.com;transport=tcp"}, all},
		{"a SIP URI with headers", flow.Target{Kind: flow.KindSIP, Address: "sip:desk@pbx.example.com?Route=x"}, none},
		{"a queue", flow.Target{Kind: flow.KindQueue, Address: "WhatsApp activation"}, all},
		{"a queue of 64 characters", flow.Target{Kind: flow.KindQueue, Address: strings.Repeat("q", 64)}, all},
		{"a queue of 65 characters", flow.Target{Kind: flow.KindQueue, Address: strings.Repeat("q", 65)}, none},
		{"a queue with a blank in front", flow.Target{Kind: flow.KindQueue, Address: " q"}, none},
		{"a queue with markup", flow.Target{Kind: flow.KindQueue, Address: "<q>"}, none},
		{"a workflow", flow.Target{Kind: flow.KindQueue, Address: workflow}, all},
		{"a client", flow.Target{Kind: flow.KindUser, Address: "dana@example.com"}, "twilio"},
		{"a client with a blank", flow.Target{Kind: flow.KindUser, Address: "dana d"}, none},
		{"a verto client", flow.Target{Kind: flow.KindUser, Address: "dana@example-space.verto.signalwire.com"}, "twilio signalwire"},
		{"a verto client elsewhere", flow.Target{Kind: flow.KindUser, Address: "dana@verto.example.com"}, "twilio"},
		{"a verto client with a resource", flow.Target{Kind: flow.KindUser, Address: "dana@x.verto.signalwire.com/y"}, none},
		{"a mailbox", flow.Target{Kind: flow.KindMailbox, Address: "4100"}, none},
		{"no target", flow.Target{}, none},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for v := range strings.FieldsSeq(all) {
				hook := &flow.Hook{Options: map[string]string{"vendor": v}}
				want := strings.Contains(" "+tt.vendors+" ", " "+v+" ")
				if got := carries(tt.target, hook); got != want {
					t.Errorf("%s carries it: %t", v, got)
				}
			}
		})
	}
}

func TestVendorIsTwilioUnlessItIsSaid(t *testing.T) {
	for option, want := range map[string]vendor{"": twilio, "Telnyx": telnyx, "SIGNALWIRE": signalwire, "nobody": "nobody"} {
		if got := vendorOf(&flow.Hook{Options: map[string]string{"vendor": option}}); got != want {
			t.Errorf("%q is %q, want %q", option, got, want)
		}
	}
	if got := vendorOf(&flow.Hook{}); got != twilio {
		t.Errorf("without options it is %q", got)
	}
}

// The hook's settings are in the verb, within what the vendors take.
func TestSettings(t *testing.T) {
	tests := []struct {
		name    string
		timeout time.Duration
		caller  string
		want    string
	}{
		{"as the sample", 25 * time.Second, "", `map["answerOnBridge":"true" "timeout":"25"]`},
		{"too short", time.Second, "", `map["answerOnBridge":"true" "timeout":"5"]`},
		{"too long", 10 * time.Minute, "", `map["answerOnBridge":"true" "timeout":"120"]`},
		{"a caller id", 25 * time.Second, "+18005550100", `map["answerOnBridge":"true" "callerId":"+18005550100" "timeout":"25"]`},
		{"no number as caller id", 25 * time.Second, "anonymous", `map["answerOnBridge":"true" "timeout":"25"]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			hook := &flow.Hook{DialTimeout: tt.timeout, CallerID: tt.caller}
			in := flow.Instruction{Act: flow.ActDirect, Target: flow.Target{Kind: flow.KindNumber, Address: "+15125550123"}}
			want := `Response(Dial ` + tt.want + `(Number="+15125550123"))`
			if got := read(t, encode(in, hook)); got.String() != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestWhisper(t *testing.T) {
	tests := []struct {
		name, announce, language, want string
	}{
		{"a sentence", "Write down six digits.", "", `Response(Say="Write down six digits.")`},
		{"another language", "Sechs Ziffern notieren.", "de-DE", `Response(Say map["language":"de-DE"]="Sechs Ziffern notieren.")`},
		{"all that breaks things", dialecttest.NastyAnnounce, `"/>`, `Response(Say map["language":"\"/>"]="Say </Say> & \"write\" it's ]]> {{down}}\u2028six = digits; 📞")`},
		{"control characters", "one\ntwo\x00\x1b three", "", `Response(Say="one two three")`},
		{"nothing", "", "de-DE", `Response`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := whisper(tt.announce, &flow.Hook{Options: map[string]string{"language": tt.language}})
			if got := read(t, r); got.String() != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// A target that can't be carried out is never dialled: the call goes on.
func TestNothingElseIsDialled(t *testing.T) {
	for _, target := range []flow.Target{{}, {Kind: flow.KindMailbox, Address: "4100"}, {Kind: flow.KindNumber, Address: "+1512,+1900"}, {Kind: flow.KindSIP, Address: "sip:a@b?c"}} {
		r := encode(flow.Instruction{Act: flow.ActDirect, Target: target, ContinueURL: "https://ivr.example.com/start"}, &flow.Hook{})
		if got, want := read(t, r).String(), `Response(Redirect map["method":"POST"]="https://ivr.example.com/start")`; got != want {
			t.Errorf("%v: got %s, want %s", target, got, want)
		}
	}
}

func read(t *testing.T, r flow.Reply) dialecttest.Element {
	t.Helper()
	e, err := dialecttest.ReadXML(r.Body)
	if err != nil || r.ContentType != "text/xml" || e.Name != "Response" {
		t.Fatalf("%s %q: %v", r.ContentType, r.Body, err)
	}
	return e
}
