package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"iter"
	"math"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/fault"
	"github.com/ringthrough/ringthrough/flow/store/form"
)

// Fill writes rows in one transaction, one after the other, so any number of
// them takes little memory.
func (s *Store) Fill(ctx context.Context, rows iter.Seq2[store.Row, error]) error {
	var wrong error // that came with a row
	err := s.write(ctx, "fill store", func(w *writing) error {
		f := &filling{writing: w}
		if err := f.empty(); err != nil {
			return err
		}
		for row, err := range rows {
			if wrong = err; err != nil {
				return err
			}
			if err := f.put(row); err != nil {
				return err
			}
		}
		return f.end()
	})
	if wrong != nil {
		return wrong
	}
	return err
}

// filling is a Fill on its way.
type filling struct {
	*writing
	last store.ChainEnd // record that was written
	edit uint64         // whose records are being written
}

// empty gives store.ErrTaken where anything is kept already.
func (f *filling) empty() error {
	for _, table := range []string{"keys", "tokens", "lines", "entries", "windows", "calls", "revisions", "audit", "audit_base WHERE records > 0", "deliveries"} {
		var some bool
		if err := f.queryRow(`SELECT EXISTS (SELECT 1 FROM ` + table + `)`).Scan(&some); err != nil {
			return err
		}
		if some {
			return fmt.Errorf("the store is not empty: %w", store.ErrTaken)
		}
	}
	return nil
}

func (f *filling) put(row store.Row) (err error) {
	switch {
	case row.Key != nil:
		_, err = f.exec(`INSERT INTO keys (name, secret) VALUES (?, ?)`, row.Key.Name, row.Key.Secret)
	case row.Token != nil:
		err = f.token(*row.Token)
	case row.Line != nil:
		err = f.line(*row.Line)
	case row.Entry != nil:
		err = f.entry(*row.Entry)
	case row.Window != nil:
		err = f.window(*row.Window)
	case row.Call != nil:
		err = f.call(*row.Call)
	case row.Delivery != nil:
		err = f.delivery(*row.Delivery)
	default:
		err = f.putHistory(row)
	}
	if isSameKey(err) || isDuplicate(err) {
		return fmt.Errorf("%w: a row comes twice", fault.ErrMisuse)
	}
	return err
}

func (f *filling) putHistory(row store.Row) error {
	switch {
	case row.Revision != nil:
		return f.revision(*row.Revision)
	case row.Pruned != nil:
		return f.pruned(*row.Pruned)
	case row.Audit != nil:
		return f.record(*row.Audit)
	default:
		return fmt.Errorf("%w: a row of nothing", fault.ErrMisuse)
	}
}

