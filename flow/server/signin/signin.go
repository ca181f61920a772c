// Package signin is how the callers of a hook prove themselves: the signature
// schemes of the IVR platforms, passwords and client certificates. It reads
// nothing and writes nothing; it refuses to know what a request asks and what
// is answered to one that is turned away. Lookup tokens are not its business:
// the server has those.
package signin

import (
	"crypto/tls"
	"errors"
	"net/http"
	"time"

	"github.com/ringthrough/ringthrough/ani"
)

// Request is one request as it came over the wire.
type Request struct {
	Method string
	URL    string               // the hook's public_url and, where there is one, "?" with the query as received; never made of Host
	Header http.Header          // keys in canonical form, as net/http has them
	Body   []byte               // raw, whole
	TLS    *tls.ConnectionState // nil without TLS
}

// Verifier tells whether whoever sent a request holds a secret of the hook.
// It may be used by many goroutines.
type Verifier interface {
	// Verify gives nil for a request that is signed in, else an error that
	// wraps one of the package's sentinels. now is the clock that timestamps
	// are judged by. The schemes that carry something unique remember what
	// they let in, so a second Verify of the same request is ErrReplayed.
	Verify(r *Request, now time.Time) error
}

// LateVerifier is a Verifier that can overlook parameters which the platform
// added after it had signed. Its Verify overlooks none.
type LateVerifier interface {
	Verifier
	// VerifyLate is Verify with a second try. attested is false where the
	// platform's word about the caller's number was not among what was
	// signed: it counts as none then, whatever the request says.
	VerifyLate(r *Request, now time.Time) (attested bool, err error)
}

// Check signs r in by v as far as v is configured to go: what a server calls.
// attested is as for LateVerifier, and true for every other Verifier that
// lets r in.
func Check(v Verifier, r *Request, now time.Time) (attested bool, err error) {
	if late, ok := v.(LateVerifier); ok {
		return late.VerifyLate(r, now)
	}
	err = v.Verify(r, now)
	return err == nil, err
}

// Why a request is turned away. None of their texts, nor of the errors that
// wrap them, says what would have been accepted.
var (
	ErrMissing  = errors.New("no credentials")           // nothing to judge by
	ErrRefused  = errors.New("credentials refused")      // no secret fits, or they can't be read
	ErrStale    = errors.New("credentials out of date")  // a secret fits, the clock doesn't: see Tolerance
	ErrReplayed = errors.New("credentials used already") // by a request that was let in
)

// Tolerance is how far the timestamp of a request may be from our clock,
// before or behind.
const Tolerance = 5 * time.Minute

// Config says how the callers of one hook prove themselves.
type Config struct {
	Scheme  string   // a word of design §6 other than "token"
	Secrets []string // any may fit, at most 8; for telnyx public keys; none for mtls and none
	Key     string   // application key; sinch only
	User    string   // user name; basic only; empty: any

	// Subjects are the common names or DNS names of the certificates that
	// mtls accepts. Empty: any that the listener has verified.
	Subjects []string

	// AllowLateParams lets twilio try once more without CallToken and
	// StirVerstat, which it may add after signing; see LateVerifier.
	AllowLateParams bool
}

// New is the Verifier of c. Its errors are ani.Problems that name the setting
// (scheme, secrets, key, user, subjects, allow_late_params) and hold no secret.
func New(c Config) (Verifier, error) {
	var p ani.Problems
	s, known := schemes[c.Scheme]
	if !known {
		p.Add("scheme", unknownScheme(c.Scheme))
		return nil, p
	}
	keys := c.keys(s, &p)
	c.strays(&p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	return s.verifier(c, keys), nil
}

// Signed tells whether the scheme signs every request of the platform, so
// that reports of results come signed as well.
func Signed(scheme string) bool { return schemes[scheme].signs }
