package flow_test

import (
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/flow"
)

func TestReadAttestation(t *testing.T) {
	for _, tt := range []struct {
		name, given string
		want        flow.Attestation
	}{
		{"absent", "", flow.AttestationNone},
		{"blank", "  ", flow.AttestationNone},
		{"A", "A", flow.AttestationA},
		{"B", "B", flow.AttestationB},
		{"C", "C", flow.AttestationC},
		{"a small one", "b", flow.AttestationB},
		{"blanks around it", " A ", flow.AttestationA},
		{"quoted", `"A"`, flow.AttestationA},
		{"another letter", "D", flow.AttestationNone},
		{"verstat A", "TN-Validation-Passed-A", flow.AttestationA},
		{"verstat B", "TN-Validation-Passed-B", flow.AttestationB},
		{"verstat C", "TN-Validation-Passed-C", flow.AttestationC},
		{"passed without a level is C", "TN-Validation-Passed", flow.AttestationC},
		{"verstat in small letters", "tn-validation-passed-a", flow.AttestationA},
		{"the older word", "TN-Verification-Passed-B", flow.AttestationB},
		{"an unknown level", "TN-Validation-Passed-D", flow.AttestationNone},
		{"failed", "TN-Validation-Failed", flow.AttestationFailed},
		{"failed with a level", "TN-Validation-Failed-A", flow.AttestationFailed},
		{"the older word, failed", "TN-Verification-Failed", flow.AttestationFailed},
		{"failed, in short", "failed", flow.AttestationFailed},
		{"none", "none", flow.AttestationNone},
		{"no validation is no failure", "No-TN-Validation", flow.AttestationNone},
		{"a whole identity", "<sip:+16505550123@example.com;verstat=TN-Validation-Passed-A>", flow.AttestationA},
		{"a whole identity, and more behind", "<sip:+16505550123;verstat=TN-Validation-Passed-B;user=phone@example.com>", flow.AttestationB},
		{"a whole identity that failed", `"A" <tel:+16505550123;VERSTAT=TN-Validation-Failed>`, flow.AttestationFailed},
		{"a whole identity with the host behind", "sip:+16505550123;verstat=TN-Validation-Passed-A@example.com", flow.AttestationA},
		{"an identity without it", "<sip:+16505550123@example.com>", flow.AttestationNone},
		{"nothing behind it", "verstat=", flow.AttestationNone},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := flow.ReadAttestation(tt.given); got != tt.want {
				t.Errorf("%q: got %s, want %s", tt.given, got, tt.want)
			}
		})
	}
}

// Nothing is taken for a failure, or for a level, that doesn't say so.
func FuzzReadAttestation(f *testing.F) {
	for _, s := range []string{"A", "TN-Validation-Passed-B", "TN-Validation-Failed", "<sip:+1;verstat=TN-Validation-Passed-A>", "É"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, small := flow.ReadAttestation(s), strings.ToLower(s)
		if got == flow.AttestationFailed && !strings.Contains(small, "failed") {
			t.Errorf("%q is taken for a failure", s)
		}
		if got > flow.AttestationNone && !strings.Contains(small, "passed") && !strings.Contains(small, strings.ToLower(got.String())) {
			t.Errorf("%q is taken for %s", s, got)
		}
		if again := flow.ReadAttestation(got.String()); again != got {
			t.Errorf("%q is read as %s, which is read as %s", s, got, again)
		}
	})
}
