package signin_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/flow/server/signin"
)

// tampering is one thing that somebody on the way has changed.
type tampering struct {
	what   string
	change func(*signin.Request)
}

// TestTampering changes each valid request in every way that its scheme
// covers, one at a time, and wants it refused without a word about what would
// have been right.
func TestTampering(t *testing.T) {
	for _, s := range validSamples(t) {
		t.Run(s.Name, func(t *testing.T) {
			for _, x := range tamperings(s) {
				r := s.request()
				x.change(r)
				if sameMeaning(s, r) {
					continue
				}
				err := s.verifier(t).Verify(r, s.clock())
				if err == nil {
					t.Errorf("%s: let in", x.what)
					continue
				}
				if !errors.Is(err, signin.ErrMissing) && !errors.Is(err, signin.ErrRefused) {
					t.Errorf("%s: %v, want ErrMissing or ErrRefused", x.what, err)
				}
				silent(t, s, err)
			}
		})
	}
}

// silent holds an error to naming neither a secret nor a signature.
func silent(t *testing.T, s sample, err error) {
	t.Helper()
	hidden := slices.Concat(s.Secrets, []string{"whsec", "PSK_"})
	for name, value := range s.Headers {
		if name != "Content-Type" {
			hidden = append(hidden, strings.FieldsFunc(value, func(c rune) bool { return c == ' ' || c == ',' })...)
		}
	}
	for _, word := range hidden {
		if len(word) > 12 && strings.Contains(err.Error(), word) {
			t.Errorf("the error gives away %q: %v", word, err)
		}
	}
}

func tamperings(s sample) []tampering {
	return slices.Concat(bodyTamperings(s), urlTamperings(s), methodTamperings(s), headerTamperings(s))
}

func bodyTamperings(s sample) []tampering {
	set := func(what, body string) tampering {
		return tampering{what, func(r *signin.Request) { r.Body = []byte(body) }}
	}
	all := []tampering{set("body grown", s.Body+"x"), set("a parameter added", s.Body+"&x=y")}
	for i := range len(s.Body) {
		for _, mask := range []byte{1, 2, 0x20} {
			flipped := []byte(s.Body)
			flipped[i] ^= mask
			all = append(all, set(fmt.Sprintf("byte %d of the body ^%#x", i, mask), string(flipped)))
		}
		all = append(all, set(fmt.Sprintf("byte %d of the body cut out", i), s.Body[:i]+s.Body[i+1:]))
	}
	if s.Body != "" {
		all = append(all, set("no body", ""))
	}
	return all
}

// sameMeaning: the dialect would read the same parameters, or, for the
// schemes that run names and values together, they run together the same.
func sameMeaning(s sample, r *signin.Request) bool {
	if s.Body == string(r.Body) || !strings.Contains(s.Headers["Content-Type"], "form") || s.Scheme == "telnyx" {
		return false
	}
	before, _ := url.ParseQuery(s.Body)
	after, err := url.ParseQuery(string(r.Body))
	return err == nil && runTogether(before) == runTogether(after)
}

func runTogether(form url.Values) string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range slices.Sorted(slices.Values(form[name])) {
			text.WriteString(name + value)
		}
	}
	return text.String()
}

// What a scheme signs of the URL; those that aren't here sign nothing of it.
var (
	signsHost  = []string{"twilio", "signalwire", "plivo"}
	signsPath  = []string{"twilio", "signalwire", "plivo", "sinch"}
	signsQuery = []string{"twilio", "signalwire", "plivo"} // and vonage on a GET
)

func urlTamperings(s sample) []tampering {
	to := func(what, address string) tampering {
		return tampering{what + ": " + address, func(r *signin.Request) { r.URL = address }}
	}
	var all []tampering
	if slices.Contains(signsHost, s.Scheme) {
		all = append(all, to("host", strings.Replace(s.URL, "route.", "other.", 1)),
			to("protocol", strings.Replace(s.URL, "https:", "http:", 1)))
	}
	if s.Scheme == "plivo" {
		all = append(all, to("port", strings.Replace(s.URL, ".com/", ".com:8443/", 1)))
	}
	if slices.Contains(signsPath, s.Scheme) {
		all = append(all, to("path", strings.Replace(s.URL, "/v1/", "/v2/", 1)),
			to("path grown", strings.Replace(s.URL, "/lookup/", "/lookup/x", 1)))
	}
	if !slices.Contains(signsQuery, s.Scheme) && (s.Scheme != "vonage" || s.Method != http.MethodGet) {
		return all
	}
	base, query, found := strings.Cut(s.URL, "?")
	if !found {
		return append(all, to("query added", s.URL+"?x=y"))
	}
	all = append(all, to("query dropped", base), to("query grown", s.URL+"x"), to("pair added", s.URL+"&x=y"))
	for i := range len(query) {
		flipped := []byte(query)
		flipped[i] ^= 1
		all = append(all, to("query flipped", base+"?"+string(flipped)))
	}
	return all
}

