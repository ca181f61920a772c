package signin_test

import (
	"crypto/ed25519"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

// exchange is one thing that deploy/test/sdk/sign.js is asked.
type exchange struct {
	Do        string            `json:"do"`
	Vendor    string            `json:"vendor"`
	Secret    string            `json:"secret"`
	Key       string            `json:"key"`
	Method    string            `json:"method"`
	URL       string            `json:"url"`
	Headers   map[string]string `json:"headers"`
	Body      string            `json:"body"`
	Timestamp int64             `json:"timestamp"`

	name string // of the vendorRequest
}

// verdict is what it says.
type verdict struct {
	Headers map[string]string
	Valid   bool
	Why     string
}

// vendorRequest is a request that is to be signed, and then judged by the
// vendor's SDK and by us.
type vendorRequest struct {
	name, vendor string
	method, url  string
	body         string // as form, unless json
	json         bool
}

const (
	sdkForm = "From=%2B19495317728&To=%2B18005550100&CallSid=CA1&CallerName=Jos%C3%A9+%26+Co&Empty="
	sdkJSON = `{"from":"+19495317728","to":"+18005550100","name":"José & Co"}`
	sdkURL  = "https://route.example.com/v1/lookup/x"
)

func vendorRequests() []vendorRequest {
	hashed := sdkURL + "?bodySHA256=" + hex.EncodeToString(sum256(sdkJSON))
	return []vendorRequest{
		{"form", "twilio", "POST", sdkURL, sdkForm, false},
		{"form and query with escapes", "twilio", "POST", sdkURL + "?b=%2B1&a=x+y", sdkForm, false},
		{"repeated names", "twilio", "POST", sdkURL, sdkForm + "&To=%2B1&To=%2B18005550100&to=2", false},
		{"port", "twilio", "POST", "https://route.example.com:8443/x", sdkForm, false},
		{"GET", "twilio", "GET", sdkURL + "?From=%2B1&To=2", "", false},
		{"JSON with its hash in the query", "twilio", "POST", hashed, sdkJSON, true},
		{"form", "signalwire-cxml", "POST", sdkURL + "?site=main", sdkForm, false},
		{"repeated names", "signalwire-cxml", "POST", sdkURL, sdkForm + "&To=2&To=1&To=2", false},
		{"GET", "signalwire-cxml", "GET", sdkURL + "?From=%2B1&To=2", "", false},
		{"JSON", "signalwire-swml", "POST", sdkURL + "?a=b", sdkJSON, true},
		{"form", "telnyx", "POST", sdkURL, sdkForm, false},
		{"JSON", "telnyx", "POST", sdkURL, sdkJSON, true},
		{"form", "plivo", "POST", sdkURL, sdkForm, false},
		{"form and query", "plivo", "POST", sdkURL + "?site=main&lang=en", sdkForm, false},
		{"query with escapes", "plivo", "POST", sdkURL + "?b=%2B1&a=x+y", sdkForm, false},
		{"repeated names", "plivo", "POST", sdkURL + "?b=2&b=1", sdkForm + "&To=2&To=1", false},
		{"port", "plivo", "POST", "https://route.example.com:8443/x", sdkForm, false},
		{"GET", "plivo", "GET", sdkURL + "?To=2&From=1", "", false},
		{"POST without a form", "plivo", "POST", sdkURL + "?To=2&From=1", "", false},
		{"GET without a query", "plivo", "GET", sdkURL, "", false},
		{"JSON", "vonage", "POST", sdkURL, sdkJSON, true},
		{"GET, escaped", "vonage", "GET", sdkURL + "?to=18005550100&from=%2B1949&name=Jos%C3%A9+%22x%22%0A%E2%80%A8", "", false},
		{"JSON", "jambonz", "POST", sdkURL, sdkJSON, true},
		{"JSON", "sinch", "POST", sdkURL + "?a=b", sdkJSON, true},
		{"no body", "sinch", "POST", sdkURL, "", true},
		{"JSON", "standard-webhooks", "POST", sdkURL, sdkJSON, true},
	}
}

// telnyxKey is the test's own account; its public half is the last 32 bytes.
var telnyxKey = ed25519.NewKeyFromSeed(sum256("the test's own Telnyx account"))

func (q vendorRequest) exchange() exchange {
	x := exchange{Do: "sign", Vendor: q.vendor, Method: q.method, URL: q.url, Body: q.body, Timestamp: now, name: q.name,
		Secret: "the-secret-of-the-test-32-bytes-long-or-more", Headers: map[string]string{}}
	switch {
	case q.json:
		x.Headers["Content-Type"] = "application/json; charset=utf-8"
	case q.body != "":
		x.Headers["Content-Type"] = "application/x-www-form-urlencoded"
	}
	switch q.vendor {
	case "telnyx":
		x.Secret = b64(telnyxKey[ed25519.SeedSize:])
	case "sinch":
		x.Secret, x.Key = sinchSecret, "11111111-2222-4333-8444-666666666666"
	case "standard-webhooks":
		x.Secret = "whsec_c3RhbmRhcmQgd2ViaG9va3Mgc2VjcmV0IG9mIDMyYiE="
	}
	return x
}

// signByHand signs for the vendors whose SDKs can only judge. It stands apart
// from the package's own reading of the schemes.
func signByHand(x exchange) map[string]string {
	const stamp = "1795000000"
	switch x.Vendor {
	case "signalwire-swml":
		return map[string]string{"X-SignalWire-Signature": hex.EncodeToString(mac1(x.Secret, x.URL+x.Body))}
	case "telnyx":
		signature := ed25519.Sign(telnyxKey, []byte(stamp+"|"+x.Body))
		return map[string]string{"Telnyx-Timestamp": stamp, "Telnyx-Signature-Ed25519": b64(signature)}
	case "jambonz":
		signature := hex.EncodeToString(mac256(x.Secret, stamp+"."+x.Body))
		return map[string]string{"Jambonz-Signature": "t=" + stamp + ",v1=" + signature}
	case "plivo":
		signature := b64(mac256(x.Secret, plivoTexts[x.name]+".nonce-0001"))
		return map[string]string{"X-Plivo-Signature-V3": signature, "X-Plivo-Signature-V3-Nonce": "nonce-0001"}
	}
	return nil
}

// plivoTexts are the texts of the requests to Plivo, written out.
var plivoTexts = map[string]string{
	"form":                sdkURL + "?" + plivoForm + "To+18005550100",
	"form and query":      sdkURL + "?lang=en&site=main." + plivoForm + "To+18005550100",
	"query with escapes":  sdkURL + "?a=x y&b=+1." + plivoForm + "To+18005550100",
	"repeated names":      sdkURL + "?b=1&b=2." + plivoForm + "To+18005550100To1To2",
	"port":                "https://route.example.com:8443/x?" + plivoForm + "To+18005550100",
	"GET":                 sdkURL + "?From=1&To=2",
	"POST without a form": sdkURL + "?From=1&To=2",
	"GET without a query": sdkURL,
}

const plivoForm = "CallSidCA1CallerNameJosé & CoEmptyFrom+19495317728"

func (x exchange) verify(t *testing.T) error {
	t.Helper()
	s := sample{Scheme: strings.TrimSuffix(strings.TrimSuffix(x.Vendor, "-cxml"), "-swml"), Key: x.Key, Secrets: []string{x.Secret},
		Method: x.Method, URL: x.URL, Headers: x.Headers, Body: x.Body, Now: x.Timestamp}
	return s.verify(t)
}

// TestVendorSDKs: what the vendors' own code signs, or takes for signed, signs
// in; and what their code refuses is refused.
func TestVendorSDKs(t *testing.T) {
	signed := signByVendor(t)
	var asked []exchange
	for _, x := range signed {
		asked = append(asked, x)
		for _, bad := range spoiled(x) {
			asked = append(asked, bad.exchange)
		}
	}
	verdicts := ask(t, asked)
	for i, q := range vendorRequests() {
		x, verdict := signed[i], verdicts[0]
		bad := spoiled(x)
		spoiledVerdicts := verdicts[1 : 1+len(bad)]
		verdicts = verdicts[1+len(bad):]
		t.Run(q.vendor+": "+q.name, func(t *testing.T) {
			if err := x.verify(t); err != nil || !verdict.Valid {
				t.Errorf("Verify: %v; SDK: valid %t %s", err, verdict.Valid, verdict.Why)
			}
			for k, b := range bad {
				if spoiledVerdicts[k].Valid && !slices.Contains(blind[q.vendor], b.what) {
					t.Errorf("another %s: the SDK lets it in", b.what)
				}
				if err := b.verify(t); err == nil {
					t.Errorf("another %s: let in", b.what)
				}
			}
		})
	}
}

// blind is what the SDKs don't look at, and we do.
var blind = map[string][]string{
	"vonage": {"content", "clock"},
	"sinch":  {"clock"},
}

// signByVendor gives each request its headers: the SDK's where it can sign.
func signByVendor(t *testing.T) []exchange {
	t.Helper()
	var signed, asked []exchange
	for _, q := range vendorRequests() {
		x := q.exchange()
		maps.Copy(x.Headers, signByHand(x))
		signed = append(signed, x)
		if signByHand(x) == nil {
			asked = append(asked, x)
		}
	}
	answers := ask(t, asked)
	for i, x := range signed {
		if signByHand(x) == nil {
			maps.Copy(signed[i].Headers, answers[0].Headers)
			answers = answers[1:]
		}
		signed[i].Do = "judge"
	}
	return signed
}

type spoiling struct {
	exchange
	what string
}

// spoiled is x with one thing changed: its secret, its body or query, the
// clock, or a header that signs in.
func spoiled(x exchange) []spoiling {
	secret, content, clock := x, x, x
	secret.Secret = otherSecret(x.Vendor)
	content.Body = strings.Replace(x.Body, "94953", "94954", 1)
	if content.Body == x.Body {
		content.URL = x.URL + "1"
	}
	clock.Timestamp += 301
	all := []spoiling{{secret, "secret"}, {content, "content"}}
	if slices.Contains([]string{"telnyx", "vonage", "jambonz", "sinch", "standard-webhooks"}, x.Vendor) {
		all = append(all, spoiling{clock, "clock"})
	}
	for _, name := range slices.Sorted(maps.Keys(x.Headers)) {
		if name == "Content-Type" || strings.HasSuffix(name, "Timestamp") {
			continue
		}
		other, value := x, x.Headers[name]
		i := len(value) - 5 // past the characters whose bits a base64 may leave unused
		other.Headers = maps.Clone(x.Headers)
		other.Headers[name] = value[:i] + string(value[i]^1) + value[i+1:]
		all = append(all, spoiling{other, name})
	}
	return all
}

func ask(t *testing.T, questions []exchange) []verdict {
	t.Helper()
	var answers []verdict
	peer.Node(t, "sign.js", questions, &answers)
	if len(answers) != len(questions) {
		t.Fatalf("%d answers to %d questions", len(answers), len(questions))
	}
	return answers
}
