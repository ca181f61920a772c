package signin_test

import (
	"testing"
)

func TestPlivo(t *testing.T) {
	const base = "https://route.example.com:8443/x"
	for _, c := range []struct {
		name, method, query, body, signed string
		valid                             bool
	}{
		{"GET", "GET", "", "", base, true},
		{"GET, query sorted by name", "GET", "?b=2&a=1", "", base + "?a=1&b=2", true},
		{"GET, query as received", "GET", "?b=2&a=1", "", base + "?b=2&a=1", false},
		{"GET, query decoded as by the Node SDK", "GET", "?q=%2B1", "", base + "?q=+1", true},
		{"GET, query left as by the Go SDK", "GET", "?q=%2B1", "", base + "?q=%2B1", true},
		{"POST, form alone", "POST", "", "B=2&A=1", base + "?A1B2", true},
		{"POST, form alone, no question mark", "POST", "", "B=2&A=1", base + "A1B2", false},
		{"POST, query alone", "POST", "?b=2&a=1", "", base + "?a=1&b=2", true},
		{"POST, both", "POST", "?b=2&a=1", "B=2&A=1", base + "?a=1&b=2.A1B2", true},
		{"all values of a repeated name, sorted", "POST", "?b=2&b=1", "B=2&B=1&B=2", base + "?b=1&b=2.B1B2B2", true},
		{"the port is left alone", "GET", "", "", "https://route.example.com/x", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := formOf("plivo", base+c.query, c.body)
			s.Method = c.method
			signature := b64(mac256("auth-token", c.signed+".n1"))
			s = s.with("X-Plivo-Signature-V3-Nonce", "n1").with("X-Plivo-Signature-V3", "AAAA,"+signature)
			if err := s.verify(t); (err == nil) != c.valid {
				t.Errorf("Verify: %v, want valid %t", err, c.valid)
			}
		})
	}
}
