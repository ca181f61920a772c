package server

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// metrics are the lines that Prometheus is told now.
func (r *rig) metrics() []string {
	r.t.Helper()
	recorder := httptest.NewRecorder()
	r.http.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return strings.Split(recorder.Body.String(), "\n")
}

func (r *rig) hasMetrics(want ...string) {
	r.t.Helper()
	told := r.metrics()
	for _, line := range want {
		if !slices.Contains(told, line) {
			r.t.Errorf("the metrics lack %s", line)
		}
	}
}

// hasNoMetric wants no line that begins so.
func (r *rig) hasNoMetric(begin string) {
	r.t.Helper()
	for _, line := range r.metrics() {
		if strings.HasPrefix(line, begin) {
			r.t.Errorf("the metrics have %s", line)
		}
	}
}

func (r *rig) expiring(id, pattern string, at time.Time, lines ...string) {
	r.t.Helper()
	e := ani.NewEntry()
	e.ID, e.Pattern, e.ExpiresAt, e.Lines = id, ani.PatternOf(ani.MustParse(pattern)), at, lines
	r.edit(store.Change{Op: store.OpCreate, Kind: store.KindEntry, Key: id, Entry: &e})
}

// increase() sees the first call of all only where the series was there, at 0,
// before it.
func TestSeriesOfALineAreThereBeforeItsFirstCall(t *testing.T) {
	r := withLine(newRig(t))
	r.metrics()
	r.hasMetrics(
		`ringthrough_activation_calls_total{expected="false",line="support-us",target_kind="number"} 0`,
		`ringthrough_activation_calls_total{expected="true",line="support-us",target_kind="queue"} 0`,
		`ringthrough_activation_results_total{line="support-us",result="no_answer"} 0`,
		`ringthrough_activation_outcomes_total{line="support-us",outcome="code_missed"} 0`,
		`ringthrough_rehearsal_calls_total{line="support-us"} 0`,
		`ringthrough_candidate_calls_total{line="support-us"} 0`,
		`ringthrough_auth_failures_total{hook="flat"} 0`,
		`ringthrough_auth_failures_total{hook="api"} 0`,
	)
	r.lookup(ask(listed))
	r.hasMetrics(`ringthrough_activation_calls_total{expected="false",line="support-us",target_kind="number"} 1`)
}

func TestWhenALineWasLastAskedAbout(t *testing.T) {
	r := withLine(newRig(t))
	r.hasNoMetric("ringthrough_last_lookup_timestamp_seconds{")
	r.clock.forward(time.Minute)
	r.lookup(ask(stranger))
	r.clock.forward(time.Hour)
	r.hasMetrics(`ringthrough_last_lookup_timestamp_seconds{line="support-us"} ` + told(start.Add(time.Minute)))
	r.hasNoMetric("ringthrough_last_activation_timestamp_seconds{")
}

func TestEntriesInForceForALine(t *testing.T) {
	r := withLine(newRig(t))
	r.hasMetrics(`ringthrough_line_entries{line="support-us"} 1`)
	r.hasNoMetric("ringthrough_line_entries_end_timestamp_seconds{")
	other := flow.NewLine()
	other.Name, other.Numbers = "other", []ani.Number{ani.MustParse("+18005550101")}
	r.edit(
		store.Change{Op: store.OpDelete, Kind: store.KindEntry, Key: "entry-1"},
		store.Change{Op: store.OpCreate, Kind: store.KindLine, Key: other.Name, Line: &other},
	)
	r.hasMetrics(`ringthrough_line_entries{line="support-us"} 0`)
	r.expiring("e1", "+442079460001", start.Add(time.Hour), "support-us")
	r.expiring("e2", "+442079460002", start.Add(2*time.Hour), "support-us", "other")
	r.expiring("e3", "+442079460003", start.Add(3*time.Hour), "other")
	ends := `ringthrough_line_entries_end_timestamp_seconds{line="support-us"} ` + told(start.Add(2*time.Hour))
	r.hasMetrics(`ringthrough_line_entries{line="support-us"} 2`, ends)
	r.clock.forward(time.Hour)
	r.hasMetrics(`ringthrough_line_entries{line="support-us"} 1`, ends)
	r.clock.forward(time.Hour)
	r.hasMetrics(`ringthrough_line_entries{line="support-us"} 0`, `ringthrough_line_entries{line="other"} 1`)
	r.hasNoMetric(`ringthrough_line_entries_end_timestamp_seconds{line="support-us"}`)
}

// told is a time as a sample has it.
func told(at time.Time) string { return strconv.FormatFloat(seconds(at), 'g', -1, 64) }
