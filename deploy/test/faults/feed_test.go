package faults

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/deploy/test/pgserver"
)

// TestEditServesEverywhere edits at any of eight replicas and waits until all
// of them serve it.
func TestEditServesEverywhere(t *testing.T) {
	t.Parallel()
	s := pgserver.Start(t)
	h := open(t, 8, s.Database(t))
	h.settled(t)
	var elsewhere spans
	for n := range sized(40, 1000) {
		at := h.replicas[n%len(h.replicas)]
		a := h.must(t, at, http.MethodPost, "/v1/entries", fmt.Sprintf(`{"pattern":"+165025%05d"}`, 40000+n))
		begun := time.Now()
		var made stored
		a.into(t, &made)
		elsewhere = append(elsewhere, h.untilServed(t, revisionAt(t, h, at), begun)...)
	}
	h.export(t)
	figure(t, "an edit serves on 8 replicas after", "%s", elsewhere)
}

// revisionAt is what a replica serves.
func revisionAt(t *testing.T, h *house, r *replica) uint64 {
	t.Helper()
	revision, known := revisionOf(t, h, r)
	if !known {
		t.Fatalf("%s doesn't say which revision it serves", r.name)
	}
	return revision
}

// revisionOf asks a replica about a call, and says which revision has decided.
func revisionOf(t *testing.T, h *house, r *replica) (uint64, bool) {
	t.Helper()
	a := ask(t.Context(), r, h.token, http.MethodPost, "/v1/lookup", `{"ani":"`+stranger+`","dnis":"`+lineAt+`"}`)
	var told struct{ Revision string }
	if err := json.Unmarshal(a.body, &told); err != nil {
		return 0, false
	}
	n, err := strconv.ParseUint(told.Revision, 10, 64)
	return n, err == nil
}

// untilServed waits until every replica serves a revision, and gives how long
// that took each of them.
func (h *house) untilServed(t *testing.T, revision uint64, since time.Time) spans {
	t.Helper()
	took := make(spans, len(h.replicas))
	var group sync.WaitGroup
	for i, r := range h.replicas {
		group.Go(func() {
			tick := time.NewTicker(2 * time.Millisecond)
			defer tick.Stop()
			for time.Since(since) < patience {
				if got, known := revisionOf(t, h, r); known && got >= revision {
					took[i] = time.Since(since)
					return
				}
				<-tick.C
			}
		})
	}
	group.Wait()
	for i, span := range took {
		if span == 0 {
			t.Fatalf("%s doesn't serve revision %d after %s", h.replicas[i].name, revision, patience)
		}
	}
	return took
}

// TestSharedTruth has one replica know what another one has just answered,
// once the row has reached it: redials, retries, limits and windows that close
// with a call.
func TestSharedTruth(t *testing.T) {
	t.Parallel()
	s := pgserver.Start(t)
	h := open(t, 2, s.Database(t))
	a, b := h.replicas[0], h.replicas[1]
	limited := func(calls int) {
		h.must(t, a, http.MethodPut, "/v1/lines/"+line, fmt.Sprintf(`{"numbers":["%s"],"limit":{"calls":%d,"per":"1h"},"targets":[{"kind":"number","address":"+15125550123"},{"kind":"queue","address":"second"}]}`, lineAt, calls))
		h.settled(t)
	}
	limited(1000)

	first := h.lookup(t, a, listed, "call-1")
	await(t, "a retry at the other replica gets the same answer", func() bool { return h.explained(t, b, listed).Target == "second" })
	if again := h.lookup(t, b, listed, "call-1"); again != first {
		t.Errorf("the retry of %+v got %+v", first, again)
	}
	if redial := h.lookup(t, b, listed, "call-2"); redial.Target != "second" {
		t.Errorf("the redial at the other replica rings %+v", redial)
	}

	h.must(t, a, http.MethodPost, "/v1/windows", `{"line":"`+line+`","mode":"anyone","duration":"10m","max_calls":1}`)
	h.settled(t)
	if got := h.lookup(t, b, stranger, "call-3"); got.Reason != "window" {
		t.Errorf("the window isn't open at the other replica: %+v", got)
	}
	await(t, "the window is closed everywhere", func() bool { return h.explained(t, a, stranger).Reason == "not_listed" })

	limited(4)
	if got := h.lookup(t, a, listed, "call-4"); got.Reason != "listed" {
		t.Errorf("the fourth call of four: %+v", got)
	}
	await(t, "the limit is reached everywhere", func() bool { return h.explained(t, b, listed).Reason == "limit" })
}

// decided is what matters of an answer.
type decided struct {
	ID     string `json:"lookup_id"`
	Reason string
	Target string
}

func (h *house) lookup(t *testing.T, r *replica, caller, call string) (d decided) {
	t.Helper()
	h.must(t, r, http.MethodPost, "/v1/lookup", `{"ani":"`+caller+`","dnis":"`+lineAt+`","call_id":"`+call+`"}`).into(t, &d)
	return d
}

func (h *house) explained(t *testing.T, r *replica, caller string) (d decided) {
	t.Helper()
	h.must(t, r, http.MethodPost, "/v1/explain", `{"ani":"`+caller+`","dnis":"`+lineAt+`"}`).into(t, &d)
	return d
}
