package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/cursor"
)

const selectRevisions = `SELECT n, at, author, role, from_address, note, changes FROM revisions`

func scanRevision(row scanner) (r store.RevisionInfo, err error) {
	err = row.Scan(&r.N, millis{&r.At}, &r.Author, &r.Role, &r.From, &r.Note, &r.Changes)
	return r, err
}

// column is n for a column of revisions: those beyond have no row.
func column(n uint64) int64 { return int64(min(n, math.MaxInt64)) }

// Revisions reads a page of the edits, the newest first.
func (s *Store) Revisions(ctx context.Context, q store.RevisionQuery) (store.Page[store.RevisionInfo], error) {
	selected, err := revisionsOf(q)
	if err != nil {
		return store.Page[store.RevisionInfo]{}, faults.Of("list revisions", err)
	}
	page, err := paged(ctx, s.readers, selected, "ORDER BY n DESC", q.Limit, scanRevision, func(r store.RevisionInfo) string {
		return cursor.OfNumber("revisions", int64(r.N))
	})
	return page, faults.In(ctx, "list revisions", err)
}

func revisionsOf(q store.RevisionQuery) (query, error) {
	selected := query{sql: selectRevisions}
	return selected, selected.beyond("revisions", "n < ?", q.Cursor)
}

// beyond adds a condition on the number that is the place of a cursor.
func (q *query) beyond(listing, cond, at string) error {
	if at == "" {
		return nil
	}
	n, err := cursor.Number(listing, at)
	if err != nil {
		return err
	}
	q.where(cond, n)
	return nil
}

// RevisionInfo reads the edit numbered n.
func (s *Store) RevisionInfo(ctx context.Context, n uint64) (store.RevisionInfo, error) {
	r, err := scanRevision(s.readers.QueryRowContext(ctx, selectRevisions+` WHERE n = ?`, column(n)))
	return r, faults.In(ctx, "revision "+strconv.FormatUint(n, 10), err)
}

const recordedColumns = `revision, kind, key, action, before, after, erased, id`

// recorded is a change with the id of its audit record.
type recorded struct {
	store.Recorded
	id int64
}

func scanRecorded(row scanner) (r recorded, err error) {
	err = row.Scan(&r.Revision, &r.Kind, &r.Key, &r.Op, raw{&r.Before}, raw{&r.After}, &r.Erased, &r.id)
	return r, err
}

// Changes reads a page of the changes of one edit, in their order.
func (s *Store) Changes(ctx context.Context, q store.ChangeQuery) (store.Page[store.Recorded], error) {
	selected, err := changesOf(q)
	if err != nil {
		return store.Page[store.Recorded]{}, faults.Of("list changes", err)
	}
	found, err := paged(ctx, s.readers, selected, "ORDER BY id", q.Limit, scanRecorded, func(r recorded) string {
		return cursor.OfNumber(changesAt(q.Revision), r.id)
	})
	page := store.Page[store.Recorded]{Items: make([]store.Recorded, len(found.Items)), Next: found.Next}
	for i, r := range found.Items {
		page.Items[i] = r.Recorded
	}
	return page, faults.In(ctx, "list changes", err)
}

func changesOf(q store.ChangeQuery) (query, error) {
	selected := query{sql: `SELECT ` + recordedColumns + ` FROM revisions JOIN audit ON id >= first_record AND id < first_record + changes`}
	selected.where("n = ?", column(q.Revision))
	return selected, selected.beyond(changesAt(q.Revision), "id > ?", q.Cursor)
}

// changesAt is the listing of one edit's changes, whose cursors are no other
// edit's.
func changesAt(n uint64) string { return "changes/" + strconv.FormatUint(n, 10) }

// ChangedSince goes through what was changed after n once for lines and once
// for entries.
func (s *Store) ChangedSince(ctx context.Context, n uint64, yield func(store.Recorded) bool) error {
	return s.read(ctx, "changes since "+strconv.FormatUint(n, 10), func(tx *sql.Tx) error {
		var next uint64
		var first int64
		err := tx.QueryRowContext(ctx, `SELECT n, first_record FROM revisions WHERE n > ? ORDER BY n LIMIT 1`, column(n)).Scan(&next, &first)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return nil
		case err == nil && next != n+1:
			return fmt.Errorf("revisions before %d were pruned: %w", next, store.ErrNotFound)
		}
		more := true
		handOver := func(r recorded) bool {
			more = yield(r.Recorded)
			return more
		}
		for _, kind := range []string{linesChanged, entriesChanged} {
			if err == nil && more {
				err = each(ctx, tx, scanRecorded, handOver, `SELECT `+recordedColumns+kind+firstOfKey, first, first)
			}
		}
		return err
	})
}

// Lines are few among entries, so they are found by their kind. Of each
// change the index of keys tells at once whether it is the first of its key.
const (
	linesChanged   = ` FROM audit AS a INDEXED BY audit_by_kind WHERE kind = 'line' AND kind <> 'entry' AND revision IS NOT NULL AND id >= ?`
	entriesChanged = ` FROM audit AS a NOT INDEXED WHERE kind = 'entry' AND revision IS NOT NULL AND id >= ?`
	firstOfKey     = ` AND id = (SELECT id FROM audit AS b INDEXED BY audit_by_key
		WHERE b.key = a.key AND b.id >= ? AND b.kind = a.kind AND b.revision IS NOT NULL ORDER BY b.id LIMIT 1)`
)
