package sqlite

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"

	"github.com/ringthrough/ringthrough/flow/store"
)

// chain is where the audit's chain ends.
type chain struct {
	records int64
	hash    [sha256.Size]byte
}

// chainEnd reads it. A missing one is damage: nothing of ours deletes it.
func chainEnd(row scanner) (c chain, err error) {
	err = row.Scan(&c.records, hash{&c.hash})
	if errors.Is(err, sql.ErrNoRows) {
		err = fmt.Errorf("%w: the audit's end is not marked", store.ErrDamaged)
	}
	return c, err
}

const (
	selectHead  = `SELECT records, hash FROM audit_head`
	insertAudit = `INSERT INTO audit (id, at, actor, role, from_address, action, kind, key, before, after, note, refused, revision, digest, hash)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
)

// audit adds a record to the end of the chain.
func (w *writing) audit(r store.AuditRecord) error {
	if w.chain == nil {
		end, err := chainEnd(w.queryRow(selectHead))
		if err != nil {
			return err
		}
		w.chain = &end
	}
	r.ID = w.chain.records + 1
	digest := r.Digest()
	hash := store.Chain(w.chain.hash, digest)
	_, err := w.exec(insertAudit, r.ID, r.At.UnixMilli(), r.Actor, r.Role, r.From, r.Action, r.Kind, r.Key, orNone(r.Before), orNone(r.After),
		r.Note, r.Refused, sql.NullInt64{Int64: int64(r.Revision), Valid: r.Revision != 0}, digest[:], hash[:])
	*w.chain = chain{r.ID, hash}
	return err
}

// endChain marks the new end of the chain, where records were added.
func (w *writing) endChain() error {
	if w.chain == nil {
		return nil
	}
	_, err := w.exec(`UPDATE audit_head SET records = ?, hash = ?`, w.chain.records, w.chain.hash[:])
	return err
}

// VerifyAudit walks along the chain in one transaction, record by record.
func (s *Store) VerifyAudit(ctx context.Context) (store.AuditState, error) {
	var w walk
	err := s.read(ctx, "verify audit", func(tx *sql.Tx) error {
		end, err := chainEnd(tx.QueryRowContext(ctx, selectHead))
		if err != nil {
			return err
		}
		err = each(ctx, tx, scanLink, w.step, `SELECT `+auditColumns+`, digest, hash FROM audit ORDER BY id`)
		w.arrive(end)
		return err
	})
	if err != nil {
		return store.AuditState{}, err
	}
	return store.AuditState{Records: w.found, Head: w.end.hash, Broken: w.broken, Problem: w.problem}, nil
}

// link is a record as it stands in the chain. What stands there for its
// hashes may be anything.
type link struct {
	store.AuditRecord
	digest, hash []byte
}

func scanLink(row scanner) (l link, err error) {
	l.AuditRecord, err = scanAudit(row, &l.digest, &l.hash)
	return l, err
}

// walk goes along the chain until the first thing that is wrong, and counts
// the rest.
type walk struct {
	found   int64
	end     chain // as far as it holds
	broken  int64
	problem string
}

func (w *walk) step(l link) bool {
	w.found++
	if w.broken == 0 {
		w.follow(l)
	}
	return true
}

func (w *walk) follow(l link) {
	digest := l.Digest()
	hash := store.Chain(w.end.hash, digest)
	switch before := w.end.records; {
	case l.ID < 1:
		w.fail(1, fmt.Sprintf("record %d was added by something else than ringthrough", l.ID))
	case l.ID != before+1:
		w.fail(max(before, 1), gone(before+1, l.ID-1))
	case !bytes.Equal(l.digest, digest[:]):
		w.fail(l.ID, fmt.Sprintf("record %d is not what was written: its content does not fit its digest", l.ID))
	case !bytes.Equal(l.hash, hash[:]):
		w.fail(l.ID, fmt.Sprintf("record %d does not follow from what stands before it: its hash is not the one that comes out", l.ID))
	default:
		w.end = chain{l.ID, hash}
	}
}

// arrive compares the end of the walk with the end that was marked.
func (w *walk) arrive(marked chain) {
	switch last := w.end.records; {
	case w.broken != 0 || w.end == marked:
	case last < marked.records:
		w.fail(max(last, 1), gone(last+1, marked.records))
	case last > marked.records:
		w.fail(marked.records+1, fmt.Sprintf("record %d was added by something else than ringthrough", marked.records+1))
	default:
		w.fail(max(last, 1), fmt.Sprintf("record %d is not the one that was written last", last))
	}
}

func (w *walk) fail(id int64, problem string) { w.broken, w.problem = id, problem }

func gone(from, to int64) string {
	if from == to {
		return fmt.Sprintf("record %d is missing", from)
	}
	return fmt.Sprintf("records %d to %d are missing", from, to)
}
