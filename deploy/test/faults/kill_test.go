package faults

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestKilledReplica kills the one replica of a SQLite file, at any moment.
func TestKilledReplica(t *testing.T) {
	t.Parallel()
	h := open(t, 1, "")
	killOften(t, h, sized(12, 100))
}

// killOften kills replicas while everything goes on.
func killOften(t *testing.T, h *house, times int) {
	t.Helper()
	w := work(t, h)
	for n := range times {
		r := h.replicas[rand.IntN(len(h.replicas))]
		if before := w.acknowledged(); n%2 == 0 {
			await(t, "an edit is taken between two kills", func() bool { return w.acknowledged() > before })
		}
		lasting(t, time.Duration(rand.IntN(200))*time.Millisecond)
		r.restart(t)
	}
	w.finish(t)
	w.audit(t, h)
	figure(t, "kill -9", "%d times, %d edits and %d direct calls acknowledged, none lost, none twice", times, w.edits, len(w.calls))
}
