package jambonz

import (
	"strings"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dial"
	"github.com/ringthrough/ringthrough/flow/dialect/jsontext"
)

// The options of a hook that this dialect knows.
const (
	optionTrunk = "trunk" // name of the carrier that numbers are dialled through; empty: as jambonz chooses
	optionRealm = "realm" // SIP realm of the users; empty: the address stands as it is
)

// maxTimeout is how long anybody may ring, in seconds; jambonz has no bound.
const maxTimeout = 600

// dialVerb rings somebody. With answerOnBridge the caller hears 183 with
// media until they pick up.
type dialVerb struct {
	Verb           string     `json:"verb"`
	AnswerOnBridge bool       `json:"answerOnBridge"`
	CallerID       string     `json:"callerId,omitempty"`
	Timeout        int        `json:"timeout"`
	ActionHook     string     `json:"actionHook,omitempty"`
	ConfirmHook    string     `json:"confirmHook,omitempty"`
	Target         []endpoint `json:"target"`
}

type endpoint struct {
	Type   string `json:"type"`
	Number string `json:"number,omitempty"`
	Trunk  string `json:"trunk,omitempty"`
	SIPURI string `json:"sipUri,omitempty"`
	Name   string `json:"name,omitempty"`
}

// enqueueVerb answers the call and plays music until somebody takes it.
type enqueueVerb struct {
	Verb       string `json:"verb"`
	Name       string `json:"name"`
	ActionHook string `json:"actionHook,omitempty"`
}

type redirectVerb struct {
	Verb       string `json:"verb"`
	ActionHook string `json:"actionHook"`
}

type declineVerb struct {
	Verb   string `json:"verb"`
	Status int    `json:"status"`
	Reason string `json:"reason"`
}

type sayVerb struct {
	Verb        string       `json:"verb"`
	Text        string       `json:"text"`
	Synthesizer *synthesizer `json:"synthesizer,omitempty"`
}

// synthesizer leaves all but the language to the application's settings.
type synthesizer struct {
	Vendor   string `json:"vendor"`
	Language string `json:"language"`
}

type hangupVerb struct {
	Verb string `json:"verb"`
}

func carries(t flow.Target, h *flow.Hook) bool {
	_, ok := endpointOf(t, h)
	return ok || t.Kind == flow.KindQueue && t.Address != ""
}

// endpointOf is what a dial rings for t; nothing for queues and mailboxes.
func endpointOf(t flow.Target, h *flow.Hook) (endpoint, bool) {
	switch t.Kind {
	case flow.KindNumber:
		return endpoint{Type: "phone", Number: t.Address, Trunk: h.Options[optionTrunk]}, dial.IsNumber(t.Address)
	case flow.KindSIP:
		return endpoint{Type: "sip", SIPURI: t.Address}, dial.IsSIP(t.Address)
	case flow.KindUser:
		name := userOf(t.Address, h.Options[optionRealm])
		return endpoint{Type: "user", Name: name}, dial.IsUser(name)
	default:
		return endpoint{}, false
	}
}

// userOf is the SIP registration that address stands for. Without a realm
// jambonz puts the account's own behind a bare name.
func userOf(address, realm string) string {
	if realm == "" {
		return address
	}
	name, _, _ := strings.Cut(address, "@")
	return name + "@" + realm
}

func encode(in flow.Instruction, h *flow.Hook) flow.Reply {
	return jsontext.Reply(verbs(in, h))
}

// verbs are the application that a call runs next. Nothing is the answer to
// reports alone, which nobody reads: a call would end on it.
func verbs(in flow.Instruction, h *flow.Hook) []any {
	switch in.Act {
	case flow.ActDirect:
		if verb, ok := ring(in, h); ok {
			return []any{verb}
		}
		return []any{carryOn(in)}
	case flow.ActHangUp:
		return []any{hangupVerb{"hangup"}}
	case flow.ActNothing:
		return []any{}
	default:
		return []any{carryOn(in)}
	}
}

// ring rings the target. The action hook sends the next application, with the
// backup in it: verbs behind this one would run after a good call too, so
// that without an action hook there is no backup.
func ring(in flow.Instruction, h *flow.Hook) (any, bool) {
	if !carries(in.Target, h) {
		return nil, false
	}
	if in.Target.Kind == flow.KindQueue {
		return enqueueVerb{Verb: "enqueue", Name: in.Target.Address, ActionHook: in.ResultURL}, true
	}
	to, _ := endpointOf(in.Target, h)
	return dialVerb{
		Verb: "dial", AnswerOnBridge: true, CallerID: dial.CallerID(h), Timeout: dial.Seconds(h.DialTimeout, 1, maxTimeout),
		ActionHook: in.ResultURL, ConfirmHook: in.WhisperURL, Target: []endpoint{to},
	}, true
}

// carryOn hands the caller to the application of the continue URL. With none
// configured the call is declined with 503: carriers try their next route on
// that, while a hang-up would be the end.
func carryOn(in flow.Instruction) any {
	if in.ContinueURL == "" {
		return declineVerb{Verb: "sip:decline", Status: 503, Reason: "Service Unavailable"}
	}
	return redirectVerb{Verb: "redirect", ActionHook: in.ContinueURL}
}

// whisper is the application of the confirm hook: the legs are joined when it
// is through.
func whisper(announce string, h *flow.Hook) flow.Reply {
	say := sayVerb{Verb: "say", Text: jsontext.Spoken(announce)}
	if l := jsontext.Language(h); l != "" {
		say.Synthesizer = &synthesizer{Vendor: "default", Language: l}
	}
	return jsontext.Reply([]any{say})
}
