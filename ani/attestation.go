package ani

import "fmt"

// Attestation is how far the carrier vouches for a caller's number: STIR's
// levels (RFC 8588), plus none and failed. Greater is better, so levels
// compare with < and >=. The zero value is none: nobody said anything.
type Attestation int8

// The attestations, worst first.
const (
	AttestationFailed Attestation = iota - 1 // a signature was there and did not verify
	AttestationNone                          // nothing was said; most calls from abroad
	AttestationC                             // gateway: the carrier knows only where the call came in
	AttestationB                             // partial: the carrier knows the customer, not the number
	AttestationA                             // full: the customer may use the number
)

// String is "failed", "none", "C", "B" or "A".
func (a Attestation) String() string {
	switch a {
	case AttestationFailed:
		return "failed"
	case AttestationC:
		return "C"
	case AttestationB:
		return "B"
	case AttestationA:
		return "A"
	default:
		return "none"
	}
}

// MarshalText writes String.
func (a Attestation) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what String writes; an empty text is none. What
// platforms send is read by flow.ReadAttestation instead.
func (a *Attestation) UnmarshalText(b []byte) error {
	for _, v := range []Attestation{AttestationFailed, AttestationNone, AttestationC, AttestationB, AttestationA} {
		if string(b) == v.String() {
			*a = v
			return nil
		}
	}
	if len(b) == 0 {
		*a = AttestationNone
		return nil
	}
	return fmt.Errorf("%q is no attestation: use none, C, B or A", b)
}