func methodTamperings(s sample) []tampering {
	var all []tampering
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "post", ""} {
		if method != s.Method {
			all = append(all, tampering{"method " + method, func(r *signin.Request) { r.Method = method }})
		}
	}
	return all
}

func headerTamperings(s sample) []tampering {
	var all []tampering
	for name, value := range s.Headers {
		if name == "Content-Type" && !judgesContentType(s) {
			continue
		}
		all = append(all,
			tampering{name + " doubled", func(r *signin.Request) { r.Header.Add(name, value) }},
			tampering{name + " endless", func(r *signin.Request) { r.Header.Set(name, strings.Repeat("x", 1<<20)) }},
		)
		if !strings.HasPrefix(s.Name, "signalwire-swml") { // either of its two will do
			all = append(all, tampering{name + " dropped", func(r *signin.Request) { r.Header.Del(name) }})
		}
		if name != "Content-Type" {
			all = append(all, valueTamperings(name, value)...)
		}
	}
	return all
}

// judgesContentType: Sinch signs it, and a form must say that it is one.
func judgesContentType(s sample) bool {
	return s.Scheme == "sinch" || s.Scheme != "telnyx" && strings.Contains(s.Headers["Content-Type"], "form")
}

// valueTamperings change each character of a header in three ways.
func valueTamperings(name, value string) []tampering {
	set := func(what, value string) tampering {
		return tampering{name + " " + what, func(r *signin.Request) { r.Header.Set(name, value) }}
	}
	all := []tampering{set("cut short", value[:len(value)-1]), set("grown", value+"A")}
	for i := range len(value) {
		for _, other := range []byte{value[i] ^ 1, value[i] ^ 2, 'x'} {
			if other == value[i] || other == ' ' { // a blank may part the signatures of a list
				continue
			}
			all = append(all, set(fmt.Sprintf("with %q at %d", other, i), value[:i]+string(other)+value[i+1:]))
		}
	}
	return all
}

// TestWhatSchemesLeaveOpen writes down what tampering a scheme can't see. Each
// is let in; if one no longer is, the exceptions above are out of date.
func TestWhatSchemesLeaveOpen(t *testing.T) {
	for _, c := range []struct {
		name, sample string
		change       func(*signin.Request)
	}{
		{"twilio: where a name ends", "twilio: form, query in the URL", func(r *signin.Request) {
			r.Body = []byte(strings.Replace(string(r.Body), "CallStatus=ringing", "CallStatusr=inging", 1))
		}},
		{"signalwire: where a name ends", "signalwire-cxml: form, query in the URL", func(r *signin.Request) {
			r.Body = []byte(strings.Replace(string(r.Body), "CallStatus=ringing", "CallStatusr=inging", 1))
		}},
		{"plivo: where a name ends", "plivo: form, no query (a bare ? before the parameters)", func(r *signin.Request) {
			r.Body = []byte(strings.Replace(string(r.Body), "CallStatus=ringing", "CallStatusr=inging", 1))
		}},
		{"signalwire: one of two headers dropped", "signalwire-swml: JSON, hex over URL and raw body", func(r *signin.Request) {
			r.Header.Del("X-Signalwire-Sha256-Signature")
		}},
		{"signalwire: the other dropped", "signalwire-swml: JSON, hex over URL and raw body", func(r *signin.Request) {
			r.Header.Del("X-Signalwire-Signature")
		}},
		{"twilio: the port", "twilio: form, query in the URL", func(r *signin.Request) {
			r.URL = strings.Replace(r.URL, ".com/", ".com:8443/", 1)
		}},
		{"signalwire: the credentials of the URL", "signalwire-swml: JSON, hex over URL and raw body", func(r *signin.Request) {
			r.URL = strings.Replace(r.URL, "route.", "u:p@route.", 1)
		}},
		{"telnyx: the URL", "telnyx: TeXML form", anotherURL},
		{"jambonz: the URL", "jambonz: fresh", anotherURL},
		{"standard-webhooks: the URL", "standard-webhooks: fresh", anotherURL},
		{"vonage: the URL of a POST", "vonage: POST, payload_hash of the raw body", anotherURL},
		{"sinch: host and query", "sinch: Application scheme", func(r *signin.Request) {
			r.URL = strings.Replace(r.URL, "route.", "other.", 1) + "?x=y"
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := find(t, c.sample)
			r := s.request()
			c.change(r)
			if err := s.verifier(t).Verify(r, s.clock()); err != nil {
				t.Errorf("Verify: %v: the scheme covers this after all", err)
			}
		})
	}
}

func anotherURL(r *signin.Request) { r.URL = "https://other.example.com/x?y=z" }
