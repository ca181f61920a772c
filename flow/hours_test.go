package flow

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestHoursOpenAt(t *testing.T) {
	tests := []struct {
		name  string
		hours Hours
		at    string // weekday and wall clock
		want  bool
	}{
		{"empty is always", "", "Su 03:00:00", true},
		{"24/7 is always", "24/7", "Su 03:00:00", true},
		{"blanks around 24/7", " 24/7 ", "Su 03:00:00", true},
		{"the first minute is inside", "Mo-Fr 08:00-18:00", "Mo 08:00:00", true},
		{"the second before is outside", "Mo-Fr 08:00-18:00", "Mo 07:59:59", false},
		{"the last second is inside", "Mo-Fr 08:00-18:00", "Fr 17:59:59", true},
		{"the last minute is outside", "Mo-Fr 08:00-18:00", "Fr 18:00:00", false},
		{"another day", "Mo-Fr 08:00-18:00", "Sa 12:00:00", false},
		{"a single day", "We 08:00-18:00", "We 12:00:00", true},
		{"beside a single day", "We 08:00-18:00", "Th 12:00:00", false},
		{"a range over Sunday, inside", "Sa-Mo 08:00-18:00", "Su 12:00:00", true},
		{"a range over Sunday, its end", "Sa-Mo 08:00-18:00", "Mo 12:00:00", true},
		{"a range over Sunday, outside", "Sa-Mo 08:00-18:00", "Tu 12:00:00", false},
		{"a range of the whole week", "Mo-Su 08:00-18:00", "Su 12:00:00", true},
		{"a list, second day", "Mo,We 08:00-18:00", "We 12:00:00", true},
		{"a list, between", "Mo,We 08:00-18:00", "Tu 12:00:00", false},
		{"a list with a range and a blank", "Mo-Tu, Fr 08:00-18:00", "Fr 12:00:00", true},
		{"no days are every day", "08:00-18:00", "Su 12:00:00", true},
		{"two spans, first", "08:00-12:00,13:00-18:00", "Mo 11:59:00", true},
		{"two spans, between", "08:00-12:00,13:00-18:00", "Mo 12:00:00", false},
		{"two spans, second", "08:00-12:00, 13:00-18:00", "Mo 13:00:00", true},
		{"up to 24:00", "Mo 08:00-24:00", "Mo 23:59:59", true},
		{"24:00 is not the next day", "Mo 08:00-24:00", "Tu 00:00:00", false},
		{"from 00:00", "Mo 00:00-06:00", "Mo 00:00:00", true},
		{"past midnight, evening", "Mo 22:00-02:00", "Mo 22:00:00", true},
		{"past midnight, night", "Mo 22:00-02:00", "Tu 01:59:59", true},
		{"past midnight, over", "Mo 22:00-02:00", "Tu 02:00:00", false},
		{"past midnight, the night before is another day's", "Mo 22:00-02:00", "Mo 01:00:00", false},
		{"from Sunday into Monday", "Su 22:00-02:00", "Mo 01:59:59", true},
		{"from Sunday into Monday, over", "Su 22:00-02:00", "Mo 02:00:00", false},
		{"from Saturday into Sunday", "Sa 22:00-02:00", "Su 01:00:00", true},
		{"to 00:00 is to midnight", "Mo 22:00-00:00", "Tu 00:00:00", false},
		{"a later rule replaces a day", "Mo-Fr 08:00-18:00; We 10:00-12:00", "We 09:00:00", false},
		{"a later rule leaves the others", "Mo-Fr 08:00-18:00; We 10:00-12:00", "Th 09:00:00", true},
		{"an earlier rule is replaced by one for every day", "We 10:00-12:00; 08:00-09:00", "We 11:00:00", false},
		{"off", "08:00-18:00; Sa-Su off", "Su 12:00:00", false},
		{"closed", "08:00-18:00; Sa-Su closed", "Sa 12:00:00", false},
		{"off is taken back", "off; Mo 08:00-18:00", "Mo 12:00:00", true},
		{"always but for a day", "24/7; Su off", "Su 12:00:00", false},
		{"always but for a day, the others", "24/7; Su off", "Sa 23:59:59", true},
		{"a night stays with the day it began on", "Mo 22:00-02:00; Tu off", "Tu 01:00:00", true},
		{"a day off takes its night along", "22:00-02:00; Mo off", "Tu 01:00:00", false},
		{"a semicolon at the end", "Mo-Fr 08:00-18:00;", "Mo 12:00:00", true},
		{"no blank before the times", "Mo08:00-18:00", "Mo 12:00:00", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := mustCompile(t, tt.hours).openAt(wallClock(t, tt.at)); got != tt.want {
				t.Errorf("%q open at %s: got %t, want %t", tt.hours, tt.at, got, tt.want)
			}
		})
	}
}

