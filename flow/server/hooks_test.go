package server

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/ringthrough/ringthrough/ani"
)

func TestHooksThatCantBeTaken(t *testing.T) {
	r := newRig(t)
	good := HookConfig{Name: "pbx", Dialect: "flat", Auth: AuthConfig{Scheme: "none"}}
	if err := r.s.SetHooks([]HookConfig{good}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		hook HookConfig
		want []string // all of them in the error
	}{
		{"no name", HookConfig{Dialect: "flat"}, []string{"hooks[0]: name"}},
		{"a name with a slash", HookConfig{Name: "a/b", Dialect: "flat"}, []string{"hook a/b: name"}},
		{"a reserved name", HookConfig{Name: "flat", Dialect: "flat"}, []string{"hook flat: name"}},
		{"an unheard-of dialect", HookConfig{Name: "x", Dialect: "morse"}, []string{"hook x: dialect", "morse", "flat"}},
		{"an unheard-of scheme", HookConfig{Name: "x", Dialect: "flat", Auth: AuthConfig{Scheme: "handshake"}}, []string{"hook x: auth.scheme"}},
		{"a secret with scheme token", HookConfig{Name: "x", Dialect: "flat", Auth: AuthConfig{Secrets: []string{"s3cret"}}}, []string{"hook x: auth.secrets", "token create"}},
		{"a secret's file that isn't there", HookConfig{Name: "x", Dialect: "flat", Auth: AuthConfig{Scheme: "basic", Secrets: []string{"file:/nowhere"}}}, []string{"hook x: auth.secrets[0]", "/nowhere"}},
		{"a secret's variable that isn't set", HookConfig{Name: "x", Dialect: "flat", Auth: AuthConfig{Scheme: "basic", Secrets: []string{"env:RINGTHROUGH_NOT_SET"}}}, []string{"hook x: auth.secrets[0]", "RINGTHROUGH_NOT_SET"}},
		{"no secret", HookConfig{Name: "x", Dialect: "flat", Auth: AuthConfig{Scheme: "basic"}}, []string{"hook x: auth.secrets"}},
		{"a signed URL that isn't known", HookConfig{Name: "x", Dialect: "flat", Auth: AuthConfig{Scheme: "twilio", Secrets: []string{"s3cret"}}}, []string{"hook x: public_url"}},
		{"a public URL with a query", HookConfig{Name: "x", Dialect: "flat", PublicURL: "https://a.example/x?y=1"}, []string{"hook x: public_url"}},
		{"a continue URL without a scheme", HookConfig{Name: "x", Dialect: "flat", ContinueURL: "ivr.example.com/start"}, []string{"hook x: continue_url"}},
		{"a continue URL that no platform asks", HookConfig{Name: "x", Dialect: "flat", ContinueURL: "javascript:alert(1)"}, []string{"hook x: continue_url"}},
		{"no application key", HookConfig{Name: "x", Dialect: "svaml", PublicURL: "https://a.example/x", Auth: AuthConfig{Scheme: "sinch", Secrets: []string{"c2VjcmV0"}}}, []string{"hook x: key"}},
		{"no region", HookConfig{Name: "x", Dialect: "flat", Region: "Atlantis"}, []string{"hook x: region", "Atlantis"}},
		{"a template without a number", HookConfig{Name: "x", Dialect: "flat", SIPTemplate: "sip:gw"}, []string{"hook x: sip_template", "{number}"}},
		{"a dial timeout that is no span", HookConfig{Name: "x", Dialect: "flat", DialTimeout: "soon"}, []string{"hook x: dial_timeout", "soon"}},
		{"a dial timeout of an hour", HookConfig{Name: "x", Dialect: "flat", DialTimeout: "1h"}, []string{"hook x: dial_timeout"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := r.s.SetHooks([]HookConfig{test.hook})
			if problems := (ani.Problems)(nil); !errors.As(err, &problems) {
				t.Fatalf("taken, or not with problems: %v", err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in %q", want, err)
				}
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("a secret stands in %q", err)
			}
			if a := r.do("", "GET", "/v1/lookup/pbx", ""); a.status != 200 {
				t.Errorf("the hook of before is gone: %d", a.status)
			}
		})
	}
	if err := r.s.SetHooks([]HookConfig{good, good}); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("two hooks of one name: %v", err)
	}
}

func TestHookSecretsWhileOneIsBeingChanged(t *testing.T) {
	r := withLine(newRig(t))
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("from a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("RINGTHROUGH_TEST_SECRET", "from the environment")
	hook := HookConfig{Name: "pbx", Dialect: "flat", Auth: AuthConfig{Scheme: "basic", Secrets: []string{"file:" + file, "env:RINGTHROUGH_TEST_SECRET"}}}
	if err := r.s.SetHooks([]HookConfig{hook}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		password string
		status   int
	}{{"from a file", 200}, {"from the environment", 200}, {"from a file\n", 401}, {"lookup", 401}, {"", 401}} {
		request := httptest.NewRequest("POST", "/v1/lookup/pbx", strings.NewReader(ask(listed)))
		request.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("pbx:"+test.password)))
		recorder := httptest.NewRecorder()
		r.http.ServeHTTP(recorder, request)
		if refused := recorder.Code == http.StatusUnauthorized || recorder.Code == http.StatusForbidden; refused != (test.status == 401) {
			t.Errorf("password %q: %d", test.password, recorder.Code)
		}
	}
	if n := testutil.ToFloat64(r.s.metrics.authFailures.WithLabelValues("pbx")); n != 3 {
		t.Errorf("%v refused sign-ins are counted, want 3", n)
	}
	if log := r.log.String(); strings.Contains(log, "from a file") || strings.Contains(log, "from the environment") {
		t.Error("a secret stands in the log")
	}
}

func TestHookReadsNumbersInItsRegion(t *testing.T) {
	r := withLine(newRig(t))
	if err := r.s.SetHooks([]HookConfig{{Name: "pbx", Dialect: "flat", Region: "us"}}); err != nil {
		t.Fatal(err)
	}
	a := r.do("lookup", "GET", "/v1/lookup/pbx?format=text&ani=6505550123&dnis=8005550100", "")
	if a.body != "direct" {
		t.Errorf("national numbers of the hook's region: %s", a.body)
	}
}

func TestHookWithNoSignInIsWarnedOf(t *testing.T) {
	r := newRig(t)
	if err := r.s.SetHooks([]HookConfig{{Name: "open", Dialect: "flat", Auth: AuthConfig{Scheme: "none"}}}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(r.log.String(), "lets everybody in") {
		t.Error("no warning")
	}
}
