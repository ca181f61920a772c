package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"

	"github.com/ringthrough/ringthrough/ani"
)

type entryEditCmd struct {
	reason
	Which   string `arg:"" name:"pattern|id" completion-predictor:"pattern" help:"The entry's pattern or id."`
	Pattern string `placeholder:"PATTERN" help:"Another number, prefix or range."`
	entryFlags
	EveryLine bool `xor:"lines" help:"For every line."`
	Enabled   bool `xor:"enabled" help:"Let it through."`
	Disabled  bool `xor:"enabled" help:"Don't let it through."`
}

// Run changes the entry.
func (c *entryEditCmd) Run(ctx context.Context, s *session) error {
	changes := c.changes(s)
	switch {
	case len(changes) == 0:
		return hinted(misuseError{errors.New("nothing to change was given")}, "\"ringthrough entry edit --help\" lists what can be changed")
	case c.EveryLine && c.Lines != nil:
		return misuseError{errors.New("--every-line and --line can't be used together")}
	}
	client, err := s.connect()
	if err != nil {
		return err
	}
	found, err := client.findEntry(ctx, c.Which)
	if err != nil {
		return err
	}
	edit := found.request(http.MethodPatch)
	edit.query = c.query()
	edit.body, edit.header["Content-Type"] = changes, "application/merge-patch+json"
	got, err := client.ask(ctx, edit)
	if err != nil {
		return err
	}
	return show(s, got.body, func(t *table, e entry) { layEntries(t, []entry{e}) })
}

func (c *entryEditCmd) changes(s *session) map[string]any {
	changes := c.fields(s.now())
	if c.Pattern != "" {
		changes["pattern"] = c.Pattern
	}
	if c.EveryLine {
		changes["lines"] = []string{}
	}
	if c.Enabled || c.Disabled {
		changes["enabled"] = c.Enabled
	}
	return changes
}

type entryRmCmd struct {
	reason
	Which string `arg:"" name:"pattern|id" completion-predictor:"pattern" help:"The entry's pattern or id."`
}

// Run takes the entry off the list.
func (c *entryRmCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	found, err := client.findEntry(ctx, c.Which)
	if err != nil {
		return err
	}
	remove := found.request(http.MethodDelete)
	remove.query = c.query()
	if _, err := client.ask(ctx, remove); err != nil {
		return err
	}
	return s.say("%s is off the list", c.Which)
}

// foundEntry is an entry to be edited.
type foundEntry struct {
	ID      string `json:"id"`
	Version int64  `json:"version"` // 0: whichever is stored
	Pattern string `json:"pattern"`
}

// request edits e, unless it is another one by now than was found.
func (e foundEntry) request(method string) request {
	header := map[string]string{}
	if e.Version != 0 {
		header["If-Match"] = strconv.Quote(strconv.FormatInt(e.Version, 10))
	}
	return request{method: method, path: []string{"v1", "entries", e.ID}, header: header, hints: map[int]string{
		http.StatusNotFound: lookAtEntries,
		http.StatusConflict: lookAtEntries,
	}}
}

const lookAtEntries = "\"ringthrough entry ls\" shows what is on the list"

// entryID is what ids of entries look like; no pattern does.
var entryID = regexp.MustCompile(`^[0-9a-v]{20}$`)

// findEntry takes an id as it is, and looks a pattern up.
func (c *client) findEntry(ctx context.Context, which string) (foundEntry, error) {
	if entryID.MatchString(which) {
		return foundEntry{ID: which}, nil
	}
	pattern, err := ani.ParsePattern(which)
	if err != nil {
		return foundEntry{}, misuseError{fmt.Errorf("%q is neither an id nor a pattern: a pattern %w", which, err)}
	}
	body, err := c.list(ctx, paging{}, url.Values{"q": {pattern.String()}}, nil, "v1", "entries")
	if err != nil {
		return foundEntry{}, err
	}
	listed, err := decode[page[foundEntry]](body)
	if err != nil {
		return foundEntry{}, err
	}
	for _, e := range listed.Items {
		if e.Pattern == pattern.String() {
			return e, nil
		}
	}
	return foundEntry{}, hinted(fmt.Errorf("%s is not on the list", pattern), lookAtEntries)
}
