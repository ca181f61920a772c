// Command ringthrough serves lookups, and is the command line to a server
// that runs. It wires the other packages together and decides nothing about
// calls.
package main

import (
	_ "time/tzdata" // lines have hours in zones of their own, and a bare image has no zones

	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.LookupEnv))
}

// cli is every command, with the flags that belong to all of them.
type cli struct {
	globals

	Serve       serveCmd       `cmd:"" help:"Answer lookups and serve the ops API."`
	Demo        demoCmd        `cmd:"" help:"Serve with a sample line and list, to try things out."`
	Lambda      lambdaCmd      `cmd:"" help:"Answer Amazon Connect as a Lambda function."`
	Explain     explainCmd     `cmd:"" help:"Ask what would become of a call, and why. Leaves no trace."`
	Entry       entryCmd       `cmd:"" help:"The list: numbers that may ring through."`
	Line        lineCmd        `cmd:"" help:"Lines: your own numbers, and the people who answer there."`
	Window      windowCmd      `cmd:"" help:"Windows: the time in which a line expects a call."`
	Check       checkCmd       `cmd:"" help:"Ask whether WhatsApp can activate a number at all: exit 1 if it can't."`
	Apply       applyCmd       `cmd:"" help:"Make lines and entries what a document says: all of it or nothing."`
	Export      exportCmd      `cmd:"" help:"Write lines and entries down, so that apply takes them again."`
	Revision    revisionCmd    `cmd:"" help:"The history: every edit, and the way back."`
	Audit       auditCmd       `cmd:"" help:"Who did what, and who tried to."`
	Erase       eraseCmd       `cmd:"" help:"Erase one number from everything that is kept."`
	Notice      noticeCmd      `cmd:"" help:"Notices, which tell people that a call came, or didn't."`
	Calls       callsCmd       `cmd:"" help:"The journal: calls that rang through, and those that perhaps should have."`
	Token       tokenCmd       `cmd:"" help:"Tokens, which let IVRs and people in."`
	Store       storeCmd       `cmd:"" help:"The database itself: back it up, restore it, move it. No server is asked."`
	Completion  completionCmd  `cmd:"" help:"Print what makes a shell complete these commands."`
	Man         manCmd         `cmd:"" hidden:"" help:"Print the manual page."`
	Healthcheck healthcheckCmd `cmd:"" help:"Ask whether the server is ready: exit 0 if it is, else 1."`
	Version     versionCmd     `cmd:"" help:"Say which ringthrough this is."`
}

const about = "Lets the calls that carry WhatsApp's verification codes ring through to a person, past the IVR."

// run does what args ask for and gives the exit code: 0, 1 for an error, 2
// for a command line that can't be read.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer, env environment) int {
	s := &session{stdin: stdin, stdout: stdout, stderr: stderr, env: env, now: time.Now}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once

	command, err := s.parse(args)
	if err == nil && command != nil {
		command.BindTo(ctx, (*context.Context)(nil))
		err = command.Run(s)
	}
	return report(stderr, err)
}

// parse reads the command line. The command is nil where help was asked for,
// and given.
func (s *session) parse(args []string) (*kong.Context, error) {
	var c cli
	helped := false
	parser, err := kong.New(&c,
		kong.Name("ringthrough"), kong.Description(about), kong.Writers(s.stdout, s.stderr),
		kong.Exit(func(int) { helped = true }), kong.Vars{"default_server": defaultServer},
		kong.Resolvers(s.env), kong.ValueFormatter(describe), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		return nil, fmt.Errorf("build command line: %w", err)
	}
	if s.complete(parser) {
		return nil, nil
	}
	command, err := parser.Parse(args)
	s.flags = c.globals
	switch {
	case helped:
		return nil, nil
	case err != nil:
		return nil, unread(err)
	}
	return command, nil
}

// unread is the error of a command line that can't be read.
func unread(err error) error {
	command := "ringthrough"
	if parse, ok := errors.AsType[*kong.ParseError](err); ok {
		if node := parse.Context.Selected(); node != nil {
			command = node.FullPath()
		}
		err = parse.Unwrap()
	}
	return hinted(misuseError{err}, fmt.Sprintf("%q lists what can be given", strings.TrimSpace(command)+" --help"))
}
