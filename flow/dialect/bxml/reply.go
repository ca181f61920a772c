package bxml

import (
	"encoding/xml"
	"strings"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dial"
	"github.com/ringthrough/ringthrough/flow/dialect/markup"
)

const contentType = "application/xml"

// encode writes the document that says how the call goes on. Events that ask
// nothing are answered without one.
func encode(in flow.Instruction, h *flow.Hook) flow.Reply {
	switch {
	case in.Act == flow.ActDirect && carries(in.Target, h):
		return document(direct(in, h))
	case in.Act == flow.ActHangUp:
		return document(hangup{})
	case in.Act == flow.ActNothing:
		return flow.Reply{Status: 200, ContentType: contentType}
	default:
		return carryOn(in.ContinueURL)
	}
}

// whisper writes what the callee hears before the legs join, which they do at
// the document's end.
func whisper(announce string, h *flow.Hook) flow.Reply {
	if strings.TrimSpace(announce) == "" {
		return document(nil) // a sentence must not be blank
	}
	return document(speakSentence{Locale: markup.Language(h), Text: markup.Text(announce)})
}

// carryOn sends the call on. Where there is nowhere to send it, an error
// makes Bandwidth take the application's call initiated fallback URL: an empty
// document would hang up.
//
// Unverified: that it takes it for inbound calls, and on this error.
func carryOn(url string) flow.Reply {
	if url == "" {
		reply := document(nil)
		reply.Status = 404
		return reply
	}
	return document(redirect{URL: markup.Text(url)})
}

// direct rings the target.
func direct(in flow.Instruction, h *flow.Hook) any {
	timeout := dial.Seconds(h.DialTimeout, minTimeout, maxTimeout)
	if !strings.EqualFold(h.Options["dial"], "transfer") {
		return forward{To: markup.Text(in.Target.Address), From: markup.Text(dial.CallerID(h)), Timeout: timeout}
	}
	t := transfer{CallerID: markup.Text(dial.CallerID(h)), CompleteURL: markup.Text(in.ResultURL), Timeout: timeout}
	callee := callee{AnswerURL: markup.Text(in.WhisperURL), Address: markup.Text(in.Target.Address)}
	if in.Target.Kind == flow.KindNumber {
		t.PhoneNumber = &callee
	} else {
		t.SIPURI = &callee
	}
	return t
}

// Seconds that callTimeout may have.
const minTimeout, maxTimeout = 1, 300

func document(verb any) flow.Reply {
	return flow.Reply{Status: 200, ContentType: contentType, Body: markup.Document(response{Verb: verb})}
}

type response struct {
	XMLName xml.Name `xml:"Response"`
	Verb    any
}

// forward is https://dev.bandwidth.com/docs/voice/bxml/forward. It needs a
// call that nobody has answered, hands it over and is heard of no more: no
// result, no announcement, no backup. Without from the person is shown the
// called number.
type forward struct {
	XMLName xml.Name    `xml:"Forward"`
	To      markup.Text `xml:"to,attr"`
	From    markup.Text `xml:"from,attr,omitempty"`
	Timeout int         `xml:"callTimeout,attr"`
}

// transfer is https://dev.bandwidth.com/docs/voice/bxml/transfer. Without a
// transferCompleteUrl the call goes on with what stands below the verb, after
// a good call too: so nothing does, and the call ends with the leg.
//
// Unverified: whether it answers the caller's leg before the person does.
type transfer struct {
	XMLName     xml.Name    `xml:"Transfer"`
	CallerID    markup.Text `xml:"transferCallerId,attr,omitempty"`
	CompleteURL markup.Text `xml:"transferCompleteUrl,attr,omitempty"`
	Timeout     int         `xml:"callTimeout,attr"`
	PhoneNumber *callee     `xml:"PhoneNumber"`
	SIPURI      *callee     `xml:"SipUri"`
}

// callee is whom to ring. At its transferAnswerUrl stands what the callee
// hears first.
type callee struct {
	AnswerURL markup.Text `xml:"transferAnswerUrl,attr,omitempty"`
	Address   markup.Text `xml:",chardata"`
}

type redirect struct {
	XMLName xml.Name    `xml:"Redirect"`
	URL     markup.Text `xml:"redirectUrl,attr"`
}

// speakSentence is https://dev.bandwidth.com/docs/voice/bxml/speakSentence.
type speakSentence struct {
	XMLName xml.Name    `xml:"SpeakSentence"`
	Locale  markup.Text `xml:"locale,attr,omitempty"`
	Text    markup.Text `xml:",chardata"`
}

type hangup struct {
	XMLName xml.Name `xml:"Hangup"`
}
