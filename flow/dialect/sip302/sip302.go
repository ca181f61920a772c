// Package sip302 speaks to SBCs and proxies that ask by sending the call
// itself: an INVITE is answered with a redirection to the person, or with 404,
// on which they take their next route. It turns messages into calls and
// instructions into answers; it knows no connection and no transaction.
package sip302

import (
	"fmt"
	"strings"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dial"
	"github.com/ringthrough/ringthrough/flow/dialect/sipheader"
)

// Dialect is SIP, version 2.0. Nobody answers the call here, so the caller
// hears ringing until somebody picks up; nothing is reported back.
func Dialect() flow.Dialect {
	return flow.Dialect{Name: "sip302", OverSIP: true, BareIsE164: true, MaxBody: 64 << 10, Carries: carries, Decode: decode, Encode: encode}
}

// OptionAttestation names a header in which an SBC that has verified the
// Identity says how that went: a level in any spelling, or ;verstat=. Without
// it, the verstat of P-Asserted-Identity or From counts.
const OptionAttestation = "attestation_header"

func decode(r flow.Request, h *flow.Hook) (flow.Call, error) {
	m, err := sipheader.ReadMessage(r.Body)
	if err != nil {
		return flow.Call{Malformed: true}, fmt.Errorf("%w: %w", flow.ErrMalformed, err)
	}
	if m.Method != "INVITE" {
		return flow.Call{Malformed: true}, fmt.Errorf("%w: it is no INVITE", flow.ErrMalformed)
	}
	c := caller(m, called(m, h), h)
	if name := h.Options[OptionAttestation]; name != "" {
		c.Attestation = sipheader.Level(strings.Join(m.Headers.Values(name), ","), c, h.Reading)
	} else {
		c.Attestation = m.Headers.Attestation(c, h.Reading)
	}
	return c, nil
}

// called is the address that was dialled: of the request line, or of To where
// that one names no number.
func called(m sipheader.Message, h *flow.Hook) string {
	uri := sipheader.Address(m.URI)
	if h.Reading.Call(flow.Fields{DNIS: uri}).DNIS.IsZero() {
		if to := sipheader.Address(m.Line("To")); to != "" {
			return to
		}
	}
	return uri
}

// caller reads the call of whoever stands in From, or in P-Asserted-Identity
// where From gives no number. Privacy asks that people are not shown the
// number: it is not looked at here.
func caller(m sipheader.Message, dnis string, h *flow.Hook) flow.Call {
	f := flow.Fields{
		ANI: sipheader.Address(m.Line("From")), DNIS: dnis, CallID: m.Line("Call-Id"),
		Diverter: m.Headers.Diverter(),
	}
	c := h.Reading.Call(f)
	if !c.ANI.IsZero() {
		return c
	}
	for _, asserted := range m.Headers.Values("P-Asserted-Identity") {
		f.ANI = sipheader.Address(asserted)
		if a := h.Reading.Call(f); !a.ANI.IsZero() {
			return a
		}
	}
	return c
}

// carries takes whatever the hook's SIP template, or the address itself, makes
// a SIP URI of.
func carries(t flow.Target, h *flow.Hook) bool { return dial.SIPURI(t, h) != "" }

// encode says where to, or that nobody is found here. Contacts have their
// order in q (RFC 3261, 20.10). A refusal says no more than that: SBCs hand
// its headers on to the caller's side.
func encode(in flow.Instruction, h *flow.Hook) flow.Reply {
	if in.Act != flow.ActDirect || !carries(in.Target, h) {
		return reply(404, "Not Found")
	}
	contacts := []string{"Contact: <" + dial.SIPURI(in.Target, h) + ">;q=1.0"}
	if carries(in.Backup, h) {
		contacts = append(contacts, "Contact: <"+dial.SIPURI(in.Backup, h)+">;q=0.5")
	}
	return reply(302, "Moved Temporarily", contacts...)
}

// reply is the part of a response that is not copied from its request.
func reply(status int, reason string, headers ...string) flow.Reply {
	lines := append([]string{fmt.Sprintf("SIP/2.0 %d %s", status, reason)}, headers...)
	return flow.Reply{Status: status, ContentType: "message/sipfrag", Body: []byte(strings.Join(lines, "\r\n") + "\r\n")}
}
