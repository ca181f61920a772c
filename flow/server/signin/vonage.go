package signin

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// vonage is https://developer.vonage.com/en/getting-started/concepts/webhooks#signed-webhooks.
// What is signed is a hash: of the body of a POST, of the query of a GET. The
// vendor's SDK looks neither at that nor at the time.
type vonage struct {
	keys [][]byte
	used memory
}

type vonageClaims struct {
	jwt.RegisteredClaims
	PayloadHash string `json:"payload_hash"`
}

func (v *vonage) Verify(r *Request, now time.Time) error {
	if err := getOrPost(r); err != nil {
		return err
	}
	scheme, token, err := credentials(r.Header)
	if err != nil {
		return err
	}
	if scheme != "bearer" {
		return refused("Authorization is not Bearer")
	}
	claims, err := v.claims(token, now)
	if err != nil {
		return err
	}
	payload, err := vonagePayload(r)
	if err != nil {
		return err
	}
	if err := sha256Fits(payload, claims.PayloadHash, "payload_hash"); err != nil {
		return err
	}
	if err := fresh(claims.IssuedAt.Time, now); err != nil {
		return err
	}
	return v.used.admit(claims.ID, now)
}

// claims are those of a token that one of the keys signed. All keys are
// tried; jwt.VerificationKeySet would stop at the one that fits.
func (v *vonage) claims(token string, now time.Time) (vonageClaims, error) {
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithStrictDecoding(),
		jwt.WithTimeFunc(func() time.Time { return now }),
		jwt.WithLeeway(Tolerance),
	)
	found, err := vonageClaims{}, unfit()
	for _, key := range v.keys {
		var c vonageClaims
		_, wrong := parser.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return key, nil })
		switch {
		case wrong == nil:
			found, err = c, c.complete()
		case errors.Is(wrong, jwt.ErrTokenExpired), errors.Is(wrong, jwt.ErrTokenNotValidYet):
			err = fmt.Errorf("%w: the token's own dates", ErrStale)
		}
	}
	return found, err
}

func (c vonageClaims) complete() error {
	switch {
	case c.IssuedAt == nil:
		return refused("the token has no iat")
	case c.ID == "":
		return refused("the token has no jti")
	case c.PayloadHash == "":
		return refused("the token has no payload_hash")
	}
	return nil
}

// vonagePayload is what payload_hash is of. For a GET that is the query as
// one JSON object, by the vendor's support pages; its escapes are unverified
// and taken to be those of JSON.stringify.
func vonagePayload(r *Request) ([]byte, error) {
	if r.Method == http.MethodPost {
		return r.Body, nil
	}
	var members []string
	for pair := range strings.SplitSeq(strings.TrimPrefix(splitAddress(r.URL).query, "?"), "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, nameErr := url.QueryUnescape(name)
		value, valueErr := url.QueryUnescape(value)
		if nameErr != nil || valueErr != nil {
			return nil, refused("the query can't be read")
		}
		members = append(members, stringify(name)+":"+stringify(value))
	}
	return []byte("{" + strings.Join(members, ",") + "}"), nil
}

// stringify is JSON.stringify of a string. encoding/json escapes U+2028 and
// U+2029 as well, and can't be told not to.
func stringify(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range s {
		switch i := strings.IndexRune("\"\\\b\f\n\r\t", c); {
		case i >= 0:
			b.WriteString(`\` + `"\bfnrt`[i:i+1])
		case c < ' ':
			fmt.Fprintf(&b, `\u%04x`, c)
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
