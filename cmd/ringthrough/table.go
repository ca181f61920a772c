package main

import (
	"bytes"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"
)

// table lines up cells for people. Free texts belong into the last column:
// it is what a narrow terminal cuts off.
type table struct {
	zone  *time.Location
	width int // of a line, in characters; 0: any
	text  bytes.Buffer
	cells *tabwriter.Writer
}

func (s *session) newTable() *table {
	t := &table{zone: s.now().Location(), width: s.width()}
	t.cells = tabwriter.NewWriter(&t.text, 0, 0, 2, ' ', 0)
	return t
}

// width is how many characters fit on a line of the terminal; 0 where the
// output goes elsewhere.
func (s *session) width() int {
	f, ok := s.stdout.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	if columns, err := strconv.Atoi(s.env.get("COLUMNS")); err == nil {
		return columns
	}
	if columns, _, err := term.GetSize(int(f.Fd())); err == nil {
		return columns
	}
	return 0
}

// row adds a line. An empty cell shows as -.
func (t *table) row(cells ...string) {
	for i, c := range cells {
		if c = oneLine(c); c == "" {
			c = "-"
		}
		cells[i] = c
	}
	t.line(strings.Join(cells, "\t"))
}

// line adds text as it is.
func (t *table) line(text string) { _, _ = t.cells.Write([]byte(text + "\n")) } // a buffer takes everything

// print writes the table, each line as far as it fits.
func (t *table) print(w io.Writer) error {
	if err := t.cells.Flush(); err != nil {
		return err
	}
	var out strings.Builder
	for line := range strings.Lines(t.text.String()) {
		out.WriteString(clip(strings.TrimRight(line, " \n"), t.width) + "\n")
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// second and minute write a time in the user's own zone; empty where there is
// none.
func (t *table) second(at time.Time) string { return t.at(at, "15:04:05") }
func (t *table) minute(at time.Time) string { return t.at(at, "15:04") }

func (t *table) at(at time.Time, clock string) string {
	if at.IsZero() {
		return ""
	}
	local := at.In(t.zone)
	return local.Format("2006-01-02 "+clock) + strings.TrimSuffix(local.Format("Z07:00"), ":00")
}

func clip(line string, width int) string {
	if width <= 0 || utf8.RuneCountInString(line) <= width {
		return line
	}
	return string([]rune(line)[:width-1]) + "…"
}

// printable is text without what would steer a terminal; new lines stay.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			return '�'
		}
		return r
	}, text)
}

func oneLine(text string) string { return strings.ReplaceAll(printable(text), "\n", " ") }
