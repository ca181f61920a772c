// Package bxml speaks Bandwidth's BXML. It knows no connection, no signature
// and no list.
package bxml

import (
	"fmt"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dial"
	"github.com/ringthrough/ringthrough/flow/dialect/jsontext"
)

// Dialect is BXML. A hook's option dial says which verb rings the person:
// forward (default), which leaves the caller's leg unanswered and is final, or
// transfer, which reports how it went and can ring a backup.
func Dialect() flow.Dialect {
	return flow.Dialect{
		Name: "bxml", SendsOn: true, Carries: carries, Decode: decode, Encode: encode, Result: result, Whisper: whisper,
	}
}

// event is what Bandwidth posts: the initiate and the transferComplete of
// https://dev.bandwidth.com/docs/voice/webhooks/.
type event struct {
	EventType  string     `json:"eventType"`
	EventTime  string     `json:"eventTime"`
	From       string     `json:"from"`
	To         string     `json:"to"`
	CallID     string     `json:"callId"`
	Diversion  diversion  `json:"diversion"`
	StirShaken stirShaken `json:"stirShaken"`
	AnswerTime string     `json:"answerTime"`
	Cause      string     `json:"cause"`
}

type diversion struct {
	OrigTo string `json:"origTo"` // the number that diverted the call last
}

type stirShaken struct {
	Verstat   string `json:"verstat"`
	Indicator string `json:"attestationIndicator"`
}

// read takes POSTs alone: the query is not read.
func read(r flow.Request) (event, error) {
	var e event
	if err := jsontext.Read(r.Body, &e); err != nil {
		return event{}, err
	}
	if e.EventType == "" {
		return event{}, fmt.Errorf("%w: the event has no eventType", flow.ErrMalformed)
	}
	return e, nil
}

// decode reads an initiate event; no other asks for a route. A from that is
// one of Restricted, Anonymous, Private and Unavailable reads as withheld.
func decode(r flow.Request, h *flow.Hook) (flow.Call, error) {
	e, err := read(r)
	switch {
	case err != nil:
		return flow.Call{Malformed: true}, err
	case e.EventType != "initiate":
		return flow.Call{}, flow.ErrNotACall
	}
	return h.Reading.Call(flow.Fields{
		ANI: e.From, DNIS: e.To, CallID: e.CallID, Diverter: e.Diversion.OrigTo, Attestation: e.StirShaken.attestation(),
	}), nil
}

// attestation is the level in a spelling that flow reads. The indicator is
// what was verified, so it says nothing unless verstat says that it passed.
func (s stirShaken) attestation() string {
	level := flow.ReadAttestation(s.Indicator)
	if flow.ReadAttestation(s.Verstat) != flow.AttestationC || level == flow.AttestationNone {
		return s.Verstat
	}
	return level.String()
}

// carries leaves out what Bandwidth has not: queues, users and mailboxes.
func carries(t flow.Target, _ *flow.Hook) bool {
	switch t.Kind {
	case flow.KindNumber:
		return dial.IsNumber(t.Address)
	case flow.KindSIP:
		return dial.IsSIP(t.Address)
	default:
		return false
	}
}
