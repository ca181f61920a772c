package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"

	"github.com/gofrs/flock"
	"github.com/rs/xid"
	"github.com/rs/zerolog"

	"github.com/ringthrough/ringthrough/flow/notice"
	"github.com/ringthrough/ringthrough/flow/retention"
	"github.com/ringthrough/ringthrough/flow/server"
	"github.com/ringthrough/ringthrough/flow/server/sipport"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/switchboard"
)

// house is a running server and all that it stands on.
type house struct {
	set    settings
	log    zerolog.Logger
	id     string // tells this replica from others of the same store
	lock   *flock.Flock
	store  store.Store
	board  *switchboard.Switchboard
	notice *notice.Notifier
	keeper *retention.Keeper
	server *server.Server
	ports  []port // the public one first
}

// port is an open port that is served.
type port interface {
	Addr() net.Addr
	Serve() error
	Stop(ctx context.Context) error
}

// openHouse opens everything but the ports, in order, and closes what it has
// opened if the next thing fails.
func openHouse(ctx context.Context, set settings, log zerolog.Logger) (_ *house, err error) {
	h := &house{set: set, log: log, id: xid.New().String()}
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
	h.notice = notice.New(notice.Options{Store: h.store, Replica: h.id, Destinations: destinations, Counted: metrics.Noticed, Log: log})
	h.keeper, err = retention.New(retention.Options{Store: h.store, Retention: set.Retention, Holder: h.id, Log: log})
	if err != nil {
		return nil, badConfiguration(err)
	}
	if err = h.openBoard(ctx, metrics.Dropped); err != nil {
		return nil, err
	}
	h.server, err = server.New(ctx, server.Options{Board: h.board, Hooks: set.Hooks, SIP: set.SIPListen != "", Notices: h.notice, Console: set.Console, Scratch: filepath.Join(set.Data, "scratch"), Metrics: metrics, Log: log, Build: serverBuild()})
	if err != nil {
		return nil, badConfiguration(err)
	}
	return h, nil
}

func badConfiguration(err error) error {
	return hinted(fmt.Errorf("configuration: %w", err), "mend the key that is named; nothing was started")
}

func (h *house) openStore(ctx context.Context) error {
	address, err := databaseAddress(h.set.Database)
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
	h.store, err = openDatabase(ctx, address)
	return err
}

// openBoard serves what the store holds. Where others share the store, what
// serves is kept for a start without it.
func (h *house) openBoard(ctx context.Context, dropped func(what, reason string)) (err error) {
	options := switchboard.Options{
		Store: h.store, Spool: filepath.Join(h.set.Data, "spool"), Dropped: dropped, LimitTripped: h.notice.LimitTripped, Log: h.log,
	}
	if _, shared := h.store.(store.Shared); shared {
		options.Image = filepath.Join(h.set.Data, "snapshot")
	}
	if h.board, err = switchboard.Open(ctx, options); err != nil {
		return hinted(err, loadHint(err))
	}
	return nil
}

func (h *house) openPorts(ctx context.Context) error {
	public := h.server.All()
	if h.set.AdminListen != "" {
		public = h.server.Public()
	}
	if err := h.openPort(ctx, h.set.Listen, public); err != nil {
		return err
	}
	if h.set.AdminListen != "" {
		if err := h.openPort(ctx, h.set.AdminListen, h.server.All()); err != nil {
			return err
		}
	}
	return h.openSIPPort(ctx)
}

func (h *house) openSIPPort(ctx context.Context) error {
	if h.set.SIPListen == "" {
		return nil
	}
	port, err := sipport.Open(ctx, h.set.SIPListen, h.server.SIP(), h.log)
	if err != nil {
		return hinted(fmt.Errorf("SIP: %w", err), "write --sip-listen as host:port, such as 10.1.0.5:5060, and see that nothing else answers there on UDP or TCP")
	}
	h.ports = append(h.ports, port)
	h.log.Info().Str("address", port.Addr().String()).Msg("SIP is answered")
	return nil
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
	if h.keeper != nil {
		h.keeper.Stop(ctx)
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
