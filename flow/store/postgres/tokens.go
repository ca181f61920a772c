package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/ringthrough/ringthrough/flow/store"
)

const selectTokens = `SELECT id, name, role, hash, created_at, created_by, expires_at FROM tokens`

func scanToken(row pgx.Row) (store.Token, error) {
	var t store.Token
	err := row.Scan(intoToken(&t)...)
	return t, err
}

func intoToken(t *store.Token) []any {
	return []any{&t.ID, &t.Name, &t.Role, hash{&t.Hash}, millis{&t.CreatedAt}, &t.CreatedBy, millis{&t.ExpiresAt}}
}

// Tokens reads all tokens, by creation.
func (s *Store) Tokens(ctx context.Context) (found []store.Token, err error) {
	err = s.on(ctx, "list tokens", func(q querier) (err error) {
		found, err = allTokens(ctx, q)
		return err
	})
	return found, err
}

func allTokens(ctx context.Context, q querier) ([]store.Token, error) {
	return all(ctx, q, scanToken, selectTokens+` ORDER BY created_at, id`)
}

const insertTokens = `INSERT INTO tokens (id, name, role, hash, created_at, created_by, expires_at)
	SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::bigint[], $6::text[], $7::bigint[])`

const upsertTokens = insertTokens + ` ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role, hash = excluded.hash,
		created_at = excluded.created_at, created_by = excluded.created_by, expires_at = excluded.expires_at`

func queueTokens(b *batch, r rows[store.Token]) {
	r.queueDelete(b, `DELETE FROM tokens WHERE id = ANY($1)`)
	if changed := r.changed(); len(changed) > 0 {
		b.queue(upsertTokens, tokenColumns(changed)...)
	}
}

func tokenColumns(tokens []store.Token) []any {
	return []any{
		column(tokens, func(t store.Token) string { return t.ID }),
		column(tokens, func(t store.Token) string { return t.Name }),
		column(tokens, func(t store.Token) string { return string(t.Role) }),
		column(tokens, func(t store.Token) []byte { return t.Hash[:] }),
		column(tokens, func(t store.Token) int64 { return t.CreatedAt.UnixMilli() }),
		column(tokens, func(t store.Token) string { return t.CreatedBy }),
		column(tokens, func(t store.Token) pgtype.Int8 { return orNull(t.ExpiresAt) }),
	}
}
