package faults

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"
)

// house is some replicas of one store.
type house struct {
	replicas []*replica
	token    string // of an admin
}

// line is the one line that there is, at this number. Its limit is out of the
// way of what is tested here.
const (
	line     = "desk"
	lineAt   = "+442079460000"
	lineBody = `{"numbers":["` + lineAt + `"],"limit":{"calls":10000,"per":"1s"},"targets":[{"kind":"number","address":"+15125550123"},{"kind":"queue","address":"second"}]}`
)

// listed is a caller whom no edit touches, and stranger one who is not on the
// list.
const (
	listed   = "+16502530000"
	stranger = "+14155550123"
)

// open starts n replicas on a database, empty for SQLite in the data
// directory, and makes the line and an entry.
func open(t *testing.T, n int, database string) *house {
	t.Helper()
	return openThrough(t, func(int) string { return database }, n)
}

// openThrough starts n replicas that each reach the database on a way of
// their own. The first one finds the store empty.
func openThrough(t *testing.T, database func(i int) string, n int) *house {
	t.Helper()
	h := prepare(t, n, "")
	for i, r := range h.replicas {
		r.database = database(i)
	}
	h.begin(t)
	return h
}

// prepare makes n replicas that aren't started.
func prepare(t *testing.T, n int, database string) *house {
	t.Helper()
	h := &house{}
	for i := range n {
		h.replicas = append(h.replicas, newReplica(t, fmt.Sprint("replica", i+1), database))
	}
	return h
}

// begin starts the replicas of an empty store, the first one alone, and makes
// the line and an entry.
func (h *house) begin(t *testing.T) {
	t.Helper()
	h.replicas[0].start(t)
	h.token = h.replicas[0].adminToken(t)
	h.must(t, h.replicas[0], http.MethodPut, "/v1/lines/"+line, lineBody)
	h.must(t, h.replicas[0], http.MethodPost, "/v1/entries", `{"pattern":"`+listed+`","label":"steady"}`)
	h.all(t, h.replicas[1:], (*replica).launch)
	h.awaitReady(t)
}

// all does something with replicas, one after the other.
func (h *house) all(t *testing.T, replicas []*replica, do func(*replica, *testing.T)) {
	t.Helper()
	for _, r := range replicas {
		do(r, t)
	}
}

func (h *house) awaitReady(t *testing.T) {
	t.Helper()
	h.all(t, h.replicas, (*replica).awaitReady)
}

// must has a replica do something, and gives its answer.
func (h *house) must(t *testing.T, r *replica, method, path, body string, headers ...string) answer {
	t.Helper()
	a := ask(t.Context(), r, h.token, method, path, body, headers...)
	if !a.done() {
		t.Fatalf("%s %s at %s: %s", method, path, r.name, a)
	}
	return a
}

// settled waits until every replica has the store again, nothing waits in a
// journal, and all serve one revision, which it gives.
func (h *house) settled(t *testing.T) uint64 {
	t.Helper()
	var at float64
	await(t, "all replicas have settled", func() bool {
		at = -1
		for _, r := range h.replicas {
			revision, known := r.metric(t, "ringthrough_revision")
			if !known || !r.has(t, "ringthrough_store_up", 1) || !r.has(t, "ringthrough_journal_pending", 0) || at >= 0 && revision != at {
				return false
			}
			at = revision
		}
		return strconv.FormatFloat(at, 'f', 0, 64) == h.stored(t)
	})
	return uint64(at)
}

func (r *replica) has(t *testing.T, metric string, want float64) bool {
	t.Helper()
	got, known := r.metric(t, metric)
	return known && got == want
}

// stored is the newest revision that the store has; empty where it can't be
// asked.
func (h *house) stored(t *testing.T) string {
	t.Helper()
	a := ask(t.Context(), h.replicas[0], h.token, http.MethodGet, "/v1/revisions?limit=1", "")
	if !a.done() {
		return ""
	}
	var page struct{ Items []struct{ N uint64 } }
	a.into(t, &page)
	if len(page.Items) == 0 {
		return "0"
	}
	return strconv.FormatUint(page.Items[0].N, 10)
}

// export is the store's lines and entries, and wants every replica to give
// the same.
func (h *house) export(t *testing.T) string {
	t.Helper()
	first := string(h.must(t, h.replicas[0], http.MethodGet, "/v1/export", "").body)
	for _, r := range h.replicas[1:] {
		if other := string(h.must(t, r, http.MethodGet, "/v1/export", "").body); other != first {
			t.Errorf("%s and %s export something else:\n%s\n%s", h.replicas[0].name, r.name, cut(first, 2000), cut(other, 2000))
		}
	}
	return first
}

// served is what a replica would do with a caller: the label of the entry that
// matches, and empty for somebody who isn't listed. It asks what serves, not
// the store.
func (h *house) served(t *testing.T, r *replica, caller string) string {
	t.Helper()
	var e struct{ Route, Label, Reason string }
	h.must(t, r, http.MethodPost, "/v1/explain", `{"ani":"`+caller+`","dnis":"`+lineAt+`"}`).into(t, &e)
	switch {
	case e.Route == "direct" && e.Reason == "listed" && e.Label != "":
		return e.Label
	case e.Route == "continue" && e.Reason == "not_listed":
		return ""
	default:
		return fmt.Sprintf("%+v", e)
	}
}

// wantServed compares what every replica serves with what is wanted, by
// caller.
func (h *house) wantServed(t *testing.T, want map[string]string) {
	t.Helper()
	var group errgroup.Group
	for _, r := range h.replicas {
		group.Go(func() error {
			for caller, label := range want {
				if got := h.served(t, r, caller); got != label {
					return fmt.Errorf("%s serves %q to %s, the store has %q", r.name, got, caller, label)
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
}

// pages reads all items of a listing.
func pages[T any](t *testing.T, h *house, path string) []T {
	t.Helper()
	var all []T
	for cursor := ""; ; {
		var page struct {
			Items []T
			Next  string `json:"next_cursor"`
		}
		h.must(t, h.replicas[0], http.MethodGet, path+"&limit=1000"+cursor, "").into(t, &page)
		all = append(all, page.Items...)
		if page.Next == "" {
			return all
		}
		cursor = "&cursor=" + strings.ReplaceAll(page.Next, "+", "%2B")
	}
}
