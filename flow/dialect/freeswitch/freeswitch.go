// Package freeswitch speaks to FreeSWITCH's mod_xml_curl, which asks for a
// call's dialplan, and to its mod_httapi. It knows no connection and no
// dialplan but the extension that it writes.
package freeswitch

import (
	"bytes"
	"fmt"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/form"
)

// Dialect is mod_xml_curl, or mod_httapi where the hook's option module says
// so: the answers differ. Neither reports how a call ended.
func Dialect() flow.Dialect {
	return flow.Dialect{
		Name:    "freeswitch",
		MaxBody: 128 << 10, // every variable of the channel is in it
		Carries: carries, Decode: decode, Encode: encode,
	}
}

// isHTTAPI reports which module asks on h: the option module is xml_curl
// (default) or httapi.
func isHTTAPI(h *flow.Hook) bool { return h.Options["module"] == "httapi" }

// asked is a channel variable that our own dialplan sets before it sends the
// call on to an extension: FreeSWITCH asks about that one too.
const asked = "ringthrough_lookup_id"

// The fields of a request, in the order in which they win. A caller profile
// has the prefix Hunt- while a dialplan is looked for, and else Caller-.
//
//   - https://developer.signalwire.com/freeswitch/FreeSWITCH-Explained/Modules/mod_xml_curl_1049001/
//   - https://developer.signalwire.com/freeswitch/FreeSWITCH-Explained/Modules/mod_httapi_3966423/
var (
	callers     = []string{"Hunt-Caller-ID-Number", "Caller-Caller-ID-Number", "variable_sip_from_user"}
	called      = []string{"Hunt-Destination-Number", "Caller-Destination-Number"}
	ids         = []string{"Hunt-Unique-ID", "Caller-Unique-ID", "Unique-ID", "session_id"}
	diverters   = []string{"Hunt-RDNIS", "Caller-RDNIS"}
	attestation = []string{"variable_sip_verstat_detailed", "variable_sip_verstat"}
)

func decode(r flow.Request, h *flow.Hook) (flow.Call, error) {
	names := []string{"section", "session_id", "exiting", "variable_" + asked}
	for _, more := range [][]string{callers, called, ids, diverters, attestation} {
		names = append(names, more...)
	}
	r.Body = bytes.TrimSpace(r.Body) // some versions end it with a newline
	f, err := form.Read(r, names...)
	if err != nil {
		return flow.Call{Malformed: true}, err
	}
	if err := question(f, h); err != nil {
		return flow.Call{}, err
	}
	return h.Reading.Call(flow.Fields{
		ANI: first(f, callers), DNIS: first(f, called), CallID: first(f, ids),
		Diverter: first(f, diverters), Attestation: first(f, attestation),
	}), nil
}

// question tells what is no question: the directory or a configuration, the
// last request of a session, an extension that we sent the call to ourselves.
func question(f form.Fields, h *flow.Hook) error {
	section := f["section"]
	switch {
	case section == "" && !f.Has("session_id"):
		return fmt.Errorf("%w: the form has neither section nor session_id", flow.ErrMalformed)
	case isHTTAPI(h) != (section == ""):
		return fmt.Errorf("%w: the other module asks: set the hook's option module to httapi or xml_curl", flow.ErrMalformed)
	case section != "" && section != "dialplan", f["exiting"] == "true", f["variable_"+asked] != "":
		return flow.ErrNotACall
	case !f.Has(callers...) && !f.Has(called...):
		return fmt.Errorf("%w: the form has no caller profile", flow.ErrMalformed)
	default:
		return nil
	}
}

// first is the field of names that isn't empty, the winning one first.
func first(f form.Fields, names []string) string {
	for _, name := range names {
		if f[name] != "" {
			return f[name]
		}
	}
	return ""
}

func carries(t flow.Target, h *flow.Hook) bool {
	if isHTTAPI(h) {
		return len(work(t, h)) > 0
	}
	return len(actionsFor(t, h)) > 0
}

func encode(in flow.Instruction, h *flow.Hook) flow.Reply {
	if isHTTAPI(h) {
		return httapi(in, h)
	}
	return dialplan(in, h)
}
