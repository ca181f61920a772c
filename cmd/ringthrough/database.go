package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/postgres"
	"github.com/ringthrough/ringthrough/flow/store/sqlite"
)

// openDatabase opens the store that a database address names. One in
// PostgreSQL needn't be in reach yet.
func openDatabase(ctx context.Context, address string) (store.Store, error) {
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok && path != "" {
		opened, err := sqlite.Open(ctx, path)
		if err != nil {
			return nil, hinted(fmt.Errorf("open store: %w", err), sqliteHint(err, path))
		}
		return opened, nil
	}
	if !inPostgres(address) {
		return nil, hinted(errors.New("the database address can't be used"), "write it as sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME")
	}
	opened, err := postgres.Open(ctx, address)
	if err != nil {
		return nil, hinted(fmt.Errorf("open store: %w", err), "write the address as postgres://USER:PASSWORD@HOST:PORT/NAME?sslmode=verify-full, with % codes for what is special in the password")
	}
	return opened, nil
}

func inPostgres(address string) bool {
	return strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://")
}

func sqliteHint(err error, path string) string {
	if errors.Is(err, store.ErrNewer) {
		return "a later ringthrough has written it: use that one"
	}
	if errors.Is(err, store.ErrDamaged) {
		return "move " + path + " away, with its -wal and -shm files if there are any, and put a backup in its place"
	}
	return "see that " + path + " can be written and that the disk has room"
}

// loadHint says what to do about a store that can't be started from.
func loadHint(err error) string {
	switch {
	case errors.Is(err, store.ErrNewer):
		return "a later ringthrough has changed the database: use that one"
	case errors.Is(err, store.ErrUnavailable):
		return "see that the database runs, and that address and password are right. A replica that has served once starts without it"
	default:
		return "put a backup in its place: ringthrough store restore"
	}
}
