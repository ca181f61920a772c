package store

import (
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

// CallKind is why a call stands in the journal.
type CallKind string

// The kinds of call.
const (
	CallDirect    CallKind = "direct"    // was sent to a person
	CallCandidate CallKind = "candidate" // carried on while a window was open
	CallRehearsal CallKind = "rehearsal" // was sent to a person as a rehearsal
)

// Outcome is what ops say became of a call.
type Outcome string

// The outcomes.
const (
	OutcomeReceived      Outcome = "code_received"
	OutcomeMissed        Outcome = "code_missed"
	OutcomeNotActivation Outcome = "not_activation"
)

// Call is one row of the journal; its ID is the lookup's.
type Call struct {
	ID          string           `json:"id"`
	At          time.Time        `json:"at"`
	Hook        string           `json:"hook"`
	CallID      string           `json:"call_id" doc:"the platform's own id of the call"`
	Line        string           `json:"line"`
	ANI         ani.Number       `json:"ani"`
	DNIS        ani.Number       `json:"dnis"`
	Kind        CallKind         `json:"kind" enum:"direct,candidate,rehearsal"`
	Route       flow.Route       `json:"route" enum:"direct,continue"`
	Reason      flow.Reason      `json:"reason"`
	Expected    bool             `json:"expected" doc:"a window was open on the line"`
	Entry       string           `json:"entry" doc:"id of the entry that matched"`
	Label       string           `json:"label" doc:"its label at the time"`
	Window      string           `json:"window" doc:"id of the window that was open"`
	TargetKind  flow.Kind        `json:"target_kind"`
	Target      string           `json:"target"`
	Attempt     int              `json:"attempt" doc:"1, or how often in a row the line was redialled"`
	Attestation flow.Attestation `json:"attestation"`
	Result      flow.Result      `json:"result" doc:"answered, no_answer, busy or failed; empty until it is known"`
	Duration    int              `json:"duration_seconds"`
	Outcome     Outcome          `json:"outcome" doc:"code_received, code_missed or not_activation; empty until somebody says"`
	OutcomeBy   string           `json:"outcome_by"`
	Note        string           `json:"note"`
}

// Mark is one thing to be written to the journal: a call, or the result of
// one. A result of a call that is not there is dropped.
type Mark struct {
	Call   *Call       `json:"call,omitempty"`
	Result *CallResult `json:"result,omitempty"`
}

// CallResult is how the direct leg of a call ended.
type CallResult struct {
	ID       string      `json:"id"`
	Result   flow.Result `json:"result"`
	Duration int         `json:"duration_seconds"`
}

// OutcomeOf is what somebody says became of a call.
type OutcomeOf struct {
	Outcome Outcome
	Author  Author
	At      time.Time
	Note    string
}

// CallQuery asks for calls of the journal. Limit is 1 to 1000.
type CallQuery struct {
	Line         string
	Kind         CallKind
	Since, Until time.Time // half-open; zero: unbounded
	Limit        int
	Cursor       string
}
