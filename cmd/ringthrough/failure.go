package main

import (
	"errors"
	"fmt"
	"io"
)

// misuseError is an error of whoever wrote the command line.
type misuseError struct{ error }

func (m misuseError) Unwrap() error { return m.error }

// advisedError is an error together with what can be done about it.
type advisedError struct {
	error
	hint string
}

func (a advisedError) Unwrap() error { return a.error }

// hinted adds a hint to err; an empty one adds nothing.
func hinted(err error, hint string) error {
	if hint == "" {
		return err
	}
	return advisedError{err, hint}
}

// report tells what went wrong, if anything did, and gives the exit code.
func report(w io.Writer, err error) int {
	if err == nil {
		return 0
	}
	fmt.Fprintf(w, "ringthrough: error: %s\n", printable(err.Error()))
	if a, ok := errors.AsType[advisedError](err); ok {
		fmt.Fprintf(w, "hint: %s\n", printable(a.hint))
	}
	if _, ok := errors.AsType[misuseError](err); ok {
		return 2
	}
	return 1
}
