package flow

import (
	"fmt"
	"time"

	"github.com/prometheus/common/model"
)

// Duration is a span of time that reads and writes as 90s, 15m or 2h.
type Duration time.Duration

// ParseDuration reads 90s, 15m, 1h30m, 7d or what time.ParseDuration takes.
func ParseDuration(s string) (Duration, error) {
	if d, err := time.ParseDuration(s); err == nil {
		return Duration(d), nil
	}
	d, err := model.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("%q is no span of time: write it as 90s, 15m, 2h or 7d", s)
	}
	return Duration(d), nil
}

// String writes d in whole hours, minutes or seconds, the largest that fits.
func (d Duration) String() string {
	switch t := time.Duration(d); {
	case t == 0 || t%time.Second != 0:
		return t.String()
	case t%time.Hour == 0:
		return fmt.Sprintf("%dh", t/time.Hour)
	case t%time.Minute == 0:
		return fmt.Sprintf("%dm", t/time.Minute)
	default:
		return fmt.Sprintf("%ds", t/time.Second)
	}
}

// MarshalText writes String.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what ParseDuration reads.
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := ParseDuration(string(b))
	if err == nil {
		*d = v
	}
	return err
}
