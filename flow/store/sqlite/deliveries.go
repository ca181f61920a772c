package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/form"
)

// keptSettled is for how long a delivery that is settled for good is still
// known.
const keptSettled = 7 * 24 * time.Hour

// Enqueue keeps deliveries, and forgets those that were settled long before.
func (s *Store) Enqueue(ctx context.Context, deliveries []store.Delivery) error {
	if len(deliveries) == 0 {
		return nil
	}
	return s.write(ctx, "enqueue deliveries", func(w *writing) error {
		var latest time.Time
		for _, d := range deliveries {
			if err := w.enqueue(d); err != nil {
				return err
			}
			if d.At.After(latest) {
				latest = d.At
			}
		}
		_, err := w.exec(forgetDeliveries, latest.Add(-keptSettled).UnixMilli())
		return err
	})
}

const forgetDeliveries = `DELETE FROM deliveries INDEXED BY deliveries_settled WHERE next_at IS NULL AND at <= ?`

func (w *writing) enqueue(d store.Delivery) error {
	at := d.At.UnixMilli()
	_, err := w.exec(`INSERT INTO deliveries (notice, destination, body, at, tries, next_at, wrong) VALUES (?, ?, ?, ?, 0, ?, '')
		ON CONFLICT (notice, destination) DO NOTHING`, d.Notice, d.Destination, string(d.Body), at, at)
	return err
}

const claimDeliveries = `UPDATE deliveries SET tries = tries + 1, next_at = ?
	WHERE rowid IN (SELECT rowid FROM deliveries INDEXED BY deliveries_due WHERE next_at <= ? ORDER BY next_at LIMIT ?)
	RETURNING notice, destination, body, at, tries`

// Claim takes deliveries that are due out of everybody else's sight.
func (s *Store) Claim(ctx context.Context, now, until time.Time, limit int) ([]store.Delivery, error) {
	var claimed []store.Delivery
	err := s.write(ctx, "claim deliveries", func(w *writing) (err error) {
		claimed, err = all(w.ctx, w.tx, scanDelivery, claimDeliveries, form.CeilMillis(until), now.UnixMilli(), max(limit, 0))
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

func scanDelivery(row scanner) (d store.Delivery, err error) {
	err = row.Scan(&d.Notice, &d.Destination, raw{&d.Body}, millis{&d.At}, &d.Tries)
	return d, err
}

// Settle says when a delivery is tried again, if ever.
func (s *Store) Settle(ctx context.Context, notice, destination string, next time.Time, wrong string) error {
	return s.write(ctx, "settle delivery of "+notice, func(w *writing) error {
		at := sql.NullInt64{Int64: form.CeilMillis(next), Valid: !next.IsZero()}
		settled, err := w.exec(`UPDATE deliveries SET next_at = ?, wrong = ? WHERE notice = ? AND destination = ? AND next_at IS NOT NULL`,
			at, wrong, notice, destination)
		if err != nil || settled > 0 {
			return err
		}
		var settledBefore bool
		return w.queryRow(`SELECT true FROM deliveries WHERE notice = ? AND destination = ?`, notice, destination).Scan(&settledBefore)
	})
}
