package signin

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"
)

// mtls takes the word of the listener, which must be told to ask for client
// certificates and to verify them.
type mtls struct{ subjects []string }

func (m mtls) Verify(r *Request, now time.Time) error {
	if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 || len(r.TLS.VerifiedChains[0]) == 0 {
		return fmt.Errorf("%w: no client certificate that the listener verified", ErrMissing)
	}
	leaf := r.TLS.VerifiedChains[0][0]
	if len(m.subjects) > 0 && !slices.ContainsFunc(m.subjects, named(leaf)) {
		return refused("the certificate is of another subject")
	}
	// A connection, and a session resumed, may outlive its certificate.
	if now.Before(leaf.NotBefore) || now.After(leaf.NotAfter) {
		return fmt.Errorf("%w: the certificate's own dates", ErrStale)
	}
	return nil
}

// named tells whether a configured subject is the certificate's common name
// or one of its DNS names. Patterns are compared as they stand.
func named(leaf *x509.Certificate) func(string) bool {
	return func(subject string) bool {
		return subject == leaf.Subject.CommonName ||
			slices.ContainsFunc(leaf.DNSNames, func(name string) bool { return strings.EqualFold(name, subject) })
	}
}
