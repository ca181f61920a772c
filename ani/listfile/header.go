package listfile

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/ringthrough/ringthrough/ani"
)

// bom is what some programs put before UTF-8.
const bom = "\ufeff"

// errEncoding is the rest of a sentence.
const errEncoding = "is not UTF-8: save the file as \"CSV UTF-8\", or choose UTF-8 (Unicode) as its character set where it is saved"

// separatorOf is what parts the cells of a file that begins with start, as its
// first line that isn't empty shows.
func separatorOf(start []byte) rune {
	line, _, _ := bytes.Cut(bytes.TrimLeft(start, "\r\n"), []byte("\n"))
	for _, separator := range []byte(",;\t") {
		if bytes.IndexByte(line, separator) >= 0 {
			return rune(separator)
		}
	}
	return ','
}

// refuseFile says why a file that begins with start can't be a list; "" where
// it may be one.
func refuseFile(start []byte) string {
	line, _, more := bytes.Cut(start, []byte("\n"))
	switch {
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")), bytes.IndexByte(line, 0) >= 0:
		return "is UTF-16 (\"Unicode text\"), not UTF-8: save the file as \"CSV UTF-8\""
	case !more && bytes.IndexByte(bytes.TrimRight(line, "\r"), '\r') >= 0:
		return "has line ends of old Macintoshes (CR alone): save the file as \"CSV UTF-8\""
	default:
		return ""
	}
}

// maxHeader bounds how many problems a header has.
const maxHeader = 20

// readHeader finds the columns that cells name.
func readHeader(cells []string) ([]*column, ani.Problems) {
	var p ani.Problems
	header, seen := make([]*column, len(cells)), map[string]bool{}
	for i, cell := range cells {
		if len(p) >= maxHeader {
			break
		}
		name := strings.ToLower(strings.TrimSpace(cell))
		header[i] = columnNamed(name)
		switch {
		case len(cell) > maxCell:
			p.Add(headerField, fmt.Sprintf("has a name of more than %d KiB in column %d", maxCell>>10, i+1))
		case !utf8.ValidString(cell):
			p.Add(headerField, errEncoding)
		case name == "":
			p.Add(headerField, fmt.Sprintf("has no name for column %d: name it, or delete the column", i+1))
		case header[i] == nil:
			p.Add(headerField, fmt.Sprintf("has a column %.40q, which is not known: the columns are %s", name, columnNames()))
		case seen[name]:
			p.Add(headerField, fmt.Sprintf("has the column %s twice: delete one", name))
		}
		seen[name] = true
	}
	if !seen["pattern"] && len(p) == 0 {
		p.Add(headerField, "has no column pattern: the first line must name the columns, which are "+columnNames())
	}
	return header, p
}

// headerField is the field of a problem of the line that names the columns.
const headerField = "header"

func columnNamed(name string) *column {
	for i := range columns {
		if columns[i].name == name {
			return &columns[i]
		}
	}
	return nil
}

func columnNames() string {
	names := make([]string, len(columns))
	for i := range columns {
		names[i] = columns[i].name
	}
	return strings.Join(names, ",")
}