func TestHoursCheckRefuses(t *testing.T) {
	tests := []struct {
		name  string
		hours Hours
		want  string // part of what the error says
	}{
		{"a holiday", "PH off", `"PH"`},
		{"a month", "Jan-Mar 08:00-18:00", `"Jan-Mar"`},
		{"sunrise", "sunrise-sunset", `"sunrise-sunset"`},
		{"a date", "2026 Mo-Fr 08:00-18:00", "08:00-18:00"},
		{"a long weekday", "Mon-Fri 08:00-18:00", "no weekday"},
		{"a small weekday", "mo 08:00-18:00", "only Mo, Tu"},
		{"half a range of days", "Mo- 08:00-18:00", `"Mo-"`},
		{"a comma too many", "Mo, 08:00-18:00", "no weekday"},
		{"a week's number", "week 1-10 Mo 08:00-18:00", `"week"`},
		{"no times", "Mo-Fr", "Mo-Fr 00:00-24:00"},
		{"an unknown word", "Mo open", `"Mo open"`},
		{"24/7 on one day", "Mo 24/7", "24/7"},
		{"nothing but a semicolon", ";", "empty rule"},
		{"an empty rule between", "Mo 08:00-18:00;;Tu off", "empty rule"},
		{"hour 25", "08:00-25:00", `"08:00-25:00"`},
		{"beyond 24:00", "08:00-24:01", `"08:00-24:01"`},
		{"minute 60", "08:60-18:00", "no span"},
		{"from 24:00", "24:00-02:00", "no span"},
		{"one digit", "8:00-18:00", "08:00-18:00"},
		{"no minutes", "08-18", "no span"},
		{"an open end", "08:00+", "no span"},
		{"a point in time", "08:00", "no span"},
		{"no time at all", "08:00-08:00", "00:00-24:00"},
		{"midnight to midnight", "00:00-00:00", "00:00-24:00"},
		{"a digit that is none", "0x:00-18:00", "no span"},
		{"a rule after a comma", "Mo 08:00-12:00, Tu 09:00-10:00", "part rules with ;"},
		{"a comment", `Mo 08:00-12:00 "by appointment"`, "no span"},
		{"a host name", "pbx.example.com", "no weekday"},
		{"too long", Hours(strings.Repeat("Mo off;", 100)), "at most 500 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.hours.check()
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("check %q: got %v, want an error with %q in it", tt.hours, err, tt.want)
			}
		})
	}
}

// Hours are judged by the wall clock, so what the clock leaps over is not
// there, and what it repeats is there twice.
func TestHoursOverClockChanges(t *testing.T) {
	tests := []struct {
		name       string
		zone       string
		hours      Hours
		from, to   string // UTC
		wantInside int    // minutes of the span that are open
	}{
		{"Berlin, spring: the hour is not there", "Europe/Berlin", "02:00-03:00", "2026-03-29T00:00:00Z", "2026-03-29T03:00:00Z", 0},
		{"Berlin, spring: the hours around lose one", "Europe/Berlin", "01:00-04:00", "2026-03-28T23:00:00Z", "2026-03-29T03:00:00Z", 120},
		{"Berlin, autumn: the hour is there twice", "Europe/Berlin", "02:00-03:00", "2026-10-24T22:00:00Z", "2026-10-25T04:00:00Z", 120},
		{"Berlin, an ordinary day", "Europe/Berlin", "02:00-03:00", "2026-06-01T22:00:00Z", "2026-06-02T04:00:00Z", 60},
		{"New York, spring: the hour is not there", "America/New_York", "02:00-03:00", "2026-03-08T05:00:00Z", "2026-03-08T09:00:00Z", 0},
		{"New York, autumn: the hour is there twice", "America/New_York", "Su 01:00-02:00", "2026-11-01T04:00:00Z", "2026-11-01T08:00:00Z", 120},
		{"New York, autumn: a night shift is an hour longer", "America/New_York", "Sa 22:00-06:00", "2026-11-01T00:00:00Z", "2026-11-01T14:00:00Z", 540},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, zone := mustCompile(t, tt.hours), mustZone(t, tt.zone)
			from, to := instant(t, tt.from), instant(t, tt.to)
			inside := 0
			for at := from; at.Before(to); at = at.Add(time.Minute) {
				if s.openAt(at.In(zone)) {
					inside++
				}
			}
			if inside != tt.wantInside {
				t.Errorf("%q is open for %d minutes, want %d", tt.hours, inside, tt.wantInside)
			}
		})
	}
}

