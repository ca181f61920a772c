package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/rs/xid"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/document"
	"github.com/ringthrough/ringthrough/flow/server"
	"github.com/ringthrough/ringthrough/flow/store"
)

// lambdaCmd answers Amazon Connect as a Lambda function: as a replica on a
// database that others share, or from a list that is packed beside it. In the
// latter case what it learns of calls (limits, redials, the journal) lasts as
// long as the instance and is in its log.
type lambdaCmd struct {
	Database string `required:"" xor:"list" setting:"RINGTHROUGH_DATABASE" placeholder:"URL" help:"postgres:// address of the database where list, lines and journal are kept."`
	Document string `required:"" xor:"list" setting:"RINGTHROUGH_DOCUMENT" placeholder:"FILE" help:"YAML or JSON file with lines and entries."`
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
	dir, err := os.MkdirTemp("", "ringthrough-lambda-") // the instance's own, and gone with it
	if err != nil {
		return nil, fmt.Errorf("make directory: %w", err)
	}
	set := settings{}.under(settings{Data: dir, Database: c.Database, LogLevel: c.LogLevel, LogFormat: "json"})
	set.Hooks = []server.HookConfig{{Name: lambdaHook, Dialect: "connect", Region: c.Region, Auth: server.AuthConfig{Scheme: "none"}}}
	log, err := set.logger(s.stderr)
	if err != nil {
		return nil, err
	}
	if c.Document == "" {
		address, err := databaseAddress(c.Database)
		if err == nil && !inPostgres(address) {
			err = hinted(errors.New("a function can't share this database"), "give --database the address of a PostgreSQL database, or --document a file with the list")
		}
		if err != nil {
			return nil, err
		}
		return openHouse(ctx, set, log)
	}
	list, err := readDocument(c.Document)
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

func readDocument(file string) (document.Document, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return document.Document{}, fmt.Errorf("read document: %w", err)
	}
	list, err := document.Read(text)
	if err != nil {
		return document.Document{}, unreadable(file, err)
	}
	return list, nil
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

const (
	// wakeAge is how old what serves may be when an event comes: an instance
	// sleeps between two of them, and hears of nothing.
	wakeAge = 2 * time.Second

	// wakeWait is how long an event waits for what is new.
	wakeWait = 300 * time.Millisecond
)

// answerEvent is the reply to one event: an object of strings, whatever came.
func (h *house) answerEvent(ctx context.Context, event json.RawMessage) (json.RawMessage, error) {
	h.wake(ctx)
	none := func(string) string { return "" }
	reply, err := h.server.Ask(ctx, lambdaHook, flow.Request{Method: "POST", ContentType: "application/json", Header: none, Body: event})
	return reply.Body, err
}

// wake takes in what has changed while the instance slept. The caller is
// answered from what there is where that takes too long.
func (h *house) wake(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, wakeWait)
	defer cancel()
	if err := h.board.Refresh(ctx, wakeAge); err != nil {
		h.log.Warn().Err(err).Msg("answering from what was known before")
	}
}
