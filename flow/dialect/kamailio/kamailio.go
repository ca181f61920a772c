// Package kamailio speaks to a Kamailio that asks with http_client_query()
// and routes by the answer with its rtjson module. It knows no connection;
// the script that asks is deploy/kamailio/kamailio.cfg.
package kamailio

import (
	"bytes"
	"fmt"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dial"
	"github.com/ringthrough/ringthrough/flow/dialect/form"
	"github.com/ringthrough/ringthrough/flow/dialect/jsontext"
	"github.com/ringthrough/ringthrough/flow/dialect/sipheader"
)

// Dialect is rtjson, version 1.0. A proxy never answers a call, so that the
// caller hears ringing until somebody picks up; it reports nothing.
func Dialect() flow.Dialect {
	return flow.Dialect{Name: "kamailio", BareIsE164: true, Carries: carries, Decode: decode, Encode: encode}
}

// question is what the script says of an INVITE.
type question struct {
	ANI         jsontext.Text `json:"ani"`
	DNIS        jsontext.Text `json:"dnis"`
	CallID      jsontext.Text `json:"call_id"`
	Attestation jsontext.Text `json:"attestation"` // a level, or the whole P-Asserted-Identity
	Diversion   jsontext.Text `json:"diversion"`   // the header as it is
}

func decode(r flow.Request, h *flow.Hook) (flow.Call, error) {
	q, err := read(r)
	if err != nil {
		return flow.Call{Malformed: true}, err
	}
	if q.ANI == "" && q.DNIS == "" {
		return flow.Call{Malformed: true}, fmt.Errorf("%w: there is neither ani nor dnis", flow.ErrMalformed)
	}
	c := h.Reading.Call(flow.Fields{
		ANI: string(q.ANI), DNIS: string(q.DNIS), CallID: string(q.CallID),
		Diverter: sipheader.Headers{"Diversion": {string(q.Diversion)}}.Diverter(),
	})
	c.Attestation = sipheader.Level(string(q.Attestation), c, h.Reading)
	return c, nil
}

// read takes JSON or a form. Pseudo-variables hold whatever the caller's SIP
// did, and a script can escape that for a form, {s.urlencode.param}, but not
// for JSON: {s.escape.common} writes \'.
func read(r flow.Request) (question, error) {
	var q question
	if body := bytes.TrimSpace(r.Body); len(body) > 0 && body[0] == '{' {
		return q, jsontext.Read(body, &q)
	}
	f, err := form.Read(r, "ani", "dnis", "call_id", "attestation", "diversion")
	if err != nil {
		return q, err
	}
	return question{
		ANI: jsontext.Text(f["ani"]), DNIS: jsontext.Text(f["dnis"]), CallID: jsontext.Text(f["call_id"]),
		Attestation: jsontext.Text(f["attestation"]), Diversion: jsontext.Text(f["diversion"]),
	}, nil
}

// carries takes whatever the hook's SIP template, or the address itself, makes
// a SIP URI of.
func carries(t flow.Target, h *flow.Hook) bool { return dial.SIPURI(t, h) != "" }

// answer is what rtjson reads, and the keys that the script looks at before:
// with no routes rtjson would log an error for every caller.
// https://www.kamailio.org/docs/modules/5.6.x/modules/rtjson.html
type answer struct {
	Version  string     `json:"version"`
	Routing  string     `json:"routing"`
	Routes   []hop      `json:"routes"`
	Route    flow.Route `json:"route"`
	Reason   string     `json:"reason"`
	LookupID string     `json:"lookup_id"`
}

type hop struct {
	URI string `json:"uri"`
	// RingFor is in milliseconds. It applies through rtjson_update_branch(),
	// and stays with the transaction: so the backup, which has none of its own,
	// rings as long.
	RingFor int `json:"fr_inv_timer,omitempty"`
}

// encode never needs the continue URL: the script itself knows its IVR.
func encode(in flow.Instruction, h *flow.Hook) flow.Reply {
	a := answer{
		Version: "1.0", Routing: "serial", Routes: []hop{}, Route: flow.Continue,
		Reason: string(in.Decision.Reason), LookupID: in.LookupID,
	}
	if a.Reason == "" {
		a.Reason = string(flow.ReasonError)
	}
	if in.Act == flow.ActDirect && carries(in.Target, h) {
		a.Route = flow.Direct
		a.Routes = append(a.Routes, hop{URI: dial.SIPURI(in.Target, h), RingFor: 1000 * dial.Seconds(h.DialTimeout, minRing, maxRing)})
		if carries(in.Backup, h) {
			a.Routes = append(a.Routes, hop{URI: dial.SIPURI(in.Backup, h)})
		}
	}
	return jsontext.Reply(a)
}

// How long a target rings, in seconds. A proxy may give up after three
// minutes (RFC 3261, 16.6, timer C).
const minRing, maxRing = 1, 180
