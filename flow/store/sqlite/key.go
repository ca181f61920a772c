package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
)

const keyLen = 32

// Key reads the secret called name, and makes it where it isn't there. Of
// several that make it at once the first one's is everybody's.
func (s *Store) Key(ctx context.Context, name string) ([]byte, error) {
	const read = `SELECT secret FROM keys WHERE name = ?`
	var secret []byte
	err := s.readers.QueryRowContext(ctx, read, name).Scan(&secret)
	if !errors.Is(err, sql.ErrNoRows) {
		return secret, faults.In(ctx, "key "+name, err)
	}
	err = s.write(ctx, "key "+name, func(w *writing) error {
		fresh := make([]byte, keyLen)
		rand.Read(fresh)
		if _, err := w.exec(`INSERT INTO keys (name, secret) VALUES (?, ?) ON CONFLICT (name) DO NOTHING`, name, fresh); err != nil {
			return err
		}
		return w.queryRow(read, name).Scan(&secret)
	})
	if err != nil {
		return nil, err
	}
	return secret, nil
}
