package dial

import (
	"testing"

	"github.com/ringthrough/ringthrough/flow"
)

func TestSIPURI(t *testing.T) {
	const template = "sip:{number}@gw.example.com;user=phone"
	tests := []struct {
		name     string
		kind     flow.Kind
		address  string
		template string
		want     string
	}{
		{"a number", flow.KindNumber, "+15125550123", template, "sip:+15125550123@gw.example.com;user=phone"},
		{"a number with a prefix", flow.KindNumber, "+15125550123", "sip:9{number}@gw.example.com:5070", "sip:9+15125550123@gw.example.com:5070"},
		{"a number without a template", flow.KindNumber, "+15125550123", "", ""},
		{"no number", flow.KindNumber, "desk", template, ""},
		{"a template that leaves room for headers", flow.KindNumber, "+15125550123", "sip:{number}@gw.example.com?Subject=x", ""},
		{"a template with a second destination", flow.KindNumber, "+15125550123", "sip:{number}@a,sip:b@c", ""},
		{"a user", flow.KindUser, "dana@example.com", template, "sip:dana@gw.example.com"},
		{"a user who is no plain name", flow.KindUser, "dana scully", template, ""},
		{"a user without a template", flow.KindUser, "dana", "", ""},
		{"a SIP URI", flow.KindSIP, "sip:desk@pbx.example.com", "", "sip:desk@pbx.example.com"},
		{"a queue that is a SIP URI", flow.KindQueue, "sip:queue@pbx.example.com", template, "sip:queue@pbx.example.com"},
		{"a queue", flow.KindQueue, "WhatsApp activation", template, ""},
		{"a mailbox", flow.KindMailbox, "4100", template, ""},
		{"nothing", "", "", template, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := SIPURI(flow.Target{Kind: tt.kind, Address: tt.address}, &flow.Hook{SIPTemplate: tt.template})
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
