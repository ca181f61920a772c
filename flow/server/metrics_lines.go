package server

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

var (
	descLastActivation = gauge("last_activation_timestamp_seconds", "When the line last had a direct call, rehearsals apart.", "line")
	descLastLookup     = gauge("last_lookup_timestamp_seconds", "When somebody last asked about the line, since the start of this process.", "line")
	descLineEntries    = gauge("line_entries", "Entries of the list that are in force for the line, those for every line too.", "line")
	descLineEnds       = gauge("line_entries_end_timestamp_seconds", "When the last entry in force for the line expires; not there where one never does, or none is.", "line")
	descWindows        = gauge("windows_open", "Windows that are open.", "line", "mode")
)

// expect makes the series of a line before anything is counted in them: the
// first call of all must be seen to raise a counter.
func (m *Metrics) expect(l *flow.Line) {
	for i := range l.Targets {
		for _, expected := range []string{"true", "false"} {
			m.activations.WithLabelValues(l.Name, string(l.Targets[i].Kind), expected)
		}
	}
	for _, r := range []flow.Result{flow.ResultAnswered, flow.ResultNoAnswer, flow.ResultBusy, flow.ResultFailed} {
		m.results.WithLabelValues(l.Name, string(r))
	}
	for _, o := range []store.Outcome{store.OutcomeReceived, store.OutcomeMissed, store.OutcomeNotActivation} {
		m.outcomes.WithLabelValues(l.Name, string(o))
	}
	m.rehearsals.WithLabelValues(l.Name)
	m.candidates.WithLabelValues(l.Name)
}

func (b *boardCollector) collectLines(s *flow.Snapshot, now time.Time, send func(*prometheus.Desc, float64, ...string)) {
	coverage := b.coverage.at(s.List, now)
	for _, l := range s.Lines() {
		b.metrics.expect(&l)
		live := s.Live(l.Name)
		if !live.Last.At.IsZero() {
			send(descLastActivation, seconds(live.Last.At), l.Name)
		}
		if seen := b.board.Seen(l.Name); !seen.At.IsZero() {
			send(descLastLookup, seconds(seen.At), l.Name)
		}
		for _, mode := range []flow.Mode{flow.ModeListed, flow.ModeAnyone, flow.ModeRehearsal} {
			send(descWindows, float64(live.CountOpen(mode, now)), l.Name, string(mode))
		}
		force := coverage.Of(l.Name)
		send(descLineEntries, float64(force.Count), l.Name)
		if !force.Ends.IsZero() {
			send(descLineEnds, seconds(force.Ends), l.Name)
		}
	}
}

// lastCoverage keeps what was found by looking at every entry for as long as
// it holds. The zero value has found nothing.
type lastCoverage struct {
	mu    sync.Mutex
	list  *ani.List
	from  time.Time
	found ani.Coverage
}

func (c *lastCoverage) at(l *ani.List, now time.Time) *ani.Coverage {
	c.mu.Lock()
	defer c.mu.Unlock()
	over := !c.found.Until.IsZero() && !now.Before(c.found.Until)
	if c.from.IsZero() || c.list != l || over || now.Before(c.from) {
		c.list, c.from, c.found = l, now, l.Coverage(now)
	}
	found := c.found // nobody changes its map
	return &found
}
