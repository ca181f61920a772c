package bxml

import (
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
)

func TestCarries(t *testing.T) {
	tests := []struct {
		name   string
		target flow.Target
		want   bool
	}{
		{"a number", flow.Target{Kind: flow.KindNumber, Address: "+15125550123"}, true},
		{"two numbers", flow.Target{Kind: flow.KindNumber, Address: "+15125550123,+15125550199"}, false},
		{"a SIP URI", flow.Target{Kind: flow.KindSIP, Address: "sip:desk@pbx.example.com"}, true},
		{"a SIP URI with headers", flow.Target{Kind: flow.KindSIP, Address: "sip:desk@pbx.example.com?Route=x"}, false},
		{"a user", flow.Target{Kind: flow.KindUser, Address: "dana@example.com"}, false},
		{"a queue", flow.Target{Kind: flow.KindQueue, Address: "WhatsApp activation"}, false},
		{"a mailbox", flow.Target{Kind: flow.KindMailbox, Address: "4100"}, false},
		{"no target", flow.Target{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := carries(tt.target, &flow.Hook{}); got != tt.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

// The hook's settings are in the verb, within what Bandwidth takes.
func TestSettings(t *testing.T) {
	tests := []struct {
		name, dial, caller string
		timeout            time.Duration
		want               string
	}{
		{"as the sample", "", "", 25 * time.Second, `Forward map["callTimeout":"25" "to":"+15125550123"]`},
		{"said out", "forward", "", 25 * time.Second, `Forward map["callTimeout":"25" "to":"+15125550123"]`},
		{"another word", "transfers", "", 25 * time.Second, `Forward map["callTimeout":"25" "to":"+15125550123"]`},
		{"a caller id", "", "+18005550100", 25 * time.Second, `Forward map["callTimeout":"25" "from":"+18005550100" "to":"+15125550123"]`},
		{"no number as caller id", "", "Anonymous", 25 * time.Second, `Forward map["callTimeout":"25" "to":"+15125550123"]`},
		{"too long", "", "", 10 * time.Minute, `Forward map["callTimeout":"300" "to":"+15125550123"]`},
		{"transfer", "Transfer", "", 0, `Transfer map["callTimeout":"1"](PhoneNumber="+15125550123")`},
		{"transfer with a caller id", "transfer", "+18005550100", time.Second, `Transfer map["callTimeout":"1" "transferCallerId":"+18005550100"](PhoneNumber="+15125550123")`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			hook := &flow.Hook{DialTimeout: tt.timeout, CallerID: tt.caller, Options: map[string]string{"dial": tt.dial}}
			in := flow.Instruction{Act: flow.ActDirect, Target: flow.Target{Kind: flow.KindNumber, Address: "+15125550123"}}
			if got := readReply(t, encode(in, hook)); got.String() != "Response("+tt.want+")" {
				t.Errorf("got %s, want Response(%s)", got, tt.want)
			}
		})
	}
}

func TestWhisper(t *testing.T) {
	tests := []struct {
		name, announce, language, want string
	}{
		{"a sentence", "Write down six digits.", "", `Response(SpeakSentence="Write down six digits.")`},
		{"another language", "Sechs Ziffern notieren.", "de", `Response(SpeakSentence map["locale":"de"]="Sechs Ziffern notieren.")`},
		{"all that breaks things", dialecttest.NastyAnnounce, "", `Response(SpeakSentence="Say </Say> & \"write\" it's ]]> {{down}}\u2028six = digits; 📞")`},
		{"nothing", "", "", `Response`},
		{"blanks", " \n", "", `Response`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := whisper(tt.announce, &flow.Hook{Options: map[string]string{"language": tt.language}})
			if got := readReply(t, r); got.String() != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// A target that can't be carried out is never dialled: the call goes on.
func TestNothingElseIsDialled(t *testing.T) {
	for _, target := range []flow.Target{{}, {Kind: flow.KindUser, Address: "dana"}, {Kind: flow.KindNumber, Address: "+1512,+1900"}} {
		r := encode(flow.Instruction{Act: flow.ActDirect, Target: target, ContinueURL: "https://ivr.example.com/start"}, &flow.Hook{})
		if got, want := readReply(t, r).String(), `Response(Redirect map["redirectUrl":"https://ivr.example.com/start"])`; got != want {
			t.Errorf("%v: got %s, want %s", target, got, want)
		}
	}
}

func readReply(t *testing.T, r flow.Reply) dialecttest.Element {
	t.Helper()
	e, err := dialecttest.ReadXML(r.Body)
	if err != nil || r.ContentType != contentType || e.Name != "Response" {
		t.Fatalf("%s %q: %v", r.ContentType, r.Body, err)
	}
	return e
}
