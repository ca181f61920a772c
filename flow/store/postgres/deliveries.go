package postgres

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/form"
)

// keptSettled is for how long a delivery that is settled for good is still
// known.
const keptSettled = 7 * 24 * time.Hour

// Those who enqueue at once do so in one order, and don't wait for each other
// in a ring.
const (
	insertDeliveries = `INSERT INTO deliveries (notice, destination, body, at, tries, next_at, wrong)
		SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[])`
	enqueueDeliveries = insertDeliveries + ` ORDER BY 1, 2 ON CONFLICT (notice, destination) DO NOTHING`
	forgetDeliveries  = `DELETE FROM deliveries WHERE next_at IS NULL AND at <= $1`
)

// Enqueue keeps deliveries, and forgets those that were settled long before.
func (s *Store) Enqueue(ctx context.Context, deliveries []store.Delivery) error {
	if len(deliveries) == 0 {
		return nil
	}
	var latest time.Time
	rows := make([]store.DeliveryRow, len(deliveries))
	for i, d := range deliveries {
		rows[i] = store.DeliveryRow{Notice: d.Notice, Destination: d.Destination, Body: d.Body, At: d.At, Next: d.At}
		if d.At.After(latest) {
			latest = d.At
		}
	}
	return s.on(ctx, "enqueue deliveries", func(q querier) error {
		b := newBatch()
		b.queue(enqueueDeliveries, deliveryColumns(rows)...)
		b.queue(forgetDeliveries, latest.Add(-keptSettled).UnixMilli())
		b.queue(notify)
		return b.send(ctx, q)
	})
}

func deliveryColumns(rows []store.DeliveryRow) []any {
	return []any{
		column(rows, func(d store.DeliveryRow) string { return d.Notice }),
		column(rows, func(d store.DeliveryRow) string { return d.Destination }),
		column(rows, func(d store.DeliveryRow) string { return string(d.Body) }),
		column(rows, func(d store.DeliveryRow) int64 { return d.At.UnixMilli() }),
		column(rows, func(d store.DeliveryRow) int64 { return int64(d.Tries) }),
		column(rows, func(d store.DeliveryRow) pgtype.Int8 { return orNull(d.Next) }),
		column(rows, func(d store.DeliveryRow) string { return d.Wrong }),
	}
}

// What somebody else is claiming at the moment is passed over.
const claimDeliveries = `WITH due AS MATERIALIZED (
		SELECT notice, destination FROM deliveries WHERE next_at <= $2 ORDER BY next_at LIMIT $3 FOR UPDATE SKIP LOCKED)
	UPDATE deliveries AS d SET tries = tries + 1, next_at = $1 FROM due
	WHERE d.notice = due.notice AND d.destination = due.destination
	RETURNING d.notice, d.destination, body, at, tries`

// Claim takes deliveries that are due out of everybody else's sight.
func (s *Store) Claim(ctx context.Context, now, until time.Time, limit int) (claimed []store.Delivery, err error) {
	err = s.on(ctx, "claim deliveries", func(q querier) (err error) {
		claimed, err = all(ctx, q, scanDelivery, claimDeliveries, form.CeilMillis(until), now.UnixMilli(), max(limit, 0))
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(claimed, func(a, b store.Delivery) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Notice, b.Notice), cmp.Compare(a.Destination, b.Destination))
	})
	return claimed, nil
}

func scanDelivery(row pgx.Row) (d store.Delivery, err error) {
	err = row.Scan(&d.Notice, &d.Destination, raw{&d.Body}, millis{&d.At}, &d.Tries)
	return d, err
}

// Settle says when a delivery is tried again, if ever.
func (s *Store) Settle(ctx context.Context, notice, destination string, next time.Time, wrong string) error {
	return s.on(ctx, "settle delivery of "+notice, func(q querier) error {
		at := pgtype.Int8{Int64: form.CeilMillis(next), Valid: !next.IsZero()}
		settled, err := q.Exec(ctx, `UPDATE deliveries SET next_at = $1, wrong = $2 WHERE notice = $3 AND destination = $4 AND next_at IS NOT NULL`,
			at, wrong, notice, destination)
		if err != nil || settled.RowsAffected() > 0 {
			return err
		}
		var settledBefore bool
		return q.QueryRow(ctx, `SELECT true FROM deliveries WHERE notice = $1 AND destination = $2`, notice, destination).Scan(&settledBefore)
	})
}
