package signin

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ringthrough/ringthrough/ani"
)

// Bounds of a configuration.
const (
	maxSecrets   = 8
	maxSecretLen = 1024
)

// scheme is one way to sign in.
type scheme struct {
	signs    bool   // every request, so reports of results too
	key      keying // nil: it takes no secrets
	verifier func(c Config, keys [][]byte) Verifier
}

var schemes = map[string]scheme{
	"basic": {false, text, func(c Config, keys [][]byte) Verifier {
		return basic{user: c.User, passwords: keys}
	}},
	"twilio": {true, text, func(c Config, keys [][]byte) Verifier {
		return twilio{keys: keys, late: c.AllowLateParams}
	}},
	"signalwire": {true, text, func(_ Config, keys [][]byte) Verifier { return signalwire{keys} }},
	"telnyx":     {true, publicKey, func(_ Config, keys [][]byte) Verifier { return telnyx{keys} }},
	"plivo":      {true, text, func(_ Config, keys [][]byte) Verifier { return &plivo{keys: keys} }},
	"vonage":     {true, text, func(_ Config, keys [][]byte) Verifier { return &vonage{keys: keys} }},
	"jambonz":    {true, text, func(_ Config, keys [][]byte) Verifier { return jambonz{keys} }},
	"sinch":      {true, sinchSecret, newSinch},
	"standard-webhooks": {true, webhookSecret, func(_ Config, keys [][]byte) Verifier {
		return newStandard(keys)
	}},
	"mtls": {false, nil, func(c Config, _ [][]byte) Verifier { return mtls{c.Subjects} }},
	"none": {false, nil, func(Config, [][]byte) Verifier { return open{} }},
}

func unknownScheme(name string) string {
	if name == "token" || name == "" {
		return `"token" is the server's own to verify and has no place here`
	}
	return "is none of " + strings.Join(slices.Sorted(maps.Keys(schemes)), ", ") + " and token"
}

// keys are the secrets of c as the scheme uses them.
func (c Config) keys(s scheme, p *ani.Problems) [][]byte {
	switch {
	case s.key == nil && len(c.Secrets) > 0:
		p.Add("secrets", "is of no use to scheme "+c.Scheme+": leave it out")
		return nil
	case s.key != nil && len(c.Secrets) == 0:
		p.Add("secrets", "is missing: scheme "+c.Scheme+" needs at least one")
	case len(c.Secrets) > maxSecrets:
		p.Add("secrets", fmt.Sprintf("are too many: at most %d, two while one is being changed", maxSecrets))
		return nil
	}
	keys := make([][]byte, len(c.Secrets))
	for i, secret := range c.Secrets {
		key, wrong := readSecret(secret, s.key)
		if wrong != "" {
			p.Add(fmt.Sprintf("secrets[%d]", i), wrong)
		}
		keys[i] = key
	}
	return keys
}

func readSecret(secret string, key keying) (_ []byte, wrong string) {
	switch {
	case secret == "":
		return nil, "is empty"
	case len(secret) > maxSecretLen:
		return nil, fmt.Sprintf("is too long: at most %d bytes", maxSecretLen)
	case strings.TrimSpace(secret) != secret:
		return nil, "has blanks or a line end around it: take them off"
	}
	return key(secret)
}

// strays finds settings that belong to another scheme, and the one of its own
// that sinch can't do without.
func (c Config) strays(p *ani.Problems) {
	stray := func(field, owner string, set bool) {
		if set && c.Scheme != owner {
			p.Add(field, "belongs to scheme "+owner+" only: leave it out")
		}
	}
	stray("key", "sinch", c.Key != "")
	stray("user", "basic", c.User != "")
	stray("subjects", "mtls", len(c.Subjects) > 0)
	stray("allow_late_params", "twilio", c.AllowLateParams)
	if strings.Contains(c.User, ":") {
		p.Add("user", "can't have a colon in it: Basic has the password behind the first one")
	}
	if slices.Contains(c.Subjects, "") {
		p.Add("subjects", "has an empty name in it: a certificate without a name would fit")
	}
	if c.Scheme == "sinch" && (c.Key == "" || strings.ContainsAny(c.Key, ": \t\r\n")) {
		p.Add("key", "must be the application key of the Sinch dashboard, without blanks and colons")
	}
}
