package postgres

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/ringthrough/ringthrough/flow/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// knows is the last migration that this program has.
const knows = 1

const versions = "schema_versions"

// A program that waits for another one's migrations looks once a second.
const lockPeriod, lockTries = 1, 500

// migrate brings the schema up to date, unless it is as this program wants it
// or later. One that needs a later program gives store.ErrNewer.
func migrate(ctx context.Context, pool *pgxpool.Pool) error {
	has, err := schemaOf(ctx, pool)
	if err != nil || has >= knows {
		return err
	}
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(lockPeriod, lockTries))
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithTableName(versions), goose.WithSessionLocker(locker),
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate schema: %w", err)
	}
	_, err = schemaOf(ctx, pool)
	return err
}

// schemaOf is the last migration that was made; 0 where there is no schema.
func schemaOf(ctx context.Context, pool *pgxpool.Pool) (has int64, err error) {
	var there bool
	err = pool.QueryRow(ctx, `SELECT to_regclass('schema_needs') IS NOT NULL AND to_regclass($1) IS NOT NULL`, versions).Scan(&there)
	if err != nil || !there {
		return 0, err
	}
	var needs int64
	err = pool.QueryRow(ctx, `SELECT needs, (SELECT coalesce(max(version_id), 0) FROM `+versions+` WHERE is_applied) FROM schema_needs`).Scan(&needs, &has)
	if err == nil && needs > knows {
		err = fmt.Errorf("%w: its schema needs a program that knows %d, this one knows %d", store.ErrNewer, needs, knows)
	}
	return has, err
}
