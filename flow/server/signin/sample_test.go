package signin_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/flow/server/signin"
)

// sample is one request as on the wire, and what to judge it by.
type sample struct {
	Name    string
	Scheme  string
	Key     string
	Secrets []string
	Method  string
	URL     string
	Headers map[string]string
	Body    string
	Now     int64
	Valid   bool
}

func samples(t testing.TB) []sample {
	t.Helper()
	text, err := os.ReadFile("testdata/signatures.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []sample
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("testdata/signatures.json is empty")
	}
	return all
}

func validSamples(t testing.TB) []sample {
	t.Helper()
	var valid []sample
	for _, s := range samples(t) {
		if s.Valid {
			valid = append(valid, s)
		}
	}
	return valid
}

// find is the sample of that name.
func find(t testing.TB, name string) sample {
	t.Helper()
	for _, s := range samples(t) {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no sample %q", name)
	return sample{}
}

func (s sample) request() *signin.Request {
	h := http.Header{}
	for name, value := range s.Headers {
		h.Set(name, value)
	}
	return &signin.Request{Method: s.Method, URL: s.URL, Header: h, Body: []byte(s.Body)}
}

func (s sample) verifier(t testing.TB) signin.Verifier {
	t.Helper()
	v, err := signin.New(signin.Config{Scheme: s.Scheme, Secrets: s.Secrets, Key: s.Key})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return v
}

// verify judges s by a verifier that has seen nothing yet.
func (s sample) verify(t testing.TB) error {
	t.Helper()
	return s.verifier(t).Verify(s.request(), s.clock())
}

func (s sample) clock() time.Time { return time.Unix(s.Now, 0) }

// with is s with one header set to another value.
func (s sample) with(header, value string) sample {
	s.Headers = maps.Clone(s.Headers)
	if s.Headers == nil {
		s.Headers = map[string]string{}
	}
	s.Headers[header] = value
	return s
}

// now is the clock of the requests that tests make themselves.
const now = 1795000000

func mac1(key, text string) []byte {
	h := hmac.New(sha1.New, []byte(key))
	h.Write([]byte(text))
	return h.Sum(nil)
}

func mac256(key, text string) []byte {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(text))
	return h.Sum(nil)
}

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func sum256(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}
