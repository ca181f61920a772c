package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

type callsTailCmd struct {
	Line string `placeholder:"NAME" completion-predictor:"line" help:"Of this line."`
	Kind string `placeholder:"KIND" enum:",direct,candidate,rehearsal" default:"" help:"direct, candidate or rehearsal."`
}

// Run shows calls until it is interrupted, which is no error.
func (c *callsTailCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	if s.flags.Output == "table" {
		if err := s.tailRow(callHeads); err != nil {
			return err
		}
	}
	return client.follow(ctx, follower{
		begun: func() { fmt.Fprintln(s.stderr, "Waiting for calls; Ctrl-C ends.") },
		lost: func(err error, wait time.Duration) {
			fmt.Fprintf(s.stderr, "%s: trying again in %s\n", printable(err.Error()), wait.Round(time.Second/10))
		},
		each: func(data json.RawMessage) error {
			got, err := decode[call](data)
			if err != nil || !c.wants(got) {
				return err
			}
			return s.tailCall(data, got)
		},
	}, "v1", "calls", "stream")
}

func (c *callsTailCmd) wants(got call) bool {
	return (c.Line == "" || got.Line == c.Line) && (c.Kind == "" || string(got.Kind) == c.Kind)
}

// tailCall writes one call: a row, a line of JSON, or a document of YAML.
func (s *session) tailCall(data json.RawMessage, got call) error {
	switch s.flags.Output {
	case "json":
		var b bytes.Buffer
		if err := json.Compact(&b, data); err != nil {
			return fmt.Errorf("read call: %w", err)
		}
		b.WriteByte('\n')
		_, err := b.WriteTo(s.stdout)
		return err
	case "yaml":
		if _, err := io.WriteString(s.stdout, "---\n"); err != nil {
			return err
		}
		return writeYAML(s.stdout, data)
	default:
		return s.tailRow(callCells(s.newTable(), got))
	}
}

// tailWidths are of the columns of a call: rows that are still to come can't
// be measured.
var tailWidths = []int{22, 9, 12, 16, 12, 9, 14, 20, 0}

func (s *session) tailRow(cells []string) error {
	t := s.newTable()
	padded := make([]string, len(cells))
	for i, c := range cells {
		if c == "" {
			c = "-"
		}
		padded[i] = fmt.Sprintf("%-*s", tailWidths[i], c)
	}
	t.row(padded...)
	return t.print(s.stdout)
}
