package main

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

type noticeCmd struct {
	Ls   noticeLsCmd   `cmd:"" help:"Show where notices go, without the addresses."`
	Test noticeTestCmd `cmd:"" help:"Send a test notice now, and say how it went: exit 1 where it didn't."`
}

type noticeLsCmd struct{}

// destination is where notices go.
type destination struct {
	Name   string   `json:"name"`
	Kind   string   `json:"kind"`
	Events []string `json:"events"`
	Lines  []string `json:"lines"`
}

// Run shows the destinations.
func (noticeLsCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	got, err := client.ask(ctx, request{method: http.MethodGet, path: []string{"v1", "notices"}})
	if err != nil {
		return err
	}
	return show(s, got.body, func(t *table, p page[destination]) {
		t.row("NAME", "KIND", "LINES", "EVENTS")
		for _, d := range p.Items {
			lines := strings.Join(d.Lines, ",")
			if lines == "" {
				lines = "every"
			}
			t.row(d.Name, d.Kind, lines, strings.Join(d.Events, ", "))
		}
	})
}

type noticeTestCmd struct {
	Name string `arg:"" optional:"" help:"The destination's name. Default: every one."`
}

// trial is how a test notice went.
type trial struct {
	Name  string `json:"name"`
	OK    bool   `json:"ok"`
	Error string `json:"error"`
}

// Run sends the test, and fails where a destination hasn't taken it, or there
// is none.
func (c *noticeTestCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	got, err := client.ask(ctx, request{
		method: http.MethodPost, path: []string{"v1", "notices", "test"}, query: filters(map[string]string{"name": c.Name}),
		hints: map[int]string{http.StatusNotFound: "\"ringthrough notice ls\" shows the destinations there are"},
	})
	if err != nil {
		return err
	}
	tried, err := decode[page[trial]](got.body)
	if err != nil {
		return err
	}
	if err := show(s, got.body, func(t *table, p page[trial]) { layTrials(t, p.Items) }); err != nil {
		return err
	}
	return failedTrials(tried.Items)
}

func layTrials(t *table, trials []trial) {
	t.row("STATUS", "NAME", "FOUND")
	for _, tried := range trials {
		status, found := "fail", tried.Error
		if tried.OK {
			status, found = "ok", "taken"
		}
		t.row(status, tried.Name, found)
	}
}

func failedTrials(trials []trial) error {
	if len(trials) == 0 {
		return hinted(errors.New("nobody is told of anything: there are no destinations"), "name some in the file of --config, under notices")
	}
	var names []string
	for _, tried := range trials {
		if !tried.OK {
			names = append(names, tried.Name)
		}
	}
	if names == nil {
		return nil
	}
	return errors.New("not taken by " + strings.Join(names, ", "))
}
