package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

type linePreflightCmd struct {
	Name ident `arg:"" completion-predictor:"line" help:"The line's name."`
}

// preflight is whether it is safe to ask WhatsApp for a code.
type preflight struct {
	Line   string `json:"line"`
	Ready  bool   `json:"ready"`
	Checks []struct {
		Code   string `json:"code"`
		Status string `json:"status"` // ok, warn or fail
		Text   string `json:"text"`
	} `json:"checks"`
}

// Run shows the checks, and fails where the line isn't ready, so that scripts
// can use it.
func (c *linePreflightCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	got, err := client.ask(ctx, request{
		method: http.MethodGet, path: []string{"v1", "lines", string(c.Name), "preflight"},
		hints: map[int]string{http.StatusNotFound: lookAtLines},
	})
	if err != nil {
		return err
	}
	found, err := decode[preflight](got.body)
	if err != nil {
		return err
	}
	if err := show(s, got.body, func(t *table, p preflight) { p.lay(t, s.coloured()) }); err != nil {
		return err
	}
	if !found.Ready {
		return fmt.Errorf("%s is not ready: mend %s first", c.Name, strings.Join(found.failed(), ", "))
	}
	return nil
}

func (p preflight) failed() []string {
	var codes []string
	for _, c := range p.Checks {
		if c.Status == "fail" {
			codes = append(codes, c.Code)
		}
	}
	return codes
}

func (p preflight) lay(t *table, coloured bool) {
	if coloured {
		t.paint = paintStatus
	}
	t.row("STATUS", "CHECK", "FOUND")
	for _, c := range p.Checks {
		t.fold(len("STATUS  rehearsal  "), c.Status, c.Code, c.Text)
	}
	t.gap()
	if p.Ready {
		t.line(oneLine(p.Line) + " is ready.")
	} else {
		t.line(oneLine(p.Line) + " is not ready.")
	}
}

// coloured reports whether colours are seen and wanted.
func (s *session) coloured() bool {
	return isTerminal(s.stdout) && s.env.get("NO_COLOR") == "" && s.env.get("TERM") != "dumb"
}

// paintStatus colours the word that a line begins with, if it is a status.
func paintStatus(line string) string {
	word, rest, _ := strings.Cut(line, " ")
	colour, known := map[string]string{"ok": "32", "warn": "33", "fail": "31"}[word]
	if !known {
		return line
	}
	return "\x1b[" + colour + "m" + word + "\x1b[0m " + rest
}
