package cursor

import (
	"errors"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// FuzzCursor holds that a listing takes no cursor but what it has written.
func FuzzCursor(f *testing.F) {
	for _, at := range []string{
		"", "x", "%%", Of("l", "+16505550123"), Of("l", "+1 650 555 0123"), Of("l", "+1650555*") + "\n", OfTime("l", noon, "7"), OfTime("l", noon, "007"),
		Of("l", "+5 x"), Of("l", "9223372036854775807 x"), Of("l", "5"), Of("l", "+5"), Of("l", "-5"), Of("l", "0"), Of("m", "5"), Of("l x", "5"),
	} {
		f.Add(at)
	}
	f.Fuzz(func(t *testing.T, at string) {
		place, err := Place("l", at)
		taken(t, at, err, func() string { return Of("l", place) })
		ms, id, err := Time("l", at)
		taken(t, at, err, func() string { return OfTime("l", time.UnixMilli(ms), id) })
		n, err := Number("l", at)
		taken(t, at, err, func() string { return OfNumber("l", n) })
		pattern, err := Pattern("l", at)
		taken(t, at, err, func() string {
			p, err := ani.ParsePattern(pattern)
			if err != nil {
				t.Error(err)
			}
			return OfPattern("l", p)
		})
	})
}

func taken(t *testing.T, at string, err error, again func() string) {
	t.Helper()
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		t.Errorf("%q gave %v, want %v", at, err, store.ErrNotFound)
	}
	if err == nil && again() != at {
		t.Errorf("%q was taken for %q", at, again())
	}
}

func TestPlacesComeBack(t *testing.T) {
	ms, id, err := Time("l", OfTime("l", noon.Add(999), "an id with blanks"))
	if err != nil || ms != noon.UnixMilli() || id != "an id with blanks" {
		t.Errorf("gave %d, %q, %v", ms, id, err)
	}
	if ms, n, err := TimeNumber("l", OfTime("l", noon, "7")); err != nil || ms != noon.UnixMilli() || n != 7 {
		t.Errorf("gave %d, %d, %v", ms, n, err)
	}
	if _, _, err := TimeNumber("l", OfTime("l", noon, "seven")); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a word for a number gave %v", err)
	}
	if n, err := Number("l", OfNumber("l", 7)); err != nil || n != 7 {
		t.Errorf("gave %d, %v", n, err)
	}
}
