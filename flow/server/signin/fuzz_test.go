package signin_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/flow/server/signin"
)

// FuzzVerify: who doesn't hold the secret isn't let in, whatever they send,
// and is told nothing. The seeds are the samples, signed with other secrets.
func FuzzVerify(f *testing.F) {
	for _, s := range validSamples(f) {
		var headers strings.Builder
		for name, value := range s.Headers {
			headers.WriteString(name + ": " + value + "\n")
		}
		f.Add(s.Scheme, s.Method, s.URL, headers.String(), []byte(s.Body), s.Now)
	}
	f.Add("basic", "GET", "https://route.example.com/x", "Authorization: Basic OnB3\n", []byte(nil), int64(now))
	f.Add("sinch", "POST", "https://route.example.com/x", "Authorization: Basic OnB3\n", []byte(nil), int64(now))
	f.Add("mtls", "GET", "https://route.example.com/x", "", []byte(nil), int64(now))

	verifiers := map[string]signin.Verifier{}
	for _, scheme := range []string{"basic", "twilio", "signalwire", "telnyx", "plivo", "vonage", "jambonz", "sinch", "standard-webhooks"} {
		c := signin.Config{Scheme: scheme, Secrets: []string{otherSecret(scheme)}}
		if scheme == "sinch" {
			c.Key = "11111111-2222-4333-8444-666666666666"
		}
		c.AllowLateParams = scheme == "twilio"
		v, err := signin.New(c)
		if err != nil {
			f.Fatal(err)
		}
		verifiers[scheme] = v
	}
	mtls, err := signin.New(signin.Config{Scheme: "mtls"})
	if err != nil {
		f.Fatal(err)
	}
	verifiers["mtls"] = mtls

	f.Fuzz(func(t *testing.T, scheme, method, url, headers string, body []byte, clock int64) {
		v, ok := verifiers[scheme]
		if !ok {
			t.Skip()
		}
		h := http.Header{}
		for line := range strings.Lines(headers) {
			name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
			h.Add(name, value)
		}
		r := &signin.Request{Method: method, URL: url, Header: h, Body: body}
		_, err := signin.Check(v, r, time.Unix(clock, 0))
		if !errors.Is(err, signin.ErrMissing) && !errors.Is(err, signin.ErrRefused) {
			t.Fatalf("Check: %v", err)
		}
		if strings.Contains(err.Error(), otherSecret(scheme)) {
			t.Fatalf("the error gives the secret away: %v", err)
		}
	})
}
