// Package jambonz speaks to jambonz, the self-hosted CPaaS, whose
// applications are lists of verbs in JSON. It knows no connection and leaves
// the reading of numbers to flow.
package jambonz

import (
	"fmt"
	"slices"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/jsontext"
	"github.com/ringthrough/ringthrough/flow/dialect/sipheader"
)

// Dialect is jambonz. Any HTTP error, and an empty reply too, ends the call
// with a 480, and there is no fallback URL.
func Dialect() flow.Dialect {
	return flow.Dialect{
		Name: "jambonz", SendsOn: true, BareIsE164: true, DropsOnError: true,
		MaxBody: 128 << 10, // the whole INVITE is in it
		Carries: carries, Decode: decode, Encode: encode, Result: result, Whisper: whisper,
	}
}

// question is the first request of a call.
// https://docs.jambonz.org/webhooks/overview
type question struct {
	From       jsontext.Text `json:"from"`
	To         jsontext.Text `json:"to"`
	CallSID    jsontext.Text `json:"call_sid"`
	CallID     jsontext.Text `json:"call_id"` // the SIP Call-ID
	CallStatus jsontext.Text `json:"call_status"`
	SIP        struct {
		Headers map[string]jsontext.Texts `json:"headers"`
	} `json:"sip"`
}

// over are the states of a call that asks nothing any more: the application's
// call status webhook tells them.
var over = []jsontext.Text{"completed", "failed", "busy", "no-answer"}

// decode reads a POST: of a GET jambonz signs a JSON text that is never sent.
func decode(r flow.Request, h *flow.Hook) (flow.Call, error) {
	if r.Method == "GET" {
		return flow.Call{}, fmt.Errorf("%w: the hook was asked with GET: set it to POST in jambonz", flow.ErrMalformed)
	}
	var q question
	if err := jsontext.Read(r.Body, &q); err != nil {
		return flow.Call{}, err
	}
	if slices.Contains(over, q.CallStatus) {
		return flow.Call{}, flow.ErrNotACall
	}
	id := q.CallSID
	if id == "" {
		id = q.CallID
	}
	headers := make(sipheader.Headers, len(q.SIP.Headers))
	for name, values := range q.SIP.Headers {
		headers[name] = values
	}
	c := h.Reading.Call(flow.Fields{ANI: string(q.From), DNIS: string(q.To), CallID: string(id), Diverter: headers.Diverter()})
	c.Attestation = headers.Attestation(c, h.Reading)
	return c, nil
}

// outcome is the end of a dial or an enqueue.
// https://docs.jambonz.org/verbs/verbs/dial
// https://docs.jambonz.org/verbs/verbs/enqueue
type outcome struct {
	Dial  jsontext.Text `json:"dial_call_status"`
	Queue jsontext.Text `json:"queue_result"`
}

// results of a leg. jambonz asks the action hook once, when the verb has
// ended; what the leg was doing then (ringing, in-progress) is as it was left.
// In-progress is a leg that was picked up and never joined.
var results = map[jsontext.Text]flow.Result{
	"completed":   flow.ResultAnswered,
	"busy":        flow.ResultBusy,
	"failed":      flow.ResultFailed,
	"in-progress": flow.ResultFailed,
	"no-answer":   flow.ResultNoAnswer,
	"trying":      flow.ResultNoAnswer,
	"ringing":     flow.ResultNoAnswer,
	"early-media": flow.ResultNoAnswer,
}

// queueResults: whoever hangs up in the queue was answered by nobody.
var queueResults = map[jsontext.Text]flow.Result{
	"bridged": flow.ResultAnswered,
	"hangup":  flow.ResultNoAnswer,
	"leave":   flow.ResultNoAnswer,
	"error":   flow.ResultFailed,
}

// result reads the report of a leg. It has no length of the call: queue_time
// is how long the caller waited.
func result(r flow.Request, _ *flow.Hook) (flow.Report, error) {
	var o outcome
	if err := jsontext.Read(r.Body, &o); err != nil {
		return flow.Report{}, err
	}
	ended, ok := results[o.Dial]
	if o.Dial == "" {
		ended, ok = queueResults[o.Queue]
	}
	if !ok {
		return flow.Report{}, fmt.Errorf("%w: neither dial_call_status nor queue_result has a value that is known", flow.ErrMalformed)
	}
	return flow.Report{Result: ended, Ended: true}, nil
}
