package faults

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"
)

// ledger is what was acknowledged, and what is to be found afterwards.
type ledger struct {
	mu      sync.Mutex
	entries map[string]*fate  // by number
	calls   map[string]string // lookup ids of direct calls that were answered, by call id
	results map[string]int    // seconds that were reported and taken, by lookup id
	windows map[string]bool   // ids
	edits   int               // that were acknowledged
	unsure  int               // edits of which nobody knew at first
	turned  map[int]int       // edits that were turned away, by status
	away    int               // calls that were answered while the database was away
}

func newLedger() *ledger {
	return &ledger{entries: map[string]*fate{}, calls: map[string]string{}, results: map[string]int{}, windows: map[string]bool{}, turned: map[int]int{}}
}

// fate is what is known of the entry of one number. Each belongs to one editor.
type fate struct {
	id      string
	label   string // empty: there is none
	version int64  // 0 where it isn't known

	// unsure are the labels, empty for a deletion, of edits of which nobody
	// knows whether they were made, or whether they will yet be: a database
	// may go on with the commit of a replica that was killed. An edit that is
	// acknowledged later settles it, since each is made for the version
	// before it.
	unsure []string
	reread bool // the entry has to be read before it is edited again
}

// wanted is the label that every number must have.
func (l *ledger) wanted() map[string]string {
	want := map[string]string{listed: "steady", stranger: ""}
	for number, f := range l.entries {
		want[number] = f.label
	}
	return want
}

// stored is an entry as the API shows it.
type stored struct {
	ID      string `json:"id"`
	Pattern string `json:"pattern"`
	Label   string `json:"label"`
	Version int64  `json:"version"`
}

// audit holds the house to everything that was acknowledged, once all that
// was broken is mended.
func (l *ledger) audit(t *testing.T, h *house) {
	t.Helper()
	h.settled(t)
	l.auditEntries(t, h)
	l.auditExport(t, h)
	h.wantServed(t, l.wanted())
	l.auditCalls(t, h)
	l.auditWindows(t, h)
	if len(l.calls) == 0 || l.edits == 0 {
		t.Errorf("%d calls and %d edits were acknowledged: nothing was tried", len(l.calls), l.edits)
	}
	t.Logf("%d edits acknowledged, %d first unknown, turned away by status: %v; %d direct calls, %d results, %d windows", l.edits, l.unsure, l.turned, len(l.calls), len(l.results), len(l.windows))
}

// auditEntries finds every entry as it was acknowledged, with as many versions
// as there were edits: none lost, none made twice.
func (l *ledger) auditEntries(t *testing.T, h *house) {
	t.Helper()
	found := map[string]stored{}
	for _, e := range pages[stored](t, h, "/v1/entries?state=active") {
		found[e.Pattern] = e
	}
	for _, number := range slices.Sorted(maps.Keys(l.entries)) {
		f := l.entries[number]
		if e := found[number]; e.Label != f.label || f.label != "" && (f.version != 0 && e.Version != f.version || f.id != "" && e.ID != f.id) {
			t.Errorf("entry %s is %+v, acknowledged was %+v", number, e, *f)
		}
		delete(found, number)
	}
	delete(found, listed)
	if len(found) > 0 {
		t.Errorf("entries that nobody made: %v", found)
	}
}

// auditExport wants the document to have the entries too, the same from every
// replica.
func (l *ledger) auditExport(t *testing.T, h *house) {
	t.Helper()
	var document struct{ Entries []stored }
	if err := json.Unmarshal([]byte(h.export(t)), &document); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, e := range document.Entries {
		got[e.Pattern] = e.Label
	}
	want := l.wanted()
	maps.DeleteFunc(want, func(_, label string) bool { return label == "" })
	if !maps.Equal(got, want) {
		t.Errorf("the export has %v, want %v", got, want)
	}
}

// row is a call of the journal.
type row struct {
	ID       string `json:"id"`
	CallID   string `json:"call_id"`
	Kind     string `json:"kind"`
	Result   string `json:"result"`
	Duration int    `json:"duration_seconds"`
}

// auditCalls finds every direct call that a caller was told of, once, and its
// result.
func (l *ledger) auditCalls(t *testing.T, h *house) {
	t.Helper()
	byCall, byID := map[string]int{}, map[string]row{}
	for _, c := range pages[row](t, h, "/v1/calls?kind=direct") {
		byCall[c.CallID]++
		byID[c.ID] = c
	}
	lost := 0
	for call, id := range l.calls {
		if c, ok := byID[id]; !ok || c.CallID != call {
			lost++
			t.Logf("lookup %s of call %s was answered, and is not in the journal", id, call)
		}
		if n := byCall[call]; n > 1 {
			t.Errorf("call %s is there %d times", call, n)
		}
	}
	if lost > 0 {
		t.Errorf("%d direct calls of %d are forgotten", lost, len(l.calls))
	}
	for id, seconds := range l.results {
		if c := byID[id]; c.Result != "answered" || c.Duration != seconds {
			t.Errorf("the result of lookup %s was taken, answered after %d s, and now it is %+v", id, seconds, c)
		}
	}
}

func (l *ledger) auditWindows(t *testing.T, h *house) {
	t.Helper()
	found := map[string]bool{}
	for _, w := range pages[struct{ ID string }](t, h, "/v1/windows?line="+line) {
		found[w.ID] = true
	}
	for id := range l.windows {
		if !found[id] {
			t.Errorf("window %s was opened, and is not there", id)
		}
	}
}

// lookedUp is the entry of a number as the store has it.
func lookedUp(t *testing.T, h *house, r *replica, number string) (e stored, known bool) {
	t.Helper()
	a := ask(t.Context(), r, h.token, http.MethodGet, "/v1/entries?state=active&q=%2B"+number[1:], "")
	if !a.done() {
		return stored{}, false
	}
	var page struct{ Items []stored }
	a.into(t, &page)
	if len(page.Items) == 0 {
		return stored{}, true
	}
	return page.Items[0], true
}
