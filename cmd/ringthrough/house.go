package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"syscall"

	"github.com/gofrs/flock"
	"github.com/rs/zerolog"

	"github.com/ringthrough/ringthrough/flow/notice"
	"github.com/ringthrough/ringthrough/flow/server"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/sqlite"
	"github.com/ringthrough/ringthrough/flow/switchboard"
)

// house is a running server and all that it stands on.
type house struct {
	set    settings
	log    zerolog.Logger
	lock   *flock.Flock
	store  store.Store
	board  *switchboard.Switchboard
	notice *notice.Notifier
	server *server.Server
	ports  []*server.Listener // the public one first
}

// openHouse opens everything but the ports, in order, and closes what it has
// opened if the next thing fails.
func openHouse(ctx context.Context, set settings, log zerolog.Logger) (_ *house, err error) {
	h := &house{set: set, log: log}
	defer func() {
		if err != nil {
			_ = h.close(ctx) // err is what matters
		}
	}()
	if err = h.openStore(ctx); err != nil {
		return nil, err
	}
	metrics := server.NewMetrics(serverBuild())
	destinations, err := notice.Open(set.Notices, server.ReadSecret)
	if err != nil {
		return nil, badConfiguration(err)
	}
	h.notice = notice.New(notice.Options{Store: h.store, Destinations: destinations, Counted: metrics.Noticed, Log: log})
	h.board, err = switchboard.Open(ctx, switchboard.Options{
		Store: h.store, Spool: filepath.Join(set.Data, "spool"), Dropped: metrics.Dropped, LimitTripped: h.notice.LimitTripped, Log: log,
	})
	if err != nil {
		return nil, err
	}
	if err = h.firstToken(ctx); err != nil {
		return nil, err
	}
	h.server, err = server.New(ctx, server.Options{Board: h.board, Hooks: set.Hooks, Notices: h.notice, Console: set.Console, Scratch: filepath.Join(set.Data, "scratch"), Metrics: metrics, Log: log, Build: serverBuild()})
	if err != nil {
		return nil, badConfiguration(err)
	}
	return h, nil
}

func badConfiguration(err error) error {
	return hinted(fmt.Errorf("configuration: %w", err), "mend the key that is named; nothing was started")
}

func (h *house) openStore(ctx context.Context) error {
	path, err := sqlitePath(h.set.Database)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(h.set.Data, 0o700); err != nil {
		return hinted(fmt.Errorf("make data directory: %w", err), "give a directory that can be written with --data")
	}
	h.lock = flock.New(filepath.Join(h.set.Data, "lock"))
	locked, err := h.lock.TryLock()
	if err != nil {
		return hinted(fmt.Errorf("lock data directory: %w", err), "give a directory that can be written with --data")
	}
	if !locked {
		return hinted(fmt.Errorf("another ringthrough serves from %s", h.set.Data), "stop it, or give this one a directory of its own with --data")
	}
	opened, err := sqlite.Open(ctx, path)
	if err != nil {
		return hinted(fmt.Errorf("open store: %w", err), storeHint(err, path))
	}
	h.store = opened
	return nil
}

func storeHint(err error, path string) string {
	if errors.Is(err, store.ErrNewer) {
		return "a later ringthrough has written it: use that one"
	}
	if errors.Is(err, store.ErrDamaged) {
		return "move " + path + " away, with its -wal and -shm files if there are any, and put a backup in its place"
	}
	return "see that " + path + " can be written and that the disk has room"
}

func (h *house) openPorts(ctx context.Context) error {
	if h.set.AdminListen == "" {
		return h.openPort(ctx, h.set.Listen, h.server.All())
	}
	if err := h.openPort(ctx, h.set.Listen, h.server.Public()); err != nil {
		return err
	}
	return h.openPort(ctx, h.set.AdminListen, h.server.All())
}

func (h *house) openPort(ctx context.Context, address string, handler http.Handler) error {
	listen := server.Listen{Address: address, CertFile: h.set.TLSCert, KeyFile: h.set.TLSKey, ClientCA: h.set.TLSClientCA}
	port, err := listen.Open(ctx, handler, h.log)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return hinted(err, "something else answers at "+address+": stop it, or choose another address with --listen")
	case err != nil:
		return hinted(err, "write the address as host:port, such as 127.0.0.1:8080, and see that certificate and key can be read")
	}
	h.ports = append(h.ports, port)
	return nil
}

// close lets the journal reach the store, then closes what is open.
func (h *house) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWait)
	defer cancel()
	var errs []error
	for _, port := range h.ports {
		errs = append(errs, port.Stop(ctx))
	}
	if h.notice != nil {
		h.notice.Stop(ctx)
	}
	if h.board != nil {
		errs = append(errs, h.board.Close(ctx))
	}
	if h.store != nil {
		errs = append(errs, h.store.Close())
	}
	if h.lock != nil {
		errs = append(errs, h.lock.Unlock())
	}
	return errors.Join(errs...)
}
