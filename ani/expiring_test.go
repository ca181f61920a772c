package ani_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/ani"
)

func TestListExpiring(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	until := now.Add(time.Hour)
	entry := func(id, pattern string, expires time.Time, lines ...string) ani.Entry {
		p, err := ani.ParsePattern(pattern)
		if err != nil {
			t.Fatal(err)
		}
		return ani.Entry{ID: id, Pattern: p, Enabled: true, ExpiresAt: expires, Lines: lines}
	}
	off := entry("off", "+16505550101", now.Add(time.Minute))
	off.Enabled = false
	list, err := ani.NewList(slices.Values([]ani.Entry{
		off,
		entry("for ever", "+16505550102", time.Time{}),
		entry("expired just now", "+16505550103", now),
		entry("next millisecond", "+16505550104", now.Add(time.Millisecond)),
		entry("just before", "+16505550105", until.Add(-time.Millisecond)),
		entry("at the end", "+16505550106", until),
		entry("of the line", "+16505550107", now.Add(time.Minute), "other", "support-us"),
		entry("of another line", "+16505550108", now.Add(time.Minute), "support"),
		entry("a range", "+16505550110-+16505550119", now.Add(time.Minute)),
		entry("a prefix", "+1650555*", now.Add(time.Minute)),
	}))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range list.Expiring("support-us", now, until) {
		got = append(got, i.ID())
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"a prefix", "a range", "just before", "next millisecond", "of the line"}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for range list.Expiring("support-us", now, until) {
		break // a list that is left early must not go on
	}
	for range (*ani.List)(nil).Expiring("support-us", now, until) {
		t.Error("no list has an entry that expires")
	}
}

func TestItemExpiresAt(t *testing.T) {
	at := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	n := ani.MustParse("+16505550123")
	for name, expires := range map[string]time.Time{"never": {}, "some day": at} {
		list, err := ani.NewList(slices.Values([]ani.Entry{{ID: "e", Pattern: ani.PatternOf(n), Enabled: true, ExpiresAt: expires}}))
		if err != nil {
			t.Fatal(err)
		}
		if got := list.Match(n, nil)[0].ExpiresAt(); !got.Equal(expires) {
			t.Errorf("%s: %v", name, got)
		}
	}
	if got := (ani.Item{}).ExpiresAt(); !got.IsZero() {
		t.Errorf("no entry expires at %v", got)
	}
}
