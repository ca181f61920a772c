package faults

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/deploy/test/pgserver"
)

// TestNetwork breaks the network between the replicas and PostgreSQL in every
// way, for all of them at once: no caller notices, edits that can't be made are
// turned away with a reason, and what was journalled arrives.
func TestNetwork(t *testing.T) {
	t.Parallel()
	s := pgserver.Start(t)
	for _, o := range outages {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			database := s.Database(t)
			ways := []*way{newWay(t, s), newWay(t, s)}
			h := openThrough(t, func(i int) string { return ways[i].url(s, database) }, len(ways))
			w := work(t, h)
			await(t, "edits are taken", func() bool { return w.acknowledged() > 20 })
			w.lookups.take()
			for _, way := range ways {
				way.begin(t, o)
			}
			if o.complete {
				h.wantAway(t)
			}
			lasting(t, sized(2*time.Second, 3*time.Minute))
			meanwhile := w.lookups.take()
			for _, way := range ways {
				way.end(t, o)
			}
			before := w.acknowledged()
			await(t, "edits are taken again", func() bool { return w.acknowledged() > before+10 })
			w.finish(t)
			w.audit(t, h)
			w.lookups.none(t)
			figure(t, "network "+o.name, "lookups meanwhile: %s; edits acknowledged %d, first unknown %d, of them 503: %d", meanwhile, w.edits, w.unsure, w.turned[503])
		})
	}
}

// wantAway wants every replica to say that the store is away, to be ready all
// the same, and to turn edits away with the reason.
func (h *house) wantAway(t *testing.T) {
	t.Helper()
	var group sync.WaitGroup
	for _, r := range h.replicas {
		group.Go(func() {
			away := func() bool {
				status, text := r.get(t, "/readyz")
				return status == http.StatusOK && strings.Contains(text, "away") && r.has(t, "ringthrough_store_up", 0)
			}
			if !within(patience, away) {
				t.Errorf("%s doesn't say that the store is away", r.name)
			}
			a := ask(t.Context(), r, h.token, http.MethodPost, "/v1/entries", `{"pattern":"+16502549999"}`)
			if a.status != http.StatusServiceUnavailable || !strings.Contains(string(a.body), "nothing was changed") {
				t.Errorf("an edit at %s while the store is away: %s", r.name, a)
			}
		})
	}
	group.Wait()
}

// TestConnectionLimit has the database take no more connections, with the old
// ones ended, and then fewer than the replicas would like.
func TestConnectionLimit(t *testing.T) {
	t.Parallel()
	s := pgserver.Start(t, "max_connections=20")
	h := open(t, 4, s.Database(t))
	w := work(t, h)
	for _, limit := range []string{"0", "6", "1"} {
		s.SQL(t, "ALTER ROLE ringthrough CONNECTION LIMIT "+limit)
		s.Terminate(t)
		lasting(t, sized(1500*time.Millisecond, time.Minute))
	}
	s.SQL(t, "ALTER ROLE ringthrough CONNECTION LIMIT -1")
	w.finish(t)
	w.audit(t, h)
	w.lookups.none(t)
	figure(t, "connection limit of 0, 6 and 1 for 4 replicas", "lookups: %s; edits acknowledged %d, first unknown %d", w.lookups.take(), w.edits, w.unsure)
}
