package listfile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ringthrough/ringthrough/ani"
)

func write(t testing.TB, entries []ani.Entry) string {
	t.Helper()
	var b bytes.Buffer
	w := NewCSVWriter(&b)
	for _, e := range entries {
		if err := w.Write(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func read(t testing.TB, file string) []ani.Entry {
	t.Helper()
	var entries []ani.Entry
	err := ReadCSV(strings.NewReader(file), func(r Row) error {
		entries = append(entries, r.Entry)
		return r.Problems.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// oddText draws texts of at most limit bytes, often ones that CSV or a
// spreadsheet could spoil.
func oddText(limit int) *rapid.Generator[string] {
	runes := rapid.OneOf(rapid.SampledFrom([]rune(`'"=+-@,;| \.0eE#`)), rapid.Rune().Filter(func(r rune) bool { return !unicode.IsControl(r) }))
	return rapid.StringOfN(runes, 0, -1, limit)
}

var patterns = rapid.Custom(func(t *rapid.T) ani.Pattern {
	p, err := ani.ParsePattern(rapid.OneOf(
		rapid.StringMatching(`\+1650555[0-9]{4}`),
		rapid.StringMatching(`\+1650555[0-9]{1,3}\*`),
		rapid.StringMatching(`\+44207946[0-4]000-\+44207946[5-9]000`),
	).Draw(t, "pattern"))
	if err != nil {
		t.Fatal(err)
	}
	return p
})

var moments = rapid.Custom(func(t *rapid.T) time.Time {
	first, last := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC)
	return time.UnixMilli(rapid.Int64Range(first.UnixMilli(), last.UnixMilli()).Draw(t, "ms")).UTC()
})

var entries = rapid.Custom(func(t *rapid.T) ani.Entry {
	e := ani.Entry{
		Pattern:        patterns.Draw(t, "pattern"),
		Label:          oddText(200).Draw(t, "label"),
		Source:         oddText(200).Draw(t, "source"),
		Lines:          rapid.SliceOfN(rapid.StringMatching(`[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?`), 0, 5).Draw(t, "lines"),
		Enabled:        rapid.Bool().Draw(t, "enabled"),
		MinAttestation: ani.Attestation(rapid.IntRange(0, 3).Draw(t, "attestation")),
		Note:           oddText(1000).Draw(t, "note"),
	}
	times := []time.Time{{}, moments.Draw(t, "from"), moments.Draw(t, "until")}
	e.NotBefore, e.ExpiresAt = rapid.SampledFrom(times).Draw(t, "not before"), rapid.SampledFrom(times).Draw(t, "expires")
	if err := e.Normalize(); err != nil {
		t.Skip(err)
	}
	return e
})

// TestWrittenIsRead: an export imports back unchanged, and is the same bytes
// when it is made again.
func TestWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		want := rapid.SliceOfN(entries, 0, 4).Draw(rt, "entries")
		file := write(t, want)
		got := read(t, file)
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b ani.Pattern) bool { return a == b })); len(want)+len(got) > 0 && diff != "" {
			rt.Fatalf("%s\n-written +read\n%s", file, diff)
		}
		if again := write(t, got); again != file {
			rt.Fatalf("%s\nis written again as\n%s", file, again)
		}
	})
}

// TestNoCellIsAFormula asks another reader than ours.
func TestNoCellIsAFormula(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		e := entries.Draw(rt, "entry")
		rows, err := csv.NewReader(strings.NewReader(write(t, []ani.Entry{e}))).ReadAll()
		if err != nil || len(rows) != 2 {
			rt.Fatal(rows, err)
		}
		for i, name := range rows[0] {
			if slices.Contains([]string{"label", "source", "note"}, name) && rows[1][i] != "" && strings.ContainsRune("=+-@\t\r", rune(rows[1][i][0])) {
				rt.Errorf("%s is written as %q", name, rows[1][i])
			}
		}
	})
}

func TestTextsAndCells(t *testing.T) {
	for _, tt := range []struct{ text, cell string }{
		{"", ""},
		{"Meta", "Meta"},
		{"=1+1", "'=1+1"},
		{"+1 650", "'+1 650"},
		{"-", "'-"},
		{"@a", "'@a"},
		{"\tx", "'\tx"},
		{"\rx", "'\rx"},
		{"'=1", "''=1"},
		{"''=1", "'''=1"},
		{"'", "'"},
		{"'tis", "'tis"},
		{"''", "''"},
		{" =1", " =1"},
		{"a=1", "a=1"},
	} {
		if got := disarm(tt.text); got != tt.cell {
			t.Errorf("%q is written %q, want %q", tt.text, got, tt.cell)
		}
		if got := unarm(tt.cell); got != tt.text {
			t.Errorf("%q is read %q, want %q", tt.cell, got, tt.text)
		}
	}
	if got := unarm("=1"); got != "=1" {
		t.Errorf("a bare formula is read %q", got)
	}
}

func TestEmptyList(t *testing.T) {
	const want = "pattern,label,source,lines,not_before,expires_at,enabled,min_attestation,note\n"
	if got := write(t, nil); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEntriesThatCantBeWritten(t *testing.T) {
	for name, spoil := range map[string]func(*ani.Entry){
		"a name with a blank":      func(e *ani.Entry) { e.Lines = []string{"a b"} },
		"a name that is a formula": func(e *ani.Entry) { e.Lines = []string{"=a"} },
		"a name of nothing":        func(e *ani.Entry) { e.Lines = []string{""} },
		"a year of five digits":    func(e *ani.Entry) { e.ExpiresAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"a year before all years":  func(e *ani.Entry) { e.NotBefore = time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		e := ani.NewEntry()
		spoil(&e)
		if err := NewCSVWriter(io.Discard).Write(e); err == nil {
			t.Errorf("%s is written", name)
		}
	}
}

type brokenWriter struct{}

var errBroken = errors.New("broken")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestBrokenWriter(t *testing.T) {
	if err := NewCSVWriter(brokenWriter{}).Flush(); !errors.Is(err, errBroken) {
		t.Error(err)
	}
}

func BenchmarkReadCSV(b *testing.B) {
	const rows = 10000
	e := ani.NewEntry()
	e.Label, e.Source, e.Lines, e.Note = "Meta call 1", "mail of January", []string{"support-us"}, "a note"
	e.ExpiresAt = time.Date(2026, 1, 31, 18, 0, 0, 0, time.UTC)
	list := slices.Repeat([]ani.Entry{e}, rows)
	for i := range list {
		list[i].Pattern = ani.PatternOf(ani.MustParse(fmt.Sprintf("+1650555%04d", i)))
	}
	file := write(b, list)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		if err := ReadCSV(strings.NewReader(file), func(r Row) error { return r.Problems.Err() }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
