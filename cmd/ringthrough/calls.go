package main

import (
	"context"
	"net/http"
)

type callsCmd struct {
	Ls      callsLsCmd      `cmd:"" help:"Show the journal, newest first."`
	Show    callsShowCmd    `cmd:"" help:"Show all that is known of a call."`
	Recent  callsRecentCmd  `cmd:"" help:"Show who was not let through in the last minutes, window or not."`
	Tail    callsTailCmd    `cmd:"" help:"Show calls as they come in, until Ctrl-C."`
	Outcome callsOutcomeCmd `cmd:"" help:"Write down what became of a call."`
	Promote callsPromoteCmd `cmd:"" help:"Put the caller of a candidate on the list."`
}

type callsLsCmd struct {
	paging
	Line  string  `placeholder:"NAME" completion-predictor:"line" help:"Of this line."`
	Kind  string  `placeholder:"KIND" enum:",direct,candidate,rehearsal" default:"" help:"direct, candidate or rehearsal."`
	Since *moment `placeholder:"TIME" help:"Not before: RFC 3339, a date, or a span back from now such as 24h."`
	Until *moment `placeholder:"TIME" help:"Before: as --since."`
}

// Run shows the journal.
func (c *callsLsCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	query := filters(map[string]string{"line": c.Line, "kind": c.Kind})
	s.span(query, c.Since, c.Until)
	body, err := client.list(ctx, c.paging, query, nil, "v1", "calls")
	if err != nil {
		return err
	}
	return showList(s, body, layCalls)
}

func layCalls(t *table, calls []call) {
	t.row(callHeads...)
	for _, c := range calls {
		t.row(callCells(t, c)...)
	}
}

var callHeads = []string{"AT", "KIND", "LINE", "CALLER", "REASON", "RESULT", "OUTCOME", "ID", "TARGET"}

func callCells(t *table, c call) []string {
	target := c.Target
	if target != "" {
		target = string(c.TargetKind) + " " + target
	}
	return []string{
		t.second(c.At), c.kind(), c.Line, c.ANI.String(), string(c.Reason),
		string(c.Result), string(c.Outcome), c.ID, target,
	}
}

type callsOutcomeCmd struct {
	ID      ident   `arg:"" name:"id" help:"The call's id."`
	Outcome string  `arg:"" enum:"code_received,code_missed,not_activation" help:"${enum}."`
	Note    *string `placeholder:"TEXT" help:"Anything else."`
}

// Run writes the outcome down.
func (c *callsOutcomeCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	body := map[string]any{"outcome": c.Outcome}
	setField(body, "note", c.Note)
	got, err := client.ask(ctx, request{
		method: http.MethodPost, path: []string{"v1", "calls", string(c.ID), "outcome"}, body: body,
		hints: map[int]string{http.StatusNotFound: lookAtCalls},
	})
	if err != nil {
		return err
	}
	return show(s, got.body, func(t *table, c call) { layCalls(t, []call{c}) })
}

type callsPromoteCmd struct {
	ID      ident   `arg:"" name:"id" help:"The call's id."`
	Label   *string `placeholder:"TEXT" help:"What the entry is, such as \"Meta call 2\"."`
	Source  *string `placeholder:"TEXT" help:"Where the number comes from."`
	Lines   []ident `name:"line" completion-predictor:"line" placeholder:"NAME" help:"Line that it is for; may be repeated. Default: the call's."`
	Expires *moment `placeholder:"TIME" help:"When it ends to count, such as 72h, 7d or 2026-01-31 (as that day begins)."`
	Note    *string `placeholder:"TEXT" help:"Anything else."`
}

// Run makes an entry of the call's number.
func (c *callsPromoteCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	body := map[string]any{}
	setField(body, "label", c.Label)
	setField(body, "source", c.Source)
	setField(body, "note", c.Note)
	if c.Lines != nil {
		body["lines"] = c.Lines
	}
	if c.Expires != nil {
		body["expires_at"] = stamp(c.Expires.after(s.now()))
	}
	got, err := client.ask(ctx, request{
		method: http.MethodPost, path: []string{"v1", "calls", string(c.ID), "promote"}, body: body,
		hints: map[int]string{http.StatusNotFound: lookAtCalls, http.StatusConflict: lookAtEntries},
	})
	if err != nil {
		return err
	}
	return show(s, got.body, func(t *table, e entry) { layEntries(t, []entry{e}) })
}

const lookAtCalls = "\"ringthrough calls ls\" shows the calls of the journal and their ids"
