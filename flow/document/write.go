package document

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

// Format is how a document is written.
type Format int

// The formats.
const (
	YAML Format = iota
	JSON
)

// Writer writes a document as Read reads it, with every field; only times that
// bound nothing are left out. The same lines and entries always give the same
// bytes. It keeps nothing but a buffer.
type Writer struct {
	out     sink
	style   style
	section int // of sections; before the first -1
	items   int // written in that section
}

// sections are what a document consists of, in order.
var sections = []string{"lines", "entries"}

const (
	sectionLines = iota
	sectionEntries
)

// NewWriter is a Writer to w. Close it in the end.
func NewWriter(w io.Writer, f Format) *Writer {
	d := &Writer{out: sink{bufio.NewWriterSize(w, 64<<10)}, section: -1, style: yamlStyle{}}
	if f == JSON {
		d.style = jsonStyle{}
	}
	return d
}

// Line writes a line, which has been through Normalize. All lines come before
// the first entry.
func (w *Writer) Line(l flow.Line) error {
	if w.section > sectionLines {
		return errors.New("write document: a line comes behind the first entry")
	}
	return w.item(sectionLines, layLine(&l))
}

// Entry writes an entry, which has been through Normalize. Its id, version,
// hits and the times of its making stay behind. It refuses years that RFC 3339
// can't say.
func (w *Writer) Entry(e ani.Entry) error {
	laid, err := layEntry(&e)
	if err != nil {
		return fmt.Errorf("write %s: %w", e.Pattern, err)
	}
	return w.item(sectionEntries, laid)
}

// Close ends the document and writes what is still in the buffer. What it
// writes to stays open.
func (w *Writer) Close() error {
	if err := w.begin(len(sections) - 1); err != nil {
		return err
	}
	w.style.endSection(w.out, w.items, true)
	return w.out.Flush()
}

func (w *Writer) item(section int, laid []field) error {
	if err := w.begin(section); err != nil {
		return err
	}
	w.style.item(w.out, w.items, laid)
	w.items++
	return w.out.err()
}

// begin goes on to a section.
func (w *Writer) begin(section int) error {
	for w.section < section {
		if w.section >= 0 {
			w.style.endSection(w.out, w.items, false)
		}
		w.section++
		w.items = 0
		w.style.beginSection(w.out, sections[w.section], w.section == 0)
	}
	return w.out.err()
}

// style is how JSON and YAML are written.
type style interface {
	beginSection(w sink, name string, first bool)
	item(w sink, before int, laid []field)
	endSection(w sink, items int, last bool)
}

// sink keeps the first error of writing until it is asked for.
type sink struct{ *bufio.Writer }

func (s sink) put(text string) { _, _ = s.WriteString(text) }

func (s sink) err() error {
	_, err := s.Write(nil)
	return err
}
