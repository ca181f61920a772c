package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

type lineSetCmd struct {
	reason
	Name         ident          `arg:"" optional:"" completion-predictor:"line" help:"The line's name; may be left out where the file has it."`
	File         string         `short:"f" completion-predictor:"file" placeholder:"FILE" help:"YAML or JSON file with the whole line: what it leaves out gets its default. - is standard input. Flags win over it."`
	Numbers      []ani.Number   `name:"number" placeholder:"NUMBER" help:"Number that callers dial, in E.164; may be repeated. Takes the place of all."`
	Targets      []target       `name:"target" sep:"none" placeholder:"KIND:ADDRESS[@HOURS]" help:"Where direct calls go, in order; may be repeated. Takes the place of all. Kinds: number, sip, queue, user, mailbox. Example: \"number:+15125550123@Mo-Fr 08:00-18:00\"."`
	Default      *bool          `negatable:"" help:"Take calls to numbers of no line."`
	Enabled      *bool          `negatable:"" help:"Let callers through at all."`
	Policy       *string        `placeholder:"POLICY" enum:"always,window" help:"When listed callers are let through: ${enum}."`
	Attestation  *string        `placeholder:"LEVEL" enum:"reject_failed,ignore,C,B,A" help:"What is asked of the carrier's word for a caller: ${enum}."`
	LimitCalls   *int           `placeholder:"N" help:"Direct calls at most."`
	LimitPer     *flow.Duration `placeholder:"SPAN" help:"In this span, such as 1h."`
	RedialWithin *flow.Duration `placeholder:"SPAN" help:"Another direct call so soon after an unanswered one goes to the next target."`
	ContinueURL  *string        `name:"continue-url" placeholder:"URL" help:"Where other callers carry on, on platforms that want a URL."`
	Announce     *string        `placeholder:"TEXT" help:"What the person who picks up is told."`
	Timezone     *string        `placeholder:"ZONE" help:"Zone that hours are in, such as Europe/Berlin."`
}

// target is a target as the command line writes it.
type target struct{ flow.Target }

// UnmarshalText reads kind:address[@hours].
func (t *target) UnmarshalText(b []byte) error {
	v, err := flow.ParseTarget(string(b))
	t.Target = v
	return err
}

// draft is a line on its way to the server, field by field: those that this
// program doesn't know stay as they are.
type draft struct {
	fields map[string]any
	header map[string]string // on what condition it is taken
}

// Run makes or changes the line.
func (c *lineSetCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	d, err := c.draft(ctx, s, client)
	if err != nil {
		return err
	}
	c.apply(d.fields)
	got, err := client.ask(ctx, request{
		method: http.MethodPut, path: []string{"v1", "lines", string(c.Name)}, query: c.query(), body: d.fields, header: d.header,
	})
	if err != nil {
		return err
	}
	return show(s, got.body, func(t *table, l flow.Line) { layLines(t, []flow.Line{l}) })
}

// draft is what the flags are laid over: the file, else the line as it is,
// else a new one.
func (c *lineSetCmd) draft(ctx context.Context, s *session, client *client) (draft, error) {
	if c.File != "" {
		fields, err := c.readFile(s)
		return draft{fields: fields}, fileHint(err)
	}
	if c.Name == "" {
		return draft{}, misuseError{errors.New("no line was named: give its name, or a file with -f")}
	}
	got, err := client.ask(ctx, request{method: http.MethodGet, path: []string{"v1", "lines", string(c.Name)}})
	var r *refusalError
	switch {
	case errors.As(err, &r) && r.Status == http.StatusNotFound && r.Title != "":
		fields, err := newLineFields()
		return draft{fields, map[string]string{"If-None-Match": "*"}}, err
	case err != nil:
		return draft{}, err
	}
	fields, err := decode[map[string]any](got.body)
	for _, kept := range []string{"version", "created_at", "updated_at", "$schema"} {
		delete(fields, kept)
	}
	return draft{fields, map[string]string{"If-Match": got.etag}}, err
}

// fileHint adds to the error of a line's file what can be done about it.
func fileHint(err error) error {
	switch {
	case err == nil:
		return nil
	case missingHint(err) != "":
		return hinted(err, missingHint(err))
	default:
		return hinted(err, "\"ringthrough line ls -o yaml\" shows lines as such a file has them, one of its items a file")
	}
}

// newLineFields is a line with nothing but defaults, as JSON has it.
func newLineFields() (map[string]any, error) {
	fields, err := lineFields(flow.NewLine())
	delete(fields, "name")
	return fields, err
}

// apply lays the flags that were given over fields.
func (c *lineSetCmd) apply(fields map[string]any) {
	fields["name"] = c.Name
	if c.Numbers != nil {
		fields["numbers"] = c.Numbers
	}
	if c.Targets != nil {
		fields["targets"] = c.Targets
	}
	setField(fields, "default", c.Default)
	setField(fields, "enabled", c.Enabled)
	setField(fields, "policy", c.Policy)
	setField(fields, "attestation", c.Attestation)
	setField(fields, "redial_within", c.RedialWithin)
	setField(fields, "continue_url", c.ContinueURL)
	setField(fields, "announce", c.Announce)
	setField(fields, "timezone", c.Timezone)
	if limit, ok := fields["limit"].(map[string]any); ok {
		setField(limit, "calls", c.LimitCalls)
		setField(limit, "per", c.LimitPer)
	}
}

func setField[T any](fields map[string]any, name string, value *T) {
	if value != nil {
		fields[name] = *value
	}
}