func (f *filling) token(t store.TokenRow) error {
	_, err := f.exec(`INSERT INTO tokens (id, name, role, hash, created_at, created_by, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		t.ID, t.Name, t.Role, t.Hash, t.CreatedAt.UnixMilli(), t.CreatedBy, orNull(t.ExpiresAt))
	return err
}

func (f *filling) line(l store.Line) error {
	doc, err := marshal(l.Line)
	if err != nil {
		return err
	}
	_, err = f.exec(`INSERT INTO lines (name, doc, created_at, updated_at, version) VALUES (?, ?, ?, ?, ?)`,
		l.Name, doc, l.CreatedAt.UnixMilli(), l.UpdatedAt.UnixMilli(), l.Version)
	return err
}

func (f *filling) entry(e ani.Entry) error {
	lines, err := marshal(append([]string{}, e.Lines...))
	if err != nil {
		return err
	}
	_, err = f.exec(`INSERT INTO entries (id, pattern, label, source, lines, not_before, expires_at, enabled, min_attestation,
		note, folded, created_at, created_by, updated_at, hits, last_hit_at, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.ID, e.Pattern.String(), e.Label, e.Source, lines, orNull(e.NotBefore), orNull(e.ExpiresAt), e.Enabled, int(e.MinAttestation),
		e.Note, form.Folded(e), e.CreatedAt.UnixMilli(), e.CreatedBy, e.UpdatedAt.UnixMilli(),
		e.Hits, orNull(e.LastHitAt), e.Version)
	return err
}

func (f *filling) window(w flow.Window) error {
	callers, err := marshal(w.Callers)
	if err != nil {
		return err
	}
	_, err = f.exec(`INSERT INTO windows (id, line, mode, callers, opens_at, closes_at, max_calls, calls, note, created_at, created_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		w.ID, w.Line, w.Mode, callers, w.OpensAt.UnixMilli(), w.ClosesAt.UnixMilli(), w.MaxCalls, w.Calls, w.Note,
		w.CreatedAt.UnixMilli(), w.CreatedBy)
	return err
}

func (f *filling) call(c store.Call) error {
	added, err := f.insertCall(c)
	if err == nil && added == 0 {
		err = fmt.Errorf("%w: a row comes twice", fault.ErrMisuse)
	}
	return err
}

func (f *filling) delivery(d store.DeliveryRow) error {
	_, err := f.exec(`INSERT INTO deliveries (notice, destination, body, at, tries, next_at, wrong) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		d.Notice, d.Destination, string(d.Body), d.At.UnixMilli(), d.Tries, orNull(d.Next), d.Wrong)
	return err
}

func (f *filling) revision(r store.RevisionInfo) error {
	_, err := f.exec(`INSERT INTO revisions (n, at, author, role, from_address, note, changes, first_record) VALUES (?, ?, ?, ?, ?, ?, ?, 0)`,
		column(r.N), r.At.UnixMilli(), r.Author, r.Role, r.From, r.Note, r.Changes)
	return err
}

func (f *filling) pruned(p store.PrunedRow) error {
	if len(p.Hash) != sha256.Size || p.Records < 1 || f.last.Records > 0 {
		return fmt.Errorf("%w: the audit does not begin there", fault.ErrMisuse)
	}
	f.last.Records = p.Records
	copy(f.last.Hash[:], p.Hash)
	_, err := f.exec(`UPDATE audit_base SET records = ?, hash = ?`, p.Records, p.Hash)
	return err
}

// record writes an audit record as it stands in its chain, be that whole or
// not: VerifyAudit finds here what it found there.
func (f *filling) record(r store.AuditRow) error {
	if r.ID <= f.last.Records || len(r.Hash) != sha256.Size {
		return fmt.Errorf("%w: audit record %d comes after %d", fault.ErrMisuse, r.ID, f.last.Records)
	}
	if r.Edit > f.edit {
		if err := f.begin(r.Edit, r.ID); err != nil {
			return err
		}
	}
	f.last.Records = r.ID
	copy(f.last.Hash[:], r.Hash)
	_, err := f.exec(`INSERT INTO audit (id, at, actor, role, from_address, action, kind, key, before, after, note, refused, revision, digest, hash, erased)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.ID, r.At.UnixMilli(), r.Actor, r.Role, r.From, r.Action, r.Kind, r.Key, orNone(r.Before), orNone(r.After), r.Note, r.Refused,
		sql.NullInt64{Int64: int64(r.Edit), Valid: r.Edit != 0}, r.Digest, r.Hash, r.Erased)
	return err
}

// begin notes where the records of an edit begin, and with them those of edits
// before it that changed nothing.
func (f *filling) begin(edit uint64, record int64) error {
	_, err := f.exec(`UPDATE revisions SET first_record = ? WHERE n > ? AND n <= ?`, record, column(f.edit), column(edit))
	f.edit = edit
	return err
}

// end marks where the audit ends.
func (f *filling) end() error {
	if err := f.begin(math.MaxInt64, f.last.Records+1); err != nil {
		return err
	}
	_, err := f.exec(`UPDATE audit_head SET records = ?, hash = ?`, f.last.Records, f.last.Hash[:])
	return err
}
