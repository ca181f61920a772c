package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// lineFile is a flow.Line as somebody wrote it down. Whether its values can
// be taken is for the server to say.
type lineFile struct {
	Name         verbatim     `json:"name,omitzero"`
	Numbers      []verbatim   `json:"numbers,omitzero"`
	Default      *bool        `json:"default,omitzero"`
	Enabled      *bool        `json:"enabled,omitzero"`
	Policy       *verbatim    `json:"policy,omitzero"`
	Attestation  *verbatim    `json:"attestation,omitzero"`
	Limit        limitFile    `json:"limit,omitzero"`
	Targets      []targetFile `json:"targets,omitzero"`
	RedialWithin *verbatim    `json:"redial_within,omitzero"`
	ContinueURL  *verbatim    `json:"continue_url,omitzero"`
	Announce     *verbatim    `json:"announce,omitzero"`
	Timezone     *verbatim    `json:"timezone,omitzero"`
}

type limitFile struct {
	Calls *int      `json:"calls,omitzero"`
	Per   *verbatim `json:"per,omitzero"`
}

type targetFile struct {
	Kind    verbatim `json:"kind"`
	Address verbatim `json:"address"`
	Label   verbatim `json:"label,omitzero"`
	Hours   verbatim `json:"hours,omitzero"`
}

// verbatim is a text, quoted or not: to YAML +18005550100 and 0410 are
// integers, and what made them numbers and extensions would be lost.
type verbatim string

// UnmarshalYAML keeps a number as it was spelled.
func (v *verbatim) UnmarshalYAML(b []byte) error {
	file, err := parser.ParseBytes(b, 0)
	if err != nil {
		return err
	}
	if len(file.Docs) == 1 {
		switch n := file.Docs[0].Body.(type) {
		case *ast.IntegerNode, *ast.FloatNode:
			*v = verbatim(n.GetToken().Value)
			return nil
		}
	}
	return yaml.Unmarshal(b, (*string)(v))
}

// maxLineFile bounds what is read of a file, in bytes; the API takes no more.
const maxLineFile = 1 << 20

// readFile is the file's line with its defaults, as JSON has it, and names
// the line where the command line doesn't.
func (c *lineSetCmd) readFile(s *session) (map[string]any, error) {
	text, err := s.readInput(c.File)
	if err != nil {
		return nil, err
	}
	var file lineFile
	if err := readDescription(text, &file); err != nil {
		return nil, fmt.Errorf("read %s: %s", c.File, strings.TrimSpace(yaml.FormatError(err, false, true)))
	}
	if c.Name == "" {
		if err := c.Name.UnmarshalText([]byte(file.Name)); err != nil {
			return nil, fmt.Errorf("read %s: name %w", c.File, err)
		}
	}
	if file.Name != "" && ident(file.Name) != c.Name {
		return nil, fmt.Errorf("read %s: it is about the line %q, not %s", c.File, file.Name, c.Name)
	}
	return file.fields()
}

func (f lineFile) fields() (map[string]any, error) {
	fields, err := newLineFields()
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("write line: %w", err)
	}
	// Decoding into a map leaves what isn't in b as it is, limits included.
	limit := fields["limit"]
	if err := json.Unmarshal(b, &fields); err != nil {
		return nil, fmt.Errorf("write line: %w", err)
	}
	fields["limit"] = limit
	if m, ok := limit.(map[string]any); ok {
		setField(m, "calls", f.Limit.Calls)
		setField(m, "per", f.Limit.Per)
	}
	return fields, nil
}

// UnmarshalJSON keeps a number as it was spelled.
func (v *verbatim) UnmarshalJSON(b []byte) error {
	var n json.Number
	if err := json.Unmarshal(b, &n); err == nil && b[0] != '"' {
		*v = verbatim(n)
		return nil
	}
	return json.Unmarshal(b, (*string)(v))
}

// readDescription reads what somebody wrote down, in JSON or YAML. JSON is
// YAML too, but its escapes are read better by its own library.
func readDescription(text []byte, v any) error {
	if !json.Valid(text) {
		return readYAML(text, v)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// readYAML reads text, and refuses keys that v doesn't have. The library
// panics over some tags, such as !x on a scalar where a list belongs.
func readYAML(text []byte, v any) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = errors.New("it can't be read as YAML: leave out tags, which are words with ! before them")
		}
	}()
	return yaml.UnmarshalWithOptions(text, v, yaml.Strict())
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
