package main

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestMoments(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 29, 1, 30, 0, 0, berlin) // half an hour before the clock leaps
	for _, tt := range []struct {
		text, after, before string
	}{
		{"none", "", ""},
		{"2026-01-31T18:00:00Z", "2026-01-31T18:00:00Z", "2026-01-31T18:00:00Z"},
		{"2026-01-31T18:00:00.123456+01:00", "2026-01-31T17:00:00.123Z", "2026-01-31T17:00:00.123Z"},
		{"2026-01-31", "2026-01-30T23:00:00Z", "2026-01-30T23:00:00Z"},
		{"2026-07-01", "2026-06-30T22:00:00Z", "2026-06-30T22:00:00Z"},
		{"72h", "2026-04-01T00:30:00Z", "2026-03-26T00:30:00Z"},
		{"7d", "2026-04-05T00:30:00Z", "2026-03-22T00:30:00Z"},
		{"1h30m", "2026-03-29T02:00:00Z", "2026-03-28T23:00:00Z"},
	} {
		t.Run(tt.text, func(t *testing.T) {
			var m moment
			if err := m.UnmarshalText([]byte(tt.text)); err != nil {
				t.Fatal(err)
			}
			got := []any{stamp(m.after(now)), stamp(m.before(now))}
			want := []any{any(tt.after), any(tt.before)}
			if tt.after == "" {
				want = []any{nil, nil}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestMomentsThatAreNone(t *testing.T) {
	for _, text := range []string{"", "0s", "-5m", "tomorrow", "2026-13-01", "2026-02-30", "2026-01-31 18:00", "18:00", "None", "1y-2"} {
		var m moment
		if err := m.UnmarshalText([]byte(text)); !errors.Is(err, errMoment) {
			t.Errorf("%q gives %v, want %v", text, err, errMoment)
		}
	}
}

// FuzzMoment: what is a moment lies where its spelling says, whatever it is.
func FuzzMoment(f *testing.F) {
	for _, seed := range []string{"none", "72h", "7d", "2026-01-31", "2026-01-31T18:00:00+01:00", "9999999999h", "0001-01-01"} {
		f.Add(seed)
	}
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.FixedZone("", 3600))
	f.Fuzz(func(t *testing.T, text string) {
		var m moment
		if m.UnmarshalText([]byte(text)) != nil {
			return
		}
		after, before := m.after(now), m.before(now)
		if m.span != 0 && (!after.After(now) || after.Sub(now) != now.Sub(before)) {
			t.Errorf("%q is %v after and %v before %v", text, after, before, now)
		}
		if m.span == 0 && !after.Equal(before) {
			t.Errorf("%q is %v and %v at once", text, after, before)
		}
		if m.day && after.Format(time.DateOnly) != text {
			t.Errorf("%q begins at %v", text, after)
		}
	})
}
