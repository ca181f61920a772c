package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/document"
)

// maxLineFile bounds what is read of a file, in bytes; the API takes no more.
const maxLineFile = 1 << 20

// readFile is the file's line with its defaults, as JSON has it, and names
// the line where the command line doesn't. Whether the line can be taken is
// for the server to say.
func (c *lineSetCmd) readFile(s *session) (map[string]any, error) {
	text, err := s.readInput(c.File)
	if err != nil {
		return nil, err
	}
	line, err := document.ReadLine(text)
	if err != nil {
		return nil, unreadable(c.File, err)
	}
	if c.Name == "" {
		if err := c.Name.UnmarshalText([]byte(line.Name)); err != nil {
			return nil, fmt.Errorf("read %s: name %w", c.File, err)
		}
	}
	if line.Name != "" && ident(line.Name) != c.Name {
		return nil, fmt.Errorf("read %s: it is about the line %q, not %s", c.File, line.Name, c.Name)
	}
	return lineFields(line)
}

// lineFields is a line as JSON has it.
func lineFields(line flow.Line) (map[string]any, error) {
	b, err := json.Marshal(line)
	if err != nil {
		return nil, fmt.Errorf("write line: %w", err)
	}
	return decode[map[string]any](b)
}

// unreadable is err, which came of a file, with a line for each bad field.
func unreadable(file string, err error) error {
	problems, ok := errors.AsType[ani.Problems](err)
	if !ok {
		return fmt.Errorf("read %s: %w", file, err)
	}
	const named = 3
	var fields []string
	var lines strings.Builder
	for i, p := range problems {
		if i < named {
			fields = append(fields, p.Field)
		}
		fmt.Fprintf(&lines, "\n  %s %s", p.Field, p.Text)
	}
	more := ""
	if len(problems) > named {
		more = fmt.Sprintf(" and %d more", len(problems)-named)
	}
	return fmt.Errorf("read %s: %s%s can't be taken:%s", file, strings.Join(fields, ", "), more, &lines)
}

// readInput reads a file, or standard input for -.
func (s *session) readInput(name string) ([]byte, error) {
	in := s.stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("read file: %w", err)
		}
		defer f.Close()
		in = f
	}
	b, err := io.ReadAll(io.LimitReader(in, maxLineFile+1))
	if err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	if len(b) > maxLineFile {
		return nil, errors.New("read file: it is too long: at most 1 MiB")
	}
	return b, nil
}
