package main

import (
	"io"
	"time"
)

// globals are the flags of every command.
type globals struct {
	Server string `placeholder:"URL" setting:"RINGTHROUGH_SERVER" help:"Where the server is. Default: ${default_server}."`
	Token  string `placeholder:"TOKEN" help:"Who you are; file:PATH reads it from a file ($$RINGTHROUGH_TOKEN, $$RINGTHROUGH_TOKEN_FILE). Default: admin.token in the data directory, for a server on this machine."`
	Data   string `placeholder:"DIR" setting:"RINGTHROUGH_DATA" help:"The server's data directory. Default: ./ringthrough-data."`
	Output string `short:"o" placeholder:"FORMAT" enum:"table,json,yaml" default:"table" help:"What to print: ${enum}."`
	CA     string `name:"ca" placeholder:"FILE" setting:"RINGTHROUGH_CA" help:"PEM file of a private authority that signed the server's certificate."`
}

// session is what a command works with. Nothing else of the process's
// surroundings is looked at.
type session struct {
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	env    environment
	now    func() time.Time // in the zone that times are written and read in
	flags  globals
}
