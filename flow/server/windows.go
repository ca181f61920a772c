package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/rs/xid"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// windowView is a window as the API shows it.
type windowView struct {
	flow.Window
	State string `json:"state" enum:"scheduled,open,closed" doc:"what it is now"`
}

// newWindow are the fields of a window that is to be opened.
type newWindow struct {
	Line     string    `json:"line" doc:"its name"`
	Mode     flow.Mode `json:"mode" enum:"listed,anyone,rehearsal" doc:"listed arms the line, anyone diverts every caller to it, rehearsal lets its callers through"`
	Duration string    `json:"duration,omitempty" doc:"how long it stays open, such as 15m: at most 7d for listed, else 2h"`
	OpensAt  *string   `json:"opens_at,omitempty" nullable:"true" format:"date-time" doc:"now unless said otherwise"`
	ClosesAt *string   `json:"closes_at,omitempty" nullable:"true" format:"date-time" doc:"in place of duration: it is open until just before"`
	Callers  []string  `json:"callers,omitempty" doc:"whom a rehearsal lets through; national numbers are of the region of the line's first number"`
	MaxCalls int       `json:"max_calls,omitempty" minimum:"0" maximum:"10000" doc:"direct calls that close it; 0: as many as come"`
	Note     string    `json:"note,omitempty" doc:"at most 1000 bytes"`
}

// clockSkew is how far in the past a window may begin: clients' clocks differ.
const clockSkew = time.Minute

// window is the window that f describes. The error is ani.Problems.
func (f *newWindow) window(line flow.Line, now time.Time) (flow.Window, error) {
	var p ani.Problems
	w := flow.Window{
		ID: xid.New().String(), Line: f.Line, Mode: f.Mode, MaxCalls: f.MaxCalls, Note: f.Note,
		OpensAt: timeIn("opens_at", f.OpensAt, &p), ClosesAt: timeIn("closes_at", f.ClosesAt, &p),
	}
	if w.OpensAt.IsZero() {
		w.OpensAt = now.UTC().Truncate(time.Millisecond)
	}
	if w.OpensAt.Before(now.Add(-clockSkew)) {
		p.Add("opens_at", "is in the past: leave it out for a window that opens now")
	}
	f.stayOpen(&w, &p)
	w.Callers = f.callers(line, &p)
	return w, f.named(alsoIn(p, w.Normalize(now)))
}

// stayOpen turns the duration into the time at which w closes.
func (f *newWindow) stayOpen(w *flow.Window, p *ani.Problems) {
	if f.Duration == "" {
		return
	}
	span := durationIn("duration", f.Duration, p)
	switch {
	case f.ClosesAt != nil:
		p.Add("duration", "is there beside closes_at: give one of the two")
	case span < 0:
		p.Add("duration", "must be longer than 0s")
	case span > 0:
		w.ClosesAt = w.OpensAt.Add(time.Duration(span)).Truncate(time.Millisecond)
	}
}

// named lets err name the field that f gave for the end of the window.
func (f *newWindow) named(err error) error {
	var p ani.Problems
	if errors.As(err, &p) && f.ClosesAt == nil {
		for i := range p {
			p[i].Field = strings.Replace(p[i].Field, "closes_at", "duration", 1)
		}
	}
	return err
}

// callers reads the callers of a rehearsal as somebody near the line writes
// them.
func (f *newWindow) callers(line flow.Line, p *ani.Problems) []ani.Number {
	var how ani.Reading
	if len(line.Numbers) > 0 {
		how.Called = line.Numbers[0]
	}
	var callers []ani.Number
	for i, raw := range f.Callers {
		n := numberIn(fmt.Sprintf("callers[%d]", i), raw, how, p)
		if !n.IsZero() && !slices.Contains(callers, n) {
			callers = append(callers, n)
		}
	}
	return callers
}

type windowsQuery struct {
	Line   string `query:"line" maxLength:"63"`
	State  string `query:"state" enum:"scheduled,open,closed"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"items at most"`
	Cursor string `query:"cursor" maxLength:"500" doc:"next_cursor of the part before"`
}

type windowAt struct {
	ID string `path:"id" maxLength:"64"`
}

func (a *api) registerWindows() {
	const all, one = "/v1/windows", "/v1/windows/{id}"
	handle(a, a.operation(store.RoleViewer, "list-windows", http.MethodGet, all, "List windows, the newest first"), a.listWindows)
	open := a.operation(store.RoleEditor, "open-window", http.MethodPost, all, "Open a window on a line, or plan one")
	open.DefaultStatus = http.StatusCreated
	edits(a, open, a.openWindow)
	handle(a, a.operation(store.RoleViewer, "get-window", http.MethodGet, one, "Show a window"), a.getWindow)
	edits(a, a.operation(store.RoleEditor, "close-window", http.MethodDelete, one, "Close a window now"), a.closeWindow)
}

func (a *api) viewWindow(w flow.Window) windowView { return windowView{w, w.State(a.board.Now())} }

func (a *api) listWindows(ctx context.Context, in *windowsQuery) (*reply[page[windowView]], error) {
	part, err := a.board.Store().Windows(ctx, store.WindowQuery{
		Line: in.Line, State: in.State, At: a.board.Now(), Limit: in.Limit, Cursor: in.Cursor,
	})
	return pageOf(part, err, a.viewWindow)
}

func (a *api) openWindow(ctx context.Context, in *struct{ Body body[newWindow] }) (*created[windowView], error) {
	var fields newWindow
	if err := in.Body.over(&fields); err != nil {
		return nil, err
	}
	line, ok := a.board.Snapshot().Line(fields.Line)
	if !ok {
		return nil, ani.Problems{{Field: "line", Text: fmt.Sprintf("names %q, but there is no such line", fields.Line)}}
	}
	w, err := fields.window(line, a.board.Now())
	if err != nil {
		return nil, err
	}
	if err := a.edit(ctx, "", store.Change{Op: store.OpCreate, Kind: store.KindWindow, Key: w.ID, Window: &w}); err != nil {
		return nil, fields.named(err)
	}
	kept, err := a.board.Store().Window(ctx, w.ID)
	if err != nil {
		return nil, err
	}
	return &created[windowView]{Location: "/v1/windows/" + w.ID, Body: a.viewWindow(kept)}, nil
}

func (a *api) getWindow(ctx context.Context, in *windowAt) (*reply[windowView], error) {
	w, err := a.board.Store().Window(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &reply[windowView]{a.viewWindow(w)}, nil
}

func (a *api) closeWindow(ctx context.Context, in *windowAt) (*struct{}, error) {
	w, err := a.board.Store().Window(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	now := a.board.Now()
	if w.State(now) == "closed" {
		return nil, nil
	}
	return nil, a.edit(ctx, "", closed(w, now))
}
