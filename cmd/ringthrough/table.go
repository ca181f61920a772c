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
	width int                      // of a line, in characters; 0: any
	paint func(line string) string // adds colours to what is laid out; nil: none
	text  bytes.Buffer
	cells *tabwriter.Writer
}

func (s *session) newTable() *table {
	t := &table{zone: s.now().Location(), width: s.columns(s.stdout)}
	t.cells = tabwriter.NewWriter(&t.text, 0, 0, 2, ' ', 0)
	return t
}

// columns is how many characters fit on a line of the terminal that out is; 0
// where it is none.
func (s *session) columns(out io.Writer) int {
	f, ok := out.(*os.File)
	if !ok || !isTerminal(f) {
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

// fold is as row, but breaks the last cell into as many lines as it takes to
// show it whole. before is how many characters the other cells and the gaps
// after them take up.
func (t *table) fold(before int, cells ...string) {
	last := len(cells) - 1
	lines := []string{oneLine(cells[last])}
	if room := t.width - before; t.width > 0 && room >= minRoom {
		lines = broken(lines[0], room)
	}
	cells[last] = lines[0]
	t.row(cells...)
	for _, line := range lines[1:] {
		t.line(strings.Repeat("\t", last) + line)
	}
}

// minRoom is the least room that text is broken for; where there is less it
// is cut off.
const minRoom = 20

// broken is text in lines of at most room characters, but for words that are
// longer.
func broken(text string, room int) []string {
	lines := []string{""}
	for word := range strings.FieldsSeq(text) {
		at := len(lines) - 1
		switch with := strings.TrimPrefix(lines[at]+" "+word, " "); {
		case lines[at] == "" || utf8.RuneCountInString(with) <= room:
			lines[at] = with
		default:
			lines = append(lines, word)
		}
	}
	return lines
}

// line adds text as it is.
func (t *table) line(text string) { _, _ = t.cells.Write([]byte(text + "\n")) } // a buffer takes everything

// gap adds an empty line, and columns of their own for what follows.
func (t *table) gap() { t.line("") }

// print writes the table, each line as far as it fits.
func (t *table) print(w io.Writer) error {
	if err := t.cells.Flush(); err != nil {
		return err
	}
	var out strings.Builder
	for line := range strings.Lines(t.text.String()) {
		line = clip(strings.TrimRight(line, " \n"), t.width)
		if t.paint != nil {
			line = t.paint(line)
		}
		out.WriteString(line + "\n")
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
