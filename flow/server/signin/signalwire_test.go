package signin_test

import (
	"encoding/hex"
	"testing"
)

func TestSignalWire(t *testing.T) {
	const url = "https://route.example.com/x"
	form := formOf("signalwire", url, "A=2&A=1&A=2")
	swml := sample{Scheme: "signalwire", Secrets: []string{"auth-token"}, Method: "POST", URL: "https://u:p@route.example.com/x?y=z", Body: `{}`, Now: now,
		Headers: map[string]string{"Content-Type": "application/json"}}
	signed := url + "?y=z{}"
	short, long := hex.EncodeToString(mac1("auth-token", signed)), hex.EncodeToString(mac256("auth-token", signed))
	for _, c := range []struct {
		name  string
		s     sample
		valid bool
	}{
		{"form: repeated values as received", form.with("X-SignalWire-Signature", b64(mac1("auth-token", url+"A2A1A2"))), true},
		{"form: repeated values sorted", form.with("X-SignalWire-Signature", b64(mac1("auth-token", url+"A1A2"))), false},
		{"form: the other vendor's header", form.with("X-Twilio-Signature", b64(mac1("auth-token", url+"A2A1A2"))), true},
		{"form: the platform's own header counts", form.with("X-SignalWire-Signature", "x").with("X-Twilio-Signature", b64(mac1("auth-token", url+"A2A1A2"))), false},
		{"form: written in hex", form.with("X-SignalWire-Signature", hex.EncodeToString(mac1("auth-token", url+"A2A1A2"))), false},
		{"json: credentials left out", swml.with("X-SignalWire-Signature", short), true},
		{"json: SHA-256 alone", swml.with("X-SignalWire-SHA256-Signature", long), true},
		{"json: both", swml.with("X-SignalWire-SHA256-Signature", long).with("X-SignalWire-Signature", short), true},
		{"json: SHA-256 is wrong", swml.with("X-SignalWire-SHA256-Signature", "x").with("X-SignalWire-Signature", short), false},
		{"json: SHA-1 is wrong", swml.with("X-SignalWire-SHA256-Signature", long).with("X-SignalWire-Signature", "x"), false},
		{"json: written in base64", swml.with("X-SignalWire-Signature", b64(mac1("auth-token", signed))), false},
		{"json: the other vendor's header", swml.with("X-Twilio-Signature", short), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.s.verify(t); (err == nil) != c.valid {
				t.Errorf("Verify: %v, want valid %t", err, c.valid)
			}
		})
	}
}
