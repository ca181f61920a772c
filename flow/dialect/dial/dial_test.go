package dial

import (
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/flow"
)

func TestIsNumber(t *testing.T) {
	for address, want := range map[string]bool{
		"+15125550123": true, "+442079460000": true,
		"": false, "15125550123": false, "+1 512 555 0123": false, "+15125550123,+16505550199": false,
		"+15125550123;ext=1": false, "sip:+15125550123@pbx.example.com": false, "anonymous": false, "+15125550123\n": false,
	} {
		if got := IsNumber(address); got != want {
			t.Errorf("IsNumber(%q) is %t", address, got)
		}
	}
}

func TestIsSIP(t *testing.T) {
	for address, want := range map[string]bool{
		"sip:desk@pbx.example.com": true, "sips:desk@pbx.example.com:5061;transport=tls": true,
		"sip:+15125550123;ext=1@gw.example.com;user=phone": true, "sip:a%20b@pbx.example.com": true,
		"sip:desk@10.0.0.1:5060;lr": true,
		"":                          false, "sip:desk": false, "desk@pbx.example.com": false, "sip:@pbx.example.com": false,
		"sip:desk@pbx.example.com?Route=x": false, "sip:desk@pbx.example.com,sip:b@c": false, "sip:a:b@pbx.example.com": false,
		"sip:desk@pbx.example.com<sip:b@c": false, "sip:de sk@pbx.example.com": false, "sip:desk@pbx.example.com\n": false,
		"SIP:desk@pbx.example.com": false, "sip:desk@pbx|x": false, "sip:a@b@c": false, "sip:desk@[::1]": false,
	} {
		if got := IsSIP(address); got != want {
			t.Errorf("IsSIP(%q) is %t", address, got)
		}
	}
}

func TestSeconds(t *testing.T) {
	for d, want := range map[time.Duration]int{
		0: 5, -time.Hour: 5, 4 * time.Second: 5, 25 * time.Second: 25, 24*time.Second + 1: 25, 120 * time.Second: 120, time.Hour: 120,
	} {
		if got := Seconds(d, 5, 120); got != want {
			t.Errorf("Seconds(%s, 5, 120) is %d, want %d", d, got, want)
		}
	}
}

func TestCallerID(t *testing.T) {
	for id, want := range map[string]string{"": "", "+18005550100": "+18005550100", "anonymous": "", `+1"/><Say>`: ""} {
		if got := CallerID(&flow.Hook{CallerID: id}); got != want {
			t.Errorf("%q is shown as %q", id, got)
		}
	}
}
