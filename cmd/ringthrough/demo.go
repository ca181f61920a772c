package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/rs/xid"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// demoCmd serves a sample line and list from a directory of its own.
type demoCmd struct {
	Listen      string `setting:"RINGTHROUGH_LISTEN" default:"127.0.0.1:8080" help:"Address to answer at."`
	LogLevel    string `setting:"RINGTHROUGH_LOG_LEVEL" default:"info" help:"debug, info, warn or error."`
	LogFormat   string `setting:"RINGTHROUGH_LOG_FORMAT" placeholder:"json" help:"json or console; console by itself on a terminal."`
	AddressFile string `placeholder:"FILE" help:"Write the address here once it answers."`
}

// The sample call of the demo.
const (
	demoLine     = "support-us"
	demoCaller   = "+16505550123"
	demoStranger = "+442079460000"
	demoDialled  = "+18005550100"
)

// Run serves the demo until the process is told to stop.
func (c *demoCmd) Run(ctx context.Context, s *session) error {
	data := s.flags.Data
	if data == "" {
		dir, err := os.MkdirTemp("", "ringthrough-demo-")
		if err != nil {
			return fmt.Errorf("make demo directory: %w", err)
		}
		defer func() { _ = os.RemoveAll(dir) }() // it is in the system's place for such things
		data = dir
	}
	set := settings{}.under(settings{Listen: c.Listen, Data: data, LogLevel: c.LogLevel, LogFormat: c.LogFormat})
	log, err := set.logger(s.stderr)
	if err != nil {
		return err
	}
	h, err := openHouse(ctx, set, log)
	if err != nil {
		return err
	}
	return h.run(ctx, "", c.AddressFile, func(address string) error { return h.demonstrate(ctx, s.stdout, address) })
}

// demonstrate fills an empty store and says what to try.
func (h *house) demonstrate(ctx context.Context, out io.Writer, address string) error {
	if len(h.board.Snapshot().Lines()) == 0 {
		if _, err := h.board.Edit(ctx, store.Author{Name: "demo", Role: store.RoleEditor, From: "local"}, "sample", demoChanges()...); err != nil {
			return fmt.Errorf("make sample: %w", err)
		}
	}
	token, err := h.newToken(ctx, "demo", store.RoleLookup, func(string) error { return nil })
	if err != nil {
		return err
	}
	file := filepath.Join(h.set.Data, tokenFile)
	_, err = fmt.Fprintf(out, demoText, address, h.waysIn(file), h.tryLookup(token, address, demoCaller), h.tryLookup(token, address, demoStranger), address, file)
	return err
}

// waysIn says how to sign in to the console: with the token of the file, where
// that still lets somebody in.
func (h *house) waysIn(file string) string {
	if b, err := os.ReadFile(file); err == nil {
		secret := strings.TrimSpace(string(b))
		if _, ok := h.board.Bearer([]byte(secret)); ok {
			return "sign in with the token " + secret
		}
	}
	return "sign in with a token of yours"
}

const demoText = `
Open the console in a browser: http://%s/
  %s

A call from a number on the list rings through to a person:
  %s

A call from anybody else carries on into the normal IVR:
  %s

The commands talk to it, in another terminal, after
  export RINGTHROUGH_SERVER=http://%s RINGTHROUGH_TOKEN_FILE=%s
for example: go run ./cmd/ringthrough explain --ani ` + demoCaller + ` --dnis ` + demoDialled + `

Ctrl-C ends the demo.
`

func (h *house) tryLookup(token, address, caller string) string {
	return strings.Join([]string{
		"curl -s -H 'Authorization: Bearer " + token + "'",
		`-d '{"ani":"` + caller + `","dnis":"` + demoDialled + `"}'`,
		"http://" + address + "/v1/lookup",
	}, " ")
}

func demoChanges() []store.Change {
	line := flow.NewLine()
	line.Name, line.Numbers = demoLine, []ani.Number{ani.MustParse(demoDialled)}
	line.Targets = []flow.Target{
		{Kind: flow.KindNumber, Address: "+15125550123", Label: "Dana's desk"},
		{Kind: flow.KindQueue, Address: "WhatsApp activation"},
	}
	line.Announce = "WhatsApp activation call: write down six digits."
	entry := ani.NewEntry()
	entry.ID, entry.Pattern, entry.Label = xid.New().String(), ani.PatternOf(ani.MustParse(demoCaller)), "Meta call 1"
	return []store.Change{
		{Op: store.OpPut, Kind: store.KindLine, Key: line.Name, Line: &line},
		{Op: store.OpCreate, Kind: store.KindEntry, Key: entry.ID, Entry: &entry},
	}
}
