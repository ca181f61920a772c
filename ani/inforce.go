package ani

import (
	"strings"
	"time"
)

// InForce is how many entries are active, and until when.
type InForce struct {
	Count int
	Ends  time.Time // when the last of them stops matching; zero where one never does, or there is none
}

// Coverage is which lines have entries in force.
type Coverage struct {
	Every InForce            // those that are for every line
	Lines map[string]InForce // those that name lines, by line
	Until time.Time          // when this will be otherwise without an edit; zero: never
}

// Of is what is in force for a line.
func (c *Coverage) Of(line string) InForce { return c.Every.and(c.Lines[line]) }

// Coverage is which lines have entries in force at now. It looks at every
// entry.
func (l *List) Coverage(now time.Time) Coverage {
	c := Coverage{Lines: map[string]InForce{}}
	if l == nil {
		return c
	}
	byText, at, until := map[string]tally{}, now.UnixMilli(), int64(maxMillis)
	for i := range l.All {
		r := i.record()
		if !r.enabled || r.expiresAt <= at {
			continue
		}
		if r.notBefore > at {
			until = min(until, r.notBefore)
			continue
		}
		until = min(until, r.expiresAt)
		lines := i.texts().lines
		t := byText[lines]
		byText[lines] = tally{t.count + 1, max(t.ends, r.expiresAt)}
	}
	c.Until = timeOf(until)
	for lines, t := range byText {
		c.add(lines, InForce{t.count, timeOf(t.ends)})
	}
	return c
}

type tally struct {
	count int
	ends  int64
}

// add counts entries that are for the same lines.
func (c *Coverage) add(lines string, f InForce) {
	if lines == "" {
		c.Every = f
		return
	}
	for name := range strings.SplitSeq(lines, lineSeparator) {
		c.Lines[name] = c.Lines[name].and(f)
	}
}

// and is f and g together.
func (f InForce) and(g InForce) InForce {
	switch {
	case f.Count == 0:
		return g
	case g.Count == 0:
		return f
	}
	both := InForce{Count: f.Count + g.Count}
	if !f.Ends.IsZero() && !g.Ends.IsZero() {
		both.Ends = f.Ends
		if g.Ends.After(f.Ends) {
			both.Ends = g.Ends
		}
	}
	return both
}

// timeOf is a bound of an entry as a time; zero where there is none.
func timeOf(ms int64) time.Time {
	if ms == maxMillis {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
