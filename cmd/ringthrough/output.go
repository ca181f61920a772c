package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/token"
)

// show prints what the server said: as the table that lay makes of it, or
// whole, as JSON or YAML.
func show[T any](s *session, body json.RawMessage, lay func(*table, T)) error {
	switch s.flags.Output {
	case "json":
		return writeJSON(s.stdout, body)
	case "yaml":
		return writeYAML(s.stdout, body)
	}
	v, err := decode[T](body)
	if err != nil {
		return err
	}
	t := s.newTable()
	lay(t, v)
	return t.print(s.stdout)
}

// say prints a sentence about what was done, where people read along.
func (s *session) say(format string, args ...any) error {
	if s.flags.Output != "table" {
		return nil
	}
	_, err := fmt.Fprintf(s.stdout, format+"\n", args...)
	return err
}

// writeJSON keeps the order and the spelling of what came.
func writeJSON(w io.Writer, body json.RawMessage) error {
	var b bytes.Buffer
	if err := json.Indent(&b, bytes.TrimSpace(body), "", "  "); err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	b.WriteByte('\n')
	_, err := b.WriteTo(w)
	return err
}

// writeYAML keeps the order of what came.
func writeYAML(w io.Writer, body json.RawMessage) error {
	var v any
	if err := yaml.UnmarshalWithOptions(body, &v, yaml.UseOrderedMap()); err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	b, err := yaml.MarshalWithOptions(v, yaml.CustomMarshaler(quote))
	if err != nil {
		return fmt.Errorf("write YAML: %w", err)
	}
	_, err = w.Write(b)
	return err
}

var plainWord = regexp.MustCompile(`^[A-Za-z][A-Za-z_-]*$`)

// quote leaves only words plain. The library would do so for 12:30:00 and
// 1e3 too, which other readers take for numbers.
func quote(s string) ([]byte, error) {
	if plainWord.MatchString(s) && !token.IsNeedQuoted(s) {
		return []byte(s), nil
	}
	return json.Marshal(s)
}
