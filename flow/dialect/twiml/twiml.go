// Package twiml speaks TwiML with Twilio, and with those who took it over:
// SignalWire, who calls it cXML, and Telnyx, who calls it TeXML. It knows no
// connection, no signature and no list.
package twiml

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dial"
	"github.com/ringthrough/ringthrough/flow/dialect/form"
)

// Dialect is TwiML for voice. A hook's option vendor says whose: twilio
// (default), signalwire or telnyx.
func Dialect() flow.Dialect {
	return flow.Dialect{
		Name: "twiml", SendsOn: true, Carries: carries, Decode: decode, Encode: encode, Result: result, Whisper: whisper,
	}
}

// vendor is whose TwiML it is. They differ in users and in attestation. One
// that is none of these has neither: nothing is known of it.
type vendor string

const (
	twilio     vendor = "twilio"
	signalwire vendor = "signalwire"
	telnyx     vendor = "telnyx"
)

func vendorOf(h *flow.Hook) vendor {
	v := vendor(strings.ToLower(h.Options["vendor"]))
	if v == "" {
		return twilio
	}
	return v
}

// decode reads the request for a call's first document.
//
//   - https://www.twilio.com/docs/voice/twiml#request-parameters
//   - https://developer.signalwire.com/compatibility-api/cxml/
//   - https://developers.telnyx.com/docs/voice/programmable-voice/texml-fundamentals
//
// CallerName and, at Telnyx, CallerId are names for a display, and never read.
func decode(r flow.Request, h *flow.Hook) (flow.Call, error) {
	f, err := form.Read(r, "From", "To", "CallSid", "CallStatus", "ForwardedFrom",
		"StirVerstat", "ShakenStirAttestation", "ShakenStirValidated")
	switch {
	case err != nil:
		return flow.Call{Malformed: true}, err
	case isOver(f["CallStatus"]):
		return flow.Call{}, flow.ErrNotACall
	case !f.Has("From", "To"):
		return flow.Call{Malformed: true}, fmt.Errorf("%w: the form has neither From nor To", flow.ErrMalformed)
	}
	return h.Reading.Call(flow.Fields{
		ANI: f["From"], DNIS: f["To"], CallID: f["CallSid"], Diverter: f["ForwardedFrom"],
		Attestation: attestation(f, vendorOf(h)),
	}), nil
}

// isOver reports whether the call has ended: that is a status callback, which
// asks nothing. Other states may come with a question: a flow that has
// answered can redirect here.
func isOver(callStatus string) bool {
	return slices.Contains([]string{"completed", "busy", "failed", "no-answer", "canceled"}, callStatus)
}

// attestation is the level in a spelling that flow reads. SignalWire gives
// none.
//
// Unverified: that Telnyx's first request has its two fields, and that a
// level which wasn't validated is a failure. A level of which nothing is said
// is none.
func attestation(f form.Fields, v vendor) string {
	if v == twilio {
		return f["StirVerstat"]
	}
	level := f["ShakenStirAttestation"]
	validated, err := strconv.ParseBool(f["ShakenStirValidated"])
	switch {
	case v != telnyx || level == "" || err != nil:
		return ""
	case !validated:
		return "failed"
	default:
		return level
	}
}

// maxQueueName is in characters: https://www.twilio.com/docs/voice/twiml/enqueue.
const maxQueueName = 64

var (
	// workflowSID is a workflow of Twilio's TaskRouter.
	workflowSID = regexp.MustCompile(`^WW[0-9a-fA-F]{32}$`)

	queueName = regexp.MustCompile(`^[A-Za-z0-9+_.:@/;=~%-]+( [A-Za-z0-9+_.:@/;=~%-]+)*$`)

	// clientName leaves out the delimiters that
	// https://www.twilio.com/docs/voice/twiml/client forbids.
	clientName = regexp.MustCompile(`^[A-Za-z0-9_.@+=~-]{1,256}$`)

	// vertoName is as https://developer.signalwire.com/compatibility-api/cxml/voice/verto-noun has it.
	vertoName = regexp.MustCompile(`^[A-Za-z0-9_.+~-]+@[A-Za-z0-9.-]+\.verto\.signalwire\.com$`)
)

// carries leaves out mailboxes, which none of the vendors has.
func carries(t flow.Target, h *flow.Hook) bool {
	switch t.Kind {
	case flow.KindNumber:
		return dial.IsNumber(t.Address)
	case flow.KindSIP:
		return dial.IsSIP(t.Address)
	case flow.KindQueue:
		return queueName.MatchString(t.Address) && utf8.RuneCountInString(t.Address) <= maxQueueName
	case flow.KindUser:
		v := vendorOf(h)
		return v == twilio && clientName.MatchString(t.Address) || v == signalwire && vertoName.MatchString(t.Address)
	default:
		return false
	}
}
