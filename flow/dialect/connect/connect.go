// Package connect speaks to Amazon Connect, whose flows invoke a Lambda
// function and branch on the flat map of strings that it returns. The hook's
// HTTP twin takes the same event. It knows neither AWS nor HTTP.
package connect

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dial"
	"github.com/ringthrough/ringthrough/flow/dialect/flat"
	"github.com/ringthrough/ringthrough/flow/dialect/jsontext"
	"github.com/ringthrough/ringthrough/flow/dialect/sipheader"
)

// Dialect is the event and the answer of the flow block "Invoke AWS Lambda
// function" with response validation STRING_MAP. The flow has answered the
// call, carries out what it is told by itself, and reports nothing.
func Dialect() flow.Dialect {
	return flow.Dialect{Name: "connect", MaxBody: maxEvent, Carries: carries, Decode: decode, Encode: encode}
}

// maxEvent is in bytes: the flow's attributes come with every event, and may
// have 32 KB.
// https://docs.aws.amazon.com/connect/latest/adminguide/feature-limits.html
const maxEvent = 64 << 10

// event is what a flow sends. Both endpoints and what is in them can be null.
// https://docs.aws.amazon.com/connect/latest/adminguide/connect-lambda-functions.html
type event struct {
	Details struct {
		ContactData *contact
		Parameters  parameters
	}
}

type contact struct {
	ContactID        jsontext.Text `json:"ContactId"`
	InitiationMethod jsontext.Text
	CustomerEndpoint endpoint
	SystemEndpoint   endpoint
}

type endpoint struct{ Address jsontext.Text }

// parameters are the block's function input parameters, which the flow's
// author sets: they win over what Connect says of the contact, for instance
// from $.Media.Sip.Headers.
type parameters struct {
	ANI         jsontext.Text `json:"ani"`
	DNIS        jsontext.Text `json:"dnis"`
	Attestation jsontext.Text `json:"attestation"` // a level, or a header with ;verstat=
}

// outgoing are the contacts that we placed ourselves: their customer is whom
// we call, and nobody is to be rung.
// https://docs.aws.amazon.com/connect/latest/adminguide/connect-attrib-list.html
var outgoing = []jsontext.Text{"OUTBOUND", "CALLBACK", "API", "EXTERNAL_OUTBOUND"}

// decode reads one event.
//
// Unverified: what stands for the address of a caller who withholds it. Null,
// empty and anonymous count as none.
func decode(r flow.Request, h *flow.Hook) (flow.Call, error) {
	var e event
	if err := jsontext.Read(r.Body, &e); err != nil {
		return flow.Call{Malformed: true}, err
	}
	c, p := e.Details.ContactData, e.Details.Parameters
	if c == nil {
		return flow.Call{Malformed: true}, fmt.Errorf("%w: the event has no Details.ContactData", flow.ErrMalformed)
	}
	if slices.Contains(outgoing, c.InitiationMethod) {
		return flow.Call{}, flow.ErrNotACall
	}
	call := h.Reading.Call(flow.Fields{
		ANI: or(p.ANI, c.CustomerEndpoint.Address), DNIS: or(p.DNIS, c.SystemEndpoint.Address), CallID: string(c.ContactID),
	})
	call.Attestation = sipheader.Level(string(p.Attestation), call, h.Reading)
	return call, nil
}

func or(parameter, address jsontext.Text) string {
	if parameter != "" {
		return string(parameter)
	}
	return string(address)
}

// Queues and agents can be set dynamically by their id or their ARN only.
// https://docs.aws.amazon.com/connect/latest/adminguide/set-working-queue.html
var (
	id       = `[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`
	instance = `arn:aws(-[a-z]+)*:connect:[a-z0-9-]+:[0-9]{12}:instance/` + id
	queue    = regexp.MustCompile(`^(` + instance + `/queue/)?` + id + `$`)
	agent    = regexp.MustCompile(`^(` + instance + `/agent/)?` + id + `$`)
)

// carries leaves out SIP URIs and mailboxes, which no flow block takes.
func carries(t flow.Target, _ *flow.Hook) bool {
	switch t.Kind {
	case flow.KindNumber:
		return dial.IsNumber(t.Address)
	case flow.KindQueue:
		return queue.MatchString(t.Address)
	case flow.KindUser:
		return agent.MatchString(t.Address)
	default:
		return false
	}
}

// encode writes the flat answer, which the flow reads as $.External.route and
// so on. Where to carry on is the flow's own next block.
//
// Unverified: an older text of AWS says that values may have letters, digits,
// - and _ only. It is believed not to be enforced.
func encode(in flow.Instruction, h *flow.Hook) flow.Reply {
	if in.Act == flow.ActDirect && !carries(in.Target, h) {
		in.Act = flow.ActContinue
	}
	if !carries(in.Backup, h) {
		in.Backup = flow.Target{}
	}
	return jsontext.Reply(flat.AnswerTo(in))
}
