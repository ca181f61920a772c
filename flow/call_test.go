package flow_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

func TestReadingCall(t *testing.T) {
	london := ani.MustParse("+442079460000")
	for _, tt := range []struct {
		name    string
		reading flow.Reading
		fields  flow.Fields
		want    flow.Call
	}{
		{"everything", flow.Reading{}, flow.Fields{
			ANI: "+16505550123", DNIS: "+18005550100", CallID: "CA1", Attestation: "A", Diverter: "tel:+442079460000",
		}, flow.Call{ANI: caller, DNIS: dialled, ID: "CA1", Attestation: flow.AttestationA, Diverter: london}},
		{"nothing", flow.Reading{}, flow.Fields{}, flow.Call{ANIFault: ani.ErrMissing, DNISFault: ani.ErrMissing}},
		{"withheld and unreadable", flow.Reading{}, flow.Fields{ANI: "anonymous", DNIS: "12"}, flow.Call{ANIFault: ani.ErrWithheld, DNISFault: ani.ErrUnparseable}},
		{"national numbers in the hook's region", flow.Reading{Region: "GB"}, flow.Fields{ANI: "020 7946 0000", DNIS: "020 7946 0000"}, flow.Call{ANI: london, DNIS: london}},
		{"the request's region wins", flow.Reading{Region: "US"}, flow.Fields{ANI: "020 7946 0000", DNIS: "020 7946 0000", Region: "GB"}, flow.Call{ANI: london, DNIS: london}},
		{"else the called number's region", flow.Reading{}, flow.Fields{ANI: "020 7946 0000", DNIS: "+442079460000"}, flow.Call{ANI: london, DNIS: london}},
		{"bare digits are international", flow.Reading{Region: "US", BareIsE164: true}, flow.Fields{ANI: "442079460000", DNIS: "18005550100"}, flow.Call{ANI: london, DNIS: dialled}},
		{"a diverter that cannot be read is nobody", flow.Reading{}, flow.Fields{ANI: "+16505550123", DNIS: "+18005550100", Diverter: "anonymous"}, flow.Call{ANI: caller, DNIS: dialled}},
		{"an id that nobody filled in", flow.Reading{}, flow.Fields{ANI: "+16505550123", DNIS: "+18005550100", CallID: "${contact.id}"}, flow.Call{ANI: caller, DNIS: dialled}},
		{"an id of 128 bytes", flow.Reading{}, flow.Fields{ANI: "+16505550123", DNIS: "+18005550100", CallID: strings.Repeat("a", 128)}, flow.Call{ANI: caller, DNIS: dialled, ID: strings.Repeat("a", 128)}},
		{"an id of 129 bytes is none", flow.Reading{}, flow.Fields{ANI: "+16505550123", DNIS: "+18005550100", CallID: strings.Repeat("a", 129)}, flow.Call{ANI: caller, DNIS: dialled}},
		{"an id with a NUL in it is none", flow.Reading{}, flow.Fields{ANI: "+16505550123", DNIS: "+18005550100", CallID: "a\x00b"}, flow.Call{ANI: caller, DNIS: dialled}},
		{"an id that is not UTF-8 is none", flow.Reading{}, flow.Fields{ANI: "+16505550123", DNIS: "+18005550100", CallID: "a\xff"}, flow.Call{ANI: caller, DNIS: dialled}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.reading.Call(tt.fields), plain, cmpopts.EquateErrors()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
