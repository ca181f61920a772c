// Package document is lines and entries as somebody wrote them down, in YAML
// or JSON: what apply takes, export gives and a Lambda function carries with
// it. It knows nothing of files, of stores or of what serves.
//
// Texts, numbers and times are taken as they are spelled, quoted or not: to
// YAML +18005550100 and 0410 are integers, and what made them numbers and
// extensions would be lost.
package document

import (
	"fmt"

	"go.yaml.in/yaml/v4"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

// Document is lines and entries. Lines are known by name and entries by
// pattern; they have no ids.
type Document struct {
	Lines   []flow.Line
	Entries []ani.Entry
}

// Read reads a document, with defaults for the fields that it leaves out or
// that are null. An empty text has no lines and no entries. Lines and entries
// have been through Normalize, and none is there twice; whether the lines that
// entries name exist is for others to say. The error is ani.Problems, with
// paths such as entries[3].pattern as fields, and "document" where the text as
// a whole is wrong; it has the first thousand and says whether there are more.
func Read(text []byte) (Document, error) {
	root, err := parse(text)
	if err != nil {
		return Document{}, err
	}
	var d Document
	r := newReader(text)
	object(r, &d, "", root, documentFields)
	r.oneOfEach(&d)
	return d, r.err()
}

// ReadLine reads the description of one line, as Read reads those of its
// lines. The line has not been through Normalize: only what no line could hold
// is an error.
func ReadLine(text []byte) (flow.Line, error) {
	root, err := parse(text)
	if err != nil {
		return flow.Line{}, err
	}
	line := flow.NewLine()
	r := newReader(text)
	object(r, &line, "", root, lineFields)
	return line, r.err()
}

var documentFields = fields[Document]{
	{"lines", func(r *reader, d *Document, at string, n *yaml.Node) {
		d.Lines = list(r, at, n, readLine)
	}},
	{"entries", func(r *reader, d *Document, at string, n *yaml.Node) {
		d.Entries = list(r, at, n, readEntry)
	}},
}

func readLine(r *reader, at string, n *yaml.Node) flow.Line {
	line := flow.NewLine()
	before := r.mark()
	object(r, &line, at, n, lineFields)
	r.normalized(before, at, line.Normalize())
	return line
}

func readEntry(r *reader, at string, n *yaml.Node) ani.Entry {
	entry := ani.NewEntry()
	before := r.mark()
	object(r, &entry, at, n, entryFields)
	r.normalized(before, at, entry.Normalize())
	return entry
}

// oneOfEach names what stands in d twice.
func (r *reader) oneOfEach(d *Document) {
	names := make(map[string]int, len(d.Lines))
	for i := range d.Lines {
		name := d.Lines[i].Name
		if first, ok := names[name]; ok && name != "" {
			r.add(fmt.Sprintf("lines[%d].name", i), fmt.Sprintf("is %.80q, as lines[%d].name is: give the line once", name, first))
			continue
		}
		names[name] = i
	}
	patterns := make(map[ani.Pattern]int, len(d.Entries))
	for i := range d.Entries {
		pattern := d.Entries[i].Pattern
		if first, ok := patterns[pattern]; ok && !pattern.IsZero() {
			r.add(fmt.Sprintf("entries[%d].pattern", i), fmt.Sprintf("is %s, as entries[%d].pattern is: give the entry once", pattern, first))
			continue
		}
		patterns[pattern] = i
	}
}
