package listfile

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ringthrough/ringthrough/ani"
)

// Row is one row of a file, or what is wrong with it.
type Row struct {
	Line     int          // of the file, where the row begins; the header is on 1 unless empty lines precede it
	Entry    ani.Entry    // through Normalize, without an id; not to be used where there are Problems
	Problems ani.Problems // by column; "row" where it is the row as a whole, "header" where it is the line that names the columns
}

// ReadCSV hands every row of r over, one after the other, and stops with the
// error that row gives. A header that can't be taken is handed over as the one
// and only row. Empty rows are passed over. The other errors are those of r: a
// file with nothing but wrong rows is read without error. At most some MiB are
// kept, whatever r holds.
func ReadCSV(r io.Reader, row func(Row) error) error {
	source := &gauge{r: r, limit: maxRow}
	in := bufio.NewReaderSize(source, 64<<10)
	start, err := in.Peek(4 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read list: %w", err)
	}
	if wrong := refuseFile(start); wrong != "" {
		return row(Row{Line: 1, Problems: ani.Problems{{Field: headerField, Text: wrong}}})
	}
	if bytes.HasPrefix(start, []byte(bom)) {
		start = start[len(bom):]
		if _, err := in.Discard(len(bom)); err != nil {
			return fmt.Errorf("read list: %w", err)
		}
	}
	c := csv.NewReader(in)
	c.Comma, c.FieldsPerRecord, c.ReuseRecord = separatorOf(start), -1, true
	t := &reader{csv: c, source: source, row: row}
	return t.readAll()
}

// gauge ends r where a row is too long, as a file ends: that is what tells
// where the row began. A limit is off by a buffer at most.
type gauge struct {
	r            io.Reader
	given, limit int64
	cut          bool
}

// Read reads on, or ends a row that is too long.
func (g *gauge) Read(p []byte) (int, error) {
	if g.given > g.limit {
		g.cut = true
		return 0, io.EOF
	}
	n, err := g.r.Read(p)
	g.given += int64(n)
	return n, err
}

// reader reads one file.
type reader struct {
	csv    *csv.Reader
	source *gauge
	row    func(Row) error
	header []*column
	line   int // of the row that was read last
}

func (t *reader) readAll() error {
	for {
		t.source.limit = t.csv.InputOffset() + maxRow
		cells, err := t.csv.Read()
		syntax, isSyntax := errors.AsType[*csv.ParseError](err)
		switch {
		case errors.Is(err, io.EOF):
			return t.end()
		case isSyntax:
			err = t.syntax(syntax, len(cells))
		case err != nil:
			return fmt.Errorf("read list: %w", err)
		default:
			t.line, _ = t.csv.FieldPos(0)
			err = t.take(cells)
		}
		if err != nil {
			return err
		}
		if t.header == nil || t.source.cut {
			return nil
		}
	}
}

// end says what is wrong with a file that ends here.
func (t *reader) end() error {
	switch {
	case t.source.cut:
		return t.refuse("row", fmt.Sprintf("is one of very many empty ones, more than %d MiB: delete them", maxRow>>20), t.line+1)
	case t.header == nil:
		return t.refuse(headerField, "is missing: the first line must name the columns, which are "+columnNames(), 1)
	default:
		return nil
	}
}

func (t *reader) refuse(field, text string, line int) error {
	return t.row(Row{Line: line, Problems: ani.Problems{{Field: field, Text: text}}})
}

// syntax says where a quote is wrong. The cells before it were read.
func (t *reader) syntax(e *csv.ParseError, read int) error {
	t.line = e.StartLine
	field := headerField
	if t.header != nil {
		field = "row"
	}
	if read < len(t.header) {
		field = t.header[read].name
	}
	text := fmt.Sprintf("has a quote too many or too few at character %d of the line: begin and end the cell with one, and write those inside it twice", e.Column)
	if e.Line > e.StartLine {
		text = fmt.Sprintf("begins with a quote whose end is missing: line %d to line %d were taken for one cell, and not read", e.StartLine, e.Line)
	}
	return t.refuse(field, text, t.line)
}

// take reads the cells of one row, the header's first.
func (t *reader) take(cells []string) error {
	if t.header == nil {
		header, problems := readHeader(cells)
		if len(problems) > 0 {
			return t.row(Row{Line: t.line, Problems: problems})
		}
		t.header = header
		return nil
	}
	if isEmpty(cells) && !t.source.cut {
		return nil
	}
	if len(cells) != len(t.header) {
		return t.refuse("row", fmt.Sprintf("has %s, but the header has %d: write every cell, empty ones too, and quotes round those with a separator in them", count(len(cells), "cell"), len(t.header)), t.line)
	}
	entry, problems := t.read(cells)
	return t.row(Row{t.line, entry, problems})
}

func isEmpty(cells []string) bool {
	return !slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" })
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// read makes an entry of as many cells as there are columns.
func (t *reader) read(cells []string) (ani.Entry, ani.Problems) {
	entry := ani.NewEntry()
	var p ani.Problems
	for i, c := range t.header {
		switch err := c.read(&entry, cells[i]); {
		case len(cells[i]) > maxCell:
			p.Add(c.name, fmt.Sprintf("is too long: a cell has at most %d KiB; is the quote at its end missing?", maxCell>>10))
		case !utf8.ValidString(cells[i]):
			p.Add(c.name, errEncoding)
		case err != nil:
			p.Add(c.name, err.Error())
		}
	}
	if rest, ok := errors.AsType[ani.Problems](entry.Normalize()); ok {
		p = addUnnamed(p, rest)
	}
	return entry, p
}

// addUnnamed adds those of rest whose column has no problem in p.
func addUnnamed(p, rest ani.Problems) ani.Problems {
	known := len(p)
	for _, q := range rest {
		q.Field, _, _ = strings.Cut(q.Field, "[")
		if !slices.ContainsFunc(p[:known], func(k ani.Problem) bool { return k.Field == q.Field }) {
			p = append(p, q)
		}
	}
	return p
}
