package sipheader

import (
	"testing"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

func TestAttestation(t *testing.T) {
	tests := []struct {
		name    string
		headers Headers
		want    flow.Attestation
	}{
		{"in the user part", Headers{"p-asserted-identity": {"<sip:+16505550123;verstat=TN-Validation-Passed-A@h;user=phone>"}}, flow.AttestationA},
		{"behind the host", Headers{"P-Asserted-Identity": {`"Meta" <sip:+16505550123@h;verstat=TN-Validation-Passed-B>`}}, flow.AttestationB},
		{"behind the brackets", Headers{"P-ASSERTED-IDENTITY": {"<sip:+16505550123@h>;verstat=TN-Validation-Passed-C"}}, flow.AttestationC},
		{"without a level", Headers{"P-Asserted-Identity": {"<tel:+16505550123;verstat=TN-Validation-Passed>"}}, flow.AttestationC},
		{"in From", Headers{"From": {"<sip:+16505550123;verstat=TN-Validation-Passed-A@h>;tag=1"}}, flow.AttestationA},
		{"the asserted one wins over From", Headers{
			"From":                {"<sip:+16505550123;verstat=TN-Validation-Passed-A@h>;tag=1"},
			"P-Asserted-Identity": {"<sip:+16505550123;verstat=TN-Validation-Passed-C@h>"},
		}, flow.AttestationC},
		{"failed", Headers{"P-Asserted-Identity": {"<sip:+16505550123;verstat=TN-Validation-Failed@h>"}}, flow.AttestationFailed},
		{"failed wins over passed", Headers{"P-Asserted-Identity": {"<sip:+16505550123;verstat=TN-Validation-Passed-A@h>, <tel:+16505550123;verstat=TN-Validation-Failed-A>"}}, flow.AttestationFailed},
		{"the second of a line", Headers{"P-Asserted-Identity": {"<tel:+16505550123>,<sip:+16505550123;verstat=TN-Validation-Passed-A@h>"}}, flow.AttestationA},
		{"of another number", Headers{"P-Asserted-Identity": {"<sip:+442079460000;verstat=TN-Validation-Passed-A@h>"}}, flow.AttestationNone},
		{"the failure of another number", Headers{"P-Asserted-Identity": {"<sip:+442079460000;verstat=TN-Validation-Failed@h>"}}, flow.AttestationNone},
		{"not validated", Headers{"P-Asserted-Identity": {"<sip:+16505550123;verstat=No-TN-Validation@h>"}}, flow.AttestationNone},
		{"another header", Headers{"X-Verstat": {"<sip:+16505550123;verstat=TN-Validation-Passed-A@h>"}}, flow.AttestationNone},
		{"a comma in the display name", Headers{"P-Asserted-Identity": {`"Doe, Jane" <sip:+16505550123;verstat=TN-Validation-Passed-A@h>`}}, flow.AttestationA},
		{"none", nil, flow.AttestationNone},
	}
	call := flow.Call{ANI: ani.MustParse("+16505550123"), DNIS: ani.MustParse("+18005550100")}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.headers.Attestation(call, flow.Reading{}); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if got := tt.headers.Attestation(flow.Call{ANIFault: ani.ErrWithheld}, flow.Reading{}); got != flow.AttestationNone {
				t.Errorf("nobody is vouched for with %s", got)
			}
		})
	}
}

func TestDiverter(t *testing.T) {
	for value, want := range map[string]string{
		"": "", "<sip:+15125550123@h>;reason=unconditional": "<sip:+15125550123@h>;reason=unconditional",
		" <sip:+15125550123@h>, <sip:+442079460000@h>": "<sip:+15125550123@h>",
	} {
		if got := (Headers{"diversion": {value}}).Diverter(); got != want {
			t.Errorf("%q names %q, want %q", value, got, want)
		}
	}
	if got := (Headers{}).Diverter(); got != "" {
		t.Errorf("nobody is %q", got)
	}
}

// No header vouches for a number that stands in none of them.
func FuzzAttestation(f *testing.F) {
	f.Add("<sip:+16505550123;verstat=TN-Validation-Passed-A@h>", "<sip:x@h>")
	f.Add("verstat=", ",<>;verstat=TN-Validation-Failed")
	call := flow.Call{ANI: ani.MustParse("+16505550123")}
	f.Fuzz(func(t *testing.T, asserted, from string) {
		h := Headers{"P-Asserted-Identity": {asserted}, "From": {from}}
		if got := h.Attestation(call, flow.Reading{}); got != flow.AttestationNone && verstat(asserted) == "" && verstat(from) == "" {
			if !anyVerstat(h) {
				t.Fatalf("%s by %q and %q", got, asserted, from)
			}
		}
		h.Diverter()
	})
}

// anyVerstat reports whether a part of the headers has one.
func anyVerstat(h Headers) bool {
	for _, name := range []string{"P-Asserted-Identity", "From"} {
		for _, v := range h.Values(name) {
			if verstat(v) != "" {
				return true
			}
		}
	}
	return false
}
