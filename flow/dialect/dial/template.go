package dial

import (
	"strings"

	"github.com/ringthrough/ringthrough/flow"
)

// SIPURI is how a proxy reaches t: a number or a user through the hook's SIP
// template, anything else where its address is a SIP URI itself. It is empty
// where there is no such way, or none that is safe to dial.
//
// A template is written for numbers. A user stands in the number's place, and
// ;user=phone, which would call that a number (RFC 3261, 19.1.1), is left out.
func SIPURI(t flow.Target, h *flow.Hook) string {
	uri := t.Address
	switch t.Kind {
	case flow.KindNumber:
		if !IsNumber(t.Address) {
			return ""
		}
		uri = strings.ReplaceAll(h.SIPTemplate, "{number}", t.Address)
	case flow.KindUser:
		name := UserName(t.Address)
		if name == "" {
			return ""
		}
		uri = strings.ReplaceAll(strings.ReplaceAll(h.SIPTemplate, ";user=phone", ""), "{number}", name)
	default: // the address is all there is
	}
	if !IsSIP(uri) {
		return ""
	}
	return uri
}