func TestHoursNextOpening(t *testing.T) {
	tests := []struct {
		name       string
		zone       string
		hours      Hours
		from, want string // RFC 3339; want empty: never
	}{
		{"always open", "UTC", "", "2026-11-22T12:00:30Z", "2026-11-22T12:00:30Z"},
		{"open already", "UTC", "Su 12:00-13:00", "2026-11-22T12:00:30Z", "2026-11-22T12:00:30Z"},
		{"later today", "UTC", "Su 12:00-13:00", "2026-11-22T11:59:30Z", "2026-11-22T12:00:00Z"},
		{"just over: a week later", "UTC", "Su 12:00-13:00", "2026-11-22T13:00:00Z", "2026-11-29T12:00:00Z"},
		{"never", "UTC", "off", "2026-11-22T12:00:00Z", ""},
		{"Berlin, spring: the opening was leapt over, a week later", "Europe/Berlin", "Su 02:00-03:00", "2026-03-29T00:30:00Z", "2026-04-05T00:00:00Z"},
		{"Berlin, spring: all of it leapt over, two weeks in all", "Europe/Berlin", "Su 02:00-03:00", "2026-03-22T02:00:00Z", "2026-04-05T00:00:00Z"},
		{"Berlin, spring: half of it leapt over", "Europe/Berlin", "Su 02:00-04:00", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"},
		{"Berlin, autumn: again in the repeated hour", "Europe/Berlin", "Su 02:00-02:30", "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z"},
		{"New York, spring: at the new time", "America/New_York", "Su 08:00-09:00", "2026-03-08T05:00:00Z", "2026-03-08T12:00:00Z"},
		{"New York, autumn: at the old time", "America/New_York", "Su 08:00-09:00", "2026-11-01T04:00:00Z", "2026-11-01T13:00:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := mustCompile(t, tt.hours).nextOpening(instant(t, tt.from).In(mustZone(t, tt.zone)))
			if tt.want == "" {
				if ok {
					t.Errorf("opens at %s, want never", got)
				}
				return
			}
			if !ok || !got.Equal(instant(t, tt.want)) {
				t.Errorf("opens at %s (%t), want %s", got, ok, tt.want)
			}
		})
	}
}

// What nextOpening gives is open, and each minute before it is closed.
func TestHoursNextOpeningIsTheFirst(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	starts := []time.Time{
		instant(t, "2026-03-28T12:00:00Z"), instant(t, "2026-10-24T12:00:00Z"),
		instant(t, "2026-03-07T12:00:00Z"), instant(t, "2026-10-31T12:00:00Z"),
	}
	for range 300 {
		text, _ := randomHours(rng)
		s := mustCompile(t, Hours(text))
		zone := mustZone(t, []string{"Europe/Berlin", "America/New_York", "Asia/Kathmandu"}[rng.IntN(3)])
		local := starts[rng.IntN(len(starts))].Add(time.Duration(rng.IntN(48*3600)) * time.Second).In(zone)
		got, ok := s.nextOpening(local)
		if ok && !s.openAt(got) {
			t.Fatalf("%q: closed at %s, which is the next opening after %s", text, got, local)
		}
		until := got
		if !ok {
			until = local.AddDate(0, 0, 8)
		}
		for at := local; at.Before(until); at = at.Add(time.Minute) {
			if s.openAt(at) {
				t.Fatalf("%q: open at %s, before %s, which is the next opening after %s", text, at, got, local)
			}
		}
	}
}

// Random rules are open just when their meaning, worked out minute by minute,
// says so.
func TestHoursEqualTheirMeaning(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	sunday := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	for range 500 {
		text, rules := randomHours(rng)
		s := mustCompile(t, Hours(text))
		for m := range weekMinutes {
			at := sunday.Add(time.Duration(m) * time.Minute)
			if got, want := s.openAt(at), meaning(rules, m); got != want {
				t.Fatalf("%q open on %s: got %t, want %t", text, at.Format("Mon 15:04"), got, want)
			}
		}
	}
}

func TestHoursOpenAtAllocatesNothing(t *testing.T) {
	s, at := mustCompile(t, "Mo-Fr 08:00-18:00"), wallClock(t, "Mo 12:00:00").In(mustZone(t, "Europe/Berlin"))
	if n := testing.AllocsPerRun(100, func() { s.openAt(at) }); n != 0 {
		t.Errorf("openAt allocates %v times, want 0", n)
	}
}

