package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/rs/xid"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/document"
	"github.com/ringthrough/ringthrough/flow/server"
	"github.com/ringthrough/ringthrough/flow/store"
)

// lambdaCmd answers Amazon Connect as a Lambda function, from a list that is
// packed beside it. What it learns of calls (limits, redials, the journal)
// lasts as long as the instance and is in its log.
type lambdaCmd struct {
	Document string `required:"" setting:"RINGTHROUGH_DOCUMENT" placeholder:"FILE" help:"YAML or JSON file with lines and entries."`
	Region   string `setting:"RINGTHROUGH_REGION" placeholder:"REGION" help:"Region of national numbers, such as US. Default: the called number's."`
	LogLevel string `setting:"RINGTHROUGH_LOG_LEVEL" default:"info" help:"debug, info, warn or error."`
}

// lambdaHook is the hook that Connect's events come in on. Who may invoke the
// function is for its resource policy to say.
const lambdaHook = "connect"

// Run answers events until the runtime ends the process.
func (c *lambdaCmd) Run(ctx context.Context, s *session) error {
	h, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	lambda.StartWithOptions(h.answerEvent, lambda.WithContext(ctx))
	return h.close(ctx)
}

func (c *lambdaCmd) open(ctx context.Context, s *session) (*house, error) {
	text, err := os.ReadFile(c.Document)
	if err != nil {
		return nil, fmt.Errorf("read document: %w", err)
	}
	list, err := document.Read(text)
	if err != nil {
		return nil, unreadable(c.Document, err)
	}
	dir, err := os.MkdirTemp("", "ringthrough-lambda-") // the instance's own, and gone with it
	if err != nil {
		return nil, fmt.Errorf("make directory: %w", err)
	}
	set := settings{}.under(settings{Data: dir, LogLevel: c.LogLevel, LogFormat: "json"})
	set.Hooks = []server.HookConfig{{Name: lambdaHook, Dialect: "connect", Region: c.Region, Auth: server.AuthConfig{Scheme: "none"}}}
	log, err := set.logger(s.stderr)
	if err != nil {
		return nil, err
	}
	h, err := openHouse(ctx, set, log)
	if err != nil {
		return nil, err
	}
	if _, err := h.board.Edit(ctx, store.Author{Name: "document", Role: store.RoleAdmin, From: "local"}, "", creations(list)...); err != nil {
		return nil, errors.Join(fmt.Errorf("take document %s: %w", c.Document, err), h.close(ctx))
	}
	return h, nil
}

// creations are what makes an empty store hold d.
func creations(d document.Document) []store.Change {
	changes := make([]store.Change, 0, len(d.Lines)+len(d.Entries))
	for i := range d.Lines {
		line := &d.Lines[i]
		changes = append(changes, store.Change{Op: store.OpCreate, Kind: store.KindLine, Key: line.Name, Line: line})
	}
	for i := range d.Entries {
		entry := &d.Entries[i]
		entry.ID = xid.New().String()
		changes = append(changes, store.Change{Op: store.OpCreate, Kind: store.KindEntry, Key: entry.ID, Entry: entry})
	}
	return changes
}

// answerEvent is the reply to one event: an object of strings, whatever came.
func (h *house) answerEvent(ctx context.Context, event json.RawMessage) (json.RawMessage, error) {
	none := func(string) string { return "" }
	reply, err := h.server.Ask(ctx, lambdaHook, flow.Request{Method: "POST", ContentType: "application/json", Header: none, Body: event})
	return reply.Body, err
}
