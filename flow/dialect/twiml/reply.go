package twiml

import (
	"encoding/json"
	"encoding/xml"

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

// whisper writes what the callee hears before the legs join. The caller keeps
// hearing it ring.
func whisper(announce string, h *flow.Hook) flow.Reply {
	if announce == "" {
		return document(nil)
	}
	return document(say{Language: markup.Language(h), Text: markup.Text(announce)})
}

// carryOn sends the call on. Where there is nowhere to send it, an error
// makes the platform take the fallback URL of the number, which is the last
// that knows a way for the caller: an empty document would hang up, and a
// redirect to nowhere would ask us again.
func carryOn(url string) flow.Reply {
	if url == "" {
		reply := document(nil)
		reply.Status = 404
		return reply
	}
	return document(redirect{Method: "POST", URL: markup.Text(url)})
}

// direct rings the target. Without action the platform goes on with what
// stands below the verb, after a good call too: so nothing does, and the call
// ends with the leg.
func direct(in flow.Instruction, h *flow.Hook) any {
	if in.Target.Kind == flow.KindQueue {
		return queue(in, h)
	}
	d := dialVerb{
		AnswerOnBridge: true,
		Timeout:        dial.Seconds(h.DialTimeout, minTimeout, maxTimeout),
		CallerID:       markup.Text(dial.CallerID(h)),
		Noun:           nounOf(in, vendorOf(h)),
	}
	if in.ResultURL != "" {
		d.Action, d.Method = markup.Text(in.ResultURL), "POST"
	}
	return d
}

// What all vendors take as a timeout, in seconds: SignalWire 5 to 600,
// Telnyx 5 to 120.
const minTimeout, maxTimeout = 5, 120

func nounOf(in flow.Instruction, v vendor) noun {
	n := noun{URL: markup.Text(in.WhisperURL), Address: markup.Text(in.Target.Address)}
	switch {
	case in.Target.Kind == flow.KindNumber:
		n.XMLName.Local = "Number"
	case in.Target.Kind == flow.KindSIP:
		n.XMLName.Local = "Sip"
	case v == signalwire:
		n.XMLName.Local, n.URL = "Verto", "" // which has no attributes
	default:
		n.XMLName.Local = "Client"
	}
	return n
}

// queue puts the caller into a queue: <Queue> inside <Dial> would be the
// agent's side of it. Nobody can be told anything before the legs join.
func queue(in flow.Instruction, h *flow.Hook) any {
	e := enqueue{Action: markup.Text(in.ResultURL)}
	if vendorOf(h) != twilio || !workflowSID.MatchString(in.Target.Address) {
		e.Name = markup.Text(in.Target.Address)
		return e
	}
	e.WorkflowSID = markup.Text(in.Target.Address)
	attributes, _ := json.Marshal(task{LookupID: in.LookupID}) // a string can always be written
	e.Task = markup.Text(attributes)
	return e
}

func document(verb any) flow.Reply {
	return flow.Reply{Status: 200, ContentType: "text/xml", Body: markup.Document(response{Verb: verb})}
}

type response struct {
	XMLName xml.Name `xml:"Response"`
	Verb    any
}

// dialVerb is https://www.twilio.com/docs/voice/twiml/dial.
//
// Unverified: that Telnyx knows answerOnBridge, or else ignores it.
type dialVerb struct {
	XMLName        xml.Name    `xml:"Dial"`
	AnswerOnBridge bool        `xml:"answerOnBridge,attr"`
	Timeout        int         `xml:"timeout,attr"`
	CallerID       markup.Text `xml:"callerId,attr,omitempty"`
	Action         markup.Text `xml:"action,attr,omitempty"`
	Method         string      `xml:"method,attr,omitempty"`
	Noun           noun
}

// noun is whom to ring. At its url, fetched by POST, stands what the callee
// hears first.
//
// Unverified: that SignalWire's <Sip> and Telnyx's nouns take one.
type noun struct {
	XMLName xml.Name
	URL     markup.Text `xml:"url,attr,omitempty"`
	Address markup.Text `xml:",chardata"`
}

// enqueue is https://www.twilio.com/docs/voice/twiml/enqueue.
type enqueue struct {
	XMLName     xml.Name    `xml:"Enqueue"`
	Action      markup.Text `xml:"action,attr,omitempty"`
	WorkflowSID markup.Text `xml:"workflowSid,attr,omitempty"`
	Name        markup.Text `xml:",chardata"`
	Task        markup.Text `xml:"Task,omitempty"`
}

// task is what TaskRouter routes by.
type task struct {
	LookupID string `json:"lookup_id"`
}

type redirect struct {
	XMLName xml.Name    `xml:"Redirect"`
	Method  string      `xml:"method,attr"`
	URL     markup.Text `xml:",chardata"`
}

type say struct {
	XMLName  xml.Name    `xml:"Say"`
	Language markup.Text `xml:"language,attr,omitempty"`
	Text     markup.Text `xml:",chardata"`
}

type hangup struct {
	XMLName xml.Name `xml:"Hangup"`
}
