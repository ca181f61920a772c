package signin_test

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/ringthrough/ringthrough/flow/server/signin"
)

func TestVonageTokens(t *testing.T) {
	const secret = "vonage-signature-secret-of-32-bytes-or-more"
	const body = `{"from":"16505550123"}`
	hash := hex.EncodeToString(sum256(body))
	whole := func() jwt.MapClaims { return jwt.MapClaims{"iat": now, "jti": "1", "payload_hash": hash} }
	but := func(claim string, value any) jwt.MapClaims {
		c := whole()
		if c[claim] = value; value == nil {
			delete(c, claim)
		}
		return c
	}
	for _, c := range []struct {
		name   string
		method jwt.SigningMethod
		key    any
		claims jwt.MapClaims
		want   error
	}{
		{"whole", jwt.SigningMethodHS256, []byte(secret), whole(), nil},
		{"hash in capitals", jwt.SigningMethodHS256, []byte(secret), but("payload_hash", strings.ToUpper(hash)), nil},
		{"not expired", jwt.SigningMethodHS256, []byte(secret), but("exp", now+1), nil},
		{"expired", jwt.SigningMethodHS256, []byte(secret), but("exp", now-301), signin.ErrStale},
		{"not valid yet", jwt.SigningMethodHS256, []byte(secret), but("nbf", now+301), signin.ErrStale},
		{"no payload_hash", jwt.SigningMethodHS256, []byte(secret), but("payload_hash", nil), signin.ErrRefused},
		{"no iat", jwt.SigningMethodHS256, []byte(secret), but("iat", nil), signin.ErrRefused},
		{"no jti", jwt.SigningMethodHS256, []byte(secret), but("jti", nil), signin.ErrRefused},
		{"jti is a number", jwt.SigningMethodHS256, []byte(secret), but("jti", 7), signin.ErrRefused},
		{"hash of another body", jwt.SigningMethodHS256, []byte(secret), but("payload_hash", hex.EncodeToString(sum256("x"))), signin.ErrRefused},
		{"a longer hash", jwt.SigningMethodHS512, []byte(secret), whole(), signin.ErrRefused},
		{"not signed", jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, whole(), signin.ErrRefused},
		{"another key", jwt.SigningMethodHS256, []byte("x" + secret), whole(), signin.ErrRefused},
	} {
		t.Run(c.name, func(t *testing.T) {
			token, err := jwt.NewWithClaims(c.method, c.claims).SignedString(c.key)
			if err != nil {
				t.Fatal(err)
			}
			s := sample{Scheme: "vonage", Secrets: []string{secret}, Method: "POST", URL: "https://route.example.com/x", Body: body, Now: now}
			if err := s.with("Authorization", "Bearer "+token).verify(t); !errors.Is(err, c.want) {
				t.Errorf("Verify: %v, want %v", err, c.want)
			}
		})
	}
}

func TestVonageQuery(t *testing.T) {
	const secret = "vonage-signature-secret-of-32-bytes-or-more"
	for _, c := range []struct{ name, query, hashed string }{
		{"no query", "", "{}"},
		{"in its own order", "?to=2&from=1", `{"to":"2","from":"1"}`},
		{"decoded", "?from=%2B1650&name=a+b", `{"from":"+1650","name":"a b"}`},
		{"escaped as JSON.stringify does", "?q=%22%5C%0A%01%3C%26%E2%80%A8", `{"q":"\"\\\n\u0001<&` + "\u2028" + `"}`},
		{"without a value", "?a&b=", `{"a":"","b":""}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			claims := jwt.MapClaims{"iat": now, "jti": "1", "payload_hash": hex.EncodeToString(sum256(c.hashed))}
			token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(secret))
			if err != nil {
				t.Fatal(err)
			}
			s := sample{Scheme: "vonage", Secrets: []string{secret}, Method: "GET", URL: "https://route.example.com/x" + c.query, Now: now}
			if err := s.with("Authorization", "Bearer "+token).verify(t); err != nil {
				t.Errorf("Verify: %v", err)
			}
		})
	}
}
