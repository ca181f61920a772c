package signin

import (
	"crypto/ed25519"
	"encoding/base64"
	"strings"
)

// keying makes the key of a secret as it is configured, or says what would
// be right.
type keying func(secret string) (key []byte, wrong string)

func text(secret string) ([]byte, string) { return []byte(secret), "" }

func publicKey(secret string) ([]byte, string) {
	key, err := base64.StdEncoding.Strict().DecodeString(secret)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, "must be the public key of the Telnyx account: 32 bytes in base64"
	}
	return key, ""
}

func sinchSecret(secret string) ([]byte, string) {
	key, err := base64.StdEncoding.DecodeString(secret)
	if err != nil || len(key) == 0 {
		return nil, "must be the application secret of the Sinch dashboard, which is base64"
	}
	return key, ""
}

// https://github.com/standard-webhooks/standard-webhooks: whsec_ before the
// base64 of the key.
func webhookSecret(secret string) ([]byte, string) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || len(key) == 0 {
		return nil, "must be whsec_ and the base64 of a key"
	}
	return key, ""
}
