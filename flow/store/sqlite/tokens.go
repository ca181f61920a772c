package sqlite

import (
	"context"

	"github.com/ringthrough/ringthrough/flow/store"
)

const selectTokens = `SELECT id, name, role, hash, created_at, created_by, expires_at FROM tokens`

func scanToken(row scanner) (store.Token, error) {
	var t store.Token
	err := row.Scan(&t.ID, &t.Name, &t.Role, hash{&t.Hash}, millis{&t.CreatedAt}, &t.CreatedBy, millis{&t.ExpiresAt})
	return t, err
}

// hash reads the 32 bytes of a token's hash.
type hash struct{ to *[32]byte }

func (h hash) Scan(src any) error {
	b, ok := src.([]byte)
	if !ok || len(b) != len(h.to) {
		return unreadable(h.to)
	}
	copy(h.to[:], b)
	return nil
}

// Tokens reads all tokens, by creation.
func (s *Store) Tokens(ctx context.Context) ([]store.Token, error) {
	found, err := allTokens(ctx, s.readers)
	return found, faults.In(ctx, "list tokens", err)
}

func allTokens(ctx context.Context, q querier) ([]store.Token, error) {
	return all(ctx, q, scanToken, selectTokens+` ORDER BY created_at, id`)
}

// tokens keeps tokens.
type tokens struct{ *writing }

func (t tokens) Find(key string) (store.Token, bool, error) {
	return found(scanToken(t.queryRow(selectTokens+` WHERE id = ?`, key)))
}

func (t tokens) Put(c store.Change, v store.Token) error {
	_, err := t.exec(putting(c.Op, `INSERT INTO tokens (id, name, role, hash, created_at, created_by, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		` ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role, hash = excluded.hash, expires_at = excluded.expires_at`),
		v.ID, v.Name, v.Role, v.Hash[:], v.CreatedAt.UnixMilli(), v.CreatedBy, orNull(v.ExpiresAt))
	return put(err)
}

func (t tokens) Remove(key string) error {
	_, err := t.exec(`DELETE FROM tokens WHERE id = ?`, key)
	return err
}
