package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/flow/store"
)

// revision is the newest one, for interrupted to compare; a dry run needs
// none.
func (b bulk) revision(ctx context.Context, client *client, dryRun bool) (uint64, error) {
	if dryRun {
		return 0, nil
	}
	got, err := client.ask(ctx, request{method: http.MethodGet, path: []string{"v1", "revisions"}, query: url.Values{"limit": {"1"}}})
	if err != nil {
		return 0, err
	}
	newest, err := decode[page[store.RevisionInfo]](got.body)
	if err != nil || len(newest.Items) == 0 {
		return 0, err
	}
	return newest.Items[0].N, nil
}

// settleWait is how long an interrupted edit may take to be undone.
const settleWait = 2 * time.Minute

// interrupted is the error of an edit that was given up. The server can't
// have changed anything before it had the whole file; from then on it is
// asked.
func (r request) interrupted(ctx context.Context, s *session, client *client, dryRun bool, before uint64) error {
	unchanged := errors.New("interrupted: nothing was changed")
	if dryRun || r.upload != nil && !r.upload.done.Load() {
		return unchanged
	}
	fmt.Fprintln(s.stderr, "Interrupted: asking whether anything was changed. Ctrl-C again ends at once.")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleWait)
	defer cancel()
	if now, err := client.settled(ctx); err == nil && now == before {
		return unchanged
	}
	return hinted(errors.New("interrupted while the server was at it"), lookAtRevisions)
}

// settled is the revision that serves once no bulk edit is under way any
// more: the server makes one at a time, and this one is empty.
func (c *client) settled(ctx context.Context) (uint64, error) {
	const empty = "pattern\n"
	body, err := c.bulk(ctx, request{
		method: http.MethodPost, path: []string{"v1", "import"}, query: url.Values{"dry_run": {"true"}},
		upload: &upload{in: strings.NewReader(empty), size: int64(len(empty))}, kind: "text/csv; charset=utf-8",
	}, &progress{out: io.Discard, now: time.Now})
	if err != nil {
		return 0, err
	}
	set, err := decode[changeSet](body)
	return set.Revision, err
}
