package retention

import (
	"fmt"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// Config is for how long things are kept. Of audit and revisions either both
// have a span or none, and the longer one holds for both.
type Config struct {
	Calls      flow.Duration  `yaml:"calls"`      // direct calls and rehearsals; 0: for ever
	Candidates *flow.Duration `yaml:"candidates"` // nil: 30 days; 0: for ever
	Audit      flow.Duration  `yaml:"audit"`      // 0: for ever
	Revisions  flow.Duration  `yaml:"revisions"`  // 0: for ever
}

const (
	defaultCandidates = flow.Duration(30 * 24 * time.Hour)

	leastKept  = flow.Duration(24 * time.Hour)
	leastCalls = flow.MaxLimitPer // limits count calls that far back
)

// Validate reports spans that can't be taken, as ani.Problems.
func (c Config) Validate() error {
	var p ani.Problems
	for _, s := range []struct {
		name        string
		span, least flow.Duration
	}{
		{"calls", c.Calls, leastCalls}, {"candidates", c.candidates(), leastKept}, {"audit", c.Audit, leastKept}, {"revisions", c.Revisions, leastKept},
	} {
		if s.span != 0 && s.span < s.least {
			p.Add("retention."+s.name, fmt.Sprintf("must be %s at least, or 0, which keeps them for ever", s.least))
		}
	}
	if (c.Audit == 0) != (c.Revisions == 0) {
		p.Add("retention", "must have both audit and revisions, or none of the two: a revision is kept for as long as its audit records, and they for as long as it")
	}
	return p.Err()
}

func (c Config) candidates() flow.Duration {
	if c.Candidates == nil {
		return defaultCandidates
	}
	return *c.Candidates
}

// idle reports whether everything is kept for ever.
func (c Config) idle() bool { return c.Calls == 0 && c.candidates() == 0 && c.Audit == 0 }

// at is what goes at a time.
func (c Config) at(now time.Time) store.Pruning {
	before := func(span flow.Duration) time.Time {
		if span == 0 {
			return time.Time{}
		}
		return now.Add(-time.Duration(span))
	}
	return store.Pruning{Calls: before(c.Calls), Candidates: before(c.candidates()), Audit: before(c.Audit), Revisions: before(c.Revisions)}
}
