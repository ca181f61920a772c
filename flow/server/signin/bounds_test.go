package signin_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/flow/server/signin"
)

// TestBounds: what is too long isn't looked at, though a signature in it
// would fit.
func TestBounds(t *testing.T) {
	standard := find(t, "standard-webhooks: fresh")
	vonage := find(t, "vonage: POST, payload_hash of the raw body")
	long := func(n int) sample {
		url := "https://route.example.com/x?" + strings.Repeat("a", n-len("https://route.example.com/x?"))
		return formOf("twilio", url, "").with("X-Twilio-Signature", b64(mac1("auth-token", url)))
	}
	padded := func(n int) sample {
		good := standard.Headers["Webhook-Signature"]
		return standard.with("Webhook-Signature", strings.Repeat("x", n-1-len(good))+" "+good)
	}
	for _, c := range []struct {
		name  string
		s     sample
		valid bool
	}{
		{"URL of 16 KiB", long(16 << 10), true},
		{"URL over 16 KiB", long(16<<10 + 1), false},
		{"header of 8 KiB", padded(8 << 10), true},
		{"header over 8 KiB", padded(8<<10 + 1), false},
		{"a line end, which base64 would overlook", vonage.with("Authorization", vonage.Headers["Authorization"]+"\n"), false},
		{"a letter beyond ASCII", standard.with("Webhook-Signature", standard.Headers["Webhook-Signature"]+" é"), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.s.verify(t); (err == nil) != c.valid {
				t.Errorf("Verify: %v, want valid %t", err, c.valid)
			}
		})
	}
}

// TestIdentity: what makes a request of standard-webhooks unique is its id
// and its time together, so a retry and a neighbour are let in.
func TestIdentity(t *testing.T) {
	s := find(t, "standard-webhooks: fresh")
	key := "standard webhooks secret of 32b!"
	at := func(id, stamp string) sample {
		signature := "v1," + b64(mac256(key, id+"."+stamp+"."+s.Body))
		return s.with("Webhook-Id", id).with("Webhook-Timestamp", stamp).with("Webhook-Signature", signature)
	}
	v := s.verifier(t)
	for _, c := range []struct {
		name string
		s    sample
		used bool
	}{
		{"the first", at("a", "1795000000"), false},
		{"another id", at("b", "1795000000"), false},
		{"another time", at("a", "1795000001"), false},
		{"the first again", at("a", "1795000000"), true},
	} {
		err := v.Verify(c.s.request(), time.Unix(now, 0))
		if used := errors.Is(err, signin.ErrReplayed); used != c.used || err != nil && !used {
			t.Errorf("%s: %v, want used %t", c.name, err, c.used)
		}
	}
}
