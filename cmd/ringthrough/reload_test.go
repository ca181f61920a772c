package main

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/renameio/v2"
	"github.com/rs/zerolog"

	"github.com/ringthrough/ringthrough/flow"
)

// TestReload changes the configuration under a running server, well and badly.
func TestReload(t *testing.T) {
	hangups := make(chan os.Signal, 8)
	signal.Notify(hangups, syscall.SIGHUP) // or the first one would end the test
	defer signal.Stop(hangups)
	config := filepath.Join(t.TempDir(), "config.yaml")
	write := func(text string) {
		t.Helper()
		if err := renameio.WriteFile(config, []byte(text), 0o600); err != nil { // half a file may be read by the hangup before
			t.Fatal(err)
		}
	}
	log := make(lines, 64)
	h, err := openHouse(t.Context(), settings{}.under(settings{Data: t.TempDir()}), zerolog.New(log))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan error, 1)
	go func() { over <- h.reload(ctx, config) }()

	const opened = "hooks: [{name: pbx, dialect: flat, auth: {scheme: none}}]"
	write(opened)
	log.await(t, "hooks and notices reloaded")
	for name, bad := range map[string]string{
		"an unknown key":        "hoks: []",
		"a hook without a name": "hooks: [{dialect: flat}]",
		"no YAML":               "{",
	} {
		write(bad)
		log.await(t, "the old hooks and notices stay")
		if _, err := h.server.Ask(t.Context(), "pbx", flow.Request{Method: "GET"}); err != nil {
			t.Errorf("%s: the hook of before is gone: %v", name, err)
		}
	}
	cancel()
	if err := <-over; err != nil {
		t.Error(err)
	}
	if err := h.close(t.Context()); err != nil {
		t.Error(err)
	}
}

// lines is a log whose lines a test waits for.
type lines chan string

func (l lines) Write(b []byte) (int, error) {
	l <- string(b)
	return len(b), nil
}

// await hangs up until the log has a line with the text in it.
func (l lines) await(t *testing.T, text string) {
	t.Helper()
	deadline := time.After(time.Minute)
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		select {
		case line := <-l:
			if strings.Contains(line, text) {
				return
			}
		case <-again.C:
			if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
				t.Fatal(err)
			}
		case <-deadline:
			t.Fatalf("the log never has %q", text)
		}
	}
}
