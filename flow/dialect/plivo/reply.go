package plivo

import (
	"encoding/xml"
	"strings"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dial"
	"github.com/ringthrough/ringthrough/flow/dialect/markup"
)

// encode writes the document that says how the call goes on.
func encode(in flow.Instruction, h *flow.Hook) flow.Reply {
	switch {
	case in.Act == flow.ActDirect && carries(in.Target, h):
		return document(direct(in, h))
	case in.Act == flow.ActHangUp:
		return document(hangup{})
	case in.Act == flow.ActNothing:
		return document(nil)
	default:
		return carryOn(in.ContinueURL)
	}
}

// whisper writes what the callee hears before the legs join.
//
// Unverified: that without confirmKey the legs join at its end, as they do in
// the framework that Plivo grew out of.
func whisper(announce string, h *flow.Hook) flow.Reply {
	if announce == "" {
		return document(nil)
	}
	return document(speak{Language: markup.Language(h), Text: markup.Text(announce)})
}

// carryOn sends the call on. Where there is nowhere to send it, an error
// makes Plivo take the application's fallback answer URL
// (https://www.plivo.com/docs/account/api/application/): an empty document
// would hang up.
func carryOn(url string) flow.Reply {
	if url == "" {
		reply := document(nil)
		reply.Status = 404
		return reply
	}
	return document(redirect{Method: "POST", URL: markup.Text(url)})
}

// direct rings the target. There is no attribute that keeps the caller's leg
// from being answered first; whether it is, is unverified. Without action the
// call goes on with what stands below the verb, after a good call too: so
// nothing does, and the call ends with the leg.
func direct(in flow.Instruction, h *flow.Hook) any {
	d := dialVerb{
		Timeout:      dial.Seconds(h.DialTimeout, minTimeout, maxTimeout),
		CallerID:     markup.Text(digits(dial.CallerID(h))),
		ConfirmSound: markup.Text(in.WhisperURL),
	}
	if in.ResultURL != "" {
		d.Action, d.Method = markup.Text(in.ResultURL), "POST"
	}
	if in.Target.Kind == flow.KindNumber {
		d.Number = markup.Text(digits(in.Target.Address))
	} else {
		d.User = markup.Text(in.Target.Address)
	}
	return d
}

// Seconds that the timeout of <Dial> is kept within. Plivo names no bounds and
// has no default: one is always sent.
const minTimeout, maxTimeout = 5, 600

// digits is a number as Plivo writes it, without +.
func digits(number string) string { return strings.TrimPrefix(number, "+") }

func document(verb any) flow.Reply {
	return flow.Reply{Status: 200, ContentType: "application/xml", Body: markup.Document(response{Verb: verb})}
}

type response struct {
	XMLName xml.Name `xml:"Response"`
	Verb    any
}

// dialVerb is https://www.plivo.com/docs/voice/xml/dial. At confirmSound,
// fetched by POST, stands what the callee hears first.
type dialVerb struct {
	XMLName      xml.Name    `xml:"Dial"`
	Timeout      int         `xml:"timeout,attr"`
	CallerID     markup.Text `xml:"callerId,attr,omitempty"`
	Action       markup.Text `xml:"action,attr,omitempty"`
	Method       string      `xml:"method,attr,omitempty"`
	ConfirmSound markup.Text `xml:"confirmSound,attr,omitempty"`
	Number       markup.Text `xml:"Number,omitempty"`
	User         markup.Text `xml:"User,omitempty"`
}

type redirect struct {
	XMLName xml.Name    `xml:"Redirect"`
	Method  string      `xml:"method,attr"`
	URL     markup.Text `xml:",chardata"`
}

type speak struct {
	XMLName  xml.Name    `xml:"Speak"`
	Language markup.Text `xml:"language,attr,omitempty"`
	Text     markup.Text `xml:",chardata"`
}

type hangup struct {
	XMLName xml.Name `xml:"Hangup"`
}
