package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/ringthrough/ringthrough/flow/store"
)

// scanChainEnd reads where a part of the audit's chain ends, after what stands
// before its columns. A missing mark is damage: nothing of ours deletes it.
func scanChainEnd(row pgx.Row, before ...any) (end store.ChainEnd, err error) {
	err = row.Scan(append(before, &end.Records, hash{&end.Hash})...)
	if errors.Is(err, pgx.ErrNoRows) {
		err = fmt.Errorf("%w: where the audit begins or ends is not marked", store.ErrDamaged)
	}
	return end, err
}

const (
	selectHead   = `SELECT records, hash FROM audit_head`
	selectBase   = `SELECT records, hash FROM audit_base`
	auditColumns = `id, at, actor, role, from_address, action, kind, key, before, after, note, refused, revision, erased`
	selectLinks  = `SELECT ` + auditColumns + `, digest, hash FROM audit ORDER BY id`

	insertAudit = `INSERT INTO audit (id, at, actor, role, from_address, action, kind, key, before, after, note, refused, revision, digest, hash, erased)
		SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
			$9::text[], $10::text[], $11::text[], $12::boolean[], $13::bigint[], $14::bytea[], $15::bytea[], $16::boolean[])`
)

// queueRecords writes the records that were added.
func (w *writing) queueRecords(b *batch) {
	queueAudit(b, w.records)
	w.records = w.records[:0]
}

func queueAudit(b *batch, rows []store.AuditRow) {
	if len(rows) > 0 {
		b.queue(insertAudit, auditColumnsOf(rows)...)
	}
}

func auditColumnsOf(rows []store.AuditRow) []any {
	return []any{
		column(rows, func(r store.AuditRow) int64 { return r.ID }),
		column(rows, func(r store.AuditRow) int64 { return r.At.UnixMilli() }),
		column(rows, func(r store.AuditRow) string { return r.Actor }),
		column(rows, func(r store.AuditRow) string { return string(r.Role) }),
		column(rows, func(r store.AuditRow) string { return r.From }),
		column(rows, func(r store.AuditRow) string { return r.Action }),
		column(rows, func(r store.AuditRow) string { return string(r.Kind) }),
		column(rows, func(r store.AuditRow) string { return r.Key }),
		column(rows, func(r store.AuditRow) pgtype.Text { return orNone(r.Before) }),
		column(rows, func(r store.AuditRow) pgtype.Text { return orNone(r.After) }),
		column(rows, func(r store.AuditRow) string { return r.Note }),
		column(rows, func(r store.AuditRow) bool { return r.Refused }),
		column(rows, func(r store.AuditRow) pgtype.Int8 { return pgtype.Int8{Int64: int64(r.Edit), Valid: r.Edit != 0} }),
		column(rows, func(r store.AuditRow) []byte { return r.Digest }),
		column(rows, func(r store.AuditRow) []byte { return r.Hash }),
		column(rows, func(r store.AuditRow) bool { return r.Erased }),
	}
}

// VerifyAudit walks along the chain in one transaction, record by record.
func (s *Store) VerifyAudit(ctx context.Context) (state store.AuditState, err error) {
	err = s.read(ctx, "verify audit", func(q querier) error {
		base, err := scanChainEnd(q.QueryRow(ctx, selectBase))
		if err != nil {
			return err
		}
		end, err := scanChainEnd(q.QueryRow(ctx, selectHead))
		if err != nil {
			return err
		}
		walk := store.WalkFrom(base)
		err = each(ctx, q, scanLink, func(r store.AuditRow) bool {
			walk.Step(r)
			return true
		}, selectLinks)
		state = walk.Arrive(end)
		return err
	})
	if err != nil {
		return store.AuditState{}, err
	}
	return state, nil
}

// scanLink reads a record as it stands in the chain.
func scanLink(row pgx.Row) (r store.AuditRow, err error) {
	r.AuditRecord, err = scanAudit(row, &r.Digest, &r.Hash)
	r.Edit = r.Revision
	return r, err
}
