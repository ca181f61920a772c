package sqlite

import (
	"context"
	"database/sql"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// Dump reads everything in one transaction. It holds one of few connections
// until yield has had the last row.
func (s *Store) Dump(ctx context.Context, yield func(store.Row) bool) error {
	return s.read(ctx, "dump store", func(tx *sql.Tx) error {
		d := &dumping{ctx: ctx, tx: tx, yield: yield, more: true}
		dump(d, scanKeyRow, func(k store.KeyRow) store.Row { return store.Row{Key: &k} }, `SELECT name, secret FROM keys ORDER BY name`)
		dump(d, scanToken, tokenRow, selectTokens+` ORDER BY id`)
		dump(d, scanLine, func(l store.Line) store.Row { return store.Row{Line: &l} }, selectLines+` ORDER BY name`)
		dump(d, scanEntry, func(e ani.Entry) store.Row { return store.Row{Entry: &e} }, selectEntries+` ORDER BY id`)
		dump(d, scanWindow, func(w flow.Window) store.Row { return store.Row{Window: &w} }, selectWindows+` ORDER BY id`)
		dump(d, scanCall, func(c store.Call) store.Row { return store.Row{Call: &c} }, selectCalls+` ORDER BY id`)
		dump(d, scanRevision, func(r store.RevisionInfo) store.Row { return store.Row{Revision: &r} }, selectRevisions+` ORDER BY n`)
		dump(d, scanChainEnd, prunedRow, selectBase+` WHERE records > 0`)
		dump(d, scanLink, auditRow, `SELECT `+auditColumns+`, digest, hash FROM audit ORDER BY id`)
		dump(d, scanDeliveryRow, func(r store.DeliveryRow) store.Row { return store.Row{Delivery: &r} },
			`SELECT notice, destination, body, at, tries, next_at, wrong FROM deliveries ORDER BY notice, destination`)
		return d.err
	})
}

// dumping is a Dump on its way. After an error, or when yield has had enough,
// it reads nothing more.
type dumping struct {
	ctx   context.Context
	tx    *sql.Tx
	yield func(store.Row) bool
	more  bool
	err   error
}

func dump[T any](d *dumping, scan func(scanner) (T, error), row func(T) store.Row, stmt string) {
	if !d.more || d.err != nil {
		return
	}
	d.err = each(d.ctx, d.tx, scan, func(v T) bool {
		d.more = d.yield(row(v))
		return d.more
	}, stmt)
}

func scanKeyRow(row scanner) (k store.KeyRow, err error) {
	err = row.Scan(&k.Name, &k.Secret)
	return k, err
}

func tokenRow(t store.Token) store.Row {
	return store.Row{Token: &store.TokenRow{
		ID: t.ID, Name: t.Name, Role: t.Role, Hash: t.Hash[:], CreatedAt: t.CreatedAt, CreatedBy: t.CreatedBy, ExpiresAt: t.ExpiresAt,
	}}
}

func prunedRow(base store.ChainEnd) store.Row {
	return store.Row{Pruned: &store.PrunedRow{Records: base.Records, Hash: base.Hash[:]}}
}

func auditRow(r store.AuditRow) store.Row { return store.Row{Audit: &r} }

func scanDeliveryRow(row scanner) (d store.DeliveryRow, err error) {
	err = row.Scan(&d.Notice, &d.Destination, raw{&d.Body}, millis{&d.At}, &d.Tries, millis{&d.Next}, &d.Wrong)
	return d, err
}
