package main

import (
	"context"
	"net/http"
	"strings"

	"github.com/ringthrough/ringthrough/flow"
)

type lineCmd struct {
	Set       lineSetCmd       `cmd:"" help:"Make a line, or change one: only what is given."`
	Ls        lineLsCmd        `cmd:"" help:"Show the lines."`
	Preflight linePreflightCmd `cmd:"" help:"Ask whether it is safe to have WhatsApp call: exit 0 if it is, else 1."`
	Rm        lineRmCmd        `cmd:"" help:"Remove a line."`
}

type lineLsCmd struct{}

// Run shows the lines.
func (lineLsCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	got, err := client.ask(ctx, request{method: http.MethodGet, path: []string{"v1", "lines"}})
	if err != nil {
		return err
	}
	return show(s, got.body, func(t *table, p page[flow.Line]) { layLines(t, p.Items) })
}

func layLines(t *table, lines []flow.Line) {
	t.row("NAME", "NUMBERS", "STATE", "POLICY", "TARGETS")
	for _, l := range lines {
		var numbers, targets []string
		for _, n := range l.Numbers {
			numbers = append(numbers, n.String())
		}
		if l.Default {
			numbers = append(numbers, "(default)")
		}
		for _, target := range l.Targets {
			targets = append(targets, targetText(target))
		}
		t.row(l.Name, strings.Join(numbers, ","), lineState(l), string(l.Policy), strings.Join(targets, ", "))
	}
}

func lineState(l flow.Line) string {
	if l.Enabled {
		return "on"
	}
	return "off"
}

// targetText is t as --target takes it.
func targetText(t flow.Target) string {
	text := t.Address
	if t.Kind != flow.KindSIP {
		text = string(t.Kind) + ":" + text
	}
	if t.Hours != "" {
		text += "@" + string(t.Hours)
	}
	return text
}

type lineRmCmd struct {
	reason
	consent
	Name ident `arg:"" completion-predictor:"line" help:"The line's name."`
}

// Run removes the line.
func (c *lineRmCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	if c.wanted(s) {
		if err := s.confirm(ctx, "Remove the line %s? Its windows close, and calls to its numbers carry on into the normal IVR.", c.Name); err != nil {
			return err
		}
	}
	if _, err := client.ask(ctx, request{
		method: http.MethodDelete, path: []string{"v1", "lines", string(c.Name)}, query: c.query(),
		hints: map[int]string{
			http.StatusNotFound: lookAtLines,
			http.StatusConflict: "\"ringthrough entry ls --line " + string(c.Name) + "\" shows its entries: take them off the list, or give them other lines with \"ringthrough entry edit\"",
		},
	}); err != nil {
		return err
	}
	return s.say("the line %s is removed", c.Name)
}

const lookAtLines = "\"ringthrough line ls\" shows the lines there are"
