package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// bulk is an edit of many things at once: all of it or nothing.
type bulk struct {
	request
	dryRun bool
	asks   bool   // somebody is asked before things are deleted or changed
	things string // what it is about
}

const lookAtRevisions = "it is changed as a whole or not at all: \"ringthrough revision ls\" shows whether there is a new revision"

// run makes the edit and shows what it did. Where somebody is asked, it is
// tried first.
func (b bulk) run(ctx context.Context, s *session, client *client) error {
	if b.asks && !b.dryRun {
		if err := b.foresee(ctx, s, client); err != nil {
			return err
		}
	}
	body, err := b.ask(ctx, s, client, b.dryRun)
	if err != nil {
		return err
	}
	return show(s, body, func(t *table, c changeSet) { c.lay(t) })
}

// foresee tries the edit, and asks whether that is what is wanted.
func (b bulk) foresee(ctx context.Context, s *session, client *client) error {
	body, err := b.ask(ctx, s, client, true)
	if err != nil {
		return err
	}
	c, err := decode[changeSet](body)
	if err != nil || c.Deleted+c.Updated == 0 {
		return err
	}
	return s.confirm(ctx, "%s to delete: %d, to change: %d, to add: %d. Go on?", b.things, c.Deleted, c.Updated, c.Created)
}

func (b bulk) ask(ctx context.Context, s *session, client *client, dryRun bool) (json.RawMessage, error) {
	r := b.request
	r.query = filters(map[string]string{"note": r.query.Get("note"), "mode": r.query.Get("mode"), "prune": r.query.Get("prune")})
	if dryRun {
		r.query.Set("dry_run", "true")
	}
	r.header = map[string]string{"Accept": "application/x-ndjson, application/json"}
	p := s.newProgress()
	defer p.end()
	if r.upload != nil {
		if err := r.upload.rewind(); err != nil {
			return nil, err
		}
		r.upload.told = p.sent
	}
	before, err := b.revision(ctx, client, dryRun)
	if err != nil {
		return nil, err
	}
	body, err := client.bulk(ctx, r, p)
	if err != nil && ctx.Err() != nil {
		p.end()
		return nil, r.interrupted(ctx, s, client, dryRun, before)
	}
	return body, err
}

// bulk asks, tells how far the server is, and gives the result.
func (c *client) bulk(ctx context.Context, r request, p *progress) (json.RawMessage, error) {
	resp, err := c.open(ctx, r, quietWait)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	in := io.LimitReader(resp.Body, maxResult)
	if !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/x-ndjson") {
		body, err := io.ReadAll(in)
		if err != nil {
			return nil, c.cutOff(err)
		}
		return body, nil
	}
	return c.result(in, r.hints, p)
}

// result reads the lines of an answer until the last one.
func (c *client) result(in io.Reader, hints map[int]string, p *progress) (json.RawMessage, error) {
	lines := json.NewDecoder(in)
	for {
		var line struct {
			Progress *stage          `json:"progress"`
			Result   json.RawMessage `json:"result"`
			Problem  json.RawMessage `json:"problem"`
		}
		if err := lines.Decode(&line); err != nil {
			return nil, c.cutOff(err)
		}
		switch {
		case line.Problem != nil:
			var r refusalError
			_ = json.Unmarshal(line.Problem, &r) // what can't be read is told as it is
			return nil, c.refused(r.Status, line.Problem, hints)
		case line.Result != nil:
			return line.Result, nil
		case line.Progress != nil:
			p.tell(*line.Progress)
		}
	}
}

// cutOff is the error of an answer that ended too soon.
func (c *client) cutOff(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, errStalled) {
		return c.unreached(err)
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return hinted(fmt.Errorf("the answer broke off: %w", err), lookAtRevisions)
}

// bulkHints are what to do about refusals of files.
var bulkHints = map[int]string{
	http.StatusRequestEntityTooLarge: "split the file, and give it in parts",
}
