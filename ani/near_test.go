package ani

import (
	"slices"
	"testing"
	"time"
)

func TestNear(t *testing.T) {
	l := listOf(t, "+16505550123", "+16505550177", "+16505559999", "+442079460100-+442079460199", "+44161496*")
	for _, c := range []struct{ name, number, want string }{
		{"the last digit", "+16505550124", "+16505550123 in the last digit"},
		{"the last two", "+16505550170", "+16505550177 in the last digit"},
		{"as close as another one: the lower", "+16505550150", "+16505550123 in the last 2 digits"},
		{"the last four", "+16505557000", "+16505550123 in the last 4 digits"},
		{"the last five", "+16505560123", ""},
		{"another country", "+26505550123", ""},
		{"a digit more", "+165055501234", ""},
		{"itself", "+16505550123", "+16505550177 in the last 2 digits"},
		{"just before a range", "+442079460099", "+442079460100-+442079460199 in the last 3 digits"},
		{"just behind a range", "+442079460200", "+442079460100-+442079460199 in the last 3 digits"},
		{"in a range", "+442079460150", ""},
		{"a prefix tells nothing", "+441614960001", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := Number{mustDigits(t, c.number)}
			other := MustParse("+16505550999")
			if got := l.Near([]Number{other, n, {}})[n].String(); got != c.want {
				t.Errorf("near %s: %q, want %q", c.number, got, c.want)
			}
		})
	}
	if got := (*List)(nil).Near([]Number{MustParse("+16505550123")}); len(got) != 0 {
		t.Errorf("an empty list has %v", got)
	}
}

// mustDigits takes numbers that no parser would.
func mustDigits(t *testing.T, s string) (digits uint64) {
	t.Helper()
	for _, r := range s[1:] {
		digits = digits*10 + uint64(r-'0')
	}
	return digits
}

func listOf(t *testing.T, patterns ...string) *List {
	t.Helper()
	var entries []Entry
	for _, raw := range patterns {
		p, err := ParsePattern(raw)
		if err != nil {
			t.Fatal(err)
		}
		e := NewEntry()
		e.ID, e.Pattern = raw, p
		entries = append(entries, e)
	}
	l, err := NewList(slices.Values(entries))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestItemDates(t *testing.T) {
	noon := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	e := NewEntry()
	e.ID, e.Pattern, e.NotBefore = "e", PatternOf(MustParse("+16505550123")), noon
	l, err := NewList(slices.Values([]Entry{e}))
	if err != nil {
		t.Fatal(err)
	}
	for item := range l.All {
		if !item.NotBefore().Equal(noon) || item.State(noon.Add(-1)) != StateScheduled || item.State(noon) != StateActive {
			t.Errorf("from %s, %s before, %s then", item.NotBefore(), item.State(noon.Add(-1)), item.State(noon))
		}
	}
	for item := range listOf(t, "+16505550123").All {
		if !item.NotBefore().IsZero() {
			t.Errorf("from %s, want from ever", item.NotBefore())
		}
	}
	if (Item{}).State(noon) != StateDisabled || !(Item{}).NotBefore().IsZero() {
		t.Error("the zero Item does something")
	}
}
