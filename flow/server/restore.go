package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

type restoreQuery struct {
	N      uint64 `path:"n" doc:"the revision; 0: before the first"`
	DryRun bool   `query:"dry_run" doc:"say what would be changed, and change nothing"`
}

func (a *api) registerRestore() {
	op := a.operation(store.RoleAdmin, "restore-revision", http.MethodPost, "/v1/revisions/{n}/restore", "Make lines and entries as they were at a revision")
	op.Description += " That is an edit too, so it can be undone. Windows and tokens stay as they are. Entries that come back have the hits that they had. What had a number that was erased since stays as it is, and the answer says how much that was."
	edits(a, a.answeringBulk(op), a.restore)
}

func (a *api) restore(_ context.Context, in *restoreQuery) (*huma.StreamResponse, error) {
	answering := bulkAnswer{dryRun: in.DryRun, note: fmt.Sprintf("restored revision %d", in.N), again: "restore again", listed: maxListed}
	return a.answerBulk(answering, func(ctx context.Context, b *bulk) error {
		if err := b.isRevision(in.N); err != nil {
			return err
		}
		b.progress.begin("comparing", 0)
		var wrong error
		err := b.board.Store().ChangedSince(ctx, in.N, func(r store.Recorded) bool {
			b.progress.step()
			wrong = b.takeBack(ctx, r)
			return wrong == nil
		})
		return errors.Join(wrong, pruned(in.N, err))
	}), nil
}

// pruned is err, or that what was changed since n is not kept any more.
func pruned(n uint64, err error) error {
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return newProblem(http.StatusGone, fmt.Sprintf("what lines and entries were at revision %d can't be told: revisions after it were deleted, as retention is configured. Use a later one, or a backup of that time", n))
}

// isRevision makes sure that there is a revision n, or that n is 0.
func (a *api) isRevision(n uint64) error {
	if last := a.board.Snapshot().Revision; n > last {
		return newProblem(http.StatusNotFound, fmt.Sprintf("there is no revision %d: the last one is %d", n, last))
	}
	return nil
}

// takeBack plans what makes one thing what it was before r.
func (b *bulk) takeBack(ctx context.Context, r store.Recorded) error {
	if r.Erased {
		b.erased++
		return nil
	}
	switch r.Kind {
	case store.KindEntry:
		was, err := entryOf(r.Before)
		if err != nil {
			return err
		}
		is, err := present(b.board.Store().Entry(ctx, r.Key))
		switch {
		case err != nil || is == nil && was == nil:
			return err
		case was == nil:
			return b.deleteEntry(is)
		case is == nil:
			return b.plan(planned{Op: store.OpCreate, Kind: store.KindEntry, Key: r.Key, Since: b.since(was.Version, r), Entry: was})
		}
		return b.compareEntry(is, was, r.Key)
	case store.KindLine:
		was, err := lineOf(r.Before)
		if err != nil {
			return err
		}
		is, err := present(b.board.Store().Line(ctx, r.Key))
		switch {
		case err != nil || is == nil && was == nil:
			return err
		case was == nil:
			return b.deleteLine(is)
		case is == nil:
			return b.plan(planned{Op: store.OpCreate, Kind: store.KindLine, Key: r.Key, Since: b.since(was.Version, r), Line: &was.Line})
		}
		return b.compareLine(is, &was.Line)
	default:
		return nil
	}
}

// since is a version that what comes back has never had, though it had version
// before r: whoever has seen one of those must not take it for what is there
// now. Each revision since may have given it another one.
func (b *bulk) since(version int64, r store.Recorded) int64 {
	return version + int64(b.board.Snapshot().Revision-r.Revision) + 1
}

// present is what a store gave, nil where there is no such thing.
func present[T any](v T, err error) (*T, error) {
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &v, nil
}

func entryOf(recorded json.RawMessage) (*ani.Entry, error) { return recordedAs[ani.Entry](recorded) }
func lineOf(recorded json.RawMessage) (*store.Line, error) { return recordedAs[store.Line](recorded) }

// recordedAs reads what history keeps; nothing is nil.
func recordedAs[T any](recorded json.RawMessage) (*T, error) {
	if len(recorded) == 0 {
		return nil, nil
	}
	v := new(T)
	if err := json.Unmarshal(recorded, v); err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	return v, nil
}
