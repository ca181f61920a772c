package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/ringthrough/ringthrough/flow/store"
)

type revisionCmd struct {
	Ls      revisionLsCmd      `cmd:"" help:"Show the edits, newest first."`
	Show    revisionShowCmd    `cmd:"" help:"Show one edit, and what it changed."`
	Diff    revisionDiffCmd    `cmd:"" help:"Show what differs between a revision and another, or now."`
	Restore revisionRestoreCmd `cmd:"" help:"Make lines and entries what they were: an edit too. Windows and tokens stay as they are."`
}

const lookAtHistory = "\"ringthrough revision ls\" shows the revisions there are"

var revisionHints = map[int]string{http.StatusNotFound: lookAtHistory, http.StatusGone: lookAtHistory}

type revisionLsCmd struct{ paging }

// Run shows the history.
func (c *revisionLsCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	body, err := client.list(ctx, c.paging, url.Values{}, nil, "v1", "revisions")
	if err != nil {
		return err
	}
	return showList(s, body, layRevisions)
}

func layRevisions(t *table, revisions []store.RevisionInfo) {
	t.row("N", "AT", "BY", "FROM", "CHANGES", "WHY")
	for _, r := range revisions {
		t.row(revisionText(r.N), t.second(r.At), r.Author, r.From, strconv.Itoa(r.Changes), r.Note)
	}
}

type revisionShowCmd struct {
	paging
	N uint64 `arg:"" help:"Its number."`
}

// revisionPage is a revision with a part of its changes.
type revisionPage struct {
	store.RevisionInfo
	page[change]
}

// Run shows the revision.
func (c *revisionShowCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	body, err := client.list(ctx, c.paging, url.Values{}, revisionHints, "v1", "revisions", revisionText(c.N))
	if err != nil {
		return err
	}
	return show(s, body, func(t *table, r revisionPage) {
		layRevisions(t, []store.RevisionInfo{r.RevisionInfo})
		t.gap()
		layChanges(t, r.Items, 0, len(r.Items))
		if r.Next != "" {
			fmt.Fprintln(s.stderr, thereAreMore)
		}
	})
}

type revisionDiffCmd struct {
	N uint64  `arg:"" help:"The one to begin with."`
	M *uint64 `arg:"" optional:"" help:"The one to end with. Default: now."`
}

// difference is what differs between two revisions.
type difference struct {
	From       uint64   `json:"from"`
	To         uint64   `json:"to"`
	Changes    []change `json:"changes"`
	ChangesCut int      `json:"changes_left_out"`
	Erased     int      `json:"erased"`
}

// Run shows what differs.
func (c *revisionDiffCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	query := url.Values{}
	if c.M != nil {
		query.Set("to", revisionText(*c.M))
	}
	got, err := client.ask(ctx, request{
		method: http.MethodGet, path: []string{"v1", "revisions", revisionText(c.N), "diff"}, query: query, hints: revisionHints,
	})
	if err != nil {
		return err
	}
	return show(s, got.body, func(t *table, d difference) {
		if d.Erased > 0 {
			t.line(fmt.Sprintf("%d more can't be compared: what they were had a number that is erased.", d.Erased))
		}
		if len(d.Changes) == 0 {
			t.line(fmt.Sprintf("Lines and entries are the same at %d and at %d.", d.From, d.To))
			return
		}
		layChanges(t, d.Changes, d.ChangesCut, len(d.Changes))
	})
}

type revisionRestoreCmd struct {
	reason
	consent
	N      uint64 `arg:"" help:"The revision to go back to."`
	DryRun bool   `help:"Only say what would be changed."`
}

// Run restores the revision.
func (c *revisionRestoreCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	return bulk{
		request: request{
			method: http.MethodPost, path: []string{"v1", "revisions", revisionText(c.N), "restore"},
			query: c.query(), hints: revisionHints,
		},
		dryRun: c.DryRun, asks: c.wanted(s), things: "Lines and entries",
	}.run(ctx, s, client)
}
