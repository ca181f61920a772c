package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/ringthrough/ringthrough/flow/store"
)

// scanChainEnd reads where a part of the audit's chain ends. A missing mark
// is damage: nothing of ours deletes it.
func scanChainEnd(row scanner) (end store.ChainEnd, err error) {
	err = row.Scan(&end.Records, hash{&end.Hash})
	if errors.Is(err, sql.ErrNoRows) {
		err = fmt.Errorf("%w: where the audit begins or ends is not marked", store.ErrDamaged)
	}
	return end, err
}

const (
	selectHead  = `SELECT records, hash FROM audit_head`
	selectBase  = `SELECT records, hash FROM audit_base`
	insertAudit = `INSERT INTO audit (id, at, actor, role, from_address, action, kind, key, before, after, note, refused, revision, digest, hash)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
)

// audit adds a record to the end of the chain.
func (w *writing) audit(r store.AuditRecord) error {
	if w.chain == nil {
		end, err := scanChainEnd(w.queryRow(selectHead))
		if err != nil {
			return err
		}
		w.chain = &end
	}
	row := w.chain.Add(r)
	_, err := w.exec(insertAudit, row.ID, r.At.UnixMilli(), r.Actor, r.Role, r.From, r.Action, r.Kind, r.Key, orNone(r.Before), orNone(r.After),
		r.Note, r.Refused, sql.NullInt64{Int64: int64(r.Revision), Valid: r.Revision != 0}, row.Digest, row.Hash)
	return err
}

// endChain marks the new end of the chain, where records were added.
func (w *writing) endChain() error {
	if w.chain == nil {
		return nil
	}
	_, err := w.exec(`UPDATE audit_head SET records = ?, hash = ?`, w.chain.Records, w.chain.Hash[:])
	return err
}

// VerifyAudit walks along the chain in one transaction, record by record.
func (s *Store) VerifyAudit(ctx context.Context) (state store.AuditState, err error) {
	err = s.read(ctx, "verify audit", func(tx *sql.Tx) error {
		base, err := scanChainEnd(tx.QueryRowContext(ctx, selectBase))
		if err != nil {
			return err
		}
		end, err := scanChainEnd(tx.QueryRowContext(ctx, selectHead))
		if err != nil {
			return err
		}
		walk := store.WalkFrom(base)
		err = each(ctx, tx, scanLink, func(r store.AuditRow) bool {
			walk.Step(r)
			return true
		}, `SELECT `+auditColumns+`, digest, hash FROM audit ORDER BY id`)
		state = walk.Arrive(end)
		return err
	})
	if err != nil {
		return store.AuditState{}, err
	}
	return state, nil
}

// scanLink reads a record as it stands in the chain.
func scanLink(row scanner) (r store.AuditRow, err error) {
	r.AuditRecord, err = scanAudit(row, &r.Digest, &r.Hash)
	r.Edit = r.Revision
	return r, err
}
