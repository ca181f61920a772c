// Package ncco speaks to the Vonage Voice API, which is told what to do by
// NCCOs: lists of actions in JSON. It knows no connection and leaves the
// reading of numbers to flow.
package ncco

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/form"
	"github.com/ringthrough/ringthrough/flow/dialect/jsontext"
)

// Dialect is Vonage's. NCCO has no action that goes on at another URL, so the
// server fetches the continue URL.
func Dialect() flow.Dialect {
	return flow.Dialect{
		Name: "ncco", SendsOn: true, BareIsE164: true, FetchesContinue: true,
		Carries: carries, Decode: decode, Encode: encode, Result: result, Whisper: whisper, Question: asked,
	}
}

// question is the answer webhook. Calls of app users have from_user in place
// of from. There is no attestation.
// https://developer.vonage.com/en/voice/voice-api/webhook-reference#answer-webhook
type question struct {
	From             jsontext.Text `json:"from"`
	To               jsontext.Text `json:"to"`
	UUID             jsontext.Text `json:"uuid"`
	ConversationUUID jsontext.Text `json:"conversation_uuid"`
	Status           jsontext.Text `json:"status"` // of the event webhook alone
}

func decode(r flow.Request, h *flow.Hook) (flow.Call, error) {
	q, err := read(r)
	if err != nil {
		return flow.Call{}, err
	}
	if q.Status != "" {
		return flow.Call{}, flow.ErrNotACall
	}
	id := q.UUID
	if id == "" {
		id = q.ConversationUUID
	}
	return h.Reading.Call(flow.Fields{ANI: string(q.From), DNIS: string(q.To), CallID: string(id)}), nil
}

// read takes the query of a GET or the body of a POST: the signature of a
// POST doesn't cover its query.
func read(r flow.Request) (question, error) {
	var q question
	if r.Method != "GET" {
		return q, jsontext.Read(r.Body, &q)
	}
	f, err := form.Read(r, "from", "to", "uuid", "conversation_uuid", "status")
	if err != nil {
		return q, err
	}
	if len(f) == 0 {
		return q, fmt.Errorf("%w: the query has none of from, to and uuid", flow.ErrMalformed)
	}
	return question{
		From: jsontext.Text(f["from"]), To: jsontext.Text(f["to"]), UUID: jsontext.Text(f["uuid"]),
		ConversationUUID: jsontext.Text(f["conversation_uuid"]), Status: jsontext.Text(f["status"]),
	}, nil
}

// asked is how Vonage asks about a call: by GET, with bare digits.
func asked(c flow.Call) flow.Request {
	query := url.Values{
		"from": {strings.TrimPrefix(c.ANI.String(), "+")}, "to": {strings.TrimPrefix(c.DNIS.String(), "+")}, "uuid": {c.ID},
	}
	return flow.Request{Method: "GET", RawQuery: query.Encode(), Header: func(string) string { return "" }}
}

// event is the event webhook of a connect.
// https://developer.vonage.com/en/voice/voice-api/webhook-reference#event-webhook
type event struct {
	Status   jsontext.Text `json:"status"`
	Duration jsontext.Text `json:"duration"` // seconds, with completed
}

// reports says what each status means. Completed comes only to legs that were
// answered, and cancelled where the caller gave up first.
var reports = map[jsontext.Text]flow.Report{
	"started":    {},
	"ringing":    {},
	"answered":   {Result: flow.ResultAnswered},
	"completed":  {Result: flow.ResultAnswered, Ended: true},
	"timeout":    {Result: flow.ResultNoAnswer, Ended: true},
	"unanswered": {Result: flow.ResultNoAnswer, Ended: true},
	"cancelled":  {Result: flow.ResultNoAnswer, Ended: true},
	"busy":       {Result: flow.ResultBusy, Ended: true},
	"failed":     {Result: flow.ResultFailed, Ended: true},
	"rejected":   {Result: flow.ResultFailed, Ended: true},
}

// result reads one event. Those of other kinds (human, machine, transfer)
// say nothing of the leg.
func result(r flow.Request, _ *flow.Hook) (flow.Report, error) {
	var e event
	if err := jsontext.Read(r.Body, &e); err != nil {
		return flow.Report{}, err
	}
	report, ok := reports[e.Status]
	if !ok {
		return flow.Report{}, flow.ErrNotACall
	}
	if e.Status == "completed" {
		report.Duration = e.Duration.Seconds()
	}
	return report, nil
}
