package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/switchboard"
)

// lineFields are what a client may say of a line. What is not there has the
// default of flow.NewLine. The last three are the server's own: they may be
// sent back as they were got, and change nothing.
type lineFields struct {
	Name         string                 `json:"name,omitempty" doc:"must be the one in the path where it is there"`
	Numbers      []string               `json:"numbers,omitempty" maxItems:"1000" doc:"the numbers that callers dial, in E.164"`
	Default      bool                   `json:"default,omitempty" doc:"takes calls to numbers of no line; at most one line"`
	Enabled      bool                   `json:"enabled,omitempty" default:"true" doc:"switched off, every call carries on"`
	Policy       flow.Policy            `json:"policy,omitempty" enum:"always,window" default:"always" doc:"when listed callers are let through"`
	Attestation  flow.AttestationPolicy `json:"attestation,omitempty" enum:"reject_failed,ignore,C,B,A" default:"reject_failed" doc:"what is asked of the carrier's word for a caller"`
	Limit        limitFields            `json:"limit,omitzero" doc:"direct calls at most"`
	Targets      []flow.Target          `json:"targets,omitempty" doc:"where direct calls go, in order; at most 32"`
	RedialWithin string                 `json:"redial_within,omitempty" default:"90s" doc:"another direct call within this span of an unanswered one goes to the next target"`
	ContinueURL  string                 `json:"continue_url,omitempty" doc:"where other callers carry on, on platforms that want a URL; wins over the hook's"`
	Announce     string                 `json:"announce,omitempty" doc:"what the person who picks up is told; at most 500 bytes"`
	Timezone     string                 `json:"timezone,omitempty" default:"UTC" doc:"IANA name of the zone that hours are in, such as Europe/Berlin"`
	Version      int64                  `json:"version,omitempty" readOnly:"true" doc:"what is sent of it is ignored"`
	CreatedAt    string                 `json:"created_at,omitempty" readOnly:"true" doc:"what is sent of it is ignored"`
	UpdatedAt    string                 `json:"updated_at,omitempty" readOnly:"true" doc:"what is sent of it is ignored"`
}

type limitFields struct {
	Calls int    `json:"calls,omitempty" minimum:"1" maximum:"10000" default:"20" doc:"direct calls at most"`
	Per   string `json:"per,omitempty" default:"1h" doc:"in this span, such as 1h; at most 7d"`
}

// newLineFields are those of flow.NewLine.
func newLineFields() lineFields {
	l := flow.NewLine()
	return lineFields{
		Enabled: l.Enabled, Policy: l.Policy, Attestation: l.Attestation,
		Limit:        limitFields{Calls: l.Limit.Calls, Per: l.Limit.Per.String()},
		RedialWithin: l.RedialWithin.String(), Announce: l.Announce, Timezone: l.Timezone,
	}
}

// line is the line called name that f describes, in its canonical form. The
// error is ani.Problems.
func (f *lineFields) line(name string) (flow.Line, error) {
	var p ani.Problems
	if f.Name != "" && f.Name != name {
		p.Add("name", fmt.Sprintf("is %q, and the path says %q: lines are not renamed, make a new one", f.Name, name))
	}
	l := flow.Line{
		Name: name, Numbers: []ani.Number{}, Default: f.Default, Enabled: f.Enabled, Policy: f.Policy, Attestation: f.Attestation,
		Limit:   flow.Limit{Calls: f.Limit.Calls, Per: durationIn("limit.per", f.Limit.Per, &p)},
		Targets: append([]flow.Target{}, f.Targets...), RedialWithin: durationIn("redial_within", f.RedialWithin, &p),
		ContinueURL: f.ContinueURL, Announce: f.Announce, Timezone: f.Timezone,
	}
	for i, raw := range f.Numbers {
		l.Numbers = append(l.Numbers, numberIn(fmt.Sprintf("numbers[%d]", i), raw, ani.Reading{}, &p))
	}
	return l, alsoIn(p, l.Normalize())
}

func numberIn(field, raw string, how ani.Reading, p *ani.Problems) ani.Number {
	n, err := how.Parse(raw)
	if err != nil {
		p.Add(field, fmt.Sprintf("%q is no number that can be read: write + and the country code first, as in +18005550100", raw))
	}
	return n
}

func durationIn(field, raw string, p *ani.Problems) flow.Duration {
	d, err := flow.ParseDuration(raw)
	if err != nil {
		p.Add(field, err.Error())
	}
	return d
}

type lineAt struct {
	Name        string `path:"name" maxLength:"63"`
	IfNoneMatch string `header:"If-None-Match" doc:"304 where it still has this version"`
}

