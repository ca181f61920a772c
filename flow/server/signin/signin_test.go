package signin_test

import (
	"errors"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/flow/server/signin"
)

func TestSamples(t *testing.T) {
	for _, s := range samples(t) {
		t.Run(s.Name, func(t *testing.T) {
			err := s.verify(t)
			if signedIn := err == nil; signedIn != s.Valid {
				t.Errorf("Verify: %v, want valid %t", err, s.Valid)
			}
		})
	}
}

// TestClock holds each scheme that signs the time to five minutes either way.
func TestClock(t *testing.T) {
	for name, signed := range map[string]int64{
		"telnyx: TeXML form":                                      1794999980,
		"jambonz: fresh":                                          1794999988,
		"vonage: POST, payload_hash of the raw body":              1794999997,
		"vonage: GET, payload_hash of the query as a JSON object": 1794999997,
		"sinch: Application scheme":                               1794999998,
		"standard-webhooks: fresh":                                1794999999,
	} {
		for _, c := range []struct {
			name  string
			off   time.Duration
			stale bool
		}{
			{"just in time", 300 * time.Second, false},
			{"a moment late", 300*time.Second + 1, true},
			{"our clock is behind", -300 * time.Second, false},
			{"our clock is too far behind", -300*time.Second - 1, true},
			{"a year on", 8760 * time.Hour, true},
		} {
			t.Run(name+": "+c.name, func(t *testing.T) {
				s := find(t, name)
				err := s.verifier(t).Verify(s.request(), time.Unix(signed, 0).Add(c.off))
				if !c.stale && err != nil {
					t.Errorf("Verify: %v", err)
				}
				if c.stale && !errors.Is(err, signin.ErrStale) {
					t.Errorf("Verify: %v, want ErrStale", err)
				}
			})
		}
	}
}

// TestReplay uses every valid request twice. Schemes with nothing unique in
// them can't tell.
func TestReplay(t *testing.T) {
	unique := map[string]bool{"vonage": true, "plivo": true, "standard-webhooks": true}
	for _, s := range validSamples(t) {
		t.Run(s.Name, func(t *testing.T) {
			v := s.verifier(t)
			if err := v.Verify(s.request(), s.clock()); err != nil {
				t.Fatalf("first Verify: %v", err)
			}
			err := v.Verify(s.request(), s.clock().Add(time.Second))
			if replayed := errors.Is(err, signin.ErrReplayed); replayed != unique[s.Scheme] {
				t.Errorf("second Verify: %v, want replayed %t", err, unique[s.Scheme])
			}
		})
	}
}

// TestRefusedIsNotRemembered: a forger who guesses the id can't lock the real
// request out.
func TestRefusedIsNotRemembered(t *testing.T) {
	for _, s := range validSamples(t) {
		t.Run(s.Name, func(t *testing.T) {
			v, forged := s.verifier(t), s
			forged.Body += "&x=y"
			if err := v.Verify(forged.request(), s.clock()); err == nil {
				t.Fatal("another body is let in")
			}
			if err := v.Verify(s.request(), s.clock()); err != nil {
				t.Errorf("Verify after a forged one: %v", err)
			}
		})
	}
}

func TestAnySecretFits(t *testing.T) {
	for _, s := range validSamples(t) {
		t.Run(s.Name, func(t *testing.T) {
			other := otherSecret(s.Scheme)
			for _, secrets := range [][]string{
				append([]string{other}, s.Secrets...),
				append(append([]string{}, s.Secrets...), other),
			} {
				s.Secrets = secrets
				if err := s.verify(t); err != nil {
					t.Errorf("Verify with %d secrets: %v", len(secrets), err)
				}
			}
			s.Secrets = []string{other}
			if err := s.verify(t); !errors.Is(err, signin.ErrRefused) {
				t.Errorf("Verify with another secret: %v, want ErrRefused", err)
			}
		})
	}
}

// otherSecret is well-formed and fits nothing.
func otherSecret(scheme string) string {
	switch scheme {
	case "telnyx":
		return "f33xPU38g0rsZDqd9t2sqw/kTwdRAlx5hPSD4dMct9c="
	case "sinch":
		return "bm90IHRoZSBhcHBsaWNhdGlvbiBzZWNyZXQ="
	case "standard-webhooks":
		return "whsec_bm90IHRoZSB3ZWJob29rIHNlY3JldCwgYXQgYWxsISE="
	}
	return "not-the-secret-of-this-hook-but-long-enough"
}
