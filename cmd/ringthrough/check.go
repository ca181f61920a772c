package main

import (
	"context"
	"fmt"
	"net/http"
)

type checkCmd struct {
	Number string `arg:"" help:"The number that WhatsApp is to call."`
	Region string `placeholder:"CC" help:"Region of a national number, such as GB."`
}

// verdict is whether a number may be activated, and what to see to.
type verdict struct {
	Number   string `json:"number"`
	Verdict  string `json:"verdict"` // eligible, caution or ineligible
	Findings []struct {
		Code     string `json:"code"`
		Severity string `json:"severity"`
		Text     string `json:"text"`
	} `json:"findings"`
	Checklist []string `json:"checklist"`
}

// Run asks, and fails where the number can't be activated, so that scripts
// can use it.
func (c *checkCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	got, err := client.ask(ctx, request{
		method: http.MethodGet, path: []string{"v1", "check"},
		query: filters(map[string]string{"number": c.Number, "region": c.Region}),
	})
	if err != nil {
		return err
	}
	found, err := decode[verdict](got.body)
	if err != nil {
		return err
	}
	if err := show(s, got.body, func(t *table, v verdict) { v.lay(t) }); err != nil {
		return err
	}
	if found.Verdict == "ineligible" {
		return fmt.Errorf("%s can't be activated as it stands", c.Number)
	}
	return nil
}

func (v verdict) lay(t *table) {
	t.row("number", v.Number)
	t.row("verdict", v.Verdict)
	if len(v.Findings) > 0 {
		t.gap()
		t.row("SEVERITY", "CODE", "FOUND")
		for _, f := range v.Findings {
			t.fold(len("ineligible  freephone_not_recognised  "), f.Severity, f.Code, f.Text)
		}
	}
	if len(v.Checklist) == 0 {
		return
	}
	t.gap()
	t.line("To see to, which no program can:")
	for _, text := range v.Checklist {
		t.fold(len("- "), "-", text)
	}
}
