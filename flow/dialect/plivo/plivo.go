// Package plivo speaks Plivo XML. It knows no connection, no signature and no
// list.
package plivo

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dial"
	"github.com/ringthrough/ringthrough/flow/dialect/form"
)

// Dialect is Plivo's voice XML.
func Dialect() flow.Dialect {
	return flow.Dialect{
		Name: "plivo", SendsOn: true, BareIsE164: true,
		Carries: carries, Decode: decode, Encode: encode, Result: result, Whisper: whisper,
	}
}

// decode reads the request to the answer URL:
// https://www.plivo.com/docs/voice/xml/request/.
//
// Unverified: that the numbers come without +; either way they are read.
func decode(r flow.Request, h *flow.Hook) (flow.Call, error) {
	f, err := form.Read(r, "From", "To", "CallUUID", "Event", "CallStatus", "ForwardedFrom", "STIRVerification", "STIRAttestation")
	switch {
	case err != nil:
		return flow.Call{Malformed: true}, err
	case !asks(f):
		return flow.Call{}, flow.ErrNotACall
	case !f.Has("From", "To"):
		return flow.Call{Malformed: true}, fmt.Errorf("%w: the form has neither From nor To", flow.ErrMalformed)
	}
	return h.Reading.Call(flow.Fields{
		ANI: f["From"], DNIS: f["To"], CallID: f["CallUUID"], Diverter: f["ForwardedFrom"],
		Attestation: attestation(f, h),
	}), nil
}

// asks reports whether XML is wanted. Hangup and ring URLs are told of a
// call, and ask nothing. Events beside StartApp ask too: a flow that has
// answered can redirect here.
func asks(f form.Fields) bool {
	over := slices.Contains([]string{"completed", "busy", "failed", "timeout", "no-answer", "cancel"}, f["CallStatus"])
	return !over && f["Event"] != "Hangup" && f["Event"] != "Ring"
}

// attestation is the level in a spelling that flow reads. A Verified without
// a level counts as TN-Validation-Passed without one.
//
// Unverified: both names, and what Not Verified means. Plivo's page on
// STIR/SHAKEN (https://www.plivo.com/docs/voice/concepts/stir-shaken) has it
// stand for B, C and unsigned calls, too: a hook's option not_verified: none
// takes it as that.
func attestation(f form.Fields, h *flow.Hook) string {
	level := strings.ToUpper(f["STIRAttestation"])
	switch strings.ToLower(f["STIRVerification"]) {
	case "verified":
		if level == "A" || level == "B" || level == "C" {
			return level
		}
		return "TN-Validation-Passed"
	case "not verified":
		if h.Options["not_verified"] != "none" {
			return "failed"
		}
	}
	return ""
}

// carries takes a user only by the SIP URI of its endpoint, such as
// sip:dana123@phone.plivo.com. Queues and mailboxes Plivo has none.
func carries(t flow.Target, _ *flow.Hook) bool {
	switch t.Kind {
	case flow.KindNumber:
		return dial.IsNumber(t.Address)
	case flow.KindSIP, flow.KindUser:
		return dial.IsSIP(t.Address)
	default:
		return false
	}
}
