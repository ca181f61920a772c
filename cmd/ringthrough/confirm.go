package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"
)

// consent is the flag of every command whose effect can't easily be undone.
type consent struct {
	Yes bool `short:"y" help:"Don't ask. Nobody is asked either where standard input or standard error is no terminal, as in scripts."`
}

var errDeclined = errors.New("not confirmed: nothing was changed")

// wanted reports whether somebody is there to be asked, and is to be.
func (c consent) wanted(s *session) bool {
	return !c.Yes && isTerminal(s.stdin) && isTerminal(s.stderr)
}

// confirm asks, and gives errDeclined for every answer but yes. It returns
// early when ctx is done, and then leaves a read of standard input behind.
func (s *session) confirm(ctx context.Context, format string, args ...any) error {
	fmt.Fprint(s.stderr, printable(fmt.Sprintf(format, args...)), " [y/N] ")
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(s.stdin).ReadString('\n') // no answer is none
		answer <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(s.stderr)
		return errDeclined
	case said := <-answer:
		if said == "y" || said == "yes" {
			return nil
		}
		return errDeclined
	}
}

// isTerminal reports whether somebody sits at the other end of v, an input or
// an output.
func isTerminal(v any) bool {
	f, ok := v.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
