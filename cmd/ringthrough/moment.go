package main

import (
	"errors"
	"time"

	"github.com/ringthrough/ringthrough/flow"
)

// moment is a time as it stands on the command line: RFC 3339, a date, a span
// such as 72h or 7d, or "none". The zero moment is none.
type moment struct {
	at   time.Time     // RFC 3339; a date in UTC where day is set
	day  bool          // at is the start of that date, wherever the user is
	span flow.Duration // from now, or back from now
}

var errMoment = errors.New("must be a time such as 2026-01-31T18:00:00Z, a date such as 2026-01-31, a span such as 72h or 7d, or none")

// UnmarshalText reads what a moment may be.
func (m *moment) UnmarshalText(b []byte) error {
	text := string(b)
	if text == "none" {
		*m = moment{}
		return nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		*m = moment{at: at}
		return nil
	}
	if at, err := time.Parse(time.DateOnly, text); err == nil {
		*m = moment{at: at, day: true}
		return nil
	}
	if span, err := flow.ParseDuration(text); err == nil && span > 0 {
		*m = moment{span: span}
		return nil
	}
	return errMoment
}

// after is the moment, where a span counts on from now. A date begins in
// now's zone. The zero time is none.
func (m moment) after(now time.Time) time.Time { return m.resolve(now, time.Duration(m.span)) }

// before is as after, but a span counts back.
func (m moment) before(now time.Time) time.Time { return m.resolve(now, -time.Duration(m.span)) }

func (m moment) resolve(now time.Time, span time.Duration) time.Time {
	switch {
	case span != 0:
		return now.Add(span)
	case m.day:
		return time.Date(m.at.Year(), m.at.Month(), m.at.Day(), 0, 0, 0, 0, now.Location())
	default:
		return m.at
	}
}

// stamp is a time as the API takes it; nil, JSON's null, where there is none.
func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Truncate(time.Millisecond).Format(time.RFC3339Nano)
}
