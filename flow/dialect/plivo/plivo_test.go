package plivo

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
		{"two numbers, as its API separates them", flow.Target{Kind: flow.KindNumber, Address: "+15125550123<+15125550199"}, false},
		{"a SIP URI", flow.Target{Kind: flow.KindSIP, Address: "sip:desk@pbx.example.com"}, true},
		{"two SIP URIs", flow.Target{Kind: flow.KindSIP, Address: "sip:desk@pbx.example.com<sip:b@c"}, false},
		{"an endpoint", flow.Target{Kind: flow.KindUser, Address: "sip:dana123@phone.plivo.com"}, true},
		{"a user without an endpoint", flow.Target{Kind: flow.KindUser, Address: "dana@example.com"}, false},
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

// What Not Verified means is unverified: a hook can have it mean nothing.
func TestNotVerified(t *testing.T) {
	body := "From=16505550123&To=18005550100&STIRVerification=Not+Verified&STIRAttestation=A"
	for option, want := range map[string]flow.Attestation{"": flow.AttestationFailed, "failed": flow.AttestationFailed, "none": flow.AttestationNone} {
		hook := &flow.Hook{Options: map[string]string{"not_verified": option}}
		c, err := decode(flow.Request{Method: "POST", Body: []byte(body)}, hook)
		if err != nil || c.Attestation != want {
			t.Errorf("with not_verified %q: got %s, %v, want %s", option, c.Attestation, err, want)
		}
	}
}

// The hook's settings are in the verb. There is always a timeout, since Plivo
// has none by itself.
func TestSettings(t *testing.T) {
	tests := []struct {
		name    string
		timeout time.Duration
		caller  string
		want    string
	}{
		{"as the sample", 25 * time.Second, "", `map["timeout":"25"]`},
		{"none", 0, "", `map["timeout":"5"]`},
		{"too long", time.Hour, "", `map["timeout":"600"]`},
		{"a caller id", 25 * time.Second, "+18005550100", `map["callerId":"18005550100" "timeout":"25"]`},
		{"no number as caller id", 25 * time.Second, "anonymous", `map["timeout":"25"]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			hook := &flow.Hook{DialTimeout: tt.timeout, CallerID: tt.caller}
			in := flow.Instruction{Act: flow.ActDirect, Target: flow.Target{Kind: flow.KindNumber, Address: "+15125550123"}}
			want := `Response(Dial ` + tt.want + `(Number="15125550123"))`
			if got := readReply(t, encode(in, hook)); got.String() != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestWhisper(t *testing.T) {
	tests := []struct {
		name, announce, language, want string
	}{
		{"a sentence", "Write down six digits.", "", `Response(Speak="Write down six digits.")`},
		{"another language", "Anote seis dígitos.", "pt-BR", `Response(Speak map["language":"pt-BR"]="Anote seis dígitos.")`},
		{"all that breaks things", dialecttest.NastyAnnounce, "", `Response(Speak="Say </Say> & \"write\" it's ]]> {{down}}\u2028six = digits; 📞")`},
		{"nothing", "", "", `Response`},
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
	for _, target := range []flow.Target{{}, {Kind: flow.KindQueue, Address: "q"}, {Kind: flow.KindNumber, Address: "+1512<+1900"}, {Kind: flow.KindUser, Address: "dana"}} {
		r := encode(flow.Instruction{Act: flow.ActDirect, Target: target, ContinueURL: "https://ivr.example.com/start"}, &flow.Hook{})
		if got, want := readReply(t, r).String(), `Response(Redirect map["method":"POST"]="https://ivr.example.com/start")`; got != want {
			t.Errorf("%v: got %s, want %s", target, got, want)
		}
	}
}

func readReply(t *testing.T, r flow.Reply) dialecttest.Element {
	t.Helper()
	e, err := dialecttest.ReadXML(r.Body)
	if err != nil || r.ContentType != "application/xml" || e.Name != "Response" {
		t.Fatalf("%s %q: %v", r.ContentType, r.Body, err)
	}
	return e
}
