// Package svaml speaks to the Sinch Voice API, which is told what to do by
// SVAML: one action in JSON. It knows no connection and leaves the reading of
// numbers to flow.
package svaml

import (
	"fmt"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/jsontext"
)

// Dialect is Sinch's. On any HTTP error the caller hears an error prompt and
// is dropped. SVAML has no action that goes on at another URL, so the server
// fetches a continue URL that is one of HTTP.
func Dialect() flow.Dialect {
	return flow.Dialect{
		Name: "svaml", SendsOn: true, BareIsE164: true, DropsOnError: true, FetchesContinue: true,
		Carries: carries, Decode: decode, Encode: encode, Result: result,
	}
}

// callback is any of the events, which all come to the same URL. The web
// pages write callId, the SDK callid; encoding/json takes both.
// https://developers.sinch.com/docs/voice/api-reference/voice/tag/Callbacks
type callback struct {
	Event  jsontext.Text `json:"event"`
	CallID jsontext.Text `json:"callid"`
	CLI    jsontext.Text `json:"cli"`
	To     struct {
		Endpoint jsontext.Text `json:"endpoint"`
	} `json:"to"`
	RDNIS    jsontext.Text `json:"rdnis"`    // who diverted the call
	Result   jsontext.Text `json:"result"`   // of dice
	Duration jsontext.Text `json:"duration"` // of dice, in seconds
}

// decode reads the incoming call event, ice. Sinch has no attestation. A pie
// event is what a caller pressed in a menu that only the customer's own SVAML
// can have begun, so it belongs to the continue URL.
func decode(r flow.Request, h *flow.Hook) (flow.Call, error) {
	var c callback
	if err := jsontext.Read(r.Body, &c); err != nil {
		return flow.Call{}, err
	}
	switch c.Event {
	case "ice":
		return h.Reading.Call(flow.Fields{ANI: string(c.CLI), DNIS: string(c.To.Endpoint), CallID: string(c.CallID), Diverter: string(c.RDNIS)}), nil
	case "pie":
		return flow.Call{}, fmt.Errorf("%w: a menu's input, which only the continue URL can tell what to do with", flow.ErrMalformed)
	case "":
		return flow.Call{}, fmt.Errorf("%w: the JSON names no event", flow.ErrMalformed)
	default:
		return flow.Call{}, flow.ErrNotACall
	}
}

var results = map[jsontext.Text]flow.Result{
	"ANSWERED": flow.ResultAnswered,
	"BUSY":     flow.ResultBusy,
	"NOANSWER": flow.ResultNoAnswer,
	"FAILED":   flow.ResultFailed,
}

// result reads the disconnected call event, dice. The answered call event,
// ace, tells of progress; a result of N/A tells nothing.
func result(r flow.Request, _ *flow.Hook) (flow.Report, error) {
	var c callback
	if err := jsontext.Read(r.Body, &c); err != nil {
		return flow.Report{}, err
	}
	if c.Event == "ace" {
		return flow.Report{Result: flow.ResultAnswered}, nil
	}
	ended, ok := results[c.Result]
	if c.Event != "dice" || !ok {
		return flow.Report{}, flow.ErrNotACall
	}
	report := flow.Report{Result: ended, Ended: true, CallID: string(c.CallID)}
	if ended == flow.ResultAnswered {
		report.Duration = c.Duration.Seconds()
	}
	return report, nil
}
