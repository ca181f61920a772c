package freeswitch

import (
	"encoding/xml"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dial"
	"github.com/ringthrough/ringthrough/flow/dialect/markup"
)

// httapi is the answer to mod_httapi. After any verb that leaves the session
// here the module asks again, so that the last one ends its work: break goes
// on in the dialplan, which is also how a call carries on. The last request
// of a session gets nothing.
func httapi(in flow.Instruction, h *flow.Hook) flow.Reply {
	verbs := []any{leave{}}
	switch in.Act {
	case flow.ActNothing:
		return flow.Reply{Status: 200, ContentType: "text/xml"}
	case flow.ActHangUp:
		verbs = []any{hangup{}}
	case flow.ActDirect:
		if ring := work(in.Target, h); len(ring) > 0 {
			verbs = ring
		}
	default: // on in the dialplan
	}
	return document(httapiDocument{Type: "xml/freeswitch-httapi", Work: steps{verbs}})
}

// work brings a caller to t; there is none where the hook can't.
//
// A verb that the module's profile doesn't allow hangs the caller up, and by
// default it allows only this: numbers and extensions are sent to the
// dialplan of the profile's context, which rings them and whatever comes
// after. So no backup is ever rung from here.
func work(t flow.Target, h *flow.Hook) []any {
	domain := mailbox(t, h)
	switch {
	case t.Kind == flow.KindNumber && dial.IsNumber(t.Address), t.Kind == flow.KindQueue && extension.MatchString(t.Address):
		return []any{transfer{Address: markup.Text(t.Address)}, leave{}}
	case domain != "":
		return []any{voicemail{Profile: "default", Domain: markup.Text(domain), ID: markup.Text(t.Address)}, hangup{}}
	default:
		return nil
	}
}

// httapiDocument is https://developer.signalwire.com/freeswitch/FreeSWITCH-Explained/Modules/mod_httapi_3966423/.
type httapiDocument struct {
	XMLName xml.Name `xml:"document"`
	Type    string   `xml:"type,attr"`
	Work    steps    `xml:"work"`
}

type steps struct{ Verbs []any }

type transfer struct {
	XMLName xml.Name    `xml:"dial"`
	Address markup.Text `xml:",chardata"`
}

type voicemail struct {
	XMLName xml.Name    `xml:"voicemail"`
	Profile string      `xml:"profile,attr"`
	Domain  markup.Text `xml:"domain,attr"`
	ID      markup.Text `xml:"id,attr"`
}

type leave struct {
	XMLName xml.Name `xml:"break"`
}

type hangup struct {
	XMLName xml.Name `xml:"hangup"`
}
