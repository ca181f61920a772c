package signin

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"net/http"
	"time"
)

// signalwire signs the forms of cXML as Twilio does and the JSON of SWML in a
// way of its own; the Content-Type says which it is, since the header's name
// is the same. Neither has the time in it.
// https://developer.signalwire.com/platform/basics/guides/webhook-security
type signalwire struct{ keys [][]byte }

func (s signalwire) Verify(r *Request, _ time.Time) error {
	if err := getOrPost(r); err != nil {
		return err
	}
	if len(r.Body) == 0 || isForm(r.Header) {
		return s.form(r)
	}
	return s.json(r)
}

// form is over the URL and the parameters, repeated ones as they came.
func (s signalwire) form(r *Request) error {
	signature, err := formSignature(r.Header)
	if err != nil {
		return err
	}
	params, err := form(r)
	if err != nil {
		return err
	}
	texts := ports(r.URL)
	for i := range texts {
		texts[i] += run(params, asReceived)
	}
	if !anyFits([]string{signature}, signatures(sha1.New, base64.StdEncoding.EncodeToString, s.keys, texts...)) {
		return unfit()
	}
	return nil
}

// formSignature is the platform's own header, or the one of the vendor whose
// applications it is compatible with.
func formSignature(h http.Header) (string, error) {
	if h.Get("X-Signalwire-Signature") == "" && h.Get("X-Twilio-Signature") != "" {
		return only(h, "X-Twilio-Signature")
	}
	return only(h, "X-Signalwire-Signature")
}

// json is over the URL without credentials and the raw body. Either header
// will do; where both came, both must fit.
func (s signalwire) json(r *Request) error {
	address := splitAddress(r.URL)
	address.user = ""
	text := address.String() + string(r.Body)
	const short, long = "X-Signalwire-Signature", "X-Signalwire-Sha256-Signature"
	if len(r.Header.Values(long)) == 0 {
		return s.hex(r.Header, short, sha1.New, text)
	}
	if err := s.hex(r.Header, long, sha256.New, text); err != nil || len(r.Header.Values(short)) == 0 {
		return err
	}
	return s.hex(r.Header, short, sha1.New, text)
}

func (s signalwire) hex(h http.Header, name string, of func() hash.Hash, text string) error {
	signature, err := only(h, name)
	if err != nil {
		return err
	}
	if !anyFits([]string{signature}, signatures(of, hex.EncodeToString, s.keys, text)) {
		return unfit()
	}
	return nil
}
