package freeswitch

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dial"
)

var (
	// plain is a gateway, profile, domain or context.
	plain = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)

	extension = regexp.MustCompile(`^[A-Za-z0-9_.+*#-]{1,64}$`)

	// placed is an extension with or without its dialplan and context, as the
	// application transfer takes them.
	placed = regexp.MustCompile(`^[A-Za-z0-9_.+*#-]{1,64}( XML [A-Za-z0-9_.-]{1,64})?$`)

	// centre is a queue of mod_callcenter. A blank would end its name.
	centre = regexp.MustCompile(`^[A-Za-z0-9_.+-]{1,64}@[A-Za-z0-9_.-]{1,64}$`)
)

// dialString is what the application bridge takes for t, empty where there
// is nothing safe to dial.
//
// In dial strings , | { } [ ] < > $ ^ and :_: have a meaning, and in sofia's
// % as well.
// https://developer.signalwire.com/freeswitch/FreeSWITCH-Explained/Modules/mod-dptools/6586602/
func dialString(t flow.Target, h *flow.Hook) string {
	switch t.Kind {
	case flow.KindNumber:
		if gateway := h.FreeSWITCH.Gateway; gateway != "" {
			if !dial.IsNumber(t.Address) || !plain.MatchString(gateway) {
				return ""
			}
			return "sofia/gateway/" + gateway + "/" + t.Address
		}
		return sofia(dial.SIPURI(t, h), h)
	case flow.KindSIP:
		return sofia(dial.SIPURI(t, h), h)
	case flow.KindUser:
		return user(t.Address, h)
	default:
		return ""
	}
}

func sofia(uri string, h *flow.Hook) string {
	profile := cmp.Or(h.FreeSWITCH.Profile, "external")
	if uri == "" || !plain.MatchString(profile) || strings.Contains(uri, "%") || strings.Contains(uri, ":_:") {
		return ""
	}
	return "sofia/" + profile + "/" + uri
}

// user without a domain is one of the switch's own default domain.
func user(address string, h *flow.Hook) string {
	if domain := h.FreeSWITCH.Domain; domain != "" && !strings.Contains(address, "@") {
		address += "@" + domain
	}
	if !dial.IsUser(address) {
		return ""
	}
	return "user/" + address
}

// mailbox is the domain of mailboxes, empty where t is none that the hook can
// reach.
func mailbox(t flow.Target, h *flow.Hook) string {
	if t.Kind != flow.KindMailbox || !extension.MatchString(t.Address) || !plain.MatchString(h.FreeSWITCH.Domain) {
		return ""
	}
	return h.FreeSWITCH.Domain
}