type linePut struct {
	Name        string `path:"name" maxLength:"63"`
	IfMatch     string `header:"If-Match" doc:"the ETag that it must still have"`
	IfNoneMatch string `header:"If-None-Match" doc:"*: only where there is no such line yet"`
	Body        body[lineFields]
}

type lineDelete struct {
	Name    string `path:"name" maxLength:"63"`
	IfMatch string `header:"If-Match" doc:"the ETag that it must still have"`
}

func (a *api) registerLines() {
	const all, one = "/v1/lines", "/v1/lines/{name}"
	handle(a, a.operation(store.RoleViewer, "list-lines", http.MethodGet, all, "List lines by name"), a.listLines)
	get := a.operation(store.RoleViewer, "get-line", http.MethodGet, one, "Show a line")
	handle(a, answering(get, "304", "It still has the version of If-None-Match"), a.getLine)
	put := a.operation(store.RoleEditor, "put-line", http.MethodPut, one, "Make a line, or replace it whole")
	edits(a, answering(put, "201", "The line was made"), a.putLine)
	edits(a, a.operation(store.RoleEditor, "delete-line", http.MethodDelete, one, "Delete a line that no entry names"), a.deleteLine)
}

func (a *api) listLines(ctx context.Context, _ *struct{}) (*reply[list[store.Line]], error) {
	lines, err := a.board.Store().Lines(ctx)
	if err != nil {
		return nil, err
	}
	return &reply[list[store.Line]]{list[store.Line]{Items: append([]store.Line{}, lines...)}}, nil
}

func (a *api) getLine(ctx context.Context, in *lineAt) (*found[store.Line], error) {
	l, err := a.board.Store().Line(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	return foundAt(l, l.Version, in.IfNoneMatch), nil
}

func (a *api) putLine(ctx context.Context, in *linePut) (*found[store.Line], error) {
	fields := newLineFields()
	if err := in.Body.over(&fields); err != nil {
		return nil, err
	}
	line, err := fields.line(in.Name)
	if err != nil {
		return nil, err
	}
	old, err := a.board.Store().Line(ctx, in.Name)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	change, err := in.change(line, old.Version)
	if err != nil {
		return nil, err
	}
	if old.Version > 0 && same(old.Line, line) {
		return foundAt(old, old.Version, ""), nil
	}
	return a.keepLine(ctx, change)
}

// change is what puts line where version is stored now, 0 if none is.
func (in *linePut) change(line flow.Line, version int64) (store.Change, error) {
	c := store.Change{Op: store.OpPut, Kind: store.KindLine, Key: line.Name, Line: &line}
	switch {
	case version == 0 && in.IfMatch != "":
		return c, newProblem(http.StatusPreconditionFailed, "there is no such line, or no longer")
	case version == 0 && in.IfNoneMatch != "":
		c.Op = store.OpCreate
	case version > 0 && unchanged(in.IfNoneMatch, version):
		return c, newProblem(http.StatusPreconditionFailed, "there is a line of that name already")
	case version > 0:
		var err error
		c.IfVersion, err = expect(in.IfMatch, version)
		return c, err
	}
	return c, nil
}

func (a *api) keepLine(ctx context.Context, c store.Change) (*found[store.Line], error) {
	err := a.edit(ctx, "", c)
	if c.Op == store.OpCreate && errors.Is(err, store.ErrTaken) {
		return nil, newProblem(http.StatusPreconditionFailed, "somebody else has just made a line of that name")
	}
	if err != nil {
		return nil, err
	}
	kept, err := a.board.Store().Line(ctx, c.Key)
	if err != nil {
		return nil, err
	}
	f := foundAt(kept, kept.Version, "")
	if kept.Version == 1 {
		f.Status = http.StatusCreated
	}
	return f, nil
}

func (a *api) deleteLine(ctx context.Context, in *lineDelete) (*struct{}, error) {
	line, err := a.board.Store().Line(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	version, err := expect(in.IfMatch, line.Version)
	if err != nil {
		return nil, err
	}
	err = a.edit(ctx, "", store.Change{Op: store.OpDelete, Kind: store.KindLine, Key: in.Name, IfVersion: version})
	if errors.Is(err, switchboard.ErrInUse) {
		return nil, newProblem(http.StatusConflict, err.Error()+". Change or delete them first") // says how many, and which is the first
	}
	return nil, err
}

// closed closes w at now.
func closed(w flow.Window, now time.Time) store.Change {
	w.ClosesAt = now.UTC().Truncate(time.Millisecond)
	return store.Change{Op: store.OpUpdate, Kind: store.KindWindow, Key: w.ID, Window: &w}
}
