// Package swml speaks to SignalWire's calls that are led by SWML, documents
// of methods in JSON. SignalWire's cXML is the dialect twiml. It knows no
// connection and leaves the reading of numbers to flow.
package swml

import (
	"fmt"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/jsontext"
	"github.com/ringthrough/ringthrough/flow/dialect/sipheader"
)

// Dialect is SWML.
func Dialect() flow.Dialect {
	return flow.Dialect{Name: "swml", SendsOn: true, Carries: carries, Decode: decode, Encode: encode, Result: result, Whisper: whisper}
}

// question is what SignalWire sends to have a document. From and to are
// numbers or SIP URIs.
// https://signalwire.com/docs/apis/rest/swml-webhook/webhooks/inbound-call-webhook
type question struct {
	EventType jsontext.Text `json:"event_type"` // of status callbacks alone
	Call      *struct {
		From    jsontext.Text `json:"from"`
		To      jsontext.Text `json:"to"`
		CallID  jsontext.Text `json:"call_id"`
		State   jsontext.Text `json:"call_state"`
		Headers []header      `json:"headers"`
	} `json:"call"`
}

type header struct {
	Name  jsontext.Text  `json:"name"`
	Value jsontext.Texts `json:"value"`
}

func decode(r flow.Request, h *flow.Hook) (flow.Call, error) {
	var q question
	if err := jsontext.Read(r.Body, &q); err != nil {
		return flow.Call{}, err
	}
	if q.EventType != "" {
		return flow.Call{}, flow.ErrNotACall
	}
	if q.Call == nil {
		return flow.Call{}, fmt.Errorf("%w: the JSON has no call object", flow.ErrMalformed)
	}
	if q.Call.State == "ending" || q.Call.State == "ended" {
		return flow.Call{}, flow.ErrNotACall
	}
	headers := sipheader.Headers{}
	for _, each := range q.Call.Headers {
		headers[string(each.Name)] = append(headers[string(each.Name)], each.Value...)
	}
	c := h.Reading.Call(flow.Fields{
		ANI: string(q.Call.From), DNIS: string(q.Call.To), CallID: string(q.Call.CallID), Diverter: headers.Diverter(),
	})
	c.Attestation = headers.Attestation(c, h.Reading)
	return c, nil
}

// event is what call_state_url is told. Its reply is read by nobody.
// https://signalwire.com/docs/server-sdk/node/reference/voice/call-state
type event struct {
	EventType jsontext.Text `json:"event_type"`
	Params    struct {
		State     jsontext.Text `json:"call_state"`
		EndReason jsontext.Text `json:"end_reason"`
		Answered  float64       `json:"answer_time"` // ms since 1970; 0 where nobody picked up
		Ended     float64       `json:"end_time"`
	} `json:"params"`
}

// endReasons of legs that nobody answered, in lower case (unverified).
var endReasons = map[string]flow.Result{
	"busy":      flow.ResultBusy,
	"noanswer":  flow.ResultNoAnswer,
	"no_answer": flow.ResultNoAnswer,
	"cancel":    flow.ResultNoAnswer,
	"timeout":   flow.ResultNoAnswer,
	"decline":   flow.ResultFailed,
	"error":     flow.ResultFailed,
}

// result reads one event. An end that says neither when the leg was answered
// nor a reason that is known says nothing of it: hangup is a reason both ways.
func result(r flow.Request, _ *flow.Hook) (flow.Report, error) {
	var e event
	if err := jsontext.Read(r.Body, &e); err != nil {
		return flow.Report{}, err
	}
	p := e.Params
	switch {
	case e.EventType != "calling.call.state":
		return flow.Report{}, flow.ErrNotACall
	case p.State == "created" || p.State == "ringing":
		return flow.Report{}, nil
	case p.State == "answered":
		return flow.Report{Result: flow.ResultAnswered}, nil
	case p.State == "ended" && p.Answered > 0:
		return flow.Report{Result: flow.ResultAnswered, Ended: true, Duration: span(p.Answered, p.Ended)}, nil
	case p.State == "ended":
		ended, ok := endReasons[strings.ToLower(string(p.EndReason))]
		if !ok {
			return flow.Report{}, flow.ErrNotACall
		}
		return flow.Report{Result: ended, Ended: true}, nil
	default:
		return flow.Report{}, flow.ErrNotACall
	}
}

// span is the time between two in milliseconds, none if they make no sense.
func span(from, to float64) time.Duration {
	if ms := to - from; ms > 0 && ms <= float64((24*time.Hour)/time.Millisecond) {
		return time.Duration(ms) * time.Millisecond
	}
	return 0
}
