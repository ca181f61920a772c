package svaml

import (
	"strings"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dial"
	"github.com/ringthrough/ringthrough/flow/dialect/jsontext"
)

// The options of a hook that this dialect knows.
const (
	optionFallback = "fallback"  // tel: or sip: URI of the IVR, where the continue URL gives no SVAML
	optionScheme   = "sip_uri"   // whole: SIP endpoints are written with their sip:
	optionName     = "user_name" // whole: a user's name may be a whole e-mail address
)

// maxTimeout is how long a number may ring, in seconds. Sinch states no
// bound.
const maxTimeout = 600

// svaml is one reply. Without an answer among the instructions the caller
// hears ringing.
// https://developers.sinch.com/docs/voice/api-reference/svaml
type svaml struct {
	Instructions []struct{} `json:"instructions"`
	Action       any        `json:"action"`
}

type connectPSTN struct {
	Name        string `json:"name"`
	Number      string `json:"number"`
	DialTimeout int    `json:"dialTimeout,omitempty"`
	CLI         string `json:"cli,omitempty"`
}

// connectTo is connectSip, which has no timeout, or connectMxp, which rings
// an app and has no caller id either.
type connectTo struct {
	Name        string      `json:"name"`
	Destination destination `json:"destination"`
	Transport   string      `json:"transport,omitempty"`
	CLI         string      `json:"cli,omitempty"`
}

type destination struct {
	Type     string `json:"type"`
	Endpoint string `json:"endpoint"`
}

// bare is an action that needs no more than its name.
type bare struct {
	Name string `json:"name"`
}

// acknowledged is what ace is answered with; nobody reads the answer to
// others.
type acknowledged struct {
	Action bare `json:"action"`
}

func carries(t flow.Target, h *flow.Hook) bool { return action(t, h) != nil }

// action is what rings t; nil for queues, mailboxes, and what is not safe to
// dial.
func action(t flow.Target, h *flow.Hook) any {
	switch {
	case t.Kind == flow.KindNumber && dial.IsNumber(t.Address):
		return connectPSTN{Name: "connectPstn", Number: t.Address}
	case t.Kind == flow.KindSIP && dial.IsSIP(t.Address):
		return connectSIP(t.Address, h)
	case t.Kind == flow.KindUser && userOf(t.Address, h) != "":
		return connectTo{Name: "connectMxp", Destination: destination{Type: "username", Endpoint: userOf(t.Address, h)}}
	default:
		return nil
	}
}

// connectSIP leaves the scheme out, as Sinch's examples do: whether it may be
// there is unverified. Sinch uses UDP unless it is told.
func connectSIP(uri string, h *flow.Hook) connectTo {
	c := connectTo{Name: "connectSip", Destination: destination{Type: "sip", Endpoint: uri}}
	scheme, rest, _ := strings.Cut(uri, ":")
	if scheme == "sips" {
		c.Transport = "tls"
	}
	if h.Options[optionScheme] != "whole" {
		c.Destination.Endpoint = rest
	}
	return c
}

func userOf(address string, h *flow.Hook) string {
	if h.Options[optionName] != "whole" {
		return dial.UserName(address)
	}
	if !dial.IsUser(address) {
		return ""
	}
	return address
}

func encode(in flow.Instruction, h *flow.Hook) flow.Reply {
	switch in.Act {
	case flow.ActDirect:
		if a := action(in.Target, h); a != nil {
			return jsontext.Reply(svaml{Instructions: []struct{}{}, Action: ringing(a, h)})
		}
		return carryOn(in, h)
	case flow.ActHangUp:
		return jsontext.Reply(svaml{Instructions: []struct{}{}, Action: bare{"hangup"}})
	case flow.ActNothing:
		return jsontext.Reply(acknowledged{bare{"continue"}})
	default:
		return carryOn(in, h)
	}
}

// ringing puts into an action what the hook has to say of it. There is no
// backup: Sinch ends the call when nobody answers.
func ringing(a any, h *flow.Hook) any {
	switch a := a.(type) {
	case connectPSTN:
		a.DialTimeout, a.CLI = dial.Seconds(h.DialTimeout, 1, maxTimeout), dial.CallerID(h)
		return a
	case connectTo:
		if a.Name == "connectSip" {
			a.CLI = dial.CallerID(h)
		}
		return a
	default:
		return a
	}
}

// carryOn says what the customer's own server said, or dials the IVR where the
// continue URL, or else the hook's fallback, is a tel: or sip: URI. With none
// of these the call is hung up unanswered: an error would end it too, after a
// prompt that would sound like ours.
func carryOn(in flow.Instruction, h *flow.Hook) flow.Reply {
	if jsontext.IsObject(in.Continued, "action", "instructions") {
		return flow.Reply{Status: 200, ContentType: jsontext.MediaType, Body: in.Continued}
	}
	for _, uri := range []string{in.ContinueURL, h.Options[optionFallback]} {
		if t, ok := dial.TargetOf(uri); ok {
			return jsontext.Reply(svaml{Instructions: []struct{}{}, Action: action(t, h)})
		}
	}
	return jsontext.Reply(svaml{Instructions: []struct{}{}, Action: bare{"hangup"}})
}
