package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"

	"github.com/ringthrough/ringthrough/flow/server"
	"github.com/ringthrough/ringthrough/flow/store"
)

// database is a store that is copied, and where it is.
type database struct {
	store.Store
	address string
	lock    *flock.Flock // of the data directory that a target lies in; nil: there is none
}

func (d *database) close() {
	_ = d.Close() // what was written is durable by now
	if d.lock != nil {
		_ = d.lock.Unlock() // the end of the process does so too
	}
}

// databaseAddress is an address, which may be kept in a file.
func databaseAddress(given string) (string, error) {
	address, err := server.ReadSecret(given)
	if err != nil {
		return "", hinted(fmt.Errorf("database address: %w", err), "write it as sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME, or name a file that holds it as file:PATH")
	}
	return address, nil
}

// shown is an address without what is secret in it.
func shown(address string) string {
	if strings.HasPrefix(address, "sqlite:") {
		return address
	}
	scheme, _, _ := strings.Cut(address, ":")
	u, err := url.Parse(address)
	if err != nil {
		return scheme + "://…"
	}
	bare := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	if u.User != nil {
		bare.User = url.User(u.User.Username())
	}
	return bare.String()
}

// openSource opens a database that is there.
func openSource(ctx context.Context, address string) (*database, error) {
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, hinted(fmt.Errorf("there is no database at %s", path), "name the one that the server has, with --data or as sqlite:PATH")
		}
	}
	return openArchive(ctx, address)
}

// openTarget opens a database, and makes it where there is none. A data
// directory that it lies in is locked meanwhile, as a server does it.
func openTarget(ctx context.Context, address string) (*database, error) {
	lock, err := lockAround(address)
	if err != nil {
		return nil, err
	}
	to, err := openArchive(ctx, address)
	if err != nil {
		if lock != nil {
			_ = lock.Unlock() // err is what matters
		}
		return nil, err
	}
	to.lock = lock
	return to, nil
}

// lockAround locks the data directory that a SQLite file lies in. Where the
// directory has no lock and the file isn't called as a server calls it, it is
// none.
func lockAround(address string) (*flock.Flock, error) {
	path, ok := strings.CutPrefix(address, "sqlite:")
	if !ok {
		return nil, nil
	}
	dir := filepath.Dir(path)
	file := filepath.Join(dir, "lock")
	if _, err := os.Stat(file); err != nil && filepath.Base(path) != databaseName {
		return nil, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, hinted(fmt.Errorf("make data directory: %w", err), "give a path that can be written")
	}
	lock := flock.New(file)
	locked, err := lock.TryLock()
	if err != nil {
		return nil, hinted(fmt.Errorf("lock data directory: %w", err), "give a path that can be written")
	}
	if !locked {
		return nil, hinted(fmt.Errorf("a ringthrough serves from %s", dir), "stop it, or give the path of a database that isn't there yet")
	}
	return lock, nil
}

func openArchive(ctx context.Context, address string) (*database, error) {
	opened, err := openDatabase(ctx, address)
	if err != nil {
		return nil, err
	}
	return &database{Store: opened, address: address}, nil
}

// fill writes rows into an empty database.
func (d *database) fill(ctx context.Context, rows iter.Seq2[store.Row, error]) error {
	err := d.Fill(ctx, rows)
	switch {
	case errors.Is(err, store.ErrTaken):
		return hinted(fmt.Errorf("%s is not empty, and was left as it is", shown(d.address)), "give a database that isn't there yet, or one that nothing was ever kept in")
	case errors.Is(err, store.ErrUnavailable):
		return hinted(fmt.Errorf("%w: nothing was written", err), "see that the database runs, that it can be written and that the disk has room")
	default:
		return err
	}
}
