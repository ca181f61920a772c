package main

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/ringthrough/ringthrough/flow"
)

type explainCmd struct {
	ANI         string  `name:"ani" required:"" placeholder:"NUMBER" help:"Who calls, as the IVR would say it."`
	DNIS        string  `name:"dnis" required:"" placeholder:"NUMBER" help:"Whom they dialled."`
	Attestation string  `placeholder:"LEVEL" help:"How far the carrier vouches for the caller: A, B, C, failed, or what the platform sends."`
	At          *moment `placeholder:"TIME" help:"When; a span counts from now. Default: now."`
	Region      string  `placeholder:"CC" help:"Region of national numbers, such as GB."`
}

// explanation is the flat answer and how it came about.
type explanation struct {
	Route      string      `json:"route"`
	Reason     string      `json:"reason"`
	Detail     string      `json:"detail"`
	Expected   string      `json:"expected"`
	TargetKind string      `json:"target_kind"`
	Target     string      `json:"target"`
	BackupKind string      `json:"backup_kind"`
	Backup     string      `json:"backup"`
	Line       string      `json:"line"`
	Label      string      `json:"label"`
	ANI        string      `json:"ani"`
	DNIS       string      `json:"dnis"`
	Steps      []flow.Step `json:"steps"`
}

// Run asks and shows what each rule found.
func (c *explainCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	body := map[string]any{"ani": c.ANI, "dnis": c.DNIS}
	if c.Attestation != "" {
		body["attestation"] = c.Attestation
	}
	if c.Region != "" {
		body["region"] = c.Region
	}
	if c.At != nil {
		body["at"] = stamp(c.At.after(s.now()))
	}
	got, err := client.ask(ctx, request{method: http.MethodPost, path: []string{"v1", "explain"}, body: body})
	if err != nil {
		return err
	}
	return show(s, got.body, func(t *table, e explanation) { e.lay(t) })
}

func (e explanation) lay(t *table) {
	for _, pair := range [][2]string{
		{"route", e.Route},
		{"reason", e.Reason},
		{"detail", e.Detail},
		{"line", e.Line},
		{"target", strings.TrimSpace(e.TargetKind + " " + e.Target)},
		{"backup", strings.TrimSpace(e.BackupKind + " " + e.Backup)},
		{"expected", e.Expected},
		{"label", e.Label},
		{"caller", e.ANI},
		{"called", e.DNIS},
	} {
		t.row(pair[0], pair[1])
	}
	t.line("")
	t.row("RULE", "OUTCOME", "FOUND")
	for _, step := range e.Steps {
		t.row(strconv.Itoa(step.Rule), string(step.Outcome), step.Text)
	}
}
