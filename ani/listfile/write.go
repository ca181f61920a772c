package listfile

import (
	"encoding/csv"
	"fmt"
	"io"

	"github.com/ringthrough/ringthrough/ani"
)

// CSVWriter writes entries as ReadCSV reads them: all columns in their order,
// commas, lines that end with LF, UTF-8 without a byte order mark. The same
// entries always give the same bytes.
type CSVWriter struct {
	csv   *csv.Writer
	cells []string // nil before the header is written
}

// NewCSVWriter is a CSVWriter to w. It keeps what it writes in a buffer: Flush
// it in the end.
func NewCSVWriter(w io.Writer) *CSVWriter { return &CSVWriter{csv: csv.NewWriter(w)} }

// Write writes e, which has been through Normalize. It refuses lines whose
// names no line can have, and years that RFC 3339 can't say.
func (w *CSVWriter) Write(e ani.Entry) error {
	if err := w.begin(); err != nil {
		return err
	}
	for i := range columns {
		cell, err := columns[i].write(&e)
		if err != nil {
			return fmt.Errorf("write %s: its %s %w", e.Pattern, columns[i].name, err)
		}
		w.cells[i] = cell
	}
	return w.csv.Write(w.cells)
}

// Flush writes what is still in the buffer, and the header where there was no
// entry.
func (w *CSVWriter) Flush() error {
	if err := w.begin(); err != nil {
		return err
	}
	w.csv.Flush()
	return w.csv.Error()
}

func (w *CSVWriter) begin() error {
	if w.cells != nil {
		return nil
	}
	w.cells = make([]string, len(columns))
	for i := range columns {
		w.cells[i] = columns[i].name
	}
	return w.csv.Write(w.cells)
}
