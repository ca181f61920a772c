package signin

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"
)

// sinch is https://developers.sinch.com/docs/voice/api-reference/authentication/callback-signed-request/,
// or Basic with the application's key and secret. It signs the method, the
// path, the time and the body, not the query.
type sinch struct {
	application string
	keys        [][]byte
	basic       basic
}

func newSinch(c Config, keys [][]byte) Verifier {
	passwords := make([][]byte, len(c.Secrets))
	for i, secret := range c.Secrets {
		passwords[i] = []byte(secret)
	}
	return sinch{c.Key, keys, basic{c.Key, passwords}}
}

func (s sinch) Verify(r *Request, now time.Time) error {
	if err := posted(r); err != nil {
		return err
	}
	scheme, rest, err := credentials(r.Header)
	switch {
	case err != nil:
		return err
	case scheme == "basic":
		return s.basic.Verify(r, now)
	case scheme != "application":
		return refused("Authorization is neither Application nor Basic")
	}
	stamp, err := only(r.Header, "X-Timestamp")
	if err != nil {
		return err
	}
	at, err := time.Parse(time.RFC3339, stamp)
	if err != nil {
		return refused("X-Timestamp is not a time of ISO 8601")
	}
	text, err := sinchText(r, stamp)
	if err != nil {
		return err
	}
	if !s.fits(rest, text) {
		return unfit()
	}
	return fresh(at, now)
}

func (s sinch) fits(given, text string) bool {
	application, signature, _ := strings.Cut(given, ":")
	known := same([]byte(application), []byte(s.application))
	fits := anyFits([]string{signature}, signatures(sha256.New, base64.StdEncoding.EncodeToString, s.keys, text))
	return fits && known == 1
}

func sinchText(r *Request, stamp string) (string, error) {
	content, err := only(r.Header, "Content-Type")
	if err != nil {
		return "", err
	}
	hashed := ""
	if len(r.Body) > 0 {
		sum := md5.Sum(r.Body)
		hashed = base64.StdEncoding.EncodeToString(sum[:])
	}
	path := splitAddress(r.URL).path
	if path == "" {
		path = "/"
	}
	return strings.Join([]string{r.Method, hashed, content, "x-timestamp:" + stamp, path}, "\n"), nil
}
