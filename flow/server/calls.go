package server

import (
	"context"
	"net/http"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

type callsQuery struct {
	Line   string    `query:"line" maxLength:"63"`
	Kind   string    `query:"kind" enum:"direct,candidate,rehearsal"`
	Since  time.Time `query:"since" doc:"calls from then on"`
	Until  time.Time `query:"until" doc:"calls until just before"`
	Limit  int       `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"items at most"`
	Cursor string    `query:"cursor" maxLength:"500" doc:"next_cursor of the part before"`
}

type callAt struct {
	ID string `path:"id" maxLength:"64" doc:"of the lookup"`
}

// outcomeFields are what somebody says became of a call.
type outcomeFields struct {
	Outcome store.Outcome `json:"outcome" enum:"code_received,code_missed,not_activation"`
	Note    string        `json:"note,omitempty" doc:"at most 1000 bytes"`
}

// promoteFields are what is said of the entry that a call's caller becomes.
type promoteFields struct {
	Label     *string  `json:"label,omitempty" nullable:"true" doc:"who calls, for people; at most 200 bytes"`
	Source    *string  `json:"source,omitempty" nullable:"true" doc:"where the number was learnt; at most 200 bytes"`
	Lines     []string `json:"lines,omitempty" doc:"names of the lines that it is for; the call's own line unless said otherwise, every line where it is empty"`
	ExpiresAt *string  `json:"expires_at,omitempty" nullable:"true" format:"date-time" doc:"it matches until just before"`
	Note      *string  `json:"note,omitempty" nullable:"true" doc:"at most 1000 bytes"`
}

type outcomeOf struct {
	ID   string `path:"id" maxLength:"64" doc:"of the lookup"`
	Body body[outcomeFields]
}

type promotionOf struct {
	ID   string `path:"id" maxLength:"64" doc:"of the lookup"`
	Body *body[promoteFields]
}

func (a *api) registerCalls() {
	const all, one = "/v1/calls", "/v1/calls/{id}"
	handle(a, a.operation(store.RoleViewer, "list-calls", http.MethodGet, all, "List the journal's calls, the newest first"), a.listCalls)
	handle(a, a.operation(store.RoleViewer, "get-call", http.MethodGet, one, "Show a call"), a.getCall)
	handle(a, a.operation(store.RoleEditor, "set-outcome", http.MethodPost, one+"/outcome", "Say what became of a call"), a.setOutcome)
	promote := a.operation(store.RoleEditor, "promote-call", http.MethodPost, one+"/promote", "Put the caller of a call on the list")
	promote.DefaultStatus = http.StatusCreated
	edits(a, promote, a.promoteCall)
}

func (a *api) listCalls(ctx context.Context, in *callsQuery) (*reply[page[callView]], error) {
	part, err := a.board.Store().Calls(ctx, store.CallQuery{
		Line: in.Line, Kind: store.CallKind(in.Kind), Since: in.Since.UTC(), Until: in.Until.UTC(), Limit: in.Limit, Cursor: in.Cursor,
	})
	if err != nil {
		return pageOf[store.Call, callView](part, err, nil)
	}
	view, err := a.viewCalls(ctx, part.Items)
	return pageOf(part, err, view)
}

func (a *api) getCall(ctx context.Context, in *callAt) (*reply[callView], error) {
	c, err := a.board.Store().Call(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return a.replyCall(ctx, c)
}

func (a *api) setOutcome(ctx context.Context, in *outcomeOf) (*reply[callView], error) {
	var fields outcomeFields
	if err := in.Body.over(&fields); err != nil {
		return nil, err
	}
	var p ani.Problems
	p.Text("note", fields.Note, 1000)
	if err := p.Err(); err != nil {
		return nil, err
	}
	before, err := a.board.Store().Call(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	outcome := store.OutcomeOf{Outcome: fields.Outcome, Author: visitOf(ctx).author(), At: a.board.Now(), Note: fields.Note}
	c, err := a.board.SetOutcome(ctx, in.ID, outcome)
	if err != nil {
		return nil, err
	}
	if c.Kind != store.CallRehearsal && c.Outcome != before.Outcome {
		a.metrics.outcomes.WithLabelValues(c.Line, string(c.Outcome)).Inc()
	}
	return a.replyCall(ctx, c)
}

func (a *api) promoteCall(ctx context.Context, in *promotionOf) (*made[entryView], error) {
	call, err := a.board.Store().Call(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if call.ANI.IsZero() {
		return nil, newProblem(http.StatusUnprocessableEntity, "the call has no caller's number that could be put on the list")
	}
	fields := promoteFields{}
	if call.Line != "" {
		fields.Lines = []string{call.Line}
	}
	if err := in.Body.over(&fields); err != nil {
		return nil, err
	}
	e, number := ani.NewEntry(), call.ANI.String()
	err = entryFields{
		Pattern: &number, Label: fields.Label, Source: fields.Source, Lines: fields.Lines, ExpiresAt: fields.ExpiresAt, Note: fields.Note,
	}.onto(&e)
	if err != nil {
		return nil, err
	}
	return a.addEntry(ctx, e, "promoted from the call "+call.ID)
}
