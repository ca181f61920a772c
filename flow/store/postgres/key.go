package postgres

import (
	"context"
	"crypto/rand"
	"errors"

	"github.com/jackc/pgx/v5"
)

const keyLen = 32

// Key reads the secret called name, and makes it where it isn't there. Of
// several that make it at once the first one's is everybody's.
func (s *Store) Key(ctx context.Context, name string) (secret []byte, err error) {
	const read = `SELECT secret FROM keys WHERE name = $1`
	err = s.on(ctx, "key "+name, func(q querier) error {
		err := q.QueryRow(ctx, read, name).Scan(&secret)
		if !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		fresh := make([]byte, keyLen)
		rand.Read(fresh)
		if _, err := q.Exec(ctx, `INSERT INTO keys (name, secret) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`, name, fresh); err != nil {
			return err
		}
		return q.QueryRow(ctx, read, name).Scan(&secret)
	})
	return secret, err
}
