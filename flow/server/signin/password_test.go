package signin_test

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/flow/server/signin"
)

func TestBasic(t *testing.T) {
	creds := func(text string) string { return "Basic " + b64([]byte(text)) }
	for _, c := range []struct {
		name, scheme, user, header string
		want                       error
	}{
		{"user and password", "basic", "pbx", creds("pbx:auth-token"), nil},
		{"any user", "basic", "", creds("whoever:auth-token"), nil},
		{"no user where any will do", "basic", "", creds(":auth-token"), nil},
		{"another user", "basic", "pbx", creds("pby:auth-token"), signin.ErrRefused},
		{"another password", "basic", "pbx", creds("pbx:auth-tokem"), signin.ErrRefused},
		{"no password", "basic", "pbx", creds("pbx:"), signin.ErrRefused},
		{"no colon", "basic", "", creds("auth-token"), signin.ErrRefused},
		{"Bearer", "basic", "", "Bearer auth-token", signin.ErrRefused},
		{"no header", "basic", "", "", signin.ErrMissing},
		{"sinch: key and secret", "sinch", "", creds("app:" + sinchSecret), nil},
		{"sinch: another key", "sinch", "", creds("apq:" + sinchSecret), signin.ErrRefused},
		{"sinch: the secret decoded", "sinch", "", creds("app:sinch application secret"), signin.ErrRefused},
		{"sinch: Bearer", "sinch", "", "Bearer x", signin.ErrRefused},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := signin.Config{Scheme: c.scheme, Secrets: []string{"other-secret", "auth-token"}, User: c.user}
			if c.scheme == "sinch" {
				config.Secrets, config.Key = []string{otherSecret("sinch"), sinchSecret}, "app"
			}
			v, err := signin.New(config)
			if err != nil {
				t.Fatal(err)
			}
			r := &signin.Request{Method: "POST", URL: "https://route.example.com/x", Header: http.Header{"Authorization": {c.header}}}
			if err := v.Verify(r, time.Unix(now, 0)); !errors.Is(err, c.want) {
				t.Errorf("Verify: %v, want %v", err, c.want)
			}
		})
	}
}

const sinchSecret = "c2luY2ggYXBwbGljYXRpb24gc2VjcmV0"

func TestMTLS(t *testing.T) {
	clock := time.Unix(now, 0)
	leaf := &x509.Certificate{
		Subject:   pkix.Name{CommonName: "pbx one"},
		DNSNames:  []string{"pbx.example.com", "*.trunk.example.com"},
		NotBefore: clock.Add(-time.Hour), NotAfter: clock.Add(time.Hour),
	}
	verified := &tls.ConnectionState{VerifiedChains: [][]*x509.Certificate{{leaf}}}
	for _, c := range []struct {
		name     string
		subjects []string
		state    *tls.ConnectionState
		now      time.Time
		want     error
	}{
		{"any that was verified", nil, verified, clock, nil},
		{"by common name", []string{"other", "pbx one"}, verified, clock, nil},
		{"by DNS name in capitals", []string{"PBX.example.com"}, verified, clock, nil},
		{"another subject", []string{"pbx two"}, verified, clock, signin.ErrRefused},
		{"a pattern covers nothing but itself", []string{"a.trunk.example.com"}, verified, clock, signin.ErrRefused},
		{"expired since the handshake", nil, verified, clock.Add(2 * time.Hour), signin.ErrStale},
		{"not valid yet", nil, verified, clock.Add(-2 * time.Hour), signin.ErrStale},
		{"no TLS", nil, nil, clock, signin.ErrMissing},
		{"shown, but not verified", nil, &tls.ConnectionState{PeerCertificates: []*x509.Certificate{leaf}}, clock, signin.ErrMissing},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, err := signin.New(signin.Config{Scheme: "mtls", Subjects: c.subjects})
			if err != nil {
				t.Fatal(err)
			}
			if err := v.Verify(&signin.Request{TLS: c.state}, c.now); !errors.Is(err, c.want) {
				t.Errorf("Verify: %v, want %v", err, c.want)
			}
		})
	}
}

func TestNone(t *testing.T) {
	v, err := signin.New(signin.Config{Scheme: "none"})
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Verify(&signin.Request{}, time.Unix(now, 0)); err != nil {
		t.Errorf("Verify: %v", err)
	}
}
