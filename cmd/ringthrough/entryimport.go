package main

import (
	"context"
	"net/http"
)

type entryImportCmd struct {
	reason
	consent
	File   string `arg:"" name:"file" completion-predictor:"file" help:"CSV file with the columns pattern, label, source, lines, not_before, expires_at, enabled, min_attestation and note; - is standard input."`
	Mode   string `placeholder:"MODE" enum:"merge,replace" default:"merge" help:"merge adds entries and changes those that are there; replace deletes all that the file doesn't name, too. Default: ${default}."`
	DryRun bool   `help:"Only say what would be changed."`
}

// Run imports the file, all of it or nothing. A replace is asked about where
// somebody is there to answer, and the file can be read twice.
func (c *entryImportCmd) Run(ctx context.Context, s *session) error {
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
	query.Set("mode", c.Mode)
	return bulk{
		request: request{
			method: http.MethodPost, path: []string{"v1", "import"}, query: query,
			upload: file, kind: "text/csv; charset=utf-8", hints: bulkHints,
		},
		dryRun: c.DryRun, asks: c.Mode == "replace" && c.wanted(s) && file.rewindable(), things: "Entries",
	}.run(ctx, s, client)
}
