package flow

import (
	"strings"

	"github.com/ringthrough/ringthrough/ani"
)

// Attestation is how far the carrier vouches for the ANI.
type Attestation = ani.Attestation

// The attestations, worst first.
const (
	AttestationFailed = ani.AttestationFailed
	AttestationNone   = ani.AttestationNone
	AttestationC      = ani.AttestationC
	AttestationB      = ani.AttestationB
	AttestationA      = ani.AttestationA
)

// ReadAttestation reads a level in any spelling that carriers and platforms
// use: A, TN-Validation-Passed-A, a whole P-Asserted-Identity with ;verstat=.
// "Passed" without a level counts as C. What it doesn't know is none: absence
// is never a failure.
//
// The spellings are those of ATIS-1000074 (verstat) as the platforms send
// them; Bandwidth's older TN-Verification-… is the same.
func ReadAttestation(s string) Attestation {
	if s == "" {
		return AttestationNone
	}
	v := strings.ToLower(s)
	if _, verstat, ok := strings.Cut(v, "verstat="); ok {
		v = verstat
		if end := strings.IndexAny(v, ";@>"); end >= 0 { // it may stand in the user part of a SIP URI
			v = v[:end]
		}
	}
	v = strings.Trim(v, " \t\"<>")
	v = strings.Replace(v, "tn-verification-", "tn-validation-", 1)
	switch {
	case v == "failed" || strings.HasPrefix(v, "tn-validation-failed"):
		return AttestationFailed
	case v == "a" || v == "tn-validation-passed-a":
		return AttestationA
	case v == "b" || v == "tn-validation-passed-b":
		return AttestationB
	case v == "c" || v == "tn-validation-passed-c" || v == "tn-validation-passed":
		return AttestationC
	default:
		return AttestationNone
	}
}
