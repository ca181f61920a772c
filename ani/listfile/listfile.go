// Package listfile is the list as CSV (RFC 4180), in and out: what a
// spreadsheet opens and saves. It knows nothing of files, of the list that
// serves or of which lines there are.
//
// A cell of label, source or note that begins with =, +, -, @, tab or CR is a
// formula to a spreadsheet, so an apostrophe is written before it; and before
// a text that begins with apostrophes and then one of these, since reading
// takes one apostrophe off all such cells. Every other text stands as it is:
//
//	text    cell
//	'tis    'tis
//	=x      '=x
//	'=x     ''=x
//
// So what was written reads back unharmed, and what somebody typed as '=x
// reads as =x.
package listfile

import (
	"errors"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/ani"
)

// The bounds of what is read, in bytes. No row whose cells keep to theirs is
// longer than maxRow, all its quotes written twice.
const (
	maxCell = 64 << 10
	maxRow  = 2 << 20
)

// column is how one field of an entry stands in a cell. The error of read is
// the rest of a sentence that begins with the column's name.
type column struct {
	name  string
	read  func(e *ani.Entry, cell string) error
	write func(e *ani.Entry) (string, error)
}

// columns stand in the order in which they are written.
var columns = []column{
	{"pattern", readPattern, func(e *ani.Entry) (string, error) { return e.Pattern.String(), nil }},
	textColumn("label", func(e *ani.Entry) *string { return &e.Label }),
	textColumn("source", func(e *ani.Entry) *string { return &e.Source }),
	{"lines", readLines, writeLines},
	timeColumn("not_before", func(e *ani.Entry) *time.Time { return &e.NotBefore }),
	timeColumn("expires_at", func(e *ani.Entry) *time.Time { return &e.ExpiresAt }),
	{"enabled", readEnabled, writeEnabled},
	{"min_attestation", readAttestation, func(e *ani.Entry) (string, error) { return e.MinAttestation.String(), nil }},
	textColumn("note", func(e *ani.Entry) *string { return &e.Note }),
}

func textColumn(name string, of func(*ani.Entry) *string) column {
	return column{
		name:  name,
		read:  func(e *ani.Entry, cell string) error { *of(e) = unarm(cell); return nil },
		write: func(e *ani.Entry) (string, error) { return disarm(*of(e)), nil },
	}
}

func timeColumn(name string, of func(*ani.Entry) *time.Time) column {
	return column{
		name: name,
		read: func(e *ani.Entry, cell string) (err error) {
			if cell = strings.TrimSpace(cell); cell != "" {
				*of(e), err = ParseTime(cell)
			}
			return err
		},
		write: func(e *ani.Entry) (string, error) { return FormatTime(*of(e)) },
	}
}

var (
	errTime     = errors.New("must be a time such as 2026-01-31T18:00:00Z or 2026-01-31T18:00:00+01:00, or in UTC 2026-01-31 18:00 or 2026-01-31")
	errTimeSpan = errors.New("is not within the years 0 to 9999")
)

// ParseTime reads RFC 3339, a minute such as 2026-01-31 18:00 in UTC, or a
// date, which is its start in UTC. The time is in UTC and cut to the
// millisecond, and never zero. The error is the rest of a sentence that begins
// with the field.
func ParseTime(s string) (time.Time, error) {
	layout := time.RFC3339
	switch len(s) {
	case len(time.DateOnly):
		layout = time.DateOnly
	case len(minuteLayout):
		layout = minuteLayout
	}
	t, err := time.Parse(layout, s)
	t = t.UTC().Truncate(time.Millisecond)
	if err != nil || t.IsZero() || !writable(t) {
		return time.Time{}, errTime
	}
	return t, nil
}

const minuteLayout = "2006-01-02 15:04"

// writable reports whether RFC 3339 can say t.
func writable(t time.Time) bool { return t.Year() >= 0 && t.Year() <= 9999 }

// FormatTime writes t in UTC as ParseTime reads it, and "" for the zero time.
// The error says that RFC 3339 knows no such year.
func FormatTime(t time.Time) (string, error) {
	t = t.UTC().Truncate(time.Millisecond)
	switch {
	case t.IsZero():
		return "", nil
	case !writable(t):
		return "", errTimeSpan
	default:
		return t.Format(time.RFC3339Nano), nil
	}
}
