package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ringthrough/ringthrough/flow/store"
)

type revisionsQuery struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"items at most"`
	Cursor string `query:"cursor" maxLength:"500" doc:"next_cursor of the part before"`
}

type revisionAt struct {
	N      uint64 `path:"n"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"changes at most"`
	Cursor string `query:"cursor" maxLength:"500" doc:"next_cursor of the part before"`
}

// revisionView is an edit and a part of its changes.
type revisionView struct {
	store.RevisionInfo
	Items      []recordedView `json:"items" nullable:"false"`
	NextCursor string         `json:"next_cursor" doc:"as cursor, it asks for the part after this one; empty at the end"`
}

// recordedView is a change as history keeps it.
type recordedView struct {
	Revision uint64     `json:"revision"`
	Kind     store.Kind `json:"kind" enum:"entry,line,window,token"`
	Key      string     `json:"key" doc:"entry, window and token: id; line: name"`
	Op       store.Op   `json:"op" enum:"create,update,put,delete"`
	Before   any        `json:"before,omitempty" doc:"the whole thing before"`
	After    any        `json:"after,omitempty" doc:"the whole thing after; tokens stand there without their secret"`
	Erased   bool       `json:"erased,omitempty" doc:"a number that it had was erased, and with it what was before and after"`
}

func viewRecorded(r store.Recorded) recordedView {
	v := recordedView{Revision: r.Revision, Kind: r.Kind, Key: r.Key, Op: r.Op, Erased: r.Erased}
	if len(r.Before) > 0 {
		v.Before = r.Before
	}
	if len(r.After) > 0 {
		v.After = r.After
	}
	return v
}

func (a *api) registerRevisions() {
	const all, one = "/v1/revisions", "/v1/revisions/{n}"
	handle(a, a.operation(store.RoleViewer, "list-revisions", http.MethodGet, all, "List edits, the newest first"), a.listRevisions)
	handle(a, a.operation(store.RoleViewer, "get-revision", http.MethodGet, one, "Show an edit and what it changed"), a.getRevision)
	diff := a.operation(store.RoleViewer, "diff-revisions", http.MethodGet, one+"/diff", "Compare what lines and entries were at two revisions")
	diff.Middlewares = huma.Middlewares{unhurried(bulkWait)}
	handleWithin(a, diff, bulkWait, a.diff)
}

func (a *api) listRevisions(ctx context.Context, in *revisionsQuery) (*reply[page[store.RevisionInfo]], error) {
	part, err := a.board.Store().Revisions(ctx, store.RevisionQuery{Limit: in.Limit, Cursor: in.Cursor})
	return pageOf(part, err, func(r store.RevisionInfo) store.RevisionInfo { return r })
}

func (a *api) getRevision(ctx context.Context, in *revisionAt) (*reply[revisionView], error) {
	info, err := a.board.Store().RevisionInfo(ctx, in.N)
	if errors.Is(err, store.ErrNotFound) && in.N > 0 && in.N < a.board.Snapshot().Revision {
		return nil, newProblem(http.StatusGone, fmt.Sprintf("revision %d is no longer kept: revisions are deleted after as long as retention is configured. The audit, or a backup, may have it", in.N))
	}
	if err != nil {
		return nil, err
	}
	part, err := a.board.Store().Changes(ctx, store.ChangeQuery{Revision: in.N, Limit: in.Limit, Cursor: in.Cursor})
	changes, err := pageOf(part, err, viewRecorded)
	if err != nil {
		return nil, err
	}
	return &reply[revisionView]{revisionView{info, changes.Body.Items, changes.Body.NextCursor}}, nil
}
