package storetest

import (
	"context"
	"slices"
	"strings"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// contents is all that can be read of a store.
type contents struct {
	Revision store.Revision
	Entries  []ani.Entry
	Lines    []store.Line
	Windows  []flow.Window
	Tokens   []store.Token
	Calls    []store.Call
	History  []store.RevisionInfo
	Audit    []store.AuditRecord
}

// dump reads everything, and makes sure that Load, Export and the listings
// agree.
func (k *kit) dump() contents {
	k.Helper()
	state, entries := k.load(noon)
	lines, err := k.s.Lines(k.ctx)
	k.must(err)
	tokens, err := k.s.Tokens(k.ctx)
	k.must(err)
	k.diff("lines of Load and of Lines", lines, state.Lines)
	k.diff("tokens of Load and of Tokens", tokens, state.Tokens)
	x := k.export()
	k.diff("lines of Load and of Export", lines, x.Lines)
	k.diff("revision of Load and of Export", state.Revision, x.Revision)
	slices.SortFunc(x.Entries, func(a, b ani.Entry) int { return strings.Compare(a.ID, b.ID) })
	k.diff("entries of Load and of Export", entries, x.Entries)
	for _, e := range entries {
		k.diff("entry of Load and of Entry", e, k.entry(e.ID))
	}
	return contents{
		Revision: state.Revision, Entries: entries, Lines: lines, Tokens: tokens,
		Windows: all(k, store.WindowQuery{Limit: 1000}, k.s.Windows, nextWindows),
		Calls:   all(k, store.CallQuery{Limit: 1000}, k.s.Calls, nextCalls),
		History: all(k, store.RevisionQuery{Limit: 1000}, k.s.Revisions, nextRevisions),
		Audit:   k.audit(store.AuditQuery{Limit: 1000}),
	}
}

func nextEntries(q store.EntryQuery, cursor string) (store.EntryQuery, int) {
	q.Cursor = cursor
	return q, q.Limit
}

func nextWindows(q store.WindowQuery, cursor string) (store.WindowQuery, int) {
	q.Cursor = cursor
	return q, q.Limit
}

func nextCalls(q store.CallQuery, cursor string) (store.CallQuery, int) {
	q.Cursor = cursor
	return q, q.Limit
}

// all is what the pages of a listing hold, one after the other. It fails the
// test where a page is longer than asked for, or says that more follows and
// nothing does.
func all[Q, V any](k *kit, q Q, read func(context.Context, Q) (store.Page[V], error), at func(Q, string) (Q, int)) []V {
	k.Helper()
	var items []V
	for cursor := ""; ; {
		next, limit := at(q, cursor)
		page, err := read(k.ctx, next)
		k.must(err)
		if len(page.Items) > limit || cursor != "" && len(page.Items) == 0 {
			k.Fatalf("a page of at most %d has %d items", limit, len(page.Items))
		}
		items = append(items, page.Items...)
		if cursor = page.Next; cursor == "" {
			return items
		}
	}
}
