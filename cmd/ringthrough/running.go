package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/google/renameio/v2"
	"golang.org/x/sync/errgroup"

	"github.com/ringthrough/ringthrough/flow/notice"
	"github.com/ringthrough/ringthrough/flow/server"
)

// run answers until ctx is done, then stops gracefully. started is called
// with the public address once it answers.
func (h *house) run(ctx context.Context, config, addressFile string, started func(address string) error) error {
	err := h.firstToken(ctx)
	if err == nil {
		err = h.openPorts(ctx)
	}
	if err != nil {
		_ = h.close(ctx) // err is what matters
		return err
	}
	h.notice.Start(h.board)
	h.keeper.Start()
	group, ctx := errgroup.WithContext(ctx)
	for _, port := range h.ports {
		group.Go(port.Serve)
	}
	address := h.ports[0].Addr().String()
	h.log.Info().Str("address", address).Str("version", thisBuild().Version).Uint64("revision", h.board.Snapshot().Revision).Msg("ringthrough is ready")
	group.Go(func() error {
		if addressFile == "" {
			return nil
		}
		return renameio.WriteFile(addressFile, []byte(address+"\n"), 0o644)
	})
	group.Go(func() error { return started(address) })
	group.Go(func() error { return h.reload(ctx, config) })
	group.Go(func() error { return h.stopAfter(ctx) })
	return errors.Join(group.Wait(), h.close(ctx))
}

// reload opens the hooks and the destinations of notices in the configuration
// file anew at every SIGHUP. A file that can't be taken leaves the old ones
// open.
func (h *house) reload(ctx context.Context, config string) error {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-hangups:
		}
		set, err := h.reconfigure(config)
		if err != nil {
			h.log.Error().Err(err).Msg("configuration can't be taken: the old hooks and notices stay")
			continue
		}
		h.log.Info().Int("hooks", len(set.Hooks)).Int("notices", len(set.Notices)).Msg("hooks and notices reloaded")
	}
}

// reconfigure takes all of the configuration file that can be changed under
// way, or nothing.
func (h *house) reconfigure(config string) (settings, error) {
	set, err := readSettings(config)
	if err != nil {
		return set, err
	}
	destinations, err := notice.Open(set.Notices, server.ReadSecret)
	if err != nil {
		return set, err
	}
	if err := h.server.SetHooks(set.Hooks); err != nil {
		return set, err
	}
	h.notice.SetDestinations(destinations)
	return set, nil
}

// stopAfter waits for ctx, lets load balancers turn away, and then ends the
// ports once what is under way is answered.
func (h *house) stopAfter(ctx context.Context) error {
	<-ctx.Done()
	h.log.Info().Msg("stopping")
	h.server.Leave()
	if h.set.DrainDelay > 0 {
		<-time.After(time.Duration(h.set.DrainDelay))
	}
	h.server.Drain()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWait)
	defer cancel()
	var group errgroup.Group
	for _, port := range h.ports {
		group.Go(func() error { return port.Stop(ctx) })
	}
	return group.Wait()
}
