package main

import (
	"context"
	"net/http"
	"strconv"

	"github.com/ringthrough/ringthrough/flow"
)

type windowCmd struct {
	Open  windowOpenCmd  `cmd:"" help:"Expect a call on a line for a while."`
	Close windowCloseCmd `cmd:"" help:"Close a window before its time."`
	Ls    windowLsCmd    `cmd:"" help:"Show the windows, newest first."`
}

// window is a window as the API gives it.
type window struct {
	flow.Window
	State string `json:"state"`
}

type windowOpenCmd struct {
	reason
	Line     ident         `arg:"" completion-predictor:"line" help:"The line's name."`
	Mode     string        `placeholder:"MODE" enum:"listed,anyone,rehearsal" default:"listed" help:"listed arms the line, anyone diverts every caller to its targets, rehearsal lets --caller through. Default: ${default}."`
	Duration flow.Duration `required:"" placeholder:"SPAN" help:"How long it stays open, such as 15m: 2h at most, 7d for listed."`
	Callers  []string      `name:"caller" placeholder:"NUMBER" help:"Telephone that you rehearse from; may be repeated."`
	MaxCalls int           `placeholder:"N" help:"Close with this many direct calls. Default: as many as come."`
	OpensAt  *moment       `placeholder:"TIME" help:"When it opens; a span counts from now. Default: now."`
	Note     string        `placeholder:"TEXT" help:"What for."`
}

// Run opens the window.
func (c *windowOpenCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	body := map[string]any{"line": c.Line, "mode": c.Mode, "duration": c.Duration}
	if len(c.Callers) > 0 {
		body["callers"] = c.Callers
	}
	if c.MaxCalls != 0 {
		body["max_calls"] = c.MaxCalls
	}
	if c.OpensAt != nil {
		body["opens_at"] = stamp(c.OpensAt.after(s.now()))
	}
	if c.Note != "" {
		body["note"] = c.Note
	}
	got, err := client.ask(ctx, request{
		method: http.MethodPost, path: []string{"v1", "windows"}, query: c.query(), body: body,
		hints: map[int]string{http.StatusNotFound: lookAtLines},
	})
	if err != nil {
		return err
	}
	return show(s, got.body, func(t *table, w window) { layWindows(t, []window{w}) })
}

type windowCloseCmd struct {
	reason
	ID ident `arg:"" name:"id" completion-predictor:"window" help:"The window's id."`
}

// Run closes the window.
func (c *windowCloseCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	if _, err := client.ask(ctx, request{
		method: http.MethodDelete, path: []string{"v1", "windows", string(c.ID)}, query: c.query(),
		hints: map[int]string{http.StatusNotFound: "\"ringthrough window ls\" shows the windows there are"},
	}); err != nil {
		return err
	}
	return s.say("the window %s is closed", c.ID)
}

type windowLsCmd struct {
	paging
	Line  string `placeholder:"NAME" completion-predictor:"line" help:"Of this line."`
	State string `placeholder:"STATE" enum:",scheduled,open,closed" default:"" help:"scheduled, open or closed."`
}

// Run shows the windows.
func (c *windowLsCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	body, err := client.list(ctx, c.paging, filters(map[string]string{"line": c.Line, "state": c.State}), nil, "v1", "windows")
	if err != nil {
		return err
	}
	return showList(s, body, layWindows)
}

func layWindows(t *table, windows []window) {
	t.row("ID", "LINE", "MODE", "STATE", "OPENS", "CLOSES", "CALLS", "NOTE")
	for _, w := range windows {
		calls := strconv.Itoa(w.Calls)
		if w.MaxCalls > 0 {
			calls += "/" + strconv.Itoa(w.MaxCalls)
		}
		t.row(w.ID, w.Line, string(w.Mode), w.State, t.minute(w.OpensAt), t.minute(w.ClosesAt), calls, w.Note)
	}
}
