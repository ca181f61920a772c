package postgres

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ringthrough/ringthrough/flow/store"
)

// Position is how far the store has come.
func (s *Store) Position(ctx context.Context) (p store.Position, err error) {
	err = s.on(ctx, "position of store", func(q querier) error {
		revision, calls, err := position(ctx, q)
		p = store.Position{Revision: revision.N, At: revision.At, Calls: calls}
		return err
	})
	return p, err
}

func position(ctx context.Context, q querier) (r store.Revision, calls uint64, err error) {
	const stmt = `SELECT coalesce(max(n), 0), (SELECT at FROM revisions ORDER BY n DESC LIMIT 1), (SELECT calls FROM journal_head) FROM revisions`
	err = q.QueryRow(ctx, stmt).Scan(&r.N, millis{&r.At}, &calls)
	return r, calls, err
}

const callsChanged = `SELECT ` + callColumns + `, changed FROM calls WHERE changed > $1 ORDER BY changed LIMIT $2`

// CallsChanged reads what was changed in the journal after n.
func (s *Store) CallsChanged(ctx context.Context, n uint64, limit int) (calls []store.Call, last uint64, err error) {
	last = n
	err = s.on(ctx, "changes of the journal", func(q querier) error {
		calls, err = all(ctx, q, func(row pgx.Row) (store.Call, error) { return scanCall(row, &last) }, callsChanged, revisionOf(n), pageOf(limit))
		return err
	})
	if err != nil {
		return nil, n, err
	}
	return calls, last, nil
}

const (
	takeLease = `INSERT INTO leases AS l (name, holder, until) VALUES ($1, $2, clock_timestamp() + $3 * interval '1 millisecond')
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
		WHERE l.holder = excluded.holder OR l.until <= clock_timestamp()`
	dropLease = `DELETE FROM leases WHERE name = $1 AND holder = $2`
)

// Lease makes holder the one who does a chore, unless somebody else is.
func (s *Store) Lease(ctx context.Context, name, holder string, span time.Duration) (held bool, err error) {
	err = s.on(ctx, "lease of "+name, func(q querier) error {
		tag, err := q.Exec(ctx, takeLease, name, holder, span.Milliseconds())
		held = tag.RowsAffected() > 0
		return err
	})
	return held && err == nil, err
}

// Release ends the lease of holder.
func (s *Store) Release(ctx context.Context, name, holder string) error {
	return s.on(ctx, "release lease of "+name, func(q querier) error {
		_, err := q.Exec(ctx, dropLease, name, holder)
		return err
	})
}

const upsertSights = `INSERT INTO sights AS s (hook, line, at, route) SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[])
	ON CONFLICT (hook, line) DO UPDATE SET at = excluded.at, route = excluded.route WHERE s.at < excluded.at`

// Sight keeps the last sight of each hook and line.
func (s *Store) Sight(ctx context.Context, sights []store.Sight) error {
	if len(sights) == 0 {
		return nil
	}
	last := lastSights(sights)
	return s.on(ctx, "keep sights", func(q querier) error {
		_, err := q.Exec(ctx, upsertSights,
			column(last, func(s store.Sight) string { return s.Hook }), column(last, func(s store.Sight) string { return s.Line }),
			column(last, func(s store.Sight) int64 { return s.At.UnixMilli() }), column(last, func(s store.Sight) string { return s.Route }))
		return err
	})
}

// lastSights is one sight for each hook and line, in their order: whoever
// writes some at once waits for nobody in a ring.
func lastSights(sights []store.Sight) []store.Sight {
	byPlace := func(a, b store.Sight) int {
		return strings.Compare(a.Hook+"\x00"+a.Line, b.Hook+"\x00"+b.Line)
	}
	last := make([]store.Sight, len(sights))
	for i, s := range sights {
		s.Hook, s.Line = clean(s.Hook), clean(s.Line)
		last[i] = s
	}
	slices.SortStableFunc(last, func(a, b store.Sight) int {
		if c := byPlace(a, b); c != 0 {
			return c
		}
		return b.At.Compare(a.At)
	})
	return slices.CompactFunc(last, func(a, b store.Sight) bool { return byPlace(a, b) == 0 })
}

// Sights are all that are kept, by hook and line.
func (s *Store) Sights(ctx context.Context) (found []store.Sight, err error) {
	err = s.on(ctx, "list sights", func(q querier) error {
		found, err = all(ctx, q, func(row pgx.Row) (v store.Sight, err error) {
			err = row.Scan(&v.Hook, &v.Line, millis{&v.At}, &v.Route)
			return v, err
		}, `SELECT hook, line, at, route FROM sights ORDER BY hook, line`)
		return err
	})
	return found, err
}
