package faults

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/deploy/test/pgserver"
)

// TestKilledReplicas kills any of three replicas of one database, at any
// moment.
func TestKilledReplicas(t *testing.T) {
	t.Parallel()
	s := pgserver.Start(t)
	killOften(t, open(t, 3, s.Database(t)), sized(38, 900))
}

// TestKilledDatabase kills PostgreSQL and all its processes in the middle of
// commits.
func TestKilledDatabase(t *testing.T) {
	t.Parallel()
	s := pgserver.Start(t)
	h := open(t, 3, s.Database(t))
	w := work(t, h)
	times := sized(4, 100)
	for range times {
		lasting(t, 200*time.Millisecond+time.Duration(rand.IntN(600))*time.Millisecond)
		s.Kill(t)
		lasting(t, time.Duration(rand.IntN(500))*time.Millisecond)
		s.Restart(t)
	}
	w.finish(t)
	w.audit(t, h)
	w.lookups.none(t)
	figure(t, "kill -9 of PostgreSQL", "%d times; lookups: %s; edits acknowledged %d, first unknown %d; direct calls %d", times, w.lookups.take(), w.edits, w.unsure, len(w.calls))
}

// TestFailover loses the primary and promotes its synchronous standby. The
// replicas know both addresses, and write to whichever can be written.
func TestFailover(t *testing.T) {
	t.Parallel()
	var lookups, again spans
	for range sized(1, 10) {
		primary := pgserver.Start(t)
		database := primary.Database(t)
		standby := primary.Standby(t)
		primary.Set(t, "synchronous_standby_names", "*")
		await(t, "the standby is synchronous", func() bool {
			return primary.SQL(t, "SELECT sync_state FROM pg_stat_replication") == "sync"
		})
		both := strings.Replace(database, primary.Address(), primary.Address()+","+standby.Address(), 1) + "&target_session_attrs=read-write"
		h := open(t, 2, both)
		w := work(t, h)
		await(t, "edits are taken", func() bool { return w.acknowledged() > 20 })
		again = append(again, w.failOver(t, primary, standby))
		w.finish(t)
		w.audit(t, h)
		w.lookups.none(t)
		lookups = append(lookups, w.lookups.take()...)
		h.all(t, h.replicas, (*replica).kill)
	}
	figure(t, "failover to a synchronous standby", "lookups: %s", lookups)
	figure(t, "failover, from the promotion until edits are taken", "%s", again)
}

// failOver kills the primary, promotes the standby, and gives how long after
// that the first edit was acknowledged.
func (w *workload) failOver(t *testing.T, primary, standby *pgserver.Server) time.Duration {
	t.Helper()
	primary.Kill(t)
	lasting(t, time.Second)
	standby.Promote(t)
	begun, before := time.Now(), w.acknowledged()
	await(t, "edits are taken again", func() bool { return w.acknowledged() > before })
	again := time.Since(begun)
	lasting(t, 500*time.Millisecond)
	return again
}

func (l *ledger) acknowledged() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.edits
}
