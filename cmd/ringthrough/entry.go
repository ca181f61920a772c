package main

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/ani"
)

type entryCmd struct {
	Add    entryAddCmd    `cmd:"" help:"Put a number, a prefix (+1650555*) or a range (+16505550100-+16505550199) on the list."`
	Ls     entryLsCmd     `cmd:"" help:"Show the list."`
	Edit   entryEditCmd   `cmd:"" help:"Change what is known of an entry: only what is given."`
	Rm     entryRmCmd     `cmd:"" help:"Take an entry off the list."`
	Import entryImportCmd `cmd:"" help:"Take entries from a CSV file: all of them or, where one can't be taken, none."`
	Export entryExportCmd `cmd:"" help:"Write the list down, so that import takes it again."`
}

// entry is an entry as the API gives it.
type entry struct {
	ani.Entry
	State ani.State `json:"state"`
}

// entryFlags are what can be said of an entry.
type entryFlags struct {
	Label          *string          `placeholder:"TEXT" help:"What it is, such as \"Meta call 1\"."`
	Source         *string          `placeholder:"TEXT" help:"Where the number comes from: a ticket, a mail."`
	Lines          []ident          `name:"line" completion-predictor:"line" placeholder:"NAME" help:"Line that it is for; may be repeated. Default: every line."`
	NotBefore      *moment          `placeholder:"TIME" help:"When it begins to count: RFC 3339, a date, a span from now, or none."`
	Expires        *moment          `placeholder:"TIME" help:"When it ends to count, such as 72h, 7d, 2026-01-31 (as that day begins) or none."`
	MinAttestation *ani.Attestation `placeholder:"LEVEL" help:"What the carrier must say of the caller at least: none, C, B or A."`
	Note           *string          `placeholder:"TEXT" help:"Anything else."`
}

// fields are the flags that were given, as the API names them. A nil value
// clears the field.
func (f *entryFlags) fields(now time.Time) map[string]any {
	fields := map[string]any{}
	for name, value := range map[string]*string{"label": f.Label, "source": f.Source, "note": f.Note} {
		if value != nil {
			fields[name] = *value
		}
	}
	if f.Lines != nil {
		fields["lines"] = f.Lines
	}
	for name, value := range map[string]*moment{"not_before": f.NotBefore, "expires_at": f.Expires} {
		if value != nil {
			fields[name] = stamp(value.after(now))
		}
	}
	if f.MinAttestation != nil {
		fields["min_attestation"] = f.MinAttestation
	}
	return fields
}

type entryAddCmd struct {
	reason
	Pattern string `arg:"" help:"The number with its country code, a prefix or a range."`
	entryFlags
	Disabled bool `help:"Don't let it through yet."`
}

// Run puts the entry on the list.
func (c *entryAddCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	fields := c.fields(s.now())
	fields["pattern"], fields["enabled"] = c.Pattern, !c.Disabled
	got, err := client.ask(ctx, request{
		method: http.MethodPost, path: []string{"v1", "entries"}, query: c.query(), body: fields,
		hints: map[int]string{http.StatusConflict: "change the one that is there with \"ringthrough entry edit\", or look at it with \"ringthrough entry ls\""},
	})
	if err != nil {
		return err
	}
	return show(s, got.body, func(t *table, e entry) { layEntries(t, []entry{e}) })
}

type entryLsCmd struct {
	paging
	Query string `short:"q" placeholder:"TEXT" help:"Part of the pattern, label, source or note."`
	Line  string `placeholder:"NAME" completion-predictor:"line" help:"For this line."`
	State string `placeholder:"STATE" enum:",active,scheduled,expired,disabled" default:"" help:"active, scheduled, expired or disabled."`
}

// Run shows the list.
func (c *entryLsCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	query := filters(map[string]string{"q": c.Query, "line": c.Line, "state": c.State})
	body, err := client.list(ctx, c.paging, query, nil, "v1", "entries")
	if err != nil {
		return err
	}
	return showList(s, body, layEntries)
}

func layEntries(t *table, entries []entry) {
	wide := t.width == 0 || t.width >= entryWidth
	heads := []string{"PATTERN", "STATE", "LINES", "EXPIRES", "HITS"}
	if wide {
		heads = append(heads, "LAST HIT")
	}
	t.row(append(heads, "LABEL")...)
	for _, e := range entries {
		lines := strings.Join(e.Lines, ",")
		if lines == "" {
			lines = "every"
		}
		cells := []string{e.Pattern.String(), string(e.State), lines, t.minute(e.ExpiresAt), strconv.FormatInt(e.Hits, 10)}
		if wide {
			cells = append(cells, t.minute(e.LastHitAt))
		}
		t.row(append(cells, e.Label)...)
	}
}

// entryWidth is how wide a terminal must be to show when an entry last rang,
// and leave room for its label.
const entryWidth = 110
