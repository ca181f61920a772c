package flow

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Hours is when a target is open, a part of OpenStreetMap's opening_hours:
// weekdays and times, as in "Mo-Fr 08:00-18:00,19:00-21:00; Sa off". Empty
// and "24/7" are always. Rules are parted by ; and a later one replaces the
// earlier ones for the days that it names; no days are every day. Times end
// just before their last minute and belong to the day on which they begin,
// those past midnight too: Monday's 22:00-02:00 stays though Tuesday is off.
type Hours string

// maxHours bounds the length of Hours, in bytes.
const maxHours = 500

// check is nil where h can be read. The error completes a sentence that
// begins with the field's name.
func (h Hours) check() error {
	_, err := h.compile()
	return err
}

// compile makes h ready to be asked. The schedule is nil where h is always
// open.
func (h Hours) compile() (*schedule, error) {
	text := strings.TrimSpace(string(h))
	if text == "" || text == allWeek {
		return nil, nil
	}
	if len(text) > maxHours {
		return nil, fmt.Errorf("are too long: at most %d bytes", maxHours)
	}
	var w week
	for rule := range strings.SplitSeq(strings.TrimSuffix(text, ";"), ";") {
		if err := w.apply(strings.TrimSpace(rule)); err != nil {
			return nil, err
		}
	}
	return w.schedule(), nil
}

// allWeek is OpenStreetMap's word for always.
const allWeek = "24/7"

const (
	dayMinutes  = 24 * 60
	weekMinutes = 7 * dayMinutes
)

// schedule has a bit for each minute of the week, from Sunday 00:00.
type schedule [(weekMinutes + 63) / 64]uint64

// openAt reports whether s is open at local, by the wall clock of local's own
// zone: hours that the clock leaps over in spring are not there, those that it
// repeats in autumn are there twice. A nil schedule is always open.
func (s *schedule) openAt(local time.Time) bool {
	if s == nil {
		return true
	}
	hour, minute, _ := local.Clock()
	m := int(local.Weekday())*dayMinutes + hour*60 + minute
	return s[m/64]>>(m%64)&1 != 0
}

// searchMinutes is how far ahead an opening is looked for: a week, and one
// more for the week whose only opening the clock leaps over.
const searchMinutes = 2*weekMinutes + dayMinutes

// nextOpening is local where s is open then, else the start of the first
// minute after it at which s is. False where s never opens.
func (s *schedule) nextOpening(local time.Time) (time.Time, bool) {
	if s.openAt(local) {
		return local, true
	}
	if *s == (schedule{}) {
		return time.Time{}, false
	}
	t := local.Truncate(time.Minute)
	for range searchMinutes {
		t = t.Add(time.Minute)
		if s.openAt(t) {
			return t, true
		}
	}
	return time.Time{}, false
}

func (s *schedule) open(from, to int) {
	for m := from; m < to; m++ {
		s[m%weekMinutes/64] |= 1 << (m % weekMinutes % 64)
	}
}

// week is what is open on each day, by time.Weekday.
type week [7][]span

// span is a half-open span of minutes from the day's 00:00; it ends after
// dayMinutes where it goes past midnight.
type span struct{ from, to int }

func (w *week) schedule() *schedule {
	s := new(schedule)
	for day, spans := range w {
		for _, at := range spans {
			s.open(day*dayMinutes+at.from, day*dayMinutes+at.to)
		}
	}
	return s
}

// apply replaces the days that rule names.
func (w *week) apply(rule string) error {
	days, times := splitRule(rule)
	named, err := readDays(days)
	if err != nil {
		return err
	}
	spans, err := readTimes(rule, days, times)
	if err != nil {
		return err
	}
	for _, day := range named {
		w[day] = spans
	}
	return nil
}

// splitRule parts the days of a rule from its times, which begin with the
// first digit or are one word.
func splitRule(rule string) (days, times string) {
	i := strings.IndexAny(rule, "0123456789")
	if i < 0 {
		i = strings.LastIndexByte(rule, ' ') + 1
		if !isOff(rule[i:]) {
			i = len(rule)
		}
	}
	return strings.TrimSpace(rule[:i]), strings.TrimSpace(rule[i:])
}

func isOff(word string) bool { return word == "off" || word == "closed" }

// weekdays are OpenStreetMap's, in the order of time.Weekday.
var weekdays = [...]string{"Su", "Mo", "Tu", "We", "Th", "Fr", "Sa"}

func readDays(text string) ([]int, error) {
	if text == "" {
		return []int{0, 1, 2, 3, 4, 5, 6}, nil
	}
	var days []int
	for part := range strings.SplitSeq(text, ",") {
		first, last, ranged := strings.Cut(strings.TrimSpace(part), "-")
		if !ranged {
			last = first
		}
		from, to := slices.Index(weekdays[:], first), slices.Index(weekdays[:], last)
		if from < 0 || to < 0 {
			return nil, fmt.Errorf("have %q in them, which is no weekday: only Mo, Tu, We, Th, Fr, Sa, Su, ranges such as Mo-Fr and lists such as Mo,We can be used, and times such as 08:00-18:00 after them", part)
		}
		for days = append(days, from); from != to; days = append(days, from) {
			from = (from + 1) % len(weekdays)
		}
	}
	return days, nil
}

// readTimes reads the times of a rule; days is only for what the error says.
func readTimes(rule, days, times string) ([]span, error) {
	switch {
	case rule == "":
		return nil, errors.New("have an empty rule in them: write weekdays and times, as in Mo-Fr 08:00-18:00; Sa 09:00-12:00")
	case times == "":
		return nil, fmt.Errorf("say no times for %q: write %s 08:00-18:00, %[2]s 00:00-24:00 for the whole day, or %[2]s off", rule, days)
	case isOff(times):
		return nil, nil
	case times == allWeek && days == "":
		return []span{{0, dayMinutes}}, nil
	}
	var spans []span
	for part := range strings.SplitSeq(times, ",") {
		s, err := readSpan(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		spans = append(spans, s)
	}
	return spans, nil
}

func readSpan(text string) (span, error) {
	first, last, ranged := strings.Cut(text, "-")
	from, okFrom := readClock(first)
	to, okTo := readClock(last)
	switch {
	case !ranged || !okFrom || !okTo || from == dayMinutes:
		return span{}, fmt.Errorf("have %q in them, which is no span of time: write it as 08:00-18:00, up to 24:00, and part rules with ;", text)
	case from == to:
		return span{}, fmt.Errorf("have %q in them, which is no time at all: write 00:00-24:00 for the whole day", text)
	case to < from:
		to += dayMinutes
	}
	return span{from, to}, nil
}

// readClock reads 00:00 to 24:00 as minutes.
func readClock(text string) (minutes int, ok bool) {
	if len(text) != len("00:00") || text[2] != ':' {
		return 0, false
	}
	hour, okHour := twoDigits(text[:2])
	minute, okMinute := twoDigits(text[3:])
	minutes = hour*60 + minute
	return minutes, okHour && okMinute && minute < 60 && minutes <= dayMinutes
}

func twoDigits(text string) (n int, ok bool) {
	tens, ones := text[0]-'0', text[1]-'0'
	return int(tens)*10 + int(ones), tens <= 9 && ones <= 9
}
