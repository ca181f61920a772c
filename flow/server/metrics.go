package server

import (
	"context"
	"net/http"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/notice"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/switchboard"
)

// Metrics are all that Prometheus is told (design §10). No number and no id
// is ever a label.
type Metrics struct {
	registry *prometheus.Registry

	lookups         *prometheus.CounterVec
	lookupDurations *prometheus.HistogramVec
	activations     *prometheus.CounterVec
	rehearsals      *prometheus.CounterVec
	results         *prometheus.CounterVec
	outcomes        *prometheus.CounterVec
	candidates      *prometheus.CounterVec
	dropped         *prometheus.CounterVec
	authFailures    *prometheus.CounterVec
	notices         *prometheus.CounterVec
}

// NewMetrics makes a registry with the program's metrics, and the Go
// runtime's and the process's.
func NewMetrics(b Build) *Metrics {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	auto := promauto.With(registry)
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return auto.NewCounterVec(prometheus.CounterOpts{Name: "ringthrough_" + name, Help: help}, labels)
	}
	auto.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "ringthrough_build_info", Help: "The program that runs; always 1.",
		ConstLabels: prometheus.Labels{"version": b.Version, "commit": b.Commit, "goversion": runtime.Version()},
	}, func() float64 { return 1 })
	m := &Metrics{
		registry: registry,
		lookups:  counter("lookups_total", "Lookups answered, retries included.", "hook", "route", "reason"),
		lookupDurations: auto.NewHistogramVec(prometheus.HistogramOpts{
			Name: "ringthrough_lookup_duration_seconds", Help: "Time from a lookup's first byte read to its answer written.",
			Buckets:                     []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1},
			NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 100, NativeHistogramMinResetDuration: time.Hour,
		}, []string{"hook"}),
		activations:  counter("activation_calls_total", "Calls sent to a person, rehearsals apart.", "line", "target_kind", "expected"),
		rehearsals:   counter("rehearsal_calls_total", "Rehearsal calls sent to a person.", "line"),
		results:      counter("activation_results_total", "Reported ends of direct calls.", "line", "result"),
		outcomes:     counter("activation_outcomes_total", "What ops said became of calls.", "line", "outcome"),
		candidates:   counter("candidate_calls_total", "Calls that carried on while a window was open.", "line"),
		dropped:      counter("dropped_total", "What a bound made the program let go.", "what", "reason"),
		authFailures: counter("auth_failures_total", "Sign-ins refused.", "hook"),
		notices:      counter("notices_total", "What became of notices: tries that were sent or failed, and deliveries given up or dropped.", "result"),
	}
	for _, r := range notice.Results() {
		m.notices.WithLabelValues(string(r))
	}
	m.authFailures.WithLabelValues(opsAPI)
	for _, bound := range [][2]string{{"lookup", "overloaded"}, {"lookup", "draining"}, {"sip", "malformed"}, {"retry", "full"}, {"journal", "full"}, {"journal", "closed"}, {"spool", "full"}, {"event", "slow"}, {"audit", "flood"}, {"audit", "unavailable"}} {
		m.dropped.WithLabelValues(bound[0], bound[1]) // 0 is worth knowing
	}
	return m
}

// Dropped counts something that a bound made the program let go.
func (m *Metrics) Dropped(what, reason string) { m.dropped.WithLabelValues(what, reason).Inc() }

// Noticed counts what became of a notice on its way to one destination.
func (m *Metrics) Noticed(r notice.Result) { m.notices.WithLabelValues(string(r)).Inc() }

func (m *Metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{EnableOpenMetrics: true})
}

// called counts a call that a person was rung for, or might have been.
func (m *Metrics) called(d flow.Decision) {
	switch {
	case d.Reason == flow.ReasonRehearsal:
		m.rehearsals.WithLabelValues(d.Line).Inc()
	case d.Route == flow.Direct:
		m.activations.WithLabelValues(d.Line, string(d.Target.Kind), strconv.FormatBool(d.Expected)).Inc()
	case d.Candidate():
		m.candidates.WithLabelValues(d.Line).Inc()
	}
}

// reported counts the end of a direct leg, once for each lookup and result.
func (m *Metrics) reported(r switchboard.Reported, result flow.Result) {
	if r.Kind == store.CallDirect && !r.Repeated {
		m.results.WithLabelValues(r.Line, string(result)).Inc()
	}
}

// watch adds what is read off the switchboard whenever Prometheus asks.
func (m *Metrics) watch(board *switchboard.Switchboard) {
	b := &boardCollector{board: board, metrics: m}
	for _, l := range board.Snapshot().Lines() {
		m.expect(&l)
	}
	b.current.Store(board.Now().UnixMilli())
	m.registry.MustRegister(b)
}

// boardCollector reads the switchboard's state as it is when it is asked.
type boardCollector struct {
	board    *switchboard.Switchboard
	metrics  *Metrics
	current  atomic.Int64 // when the store last answered, unix milliseconds
	coverage lastCoverage
}

func gauge(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("ringthrough_"+name, help, labels, nil)
}

var (
	descEntries        = gauge("entries", "Entries of the list.", "state")
	descRevision       = gauge("revision", "The revision that serves.")
	descLastChange     = gauge("last_change_timestamp_seconds", "When the revision that serves was made.")
	descStoreUp        = gauge("store_up", "Whether the store answers.")
	descSnapshotAge    = gauge("snapshot_age_seconds", "How long ago the store last answered, so that what serves was known to be current.")
	descJournalPending = gauge("journal_pending", "Journal rows that are not in the store yet.")
)

// storeAnswers is how long a scrape waits for the store.
const storeAnswers = 500 * time.Millisecond

func (b *boardCollector) Describe(c chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descLastActivation, descLastLookup, descLineEntries, descLineEnds, descEntries, descWindows, descRevision, descLastChange, descStoreUp, descSnapshotAge, descJournalPending} {
		c <- d
	}
}

func (b *boardCollector) Collect(c chan<- prometheus.Metric) {
	send := func(d *prometheus.Desc, v float64, labels ...string) {
		c <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	now, s := b.board.Now(), b.board.Snapshot()
	send(descRevision, float64(s.Revision))
	send(descJournalPending, float64(b.board.JournalPending()))
	if at := b.board.Changed(); !at.IsZero() {
		send(descLastChange, seconds(at))
	}
	counts := s.List.Count(now)
	for _, state := range []ani.State{ani.StateActive, ani.StateScheduled, ani.StateExpired, ani.StateDisabled} {
		send(descEntries, float64(counts[state]), string(state))
	}
	b.collectLines(s, now, send)
	b.collectStore(send)
}

func (b *boardCollector) collectStore(send func(*prometheus.Desc, float64, ...string)) {
	ctx, cancel := context.WithTimeout(context.Background(), storeAnswers)
	defer cancel()
	up, now := 0., b.board.Now()
	if b.board.Store().Ping(ctx) == nil {
		up = 1
		b.current.Store(now.UnixMilli())
	}
	current := b.board.Current()
	if current.IsZero() {
		current = time.UnixMilli(b.current.Load()) // nobody else writes: what is stored is what serves
	}
	send(descStoreUp, up)
	send(descSnapshotAge, max(0, now.Sub(current).Seconds()))
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
