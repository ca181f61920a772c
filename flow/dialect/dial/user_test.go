package dial

import (
	"testing"

	"github.com/ringthrough/ringthrough/flow"
)

func TestUserName(t *testing.T) {
	for address, want := range map[string]string{
		"dana": "dana", "dana@example.com": "dana", "dana.o-k_1+x~@example.com": "dana.o-k_1+x~", "+15125550123": "+15125550123",
		"": "", "@example.com": "", "da na": "", "da/na": "", "dana;x@example.com": "", "dana\n": "", "${x}": "",
	} {
		if got := UserName(address); got != want {
			t.Errorf("UserName(%q) is %q", address, got)
		}
	}
}

func TestIsUser(t *testing.T) {
	for address, want := range map[string]bool{
		"dana": true, "dana@example.com": true,
		"": false, "dana@": false, "@example.com": false, "dana@example.com;x=1": false, "dana@a@b": false, "sip:dana@example.com": false, "da na": false,
	} {
		if got := IsUser(address); got != want {
			t.Errorf("IsUser(%q) is %t", address, got)
		}
	}
}

func TestTargetOf(t *testing.T) {
	for uri, want := range map[string]flow.Target{
		"tel:+18005550111":            {Kind: flow.KindNumber, Address: "+18005550111"},
		"tel:+1-800-555-0111;x=y":     {Kind: flow.KindNumber, Address: "+18005550111"},
		"sip:ivr@pbx.example.com":     {Kind: flow.KindSIP, Address: "sip:ivr@pbx.example.com"},
		"tel:8005550111":              {},
		"tel:18005550111":             {},
		"tel:911":                     {},
		"tel:+":                       {},
		"https://ivr.example.com/":    {},
		"sip:ivr@pbx.example.com,b@c": {},
		"":                            {},
	} {
		if got, ok := TargetOf(uri); got != want || ok != !want.IsZero() {
			t.Errorf("TargetOf(%q) is %v, %t", uri, got, ok)
		}
	}
}
