package flow_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ringthrough/ringthrough/flow"
)

func TestDurationText(t *testing.T) {
	for _, tt := range []struct {
		given string
		want  time.Duration
		text  string // how it is written
	}{
		{"90s", 90 * time.Second, "90s"},
		{"60s", time.Minute, "1m"},
		{"15m", 15 * time.Minute, "15m"},
		{"2h", 2 * time.Hour, "2h"},
		{"1h30m", 90 * time.Minute, "90m"},
		{"1.5h", 90 * time.Minute, "90m"},
		{"7d", 7 * 24 * time.Hour, "168h"},
		{"1w", 7 * 24 * time.Hour, "168h"},
		{"1d12h", 36 * time.Hour, "36h"},
		{"0", 0, "0s"},
		{"0s", 0, "0s"},
		{"1500ms", 1500 * time.Millisecond, "1.5s"},
		{"-15m", -15 * time.Minute, "-15m"},
	} {
		t.Run(tt.given, func(t *testing.T) {
			got, err := flow.ParseDuration(tt.given)
			if err != nil || time.Duration(got) != tt.want {
				t.Fatalf("got %v and %v, want %v", time.Duration(got), err, tt.want)
			}
			if got.String() != tt.text {
				t.Errorf("written as %s, want %s", got, tt.text)
			}
		})
	}
}

func TestParseDurationRefuses(t *testing.T) {
	for _, given := range []string{"", " ", "15", "15 m", "m", "1h 30m", "a day", "1e9s", "300y", "∞"} {
		got, err := flow.ParseDuration(given)
		if err == nil || !strings.Contains(err.Error(), "90s, 15m, 2h or 7d") {
			t.Errorf("%q: got %v and %v, want an error that says how to write it", given, got, err)
		}
	}
}

func TestDurationReadsWhatItWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := flow.Duration(rapid.Int64().Draw(t, "ns"))
		if rapid.Bool().Draw(t, "whole seconds") {
			want = want / flow.Duration(time.Second) * flow.Duration(time.Second)
		}
		b, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got flow.Duration
		if err := json.Unmarshal(b, &got); err != nil || got != want {
			t.Errorf("%s became %s, %v", want, got, err)
		}
	})
}

func TestDurationKeepsItsValueOnError(t *testing.T) {
	d := flow.Duration(time.Hour)
	if err := d.UnmarshalText([]byte("soon")); err == nil || d != flow.Duration(time.Hour) {
		t.Errorf("got %s, %v", d, err)
	}
}
