package server

import (
	"context"
	"net/http"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/flat"
	"github.com/ringthrough/ringthrough/flow/store"
)

// question is a call that nobody has made.
type question struct {
	ANI         string  `json:"ani" maxLength:"256" doc:"who would call, in any spelling; empty: no number is given"`
	DNIS        string  `json:"dnis" maxLength:"256" doc:"whom they would dial"`
	Attestation string  `json:"attestation,omitempty" maxLength:"1000" doc:"the carrier's word, in any spelling that platforms use"`
	At          *string `json:"at,omitempty" nullable:"true" format:"date-time" doc:"when; now unless said otherwise. Windows and the journal are as they are now"`
	Region      string  `json:"region,omitempty" pattern:"^[A-Za-z]{2}$" patternDescription:"two letters, such as US" doc:"of national numbers; that of the called number unless said otherwise"`
}

// explanation is the answer that the call would be given, and what each rule
// of the decision table found.
type explanation struct {
	flat.Answer
	Steps []flow.Step `json:"steps" nullable:"false"`
}

func (a *api) registerExplain() {
	handle(a, a.operation(store.RoleViewer, "explain", http.MethodPost, "/v1/explain", "Tell what would become of a call, and why"), a.explain)
}

func (a *api) explain(_ context.Context, in *struct{ Body body[question] }) (*reply[explanation], error) {
	var q question
	if err := in.Body.over(&q); err != nil {
		return nil, err
	}
	var p ani.Problems
	at := timeIn("at", q.At, &p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	if at.IsZero() {
		at = a.board.Now()
	}
	call := flow.Reading{}.Call(flow.Fields{ANI: q.ANI, DNIS: q.DNIS, Attestation: q.Attestation, Region: q.Region})
	answer, steps := a.board.Explain(call, at)
	d := answer.Decision
	instruction := flow.Instruction{Act: flow.ActContinue, Revision: answer.Revision, Decision: d}
	if d.Route == flow.Direct {
		instruction.Act, instruction.Target, instruction.Backup = flow.ActDirect, d.Target, d.Backup
	}
	return &reply[explanation]{explanation{flat.AnswerTo(instruction), steps}}, nil
}
