package main

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/ringthrough/ringthrough/flow/store"
)

type eraseCmd struct {
	consent
	Number string `arg:"" help:"The number, with + and its country code."`
	Why    string `required:"" placeholder:"TEXT" help:"Why, for the audit; the number is masked in it."`
}

// erasure is what a number was taken out of.
type erasure struct {
	Number  string   `json:"number"`
	Entries int64    `json:"entries"`
	Matched []string `json:"matched"`
	store.Erased
}

// Run erases the number.
func (c *eraseCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	if c.wanted(s) {
		if err := s.confirm(ctx, "Erase %s from the list, calls, windows, history, audit and notices? It can't be brought back.", c.Number); err != nil {
			return err
		}
	}
	resp, err := client.open(ctx, request{
		method: http.MethodPost, path: []string{"v1", "erase"}, body: map[string]string{"number": c.Number, "note": c.Why},
		hints: map[int]string{http.StatusConflict: "nothing was erased: edit what is named with \"ringthrough line set\" or \"ringthrough entry edit\", then try again"},
	}, quietWait)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return client.unreached(err)
	}
	return show(s, body, func(t *table, e erasure) { e.lay(t) })
}

func (e erasure) lay(t *table) {
	t.row("ENTRIES", "CALLS", "WINDOWS", "AUDIT", "REVISIONS", "NOTICES")
	var counts []string
	for _, n := range []int64{e.Entries, e.Calls, e.Windows, e.Audit, e.Revisions, e.Deliveries} {
		counts = append(counts, strconv.FormatInt(n, 10))
	}
	t.row(counts...)
	if len(e.Matched) > 0 {
		t.gap()
		t.line("These stay on the list and match the number: " + strings.Join(e.Matched, ", "))
	}
}
