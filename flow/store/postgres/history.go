package postgres

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/cursor"
)

const (
	selectRevisions = `SELECT n, at, author, role, from_address, note, changes FROM revisions`
	revisionOrder   = "ORDER BY n DESC"

	// lastRevision is the revision that serves; 0 in an empty store.
	lastRevision = `SELECT coalesce(max(n), 0), (SELECT at FROM revisions ORDER BY n DESC LIMIT 1) FROM revisions`
)

func scanRevision(row pgx.Row) (r store.RevisionInfo, err error) {
	err = row.Scan(&r.N, millis{&r.At}, &r.Author, &r.Role, &r.From, &r.Note, &r.Changes)
	return r, err
}

// revisionOf is n for a column of revisions: those beyond have no row.
func revisionOf(n uint64) int64 { return int64(min(n, math.MaxInt64)) }

// Revisions reads a page of the edits, the newest first.
func (s *Store) Revisions(ctx context.Context, q store.RevisionQuery) (store.Page[store.RevisionInfo], error) {
	const what = "list revisions"
	selected, err := revisionsOf(q)
	if err != nil {
		return store.Page[store.RevisionInfo]{}, faults.Of(what, err)
	}
	return paged(ctx, s, what, selected, revisionOrder, q.Limit, scanRevision, func(r store.RevisionInfo) string {
		return cursor.OfNumber("revisions", int64(r.N))
	})
}

func revisionsOf(q store.RevisionQuery) (query, error) {
	selected := query{sql: selectRevisions}
	return selected, selected.beyond("revisions", "n < ?", q.Cursor)
}

// RevisionInfo reads the edit numbered n.
func (s *Store) RevisionInfo(ctx context.Context, n uint64) (store.RevisionInfo, error) {
	return one(ctx, s, "revision "+strconv.FormatUint(n, 10), scanRevision, selectRevisions+` WHERE n = $1`, revisionOf(n))
}

const recordedColumns = `revision, kind, key, action, before, after, erased, id`

// recorded is a change with the id of its audit record.
type recorded struct {
	store.Recorded
	id int64
}

func scanRecorded(row pgx.Row) (r recorded, err error) {
	err = row.Scan(&r.Revision, &r.Kind, &r.Key, &r.Op, raw{&r.Before}, raw{&r.After}, &r.Erased, &r.id)
	return r, err
}

// Changes reads a page of the changes of one edit, in their order.
func (s *Store) Changes(ctx context.Context, q store.ChangeQuery) (store.Page[store.Recorded], error) {
	const what = "list changes"
	selected, err := changesOf(q)
	if err != nil {
		return store.Page[store.Recorded]{}, faults.Of(what, err)
	}
	found, err := paged(ctx, s, what, selected, "ORDER BY id", q.Limit, scanRecorded, func(r recorded) string {
		return cursor.OfNumber(changesAt(q.Revision), r.id)
	})
	page := store.Page[store.Recorded]{Items: make([]store.Recorded, len(found.Items)), Next: found.Next}
	for i, r := range found.Items {
		page.Items[i] = r.Recorded
	}
	return page, err
}

func changesOf(q store.ChangeQuery) (query, error) {
	selected := query{sql: `SELECT ` + recordedColumns + ` FROM audit`}
	selected.where("id >= (SELECT first_record FROM revisions WHERE n = ?)", revisionOf(q.Revision))
	selected.where("id < (SELECT first_record + changes FROM revisions WHERE n = ?)", revisionOf(q.Revision))
	return selected, selected.beyond(changesAt(q.Revision), "id > ?", q.Cursor)
}

// changesAt is the listing of one edit's changes, whose cursors are no other
// edit's.
func changesAt(n uint64) string { return "changes/" + strconv.FormatUint(n, 10) }

// ChangedSince goes through what was changed after n once for lines and once
// for entries.
func (s *Store) ChangedSince(ctx context.Context, n uint64, yield func(store.Recorded) bool) error {
	return s.read(ctx, "changes since "+strconv.FormatUint(n, 10), func(q querier) error {
		first, err := firstSince(ctx, q, n)
		if err != nil || first == 0 {
			return err
		}
		more := true
		handOver := func(r recorded) bool {
			more = yield(r.Recorded)
			return more
		}
		for _, kind := range []store.Kind{store.KindLine, store.KindEntry} {
			if err == nil && more {
				err = each(ctx, q, scanRecorded, handOver, firstOfEach(kind), first)
			}
		}
		return err
	})
}

// firstSince is the id of the first record of an edit after revision n; 0
// where there was none. It gives store.ErrNotFound where one was pruned.
func firstSince(ctx context.Context, q querier, n uint64) (first int64, err error) {
	var next uint64
	err = q.QueryRow(ctx, `SELECT n, first_record FROM revisions WHERE n > $1 ORDER BY n LIMIT 1`, revisionOf(n)).Scan(&next, &first)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return 0, nil
	case err == nil && next != n+1:
		return 0, fmt.Errorf("revisions before %d were pruned: %w", next, store.ErrNotFound)
	}
	return first, err
}

// firstOfEach is the first change of each key of a kind from a record on.
// Lines are few among entries, so they are found by their kind.
func firstOfEach(kind store.Kind) string {
	of := `kind = 'entry'`
	if kind != store.KindEntry {
		of = `kind = '` + string(kind) + `' AND kind <> 'entry'`
	}
	return `SELECT DISTINCT ON (key) ` + recordedColumns + ` FROM audit WHERE ` + of + ` AND revision IS NOT NULL AND id >= $1 ORDER BY key, id`
}
