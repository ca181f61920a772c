package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
)

// paging are the flags of every listing.
type paging struct {
	Limit uint `default:"100" help:"As many at most; 0: all. Default: ${default}."`
}

// page is a part of a listing, as the API gives it.
type page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next_cursor"`
}

// maxPage is how many items the API gives at once.
const maxPage = 1000

// list asks for as many items as p allows, over as many pages as it takes.
// What it gives has the shape of one page; a single page comes as it is.
func (c *client) list(ctx context.Context, p paging, query url.Values, hints map[int]string, path ...string) (json.RawMessage, error) {
	query = maps.Clone(query)
	whole := page[json.RawMessage]{Items: []json.RawMessage{}}
	var first json.RawMessage
	for pages := 1; ; pages++ {
		query.Set("limit", strconv.Itoa(p.next(len(whole.Items))))
		got, err := c.ask(ctx, request{method: http.MethodGet, path: path, query: query, hints: hints})
		if err != nil {
			return nil, err
		}
		part, err := decode[page[json.RawMessage]](got.body)
		if err != nil {
			return nil, err
		}
		whole.Items, whole.Next = append(whole.Items, part.Items...), part.Next
		last := part.Next == "" || part.Next == query.Get("cursor") // a server that gives one page for ever
		switch done := last || p.next(len(whole.Items)) == 0; {
		case done && pages == 1:
			return got.body, nil
		case done:
			return merged(first, whole)
		}
		if pages == 1 {
			first = got.body
		}
		query.Set("cursor", part.Next)
	}
}

// merged is the first page with the items of all of them.
func merged(first json.RawMessage, whole page[json.RawMessage]) (json.RawMessage, error) {
	fields, err := decode[map[string]any](first)
	if err != nil {
		return nil, err
	}
	fields["items"], fields["next_cursor"] = whole.Items, whole.Next
	body, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("write listing: %w", err)
	}
	return body, nil
}

// next is how many items to ask for when have are there.
func (p paging) next(have int) int {
	if p.Limit == 0 {
		return maxPage
	}
	return min(maxPage, max(0, int(min(p.Limit, 1<<31))-have))
}

const thereAreMore = "There are more: raise --limit, or ask for less."

// showList prints a listing, and says where it is not the whole one.
func showList[T any](s *session, body json.RawMessage, lay func(*table, []T)) error {
	more := false
	err := show(s, body, func(t *table, p page[T]) {
		more = p.Next != ""
		lay(t, p.Items)
	})
	if more {
		fmt.Fprintln(s.stderr, thereAreMore)
	}
	return err
}

// filters are the parts of a query that are given; empty ones are left out.
func filters(pairs map[string]string) url.Values {
	query := url.Values{}
	for name, value := range pairs {
		if value != "" {
			query.Set(name, value)
		}
	}
	return query
}
