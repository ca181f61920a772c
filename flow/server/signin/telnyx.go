package signin

import (
	"crypto/ed25519"
	"encoding/base64"
	"time"
)

// telnyx signs the time and the raw body, not the URL. Its secrets are public
// keys. https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks
type telnyx struct{ keys [][]byte }

func (t telnyx) Verify(r *Request, now time.Time) error {
	if err := posted(r); err != nil {
		return err
	}
	written, err := only(r.Header, "Telnyx-Signature-Ed25519")
	if err != nil {
		return err
	}
	stamp, err := only(r.Header, "Telnyx-Timestamp")
	if err != nil {
		return err
	}
	at, err := unixTime(stamp)
	if err != nil {
		return err
	}
	signature, err := base64.StdEncoding.Strict().DecodeString(written)
	if err != nil {
		return refused("Telnyx-Signature-Ed25519 is not base64")
	}
	if !t.fits(append([]byte(stamp+"|"), r.Body...), signature) {
		return unfit()
	}
	return fresh(at, now)
}

func (t telnyx) fits(text, signature []byte) bool {
	fits := false
	for _, key := range t.keys {
		fits = ed25519.Verify(key, text, signature) || fits
	}
	return fits
}
