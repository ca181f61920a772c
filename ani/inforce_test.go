package ani_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/ani"
)

func TestListCoverage(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	hours := func(n int) time.Time { return now.Add(time.Duration(n) * time.Hour) }
	of := func(from, to time.Time, lines ...string) ani.Entry {
		return ani.Entry{Enabled: true, NotBefore: from, ExpiresAt: to, Lines: lines}
	}
	off := of(time.Time{}, time.Time{})
	off.Enabled = false
	for _, tt := range []struct {
		name    string
		entries []ani.Entry
		want    ani.InForce // of support-us
		until   time.Time
	}{
		{"no entry", nil, ani.InForce{}, time.Time{}},
		{"for every line, for ever", []ani.Entry{of(time.Time{}, time.Time{})}, ani.InForce{Count: 1}, time.Time{}},
		{"for this line, for a while", []ani.Entry{of(time.Time{}, hours(2), "other", "support-us")}, ani.InForce{Count: 1, Ends: hours(2)}, hours(2)},
		{"for another line", []ani.Entry{of(time.Time{}, hours(2), "support")}, ani.InForce{}, hours(2)},
		{"the last to end counts", []ani.Entry{of(time.Time{}, hours(3), "support-us"), of(time.Time{}, hours(2)), of(time.Time{}, hours(1), "support-us", "other")}, ani.InForce{Count: 3, Ends: hours(3)}, hours(1)},
		{"for every line, ends last", []ani.Entry{of(time.Time{}, hours(2), "support-us"), of(time.Time{}, hours(3))}, ani.InForce{Count: 2, Ends: hours(3)}, hours(2)},
		{"one that never ends outlasts the others", []ani.Entry{of(time.Time{}, hours(3), "support-us"), of(time.Time{}, time.Time{})}, ani.InForce{Count: 2}, hours(3)},
		{"one of the same lines never ends", []ani.Entry{of(time.Time{}, hours(3), "support-us"), of(time.Time{}, time.Time{}, "support-us")}, ani.InForce{Count: 2}, hours(3)},
		{"not yet", []ani.Entry{of(hours(1), hours(2), "support-us")}, ani.InForce{}, hours(1)},
		{"the first instant", []ani.Entry{of(now, hours(2), "support-us")}, ani.InForce{Count: 1, Ends: hours(2)}, hours(2)},
		{"the last instant is outside", []ani.Entry{of(time.Time{}, now, "support-us")}, ani.InForce{}, time.Time{}},
		{"switched off", []ani.Entry{off}, ani.InForce{}, time.Time{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for i := range tt.entries {
				n := ani.MustParse("+1650555010" + string(rune('0'+i)))
				tt.entries[i].ID, tt.entries[i].Pattern = n.String(), ani.PatternOf(n)
			}
			list, err := ani.NewList(slices.Values(tt.entries))
			if err != nil {
				t.Fatal(err)
			}
			c := list.Coverage(now)
			if diff := cmp.Diff(tt.want, c.Of("support-us")); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if !c.Until.Equal(tt.until) {
				t.Errorf("this holds until %v, want %v", c.Until, tt.until)
			}
		})
	}
	if c := (*ani.List)(nil).Coverage(now); c.Of("support-us").Count != 0 {
		t.Error("no list covers a line")
	}
}
