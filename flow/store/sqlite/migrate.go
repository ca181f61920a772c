package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"

	"github.com/ringthrough/ringthrough/flow/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema up to date. A schema that this program is too
// old for gives store.ErrNewer and is left as it is.
func migrate(ctx context.Context, db *sql.DB) error {
	p, err := migrationsOf(db)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	has, knows, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if has > knows {
		return fmt.Errorf("%w: its schema is %d, this program knows %d", store.ErrNewer, has, knows)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate schema: %w", err)
	}
	return nil
}

func migrationsOf(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, db, files,
		goose.WithGoMigrations(goose.NewGoMigration(3, &goose.GoFunc{RunTx: chainChanges}, nil)),
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
}

// chainChanges moves the history that the first schema kept into the audit,
// row by row: it may be long.
func chainChanges(ctx context.Context, tx *sql.Tx) error {
	w := newWriting(ctx, tx)
	var failed error
	err := each(ctx, tx, scanChange, func(r store.AuditRecord) bool {
		failed = w.audit(r)
		return failed == nil
	}, `SELECT at, author, role, from_address, iif(op <> 'put', op, iif(before IS NULL, 'create', 'update')), kind, key, before, after, note, revision
		FROM changes JOIN revisions ON n = revision ORDER BY revision, seq`)
	if err = errors.Join(err, failed); err != nil {
		return err
	}
	if err := w.endChain(); err != nil {
		return err
	}
	if _, err := w.exec(countChanges); err != nil {
		return err
	}
	_, err = w.exec(`DROP TABLE changes`)
	return err
}

const countChanges = `WITH
	counted AS (SELECT n, (SELECT count(*) FROM changes WHERE revision = n) AS made FROM revisions),
	placed AS (SELECT n, made, 1 + sum(made) OVER (ORDER BY n) - made AS first FROM counted)
	UPDATE revisions SET changes = made, first_record = first FROM placed WHERE placed.n = revisions.n`

func scanChange(row scanner) (r store.AuditRecord, err error) {
	err = row.Scan(millis{&r.At}, &r.Actor, &r.Role, &r.From, &r.Action, &r.Kind, &r.Key, raw{&r.Before}, raw{&r.After}, &r.Note, &r.Revision)
	return r, err
}
