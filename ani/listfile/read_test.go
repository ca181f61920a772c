package listfile

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/ani"
)

// readAll has a line for each row of file: its line, then its problems or the
// entry as it would be written.
func readAll(t testing.TB, file string) []string {
	t.Helper()
	var rows []string
	err := ReadCSV(strings.NewReader(file), func(r Row) error {
		if len(r.Problems) > 0 {
			rows = append(rows, fmt.Sprintf("%d: %v", r.Line, r.Problems))
			return nil
		}
		var b strings.Builder
		w := NewCSVWriter(&b)
		if err := errors.Join(w.Write(r.Entry), w.Flush()); err != nil {
			t.Fatal(err)
		}
		_, cells, _ := strings.Cut(b.String(), "\n")
		rows = append(rows, fmt.Sprintf("%d: %s", r.Line, strings.TrimSuffix(cells, "\n")))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

const number = "+16505550123"

func TestFilesThatCanBeTaken(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		want       []string
	}{
		{"no rows", "pattern\n", nil},
		{"one column", "pattern\n" + number + "\n", []string{"2: +16505550123,,,,,,true,none,"}},
		{"no line end at the end", "pattern\n" + number, []string{"2: +16505550123,,,,,,true,none,"}},
		{"columns in any order and case", " Note ,ENABLED,Pattern\nx,no," + number + "\n", []string{"2: +16505550123,,,,,,false,none,x"}},
		{"byte order mark", "\ufeffpattern,label\n" + number + ",ü\n", []string{"2: +16505550123,ü,,,,,true,none,"}},
		{"byte order mark and quotes", "\ufeff\"pattern\"\n" + number + "\n", []string{"2: +16505550123,,,,,,true,none,"}},
		{"semicolons", "pattern;label;lines\n" + number + ";a,b;x,y\n", []string{`2: +16505550123,"a,b",,x y,,,true,none,`}},
		{"tabs", "pattern\tlabel\n" + number + "\ta;b\n", []string{"2: +16505550123,a;b,,,,,true,none,"}},
		{"a comma wins over semicolons", "pattern,label\n" + number + ",a;b\n", []string{"2: +16505550123,a;b,,,,,true,none,"}},
		{"CRLF", "pattern,label\r\n" + number + ",a\r\n\r\n", []string{"2: +16505550123,a,,,,,true,none,"}},
		{"empty lines and rows", "\n\npattern,label\n\n,\n" + number + ",a\n , \n,,,,\n", []string{"6: +16505550123,a,,,,,true,none,"}},
		{"names of lines", "pattern,lines\n" + number + ",\"b|a; c,d\n e a\"\n", []string{"2: +16505550123,,,a b c d e,,,true,none,"}},
		{"every column", "pattern,label,source,lines,not_before,expires_at,enabled,min_attestation,note\n+1650555*,l,s,a,2026-01-31,2026-02-01 18:30,0,b,n\n",
			[]string{"2: +1650555*,l,s,a,2026-01-31T00:00:00Z,2026-02-01T18:30:00Z,false,B,n"}},
		{"quotes and separators in texts", "pattern,label\n" + number + `,"say ""hi"", then"` + "\n", []string{`2: +16505550123,"say ""hi"", then",,,,,true,none,`}},
		{"an apostrophe that makes a cell a text", "pattern,label,note\n'" + number + ",'=1+1,'tis\n", []string{"2: +16505550123,'=1+1,,,,,true,none,'tis"}},
		{"a range", "pattern\n+16505550100 - +16505550199\n", []string{"2: +16505550100-+16505550199,,,,,,true,none,"}},
		{"an international prefix", "pattern\n0044 20 7946 0000\n", []string{"2: +442079460000,,,,,,true,none,"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, readAll(t, tt.file)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestRowsThatCantBeTaken(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		want       []string // how the rows begin
	}{
		{"nothing", "", []string{"1: header is missing"}},
		{"nothing but empty lines", "\n\r\n", []string{"1: header is missing"}},
		{"no header", number + ",Meta\n", []string{`1: header has a column "+16505550123", which is not known`}},
		{"an unknown column", "pattern,lable\n", []string{`1: header has a column "lable", which is not known: the columns are pattern,label,`}},
		{"a column twice", "pattern,note,Note\n", []string{"1: header has the column note twice"}},
		{"a column without name", "pattern,\n", []string{"1: header has no name for column 2"}},
		{"no pattern", "label,note\na,b\n", []string{"1: header has no column pattern"}},
		{"UTF-16 with its mark", "\xff\xfep\x00a\x00\n\x00", []string{"1: header is UTF-16"}},
		{"UTF-16 without", "p\x00a\x00\n\x00", []string{"1: header is UTF-16"}},
		{"UTF-16 of the other kind", "\xfe\xff\x00p\x00a\x00\n", []string{"1: header is UTF-16"}},
		{"Windows-1252 in the header", "pattern,gr\xfcn\n", []string{"1: header is not UTF-8: save the file as"}},
		{"Windows-1252 in a cell", "pattern,label\n" + number + ",gr\xfcn\n+16505550124,ok\n", []string{"2: label is not UTF-8: save the file as", "3: +16505550124,ok"}},
		{"CR alone", "pattern\r" + number + "\r", []string{"1: header has line ends of old Macintoshes"}},
		{"too few cells", "pattern,label,note\n" + number + ",a\n+16505550124,b,c\n", []string{"2: row has 2 cells, but the header has 3", "3: +16505550124,b"}},
		{"one cell", "pattern,label\n" + number + "\n", []string{"2: row has 1 cell, but the header has 2"}},
		{"too many cells", "pattern,label\n" + number + ",Meta, Inc\n", []string{"2: row has 3 cells, but the header has 2"}},
		{"no pattern in a row", "pattern,label\n,a\n", []string{"2: pattern is missing: write a number"}},
		{"rounded by a spreadsheet", "pattern\n1.65055E+10\n", []string{"2: pattern was rounded by the spreadsheet"}},
		{"rounded with a comma", "pattern;note\n1,65055E+10;\n", []string{"2: pattern was rounded by the spreadsheet"}},
		{"digits alone", "pattern\n16505550123\n", []string{"2: pattern has no + before it"}},
		{"digits that begin a range", "pattern\n16505550100-+16505550199\n", []string{"2: pattern has no + before it"}},
		{"digits with a dot", "pattern\n16505550123.0\n", []string{"2: pattern has no "}},
		{"national", "pattern\n(650) 555-0123\n", []string{"2: pattern has no "}},
		{"a prefix without country code", "pattern\n650555*\n", []string{"2: pattern has no country code"}},
		{"a prefix that is too broad", "pattern\n+1650*\n", []string{"2: pattern is too broad"}},
		{"times", "pattern,not_before,expires_at\n" + number + ",31.01.2026,tomorrow\n", []string{"2: not_before must be a time such as 2026-01-31T18:00:00Z or 2026-01-31T18:00:00+01:00, or in UTC 2026-01-31 18:00 or 2026-01-31; expires_at must be a time"}},
		{"it ends before it begins", "pattern,not_before,expires_at\n" + number + ",2026-02-01,2026-01-31\n", []string{"2: expires_at is not after not_before"}},
		{"a time without a zone", "pattern,expires_at\n" + number + ",2026-01-31T18:00:00\n", []string{"2: expires_at must be"}},
		{"a day that isn't there", "pattern,expires_at\n" + number + ",2026-02-30\n", []string{"2: expires_at must be"}},
		{"the zero time would never expire", "pattern,expires_at\n" + number + ",0001-01-01\n", []string{"2: expires_at must be"}},
		{"a year with five digits, in UTC", "pattern,expires_at\n" + number + ",9999-12-31T23:59:59-01:00\n", []string{"2: expires_at must be"}},
		{"closed words", "pattern,enabled,min_attestation\n" + number + ",maybe,D\n", []string{"2: enabled must be true or false; min_attestation must be none, C, B or A"}},
		{"failed is nothing to ask for", "pattern,min_attestation\n" + number + ",failed\n", []string{"2: min_attestation must be none, C, B or A"}},
		{"every problem of a row", "pattern,label,enabled\n12,a\x01,x\n", []string{"2: pattern has no country code: write + and the country code first, as in +16505550123; enabled must be true or false; label has control"}},
		{"a name that is too long", "pattern,lines\n" + number + "," + strings.Repeat("a", 64) + "\n", []string{"2: lines is too long"}},
		{"a line break in a text", "pattern,label\n" + number + ",\"a\nb\"\n+16505550124,c\n", []string{"2: label has control characters in it", "4: +16505550124,c"}},
		{"a quote inside a cell", "pattern,label,note\n" + number + ",a\"b,c\n+16505550124,d,e\n", []string{"2: label has a quote too many or too few at character 15 of the line", "3: +16505550124,d"}},
		{"text behind a quote", "pattern,label,note\n" + number + ",\"a\"b,c\n+16505550124,d,e\n", []string{"2: label has a quote too many or too few at character 16 of the line", "3: +16505550124,d"}},
		{"a quote that another row ends", "pattern,label\n" + number + ",\"a\n+16505550124,\"b\"\n+16505550125,c\n", []string{"2: label begins with a quote whose end is missing: line 2 to line 3", "4: +16505550125,c"}},
		{"a quote that nothing ends", "pattern,label\n" + number + ",a\n+16505550124,\"b\n+16505550125,c\n+16505550126,d\n", []string{"2: +16505550123,a", "3: label begins with a quote whose end is missing: line 3 to line 5"}},
		{"a quote in the header", "pattern,\"label\n" + number + "\n", []string{"1: header begins with a quote whose end is missing"}},
		{"a quote behind the last column", "pattern\n" + number + ",\"a\"b\n", []string{"2: row has a quote too many"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := readAll(t, tt.file)
			if len(got) != len(tt.want) {
				t.Fatalf("%d rows, want %d:\n%s", len(got), len(tt.want), strings.Join(got, "\n"))
			}
			for i := range got {
				if !strings.HasPrefix(got[i], tt.want[i]) {
					t.Errorf("got  %s\nwant %s…", got[i], tt.want[i])
				}
			}
		})
	}
}

// endless is b again and again, for much longer than anybody should read.
type endless struct {
	b    string
	read int64
}

func (e *endless) Read(p []byte) (n int, err error) {
	if e.read > 64<<20 {
		return 0, io.EOF
	}
	for n < len(p) {
		n += copy(p[n:], e.b[(e.read+int64(n))%int64(len(e.b)):])
	}
	e.read += int64(n)
	return n, nil
}

// TestFilesWithoutEnd: what never ends is given up after some MiB, and said so.
func TestFilesWithoutEnd(t *testing.T) {
	const header = "pattern,label\n"
	for _, tt := range []struct{ name, begin, repeat, want string }{
		{"a quote", header + number + ",a\n+16505550124,\"", "+16505550125,b\n", "3: label begins with a quote whose end is missing"},
		{"a quote on one line", header + "\"", "a", "2: pattern has a quote too many"},
		{"a cell", header + number + ",", "a", "2: label is too long: a cell has at most 64 KiB"},
		{"cells", header + number, ",", "2: row has "},
		{"blanks", header, " ", "2: row has 1 cell"},
		{"blanks in cells", header + number + ",", " ", "2: label is too long"},
		{"empty lines", header + number + ",a\n", "\n", "3: row is one of very many empty ones"},
		{"a header", "", "a", "1: header has a name of more than 64 KiB"},
		{"columns", "", ",", "1: header has no name for column 1"},
		{"no header", "", "\n", "1: row is one of very many empty ones"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tail := &endless{b: tt.repeat}
			var last Row
			err := ReadCSV(io.MultiReader(strings.NewReader(tt.begin), tail), func(r Row) error {
				last = r
				return nil
			})
			if got := fmt.Sprintf("%d: %v", last.Line, last.Problems); err != nil || !strings.HasPrefix(got, tt.want) {
				t.Errorf("got %.200s, %v; want %s", got, err, tt.want)
			}
			if len(last.Problems) > maxHeader {
				t.Errorf("%d problems of one row", len(last.Problems))
			}
			if tail.read > maxRow+1<<20 {
				t.Errorf("%d bytes were read", tail.read)
			}
		})
	}
}

// TestCellBounds: 64 KiB is the last size of a cell that is only too long for
// its field.
func TestCellBounds(t *testing.T) {
	for size, want := range map[int]string{
		maxCell:     "2: note is too long: at most 1000 bytes",
		maxCell + 1: "2: note is too long: a cell has at most 64 KiB; is the quote at its end missing?",
	} {
		got := readAll(t, "pattern,note\n"+number+",\""+strings.Repeat("a", size)+"\"\n+16505550124,\n")
		if diff := cmp.Diff([]string{want, "3: +16505550124,,,,,,true,none,"}, got); diff != "" {
			t.Errorf("%d bytes: -want +got\n%s", size, diff)
		}
	}
}

func TestErrorsOfOthers(t *testing.T) {
	file, fault := "pattern\n"+number+"\n+16505550124\n", errors.New("fault")
	rows := 0
	count := func(Row) error { rows++; return nil }
	if err := ReadCSV(io.MultiReader(strings.NewReader(file), iotest.ErrReader(fault)), count); !errors.Is(err, fault) || rows > 2 {
		t.Errorf("a file that breaks off: %v after %d rows", err, rows)
	}
	if err := ReadCSV(iotest.ErrReader(fault), count); !errors.Is(err, fault) {
		t.Errorf("a file that can't be read: %v", err)
	}
	rows = 0
	if err := ReadCSV(strings.NewReader(file), func(Row) error { rows++; return fault }); err != fault || rows != 1 {
		t.Errorf("a row that is refused: %v after %d rows", err, rows)
	}
	rows = 0
	if err := ReadCSV(iotest.OneByteReader(strings.NewReader(file)), count); err != nil || rows != 2 {
		t.Errorf("byte by byte: %v after %d rows", err, rows)
	}
}

// FuzzReadCSV: whatever a file is, a row that is taken is in canonical form
// and stands in the file.
func FuzzReadCSV(f *testing.F) {
	f.Add("pattern,label\n" + number + ",\"a\nb\"\n+16505550124,'=x\n")
	f.Add("\ufeffPattern;lines;enabled;expires_at\r\n'+1650555*;a|b c;NO;2026-01-31\r\n;;;\r\n")
	f.Add("note\tpattern\n'\t" + number + "\n\"\"\"\t1E+9\n")
	f.Add("pattern,label,source,lines,not_before,expires_at,enabled,min_attestation,note\n" + number + ",,,,9999-12-31T23:59:59.9999Z,,,a,''@\n")
	f.Add("\xff\xfe")
	f.Fuzz(func(t *testing.T, file string) {
		lines, before := strings.Count(file, "\n")+1, 0
		err := ReadCSV(strings.NewReader(file), func(r Row) error {
			if r.Line <= before || r.Line > lines {
				t.Errorf("line %d behind line %d of %d", r.Line, before, lines)
			}
			before = r.Line
			if len(r.Problems) > 0 {
				return nil
			}
			again := r.Entry
			if err := again.Normalize(); err != nil {
				t.Errorf("%+v: %v", r.Entry, err)
			}
			if diff := cmp.Diff(r.Entry, again, cmp.Comparer(func(a, b ani.Pattern) bool { return a == b })); diff != "" {
				t.Errorf("Normalize changes it: %s", diff)
			}
			if err := NewCSVWriter(io.Discard).Write(r.Entry); err != nil {
				t.Error(err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}
