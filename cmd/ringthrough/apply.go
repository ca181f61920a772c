package main

import (
	"context"
	"net/http"
)

type applyCmd struct {
	reason
	consent
	File   string `short:"f" completion-predictor:"file" required:"" placeholder:"FILE" help:"YAML or JSON document of lines and entries, as export writes it; what it leaves out of them has its default. - is standard input."`
	Prune  bool   `help:"Delete the lines and entries that the document doesn't name."`
	DryRun bool   `help:"Only say what would be changed."`
}

// Run makes lines and entries what the document says, all of it or nothing.
func (c *applyCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	file, err := s.openUpload(c.File)
	if err != nil {
		return err
	}
	defer file.close()
	query := c.query()
	if c.Prune {
		query.Set("prune", "true")
	}
	return bulk{
		request: request{
			method: http.MethodPost, path: []string{"v1", "apply"}, query: query,
			upload: file, kind: "application/yaml", hints: bulkHints,
		},
		dryRun: c.DryRun, asks: c.Prune && c.wanted(s) && file.rewindable(), things: "Lines and entries",
	}.run(ctx, s, client)
}
