package signin_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/server/signin"
)

func TestNew(t *testing.T) {
	const secret = "SECRET-that-must-stay-inside"
	for _, c := range []struct {
		name   string
		config signin.Config
		fields []string // with problems; none: it is taken
	}{
		{"basic with any user", signin.Config{Scheme: "basic", Secrets: []string{secret}}, nil},
		{"basic with a user", signin.Config{Scheme: "basic", Secrets: []string{secret}, User: "pbx"}, nil},
		{"a colon ends a user name", signin.Config{Scheme: "basic", Secrets: []string{secret}, User: "p:bx"}, []string{"user"}},
		{"two secrets", signin.Config{Scheme: "twilio", Secrets: []string{secret, secret + "2"}}, nil},
		{"late parameters", signin.Config{Scheme: "twilio", Secrets: []string{secret}, AllowLateParams: true}, nil},
		{"late parameters elsewhere", signin.Config{Scheme: "signalwire", Secrets: []string{secret}, AllowLateParams: true}, []string{"allow_late_params"}},
		{"no secret", signin.Config{Scheme: "twilio"}, []string{"secrets"}},
		{"nine secrets", signin.Config{Scheme: "twilio", Secrets: strings.Fields("a b c d e f g h i")}, []string{"secrets"}},
		{"eight secrets", signin.Config{Scheme: "twilio", Secrets: strings.Fields("a b c d e f g h")}, nil},
		{"an empty secret", signin.Config{Scheme: "jambonz", Secrets: []string{secret, ""}}, []string{"secrets[1]"}},
		{"the line end of a file", signin.Config{Scheme: "plivo", Secrets: []string{secret + "\n"}}, []string{"secrets[0]"}},
		{"an endless secret", signin.Config{Scheme: "plivo", Secrets: []string{strings.Repeat(secret, 100)}}, []string{"secrets[0]"}},
		{"telnyx: no public key", signin.Config{Scheme: "telnyx", Secrets: []string{secret}}, []string{"secrets[0]"}},
		{"telnyx: a key too short", signin.Config{Scheme: "telnyx", Secrets: []string{"1szvDzxXas702pt6tBei835EvdCdQ3CazHeAAu+2"}}, []string{"secrets[0]"}},
		{"sinch without its key", signin.Config{Scheme: "sinch", Secrets: []string{otherSecret("sinch")}}, []string{"key"}},
		{"sinch: no base64", signin.Config{Scheme: "sinch", Key: "k", Secrets: []string{secret}}, []string{"secrets[0]"}},
		{"sinch", signin.Config{Scheme: "sinch", Key: "k", Secrets: []string{otherSecret("sinch")}}, nil},
		{"standard-webhooks: no base64", signin.Config{Scheme: "standard-webhooks", Secrets: []string{secret}}, []string{"secrets[0]"}},
		{"standard-webhooks: prefix alone", signin.Config{Scheme: "standard-webhooks", Secrets: []string{"whsec_"}}, []string{"secrets[0]"}},
		{"an application key elsewhere", signin.Config{Scheme: "vonage", Secrets: []string{secret}, Key: secret}, []string{"key"}},
		{"a user elsewhere", signin.Config{Scheme: "vonage", Secrets: []string{secret}, User: secret}, []string{"user"}},
		{"mtls", signin.Config{Scheme: "mtls", Subjects: []string{"pbx.example.com"}}, nil},
		{"mtls with a secret and an empty subject", signin.Config{Scheme: "mtls", Secrets: []string{secret}, Subjects: []string{""}}, []string{"secrets", "subjects"}},
		{"subjects elsewhere", signin.Config{Scheme: "none", Subjects: []string{"x"}}, []string{"subjects"}},
		{"none", signin.Config{Scheme: "none"}, nil},
		{"none with a secret", signin.Config{Scheme: "none", Secrets: []string{secret}}, []string{"secrets"}},
		{"tokens are the server's", signin.Config{Scheme: "token", Secrets: []string{secret}}, []string{"scheme"}},
		{"the default is token", signin.Config{}, []string{"scheme"}},
		{"unknown", signin.Config{Scheme: "Twilio", Secrets: []string{secret}}, []string{"scheme"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, err := signin.New(c.config)
			if (v == nil) != (err != nil) {
				t.Fatalf("New: %v, %v", v, err)
			}
			var problems ani.Problems
			if err != nil && !errors.As(err, &problems) {
				t.Fatalf("New: %v, want ani.Problems", err)
			}
			var fields []string
			for _, p := range problems {
				fields = append(fields, p.Field)
				if strings.Contains(p.Text, "SECRET") {
					t.Errorf("a problem gives a secret away: %s", p.Text)
				}
			}
			if diff := cmp.Diff(c.fields, fields); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNewAnswersForToken(t *testing.T) {
	_, err := signin.New(signin.Config{Scheme: "token"})
	if err == nil || !strings.Contains(err.Error(), "server") {
		t.Errorf("New: %v, want a word on who verifies tokens", err)
	}
}

func TestSigned(t *testing.T) {
	for scheme, want := range map[string]bool{
		"twilio": true, "signalwire": true, "telnyx": true, "plivo": true, "vonage": true,
		"jambonz": true, "sinch": true, "standard-webhooks": true,
		"basic": false, "mtls": false, "none": false, "token": false, "": false,
	} {
		if got := signin.Signed(scheme); got != want {
			t.Errorf("Signed(%q) = %t", scheme, got)
		}
	}
}
