package sipheader

import (
	"testing"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

func TestLevel(t *testing.T) {
	caller := flow.Call{ANI: ani.MustParse("+16505550123"), DNIS: ani.MustParse("+18005550100")}
	tests := []struct {
		name, text string
		want       flow.Attestation
	}{
		{"nothing", "", flow.AttestationNone},
		{"what Kamailio prints for nothing", "<null>", flow.AttestationNone},
		{"a letter", "B", flow.AttestationB},
		{"a verstat alone", "TN-Validation-Passed-A", flow.AttestationA},
		{"a parameter alone", ";verstat=TN-Validation-Failed", flow.AttestationFailed},
		{"a header of the caller's", "<sip:+16505550123;verstat=TN-Validation-Passed-A@carrier.example.com;user=phone>", flow.AttestationA},
		{"behind the host", `"Meta" <sip:+16505550123@carrier.example.com>;verstat=TN-Validation-Failed`, flow.AttestationFailed},
		{"a header of somebody else's", "<sip:+16505550199;verstat=TN-Validation-Passed-A@carrier.example.com>", flow.AttestationNone},
		{"a header of nobody's", "<sip:anonymous;verstat=TN-Validation-Passed-A@anonymous.invalid>", flow.AttestationNone},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Level(tt.text, caller, flow.Reading{}); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	if got := Level("<sip:+16505550123;verstat=TN-Validation-Passed-A@x>", flow.Call{}, flow.Reading{}); got != flow.AttestationNone {
		t.Errorf("a call without a caller has %s", got)
	}
}
