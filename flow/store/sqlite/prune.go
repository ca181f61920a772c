package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/form"
)

// prunedAtOnce bounds the rows that one transaction deletes: whoever waits to
// write a call waits for these alone.
const prunedAtOnce = 250

// Prune deletes what is too old, in many small transactions. Between any two
// of them whoever waits to write gets a turn. The calls of a window stay for as
// long as it closes after the time from which calls are kept.
func (s *Store) Prune(ctx context.Context, p store.Pruning) (pruned store.Pruned, err error) {
	for _, of := range []struct {
		kind   store.CallKind
		before time.Time
		count  *int64
	}{
		{store.CallDirect, p.Calls, &pruned.Calls}, {store.CallRehearsal, p.Calls, &pruned.Calls}, {store.CallCandidate, p.Candidates, &pruned.Candidates},
	} {
		n, err := s.pruneCalls(ctx, of.kind, of.before)
		if *of.count += n; err != nil {
			return pruned, err
		}
	}
	before := p.Audit
	if p.Revisions.Before(before) {
		before = p.Revisions
	}
	if before.IsZero() {
		return pruned, nil
	}
	if err := s.pruneHistory(ctx, form.CeilMillis(before), &pruned); err != nil {
		return pruned, err
	}
	_, err = s.pruneRows(ctx, "prune deliveries", pruneDeliveries, form.CeilMillis(before))
	return pruned, err
}

const pruneCalls = `DELETE FROM calls WHERE rowid IN (
	SELECT rowid FROM calls AS c INDEXED BY calls_by_kind WHERE kind = ? AND at < ?
	AND NOT EXISTS (SELECT 1 FROM windows AS w WHERE w.id = c."window" AND w.closes_at > ?) ORDER BY at LIMIT ?)`

func (s *Store) pruneCalls(ctx context.Context, kind store.CallKind, before time.Time) (int64, error) {
	if before.IsZero() {
		return 0, nil
	}
	ms := form.CeilMillis(before)
	return s.pruneRows(ctx, "prune calls", pruneCalls, kind, ms, ms)
}

const pruneDeliveries = `DELETE FROM deliveries WHERE rowid IN (
	SELECT rowid FROM deliveries INDEXED BY deliveries_settled WHERE next_at IS NULL AND at < ? ORDER BY at LIMIT ?)`

// pruneRows repeats a statement, whose last argument is how many rows it may
// delete, until it deletes fewer.
func (s *Store) pruneRows(ctx context.Context, what, stmt string, args ...any) (total int64, err error) {
	args = append(args, prunedAtOnce)
	for {
		var n int64
		err := s.write(ctx, what, func(w *writing) (err error) {
			n, err = w.exec(stmt, args...)
			return err
		})
		if err != nil {
			return total, err
		}
		if total += n; n < prunedAtOnce {
			return total, nil
		}
	}
}

// pruneHistory deletes revisions, and then their records and those between
// them: where it is kept from going on, no revision is left without its
// records.
func (s *Store) pruneHistory(ctx context.Context, before int64, pruned *store.Pruned) (err error) {
	kept, err := s.firstKept(ctx, before)
	if err != nil {
		return err
	}
	pruned.Revisions, err = s.pruneRows(ctx, "prune revisions", `DELETE FROM revisions WHERE n IN (SELECT n FROM revisions WHERE n < ? ORDER BY n LIMIT ?)`, kept.revision)
	for err == nil {
		var n int64
		err = s.write(ctx, "prune audit", func(w *writing) (err error) {
			n, err = w.pruneAudit(kept.record)
			return err
		})
		if err != nil || n == 0 {
			break
		}
		pruned.Audit += n
	}
	return err
}

// place is where history begins when it is pruned.
type place struct{ revision, record int64 }

// The first record that is kept is the first one that is young enough, but no
// later than the first one of a revision that is kept: of one that is young
// enough, or of the last.
const (
	firstKeptRecord = `SELECT min(
		(SELECT records + 1 FROM audit_head),
		coalesce((SELECT id FROM audit NOT INDEXED WHERE at >= ? ORDER BY id LIMIT 1), 9223372036854775807),
		coalesce((SELECT first_record FROM revisions WHERE at >= ? ORDER BY n LIMIT 1), 9223372036854775807),
		coalesce((SELECT first_record FROM revisions ORDER BY n DESC LIMIT 1), 9223372036854775807))`
	firstKeptRevision = `SELECT n FROM revisions
		WHERE at >= ? OR changes > 0 AND first_record >= ? OR n = (SELECT max(n) FROM revisions) ORDER BY n LIMIT 1`
)

func (s *Store) firstKept(ctx context.Context, before int64) (kept place, err error) {
	err = s.read(ctx, "prune history", func(tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, firstKeptRecord, before, before).Scan(&kept.record); err != nil {
			return err
		}
		err := tx.QueryRowContext(ctx, firstKeptRevision, before, kept.record).Scan(&kept.revision)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return kept, err
}

// pruneAudit moves the base of the chain on by so many records, and deletes
// them.
func (w *writing) pruneAudit(kept int64) (int64, error) {
	base, err := scanChainEnd(w.queryRow(selectBase))
	if err != nil {
		return 0, err
	}
	last := min(base.Records+prunedAtOnce, kept-1)
	if last <= base.Records {
		return 0, nil
	}
	var hash []byte
	err = w.queryRow(`SELECT hash FROM audit WHERE id = ?`, last).Scan(&hash)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("%w: audit record %d is missing, and the records before it stay", store.ErrDamaged, last)
	}
	if err != nil {
		return 0, err
	}
	if _, err := w.exec(`UPDATE audit_base SET records = ?, hash = ?`, last, hash); err != nil {
		return 0, err
	}
	return w.exec(`DELETE FROM audit WHERE id <= ?`, last)
}
