package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/rs/xid"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// documentFile is lines and entries as somebody wrote them down.
type documentFile struct {
	Lines   []lineFile  `json:"lines"`
	Entries []entryFile `json:"entries"`
}

// entryFile is an ani.Entry as somebody wrote it down.
type entryFile struct {
	Pattern        verbatim   `json:"pattern"`
	Label          verbatim   `json:"label,omitzero"`
	Source         verbatim   `json:"source,omitzero"`
	Lines          []verbatim `json:"lines,omitzero"`
	NotBefore      *verbatim  `json:"not_before,omitzero"`
	ExpiresAt      *verbatim  `json:"expires_at,omitzero"`
	Enabled        *bool      `json:"enabled,omitzero"`
	MinAttestation *verbatim  `json:"min_attestation,omitzero"`
	Note           verbatim   `json:"note,omitzero"`
}

// readDocument is what makes an empty store hold what text says, in YAML or
// JSON. Its errors name the line or entry, and the field.
func readDocument(text []byte) ([]store.Change, error) {
	var file documentFile
	if err := readDescription(text, &file); err != nil {
		return nil, errors.New(strings.TrimSpace(yaml.FormatError(err, false, true)))
	}
	var changes []store.Change
	for i, f := range file.Lines {
		line, err := f.line()
		if err != nil {
			return nil, fmt.Errorf("lines[%d]: %w", i, err)
		}
		changes = append(changes, store.Change{Op: store.OpCreate, Kind: store.KindLine, Key: line.Name, Line: &line})
	}
	for i, f := range file.Entries {
		entry, err := f.entry()
		if err != nil {
			return nil, fmt.Errorf("entries[%d]: %w", i, err)
		}
		changes = append(changes, store.Change{Op: store.OpCreate, Kind: store.KindEntry, Key: entry.ID, Entry: &entry})
	}
	return changes, nil
}

func (f lineFile) line() (flow.Line, error) {
	line := flow.NewLine()
	if err := over(&line, f); err != nil {
		return line, err
	}
	return line, line.Normalize()
}

func (f entryFile) entry() (ani.Entry, error) {
	entry := ani.NewEntry()
	if err := over(&entry, f); err != nil {
		return entry, err
	}
	entry.ID = xid.New().String()
	return entry, entry.Normalize()
}

// over puts what file says over the defaults in v.
func over(v, file any) error {
	b, err := json.Marshal(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}