func FuzzHours(f *testing.F) {
	for _, seed := range []string{
		"", "24/7", "Mo-Fr 08:00-18:00; Sa 09:00-12:00", "Sa-Mo 22:00-02:00,08:00-09:00", "off", "Mo,We closed",
		"24/7; Su off", "PH off", ";", "Mo-", "08:00-", "\xff", "Mo 08:00-24:00 ", "é8:00-09:00",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		h := Hours(text)
		s, err := h.compile()
		if (h.check() == nil) != (err == nil) {
			t.Fatalf("check and compile disagree on %q: %v", text, err)
		}
		if err != nil {
			return
		}
		// Each rule replaces its own days, so saying it all again, or closing
		// everything first, changes nothing.
		for _, same := range []string{text + ";" + text, "off;" + text, " " + text + " "} {
			again, err := Hours(same).compile()
			if s == nil || len(same) > maxHours || strings.HasSuffix(strings.TrimSpace(text), ";") {
				continue
			}
			if err != nil || *again != *s {
				t.Fatalf("%q means something else than %q: %v", same, text, err)
			}
		}
	})
}

func BenchmarkHoursOpenAt(b *testing.B) {
	s, err := Hours("Mo-Fr 08:00-18:00; Sa 09:00-12:00").compile()
	if err != nil {
		b.Fatal(err)
	}
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		b.Fatal(err)
	}
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, zone)
	for b.Loop() {
		s.openAt(at)
	}
}

func mustCompile(t *testing.T, h Hours) *schedule {
	t.Helper()
	s, err := h.compile()
	if err != nil {
		t.Fatalf("compile %q: %v", h, err)
	}
	return s
}

func mustZone(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func instant(t *testing.T, rfc3339 string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, rfc3339)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// wallClock is "Mo 08:00:00" in a week without a clock change.
func wallClock(t *testing.T, s string) time.Time {
	t.Helper()
	clock, err := time.Parse("15:04:05", s[3:])
	if err != nil {
		t.Fatal(err)
	}
	for day, name := range weekdays {
		if name == s[:2] {
			return clock.AddDate(2026, 10, 21+day) // 22 November 2026 is a Sunday
		}
	}
	t.Fatalf("%q names no weekday", s)
	return time.Time{}
}

// plainRule is what a rule means: on days, open for spans of [from, to)
// minutes of the day, past midnight where to is not after from.
type plainRule struct {
	days  [7]bool
	spans [][2]int
}

// randomHours makes up to four rules, as text and as what they mean.
func randomHours(rng *rand.Rand) (string, []plainRule) {
	var texts []string
	var rules []plainRule
	for range 1 + rng.IntN(4) {
		var r plainRule
		text := ""
		if rng.IntN(5) == 0 {
			r.days = [7]bool{true, true, true, true, true, true, true}
		} else {
			first, length := rng.IntN(7), rng.IntN(7)
			for i := range length + 1 {
				r.days[(first+i)%7] = true
			}
			text = fmt.Sprintf("%s-%s ", weekdays[first], weekdays[(first+length)%7])
		}
		times := []string{}
		for range rng.IntN(3) {
			from, to := rng.IntN(1440), 1+rng.IntN(1440)
			if from == to {
				continue
			}
			r.spans = append(r.spans, [2]int{from, to})
			times = append(times, fmt.Sprintf("%02d:%02d-%02d:%02d", from/60, from%60, to/60, to%60))
		}
		if len(times) == 0 {
			times = []string{"off"}
		}
		texts, rules = append(texts, text+strings.Join(times, ",")), append(rules, r)
	}
	return strings.Join(texts, "; "), rules
}

// meaning is whether rules are open at a minute of the week, worked out from
// the last rule of that day and that of the day before.
func meaning(rules []plainRule, minute int) bool {
	day, clock := minute/1440, minute%1440
	for _, s := range spansOf(rules, day) {
		if clock >= s[0] && (clock < s[1] || s[1] < s[0]) {
			return true
		}
	}
	for _, s := range spansOf(rules, (day+6)%7) {
		if s[1] < s[0] && clock < s[1] {
			return true
		}
	}
	return false
}

func spansOf(rules []plainRule, day int) [][2]int {
	for _, rule := range slices.Backward(rules) {
		if rule.days[day] {
			return rule.spans
		}
	}
	return nil
}
