package switchboard

import (
	"crypto/sha256"
	"time"

	"github.com/ringthrough/ringthrough/flow/store"
)

// tokens lets bearers in, by the SHA-256 of their secret: what a guesser
// could learn from how long a look-up takes is nothing about a secret.
type tokens struct {
	byHash map[[sha256.Size]byte]store.Token
	byID   map[string]store.Token
}

// Bearer is whose token secret is, as long as it is valid.
func (sb *Switchboard) Bearer(secret []byte) (store.Token, bool) {
	t, ok := sb.tokens.Load().byHash[sha256.Sum256(secret)]
	if !ok || !t.ExpiresAt.IsZero() && !sb.now().Before(t.ExpiresAt) {
		return store.Token{}, false
	}
	return t, true
}

// TokenValid reports whether the token id still lets its bearer in.
func (sb *Switchboard) TokenValid(id string, now time.Time) (store.Token, bool) {
	t, ok := sb.tokens.Load().byID[id]
	return t, ok && (t.ExpiresAt.IsZero() || now.Before(t.ExpiresAt))
}

// Tokens lists them all, expired ones too, in no particular order. Who made
// them, and when, the store alone knows.
func (sb *Switchboard) Tokens() []store.Token {
	var all []store.Token
	for _, t := range sb.tokens.Load().byID {
		all = append(all, t)
	}
	return all
}

func (sb *Switchboard) setTokens(all []store.Token) {
	t := tokens{make(map[[sha256.Size]byte]store.Token, len(all)), make(map[string]store.Token, len(all))}
	for _, token := range all {
		t.byHash[token.Hash], t.byID[token.ID] = token, token
	}
	sb.tokens.Store(&t)
}
