package main

import (
	"context"
	"fmt"
	"time"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/server"
)

// serveCmd answers lookups until it is told to stop.
type serveCmd struct {
	Listen       string        `setting:"RINGTHROUGH_LISTEN" placeholder:"ADDR" help:"Address to answer at. Default: 127.0.0.1:8080."`
	AdminListen  string        `setting:"RINGTHROUGH_ADMIN_LISTEN" placeholder:"ADDR" help:"Serve the ops API and metrics here, and at --listen nothing but lookups, results and probes."`
	SIPListen    string        `name:"sip-listen" setting:"RINGTHROUGH_SIP_LISTEN" placeholder:"ADDR" help:"Answer SBCs over SIP here, on UDP and TCP, for the hook with dialect sip302."`
	Database     string        `setting:"RINGTHROUGH_DATABASE" placeholder:"URL" help:"Where list, lines and journal are kept. Default: sqlite:ringthrough.db in the data directory."`
	DatabaseFile string        `setting:"RINGTHROUGH_DATABASE_FILE" hidden:"" help:"File that holds the database address."`
	Config       string        `setting:"RINGTHROUGH_CONFIG" placeholder:"FILE" help:"YAML file with any of these settings, and the hooks."`
	TLSCert      string        `name:"tls-cert" setting:"RINGTHROUGH_TLS_CERT" placeholder:"FILE" help:"Certificate chain in PEM; read anew when it changes."`
	TLSKey       string        `name:"tls-key" setting:"RINGTHROUGH_TLS_KEY" placeholder:"FILE" help:"Its key."`
	TLSClientCA  string        `name:"tls-client-ca" setting:"RINGTHROUGH_TLS_CLIENT_CA" placeholder:"FILE" help:"CA of client certificates, for hooks with auth scheme mtls."`
	LogLevel     string        `setting:"RINGTHROUGH_LOG_LEVEL" placeholder:"LEVEL" help:"debug, info, warn or error. Default: info."`
	LogFormat    string        `setting:"RINGTHROUGH_LOG_FORMAT" placeholder:"FORMAT" help:"json or console. Default: console on a terminal, else json."`
	DrainDelay   flow.Duration `setting:"RINGTHROUGH_DRAIN_DELAY" placeholder:"SPAN" help:"How long to go on answering after a stop signal, so that a load balancer can turn away first. Default: 0s."`
	AddressFile  string        `setting:"RINGTHROUGH_ADDRESS_FILE" placeholder:"FILE" help:"Write the address here once it answers."`
}

// Run serves until the process is told to stop.
func (c *serveCmd) Run(ctx context.Context, s *session) error {
	set, err := c.settings(s.flags.Data)
	if err != nil {
		return err
	}
	log, err := set.logger(s.stderr)
	if err != nil {
		return err
	}
	h, err := openHouse(ctx, set, log)
	if err != nil {
		return err
	}
	return h.run(ctx, c.Config, c.AddressFile, func(string) error { return nil })
}

func (c *serveCmd) settings(data string) (settings, error) {
	top := settings{
		Listen: c.Listen, AdminListen: c.AdminListen, SIPListen: c.SIPListen, Data: data, Database: c.Database,
		TLSCert: c.TLSCert, TLSKey: c.TLSKey, TLSClientCA: c.TLSClientCA,
		LogLevel: c.LogLevel, LogFormat: c.LogFormat, DrainDelay: c.DrainDelay,
	}
	if c.DatabaseFile != "" {
		database, err := server.ReadSecret("file:" + c.DatabaseFile)
		if err != nil {
			return settings{}, fmt.Errorf("read database address: %w", err)
		}
		top.Database = database
	}
	file, err := readSettings(c.Config)
	return file.under(top), err
}

func serverBuild() server.Build {
	b := thisBuild()
	return server.Build{Version: b.Version, Commit: b.Commit, Date: b.Date}
}

// stopWait is how long a stop waits for requests and the journal.
const stopWait = 15 * time.Second
