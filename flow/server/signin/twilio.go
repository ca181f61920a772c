package signin

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
	"time"
)

// twilio is https://www.twilio.com/docs/usage/security#validating-requests.
// It signs neither the time nor anything unique, nor where a parameter's name
// ends and its value begins.
type twilio struct {
	keys [][]byte
	late bool
}

// Verify lets in what is signed whole.
func (t twilio) Verify(r *Request, _ time.Time) error {
	_, err := t.verify(r, false)
	return err
}

// VerifyLate also lets in what would be signed whole without CallToken and
// StirVerstat, if the hook allows that: one public code base says that they
// are added after signing; Twilio says nothing of it.
func (t twilio) VerifyLate(r *Request, _ time.Time) (attested bool, err error) {
	return t.verify(r, t.late)
}

func (t twilio) verify(r *Request, late bool) (attested bool, err error) {
	signature, params, err := t.read(r)
	switch {
	case err != nil:
		return false, err
	case t.fits(signature, r.URL, params):
		return true, nil
	case !late:
		return false, unfit()
	}
	params.Del("CallToken")
	params.Del("StirVerstat")
	if !t.fits(signature, r.URL, params) {
		return false, unfit()
	}
	return false, nil
}

// read finds the signature and the parameters that it is over.
func (t twilio) read(r *Request) (signature string, params url.Values, err error) {
	if err := getOrPost(r); err != nil {
		return "", nil, err
	}
	if signature, err = only(r.Header, "X-Twilio-Signature"); err != nil {
		return "", nil, err
	}
	hashes, err := bodyHashes(r.URL)
	switch {
	case err != nil:
		return "", nil, err
	case len(hashes) > 0:
		return signature, nil, hashFits(r.Body, hashes)
	}
	params, err = form(r)
	return signature, params, err
}

func (t twilio) fits(signature, address string, params url.Values) bool {
	texts := ports(address)
	for i := range texts {
		texts[i] += run(params, sortedDistinct)
	}
	expected := signatures(sha1.New, base64.StdEncoding.EncodeToString, t.keys, texts...)
	return anyFits([]string{signature}, expected)
}

// bodyHashes are the values of bodySHA256 in the query: Twilio puts the hash of a
// body that is no form there, and signs the URL alone.
func bodyHashes(raw string) ([]string, error) {
	query, err := url.ParseQuery(strings.TrimPrefix(splitAddress(raw).query, "?"))
	if err != nil {
		return nil, refused("the query can't be read")
	}
	return query["bodySHA256"], nil
}

func hashFits(body []byte, hashes []string) error {
	if len(hashes) > 1 {
		return refused("bodySHA256 came more than once")
	}
	return sha256Fits(body, hashes[0], "bodySHA256")
}

// sha256Fits compares the hash of body with one that was written in hex.
func sha256Fits(body []byte, written, name string) error {
	given, err := hex.DecodeString(written)
	sum := sha256.Sum256(body)
	if err != nil || subtle.ConstantTimeCompare(given, sum[:]) != 1 {
		return refused(name + " is of another body")
	}
	return nil
}
