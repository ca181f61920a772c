package faults

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/deploy/test/pgserver"
	"github.com/ringthrough/ringthrough/flow/store/image"
)

// snapshot is the file in which a replica keeps what it served last, and its
// spare.
func (r *replica) snapshot() (newest, spare string) {
	path := filepath.Join(r.data, "snapshot")
	return path, path + ".1"
}

// TestStartWithoutDatabase kills replicas while PostgreSQL is down, and starts
// them again: they serve what they served, turn edits away, and keep the
// direct calls until it is back.
func TestStartWithoutDatabase(t *testing.T) {
	t.Parallel()
	s := pgserver.Start(t)
	h := open(t, 2, s.Database(t))
	w := work(t, h)
	lasting(t, time.Second)
	w.finish(t)
	h.kept(t, h.settled(t))
	s.Stop(t, pgserver.Immediate)
	for range sized(2, 20) {
		for _, r := range h.replicas {
			r.restart(t)
			h.wantAway(t)
			h.wantServed(t, w.wanted())
			w.ledger.callWhileAway(t, h, r)
		}
	}
	s.Restart(t)
	w.audit(t, h)
	figure(t, "start without the database", "%d direct calls answered meanwhile, all there afterwards, once", w.away)
}

// callWhileAway makes direct calls that must not be forgotten.
func (l *ledger) callWhileAway(t *testing.T, h *house, r *replica) {
	t.Helper()
	for range 5 {
		l.away++
		call := fmt.Sprint("away-", l.away)
		var told struct {
			ID    string `json:"lookup_id"`
			Route string
		}
		h.must(t, r, http.MethodPost, "/v1/lookup", `{"ani":"`+listed+`","dnis":"`+lineAt+`","call_id":"`+call+`"}`).into(t, &told)
		if told.Route != "direct" {
			t.Fatalf("call %s is told %+v", call, told)
		}
		l.calls[call] = told.ID
	}
}

// kept waits until every replica's snapshot is of a revision.
func (h *house) kept(t *testing.T, revision uint64) {
	t.Helper()
	for _, r := range h.replicas {
		newest, _ := r.snapshot()
		await(t, fmt.Sprintf("the snapshot of %s is of revision %d", r.name, revision), func() bool {
			im, err := image.Read(newest, func(ani.Entry) bool { return true })
			return err == nil && im.State.Revision.N == revision
		})
	}
}

// TestDamagedSnapshot starts without the database from a snapshot that is
// damaged: its spare is used, and where that is damaged too the replica says
// so and ends.
func TestDamagedSnapshot(t *testing.T) {
	t.Parallel()
	s := pgserver.Start(t)
	h := open(t, 1, s.Database(t))
	r := h.replicas[0]
	for n := range 2 { // there is a spare
		h.must(t, r, http.MethodPost, "/v1/entries", fmt.Sprintf(`{"pattern":"+1650253100%d","label":"kept"}`, n))
		h.kept(t, h.settled(t))
	}
	s.Stop(t, pgserver.Immediate)
	r.kill(t)
	newest, spare := r.snapshot()
	whole := [2][]byte{contents(t, newest), contents(t, spare)}
	for range sized(4, 100) {
		put(t, newest, damaged(whole[0]))
		put(t, spare, whole[1])
		r.restart(t)
		h.wantServed(t, map[string]string{listed: "steady", stranger: "", "+16502531000": "kept"})
		if !strings.Contains(r.tail(), "the last snapshot is damaged") {
			t.Errorf("it doesn't say that its snapshot is damaged: %s", r.tail())
		}
		r.kill(t)
		put(t, newest, damaged(whole[0]))
		put(t, spare, damaged(whole[1]))
		r.wantRefusal(t, "neither of the two", newest, "hint: ")
	}
}

// damaged is a file that is cut off anywhere, or has a bit turned over.
func damaged(whole []byte) []byte {
	at := rand.IntN(len(whole))
	if rand.IntN(2) == 0 {
		return whole[:at]
	}
	b := bytes.Clone(whole)
	b[at] ^= 1 << rand.IntN(8)
	return b
}

func contents(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func put(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
