package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// changeSet is what an edit of many things did, or would do.
type changeSet struct {
	Revision   uint64   `json:"revision"`
	DryRun     bool     `json:"dry_run"`
	Created    int      `json:"created"`
	Updated    int      `json:"updated"`
	Deleted    int      `json:"deleted"`
	Unchanged  int      `json:"unchanged"`
	Changes    []change `json:"changes"`
	ChangesCut int      `json:"changes_left_out"`
	Erased     int      `json:"erased"`
}

// change is one thing before and after.
type change struct {
	Op     string          `json:"op"`
	Kind   string          `json:"kind"`
	Key    string          `json:"key"`
	Before json.RawMessage `json:"before"`
	After  json.RawMessage `json:"after"`
	Erased bool            `json:"erased"`
}

func (c changeSet) empty() bool { return c.Created+c.Updated+c.Deleted == 0 }

// maxShown is how many changes a table shows.
const maxShown = 20

// lay shows the counts, the first changes, and what came of it.
func (c changeSet) lay(t *table) {
	t.row("CREATED", "UPDATED", "DELETED", "UNCHANGED")
	t.row(strconv.Itoa(c.Created), strconv.Itoa(c.Updated), strconv.Itoa(c.Deleted), strconv.Itoa(c.Unchanged))
	if len(c.Changes) > 0 {
		t.gap()
		layChanges(t, c.Changes, c.ChangesCut, maxShown)
	}
	t.gap()
	if c.Erased > 0 {
		t.line(strconv.Itoa(c.Erased) + " of the things to restore stay as they are: what they were had a number that is erased.")
	}
	switch {
	case c.DryRun:
		t.line("Nothing was changed: this was a dry run.")
	case c.empty():
		t.line("There was nothing to change; this is still revision " + revisionText(c.Revision) + ".")
	default:
		t.line("This is revision " + revisionText(c.Revision) + ".")
	}
}

func revisionText(n uint64) string { return strconv.FormatUint(n, 10) }

// layChanges shows the first of the changes, most of them at most, and says how many there are
// beside them; cut are those that the server left out.
func layChanges(t *table, changes []change, cut, most int) {
	t.row("OP", "KIND", "KEY", "WHAT")
	shown := changes[:min(len(changes), most)]
	for _, c := range shown {
		t.row(c.Op, c.Kind, c.Key, c.what())
	}
	if rest := len(changes) - len(shown) + cut; rest > 0 {
		t.line("… and " + strconv.Itoa(rest) + " more")
	}
}

// bookkeeping are the fields that nobody edits.
var bookkeeping = []string{"id", "version", "created_at", "created_by", "updated_at", "hits", "last_hit_at", "state", "calls"}

// defaults are what fields of entries and lines hold unless somebody says
// otherwise, as JSON. They go without saying.
var defaults = map[string]string{
	"enabled": "true", "min_attestation": `"none"`,
	"policy": `"always"`, "attestation": `"reject_failed"`, "default": "false", "timezone": `"UTC"`,
	"limit": `{"calls":20,"per":"1h"}`, "redial_within": `"90s"`,
}

// what says which fields differ, and how. Of what is new or gone it says what
// it holds.
func (c change) what() string {
	if c.Erased {
		return "(erased)"
	}
	before, after := fieldsOf(c.Before), fieldsOf(c.After)
	names := slices.Sorted(maps.Keys(before))
	for name := range after {
		if _, both := before[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var parts []string
	for _, name := range names {
		was, is := before[name], after[name]
		switch {
		case was == is || slices.Contains(bookkeeping, name):
		case before == nil && is != c.quotedKey():
			parts = append(parts, name+" "+is)
		case after == nil && was != c.quotedKey():
			parts = append(parts, name+" "+was)
		case before != nil && after != nil:
			parts = append(parts, name+" "+orDefault(name, was)+" → "+orDefault(name, is))
		}
	}
	return strings.Join(parts, "; ")
}

func (c change) quotedKey() string { return strconv.Quote(c.Key) }

func orDefault(name, value string) string {
	switch {
	case value != "":
		return value
	case defaults[name] != "":
		return defaults[name]
	default:
		return "nothing"
	}
}

// fieldsOf are the fields of an object that hold more than a default, as JSON; nil where
// there is no object.
func fieldsOf(object json.RawMessage) map[string]string {
	var fields map[string]json.RawMessage
	if json.Unmarshal(object, &fields) != nil || fields == nil {
		return nil
	}
	texts := make(map[string]string, len(fields))
	for name, raw := range fields {
		var b bytes.Buffer
		if json.Compact(&b, raw) != nil {
			continue
		}
		switch text := b.String(); text {
		case `""`, "null", "[]", "{}", defaults[name]:
		default:
			texts[name] = text
		}
	}
	return texts
}
