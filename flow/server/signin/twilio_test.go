package signin_test

import (
	"encoding/hex"
	"errors"
	"testing"

	"github.com/ringthrough/ringthrough/flow/server/signin"
)

// formOf is a POST of a form, not signed yet.
func formOf(scheme, url, body string) sample {
	return sample{Scheme: scheme, Secrets: []string{"auth-token"}, Method: "POST", URL: url, Body: body, Now: now,
		Headers: map[string]string{"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}}
}

func TestTwilio(t *testing.T) {
	const plain = "https://route.example.com/v1/lookup/twilio"
	hash := "?bodySHA256=" + hex.EncodeToString(sum256(""))
	for _, c := range []struct {
		name, url, body, signed string
		valid                   bool
	}{
		{"signed with the port of https", plain + "?a=1", "B=2", "https://route.example.com:443/v1/lookup/twilio?a=1B2", true},
		{"signed without our port", "https://route.example.com:8443/x", "B=2", "https://route.example.com/xB2", true},
		{"signed with our port", "https://route.example.com:8443/x", "B=2", "https://route.example.com:8443/xB2", true},
		{"signed with a port that isn't ours", "https://route.example.com:8443/x", "B=2", "https://route.example.com:443/xB2", false},
		{"http has another port", "http://route.example.com/x", "B=2", "http://route.example.com:80/xB2", true},
		{"port behind an IPv6 address", "https://[2001:db8::1]/x", "B=2", "https://[2001:db8::1]:443/xB2", true},
		{"names sorted as bytes", plain, "b=1&B=2&A=3", plain + "A3B2b1", true},
		{"values decoded", plain, "From=%2B1650&Name=Jos%C3%A9+B", plain + "From+1650NameJosé B", true},
		{"empty values count", plain, "A=&B=2", plain + "AB2", true},
		{"repeated name: distinct values, sorted", plain, "A=2&A=1&A=2", plain + "A1A2", true},
		{"repeated name: first value alone", plain, "A=2&A=1", plain + "A2", false},
		{"repeated name: as received", plain, "A=2&A=1", plain + "A2A1", false},
		{"the query is not decoded", plain + "?q=%2B1", "", plain + "?q=%2B1", true},
		{"a form that can't be read", plain, "A=%zz", plain + "A%zz", false},
		{"a hash of no body", plain + hash, "", plain + hash, true},
		{"two hashes of the body", plain + hash + "&bodySHA256=00", "", plain + hash + "&bodySHA256=00", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := formOf("twilio", c.url, c.body).with("X-Twilio-Signature", b64(mac1("auth-token", c.signed)))
			if err := s.verify(t); (err == nil) != c.valid {
				t.Errorf("Verify: %v, want valid %t", err, c.valid)
			}
		})
	}
}

// TestTwilioUnsignedBody: a signed URL says nothing for a body beside it.
func TestTwilioUnsignedBody(t *testing.T) {
	const url = "https://route.example.com/x"
	s := formOf("twilio", url, "").with("X-Twilio-Signature", b64(mac1("auth-token", url)))
	for name, forged := range map[string]sample{
		"JSON without a hash": {Method: "POST", Body: `{"from":"+1650"}`, Headers: map[string]string{"Content-Type": "application/json"}},
		"no type":             {Method: "POST", Body: `{"from":"+1650"}`},
		"GET with a body":     {Method: "GET", Body: "From=%2B1650", Headers: s.Headers},
		"multipart":           {Method: "POST", Body: "--x", Headers: map[string]string{"Content-Type": "multipart/form-data; boundary=x"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := s
			r.Method, r.Body, r.Headers = forged.Method, forged.Body, forged.Headers
			r = r.with("X-Twilio-Signature", s.Headers["X-Twilio-Signature"])
			if err := r.verify(t); !errors.Is(err, signin.ErrRefused) {
				t.Errorf("Verify: %v, want ErrRefused", err)
			}
		})
	}
	s.Method = "GET"
	if err := s.verify(t); err != nil {
		t.Errorf("Verify of the GET that was signed: %v", err)
	}
}

func TestTwilioLateParameters(t *testing.T) {
	const url = "https://route.example.com/x"
	const body = "From=%2B1650&CallToken=abc&StirVerstat=TN-Validation-Passed-A"
	for _, c := range []struct {
		name, signed      string
		allow             bool
		attested, refused bool
	}{
		{"all signed", url + "CallTokenabcFrom+1650StirVerstatTN-Validation-Passed-A", true, true, false},
		{"added late, allowed", url + "From+1650", true, false, false},
		{"added late, not allowed", url + "From+1650", false, false, true},
		{"another caller", url + "From+1651", true, false, true},
		{"all signed, nothing allowed", url + "CallTokenabcFrom+1650StirVerstatTN-Validation-Passed-A", false, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, err := signin.New(signin.Config{Scheme: "twilio", Secrets: []string{"auth-token"}, AllowLateParams: c.allow})
			if err != nil {
				t.Fatal(err)
			}
			s := formOf("twilio", url, body).with("X-Twilio-Signature", b64(mac1("auth-token", c.signed)))
			attested, err := signin.Check(v, s.request(), s.clock())
			if attested != c.attested || (err != nil) != c.refused {
				t.Errorf("Check: attested %t, %v", attested, err)
			}
			if err := v.Verify(s.request(), s.clock()); (err == nil) != c.attested {
				t.Errorf("Verify: %v; it must overlook nothing", err)
			}
		})
	}
}

func TestCheckOfOtherSchemes(t *testing.T) {
	s := find(t, "jambonz: fresh")
	if attested, err := signin.Check(s.verifier(t), s.request(), s.clock()); !attested || err != nil {
		t.Errorf("Check: attested %t, %v", attested, err)
	}
	s.Body += "x"
	if attested, err := signin.Check(s.verifier(t), s.request(), s.clock()); attested || err == nil {
		t.Errorf("Check of another body: attested %t, %v", attested, err)
	}
}
