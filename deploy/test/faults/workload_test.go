package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// workload is everything that people and platforms do with a house, all at
// once, until it is stopped. What was acknowledged stands in the ledger.
type workload struct {
	*ledger
	t     *testing.T
	h     *house
	end   context.CancelFunc
	ctx   context.Context
	group sync.WaitGroup
	next  atomic.Int64 // numbers labels and calls

	lookups latencies
}

// The workload's numbers: each editor has some of its own, and the importer a
// block.
const (
	editors    = 3
	perEditor  = 8
	importRows = 40
)

// pause is how long everybody rests between two things, so that some cores are
// left for what is tested.
const pause = 4 * time.Millisecond

// work starts the workload.
func work(t *testing.T, h *house) *workload {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	w := &workload{ledger: newLedger(), t: t, h: h, ctx: ctx, end: end}
	for i := range editors {
		w.keep(func() { w.edit(i) })
	}
	w.keep(w.importer(importRows))
	w.keep(w.openWindow)
	for range 2 {
		w.keep(w.call)
	}
	t.Cleanup(w.stop)
	return w
}

// keep does something over and over.
func (w *workload) keep(do func()) {
	w.group.Go(func() {
		tick := time.NewTicker(pause)
		defer tick.Stop()
		for w.ctx.Err() == nil {
			do()
			select {
			case <-tick.C:
			case <-w.ctx.Done():
			}
		}
	})
}

// stop ends the workload. What was under way is finished first, so that it is
// known what became of it.
func (w *workload) stop() {
	w.end()
	w.group.Wait()
}

// finish ends the workload once whatever was unknown is known.
func (w *workload) finish(t *testing.T) {
	t.Helper()
	w.stop()
	for number, f := range w.entries {
		await(t, "it is known what became of "+number, func() bool { return len(f.unsure) == 0 || w.settle(number, f) })
	}
}

func (w *workload) any() *replica { return w.h.replicas[rand.IntN(len(w.h.replicas))] }

// tell asks any replica to change something. It isn't cut short when the
// workload ends.
func (w *workload) tell(method, path, body string, headers ...string) answer {
	return ask(context.WithoutCancel(w.ctx), w.any(), w.h.token, method, path, body, headers...)
}

func (w *workload) label() string { return fmt.Sprint("label ", w.next.Add(1)) }

// fateOf is what is known of a number.
func (w *workload) fateOf(number string) *fate {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.entries[number] == nil {
		w.entries[number] = &fate{}
	}
	return w.entries[number]
}

// edit creates, changes or deletes one of an editor's entries.
func (w *workload) edit(editor int) {
	number := fmt.Sprintf("+1650254%04d", editor*1000+rand.IntN(perEditor))
	f := w.fateOf(number)
	if f.reread {
		w.settle(number, f)
		return
	}
	label := w.label()
	var a answer
	switch {
	case f.label == "":
		a = w.tell(http.MethodPost, "/v1/entries", `{"pattern":"`+number+`","label":"`+label+`"}`)
	case rand.IntN(5) == 0:
		label = ""
		a = w.tell(http.MethodDelete, "/v1/entries/"+f.id, "", "If-Match", fmt.Sprintf(`"%d"`, f.version))
	default:
		a = w.tell(http.MethodPatch, "/v1/entries/"+f.id, `{"label":"`+label+`"}`, "If-Match", fmt.Sprintf(`"%d"`, f.version))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.edited(number, f, label, a)
}

// edited notes what became of an edit. Nobody else edits the number, so one is
// refused only for another that was made after all.
func (w *workload) edited(number string, f *fate, label string, a answer) {
	switch {
	case a.refused():
		if len(f.unsure) == 0 {
			w.t.Errorf("the edit of %s, known as %+v, was refused: %s", number, *f, a)
		}
		f.reread = true
	case !a.done():
		w.unsure++
		w.turned[a.status]++
		f.unsure, f.reread = append(f.unsure, label), true
	case label == "":
		w.edits++
		*f = fate{}
	default:
		w.edits++
		var e stored
		a.into(w.t, &e)
		if f.label != "" && e.Version != f.version+1 {
			w.t.Errorf("entry %s is now of version %d, it was of %d: an edit is lost or was made twice", number, e.Version, f.version)
		}
		*f = fate{id: e.ID, label: e.Label, version: e.Version}
	}
}

// settle reads what became of edits that nobody knew of: one of them was made,
// or none was yet.
func (w *workload) settle(number string, f *fate) bool {
	e, known := lookedUp(w.t, w.h, w.any(), number)
	if !known {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case e.Label != f.label && !slices.Contains(f.unsure, e.Label):
		w.t.Errorf("entry %s is %+v, it was %+v", number, e, *f)
	case e.Label == f.label && e.Label != "" && f.version != 0 && e.Version != f.version:
		w.t.Errorf("entry %s is of version %d, it was of %d and wasn't changed", number, e.Version, f.version)
	}
	*f = fate{id: e.ID, label: e.Label, version: e.Version, unsure: f.unsure}
	return true
}

// importer imports a block of numbers over and over, all with one label: all
// of them get it, or none does.
func (w *workload) importer(rows int) func() {
	numbers := make([]string, rows)
	for i := range numbers {
		numbers[i] = fmt.Sprintf("+1650255%04d", i)
	}
	unknown := false
	return func() {
		if unknown {
			unknown = !w.settleBlock(numbers)
			return
		}
		label := w.label()
		text := "pattern,label\n" + strings.Join(numbers, ","+label+"\n") + "," + label + "\n"
		unknown = !w.imported(numbers, label, w.tell(http.MethodPost, "/v1/import?mode=merge", text, "Content-Type", "text/csv"))
	}
}

func (w *workload) imported(numbers []string, label string, a answer) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if a.refused() {
		w.t.Errorf("an import was refused: %s", a)
	}
	if !a.done() {
		w.unsure++
		w.turned[a.status]++
	} else {
		w.edits++
	}
	for _, number := range numbers {
		f := w.entries[number]
		if f == nil {
			f = &fate{}
			w.entries[number] = f
		}
		if a.done() {
			f.imported(label)
		} else {
			f.unsure, f.reread = append(f.unsure, label), true
		}
	}
	return a.done()
}

// imported notes an import that was acknowledged, which says nothing of
// versions. Those that nobody knows of may have come before it.
func (f *fate) imported(label string) {
	version := f.version + 1
	if len(f.unsure) > 0 || f.version == 0 && f.label != "" {
		version = 0
	}
	*f = fate{id: f.id, label: label, version: version}
}

// settleBlock wants all of a block to have the label of one import. An import
// may be made while the block is read, so it is read again before it is said
// that there is half of one.
func (w *workload) settleBlock(numbers []string) bool {
	for try := 1; ; try++ {
		labels := map[string]bool{}
		for _, number := range numbers {
			w.mu.Lock()
			f := w.entries[number]
			w.mu.Unlock()
			if !w.settle(number, f) {
				return false
			}
			labels[f.label] = true
		}
		if len(labels) == 1 {
			return true
		}
		if try == 3 {
			w.t.Errorf("half an import is there: %v", labels)
			return true
		}
	}
}

// openWindow opens a window that is scheduled for later, so it changes no
// call.
func (w *workload) openWindow() {
	if rand.IntN(20) != 0 {
		return
	}
	at := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	a := w.tell(http.MethodPost, "/v1/windows", `{"line":"`+line+`","mode":"listed","opens_at":"`+at+`","duration":"10m"}`)
	if !a.done() {
		return
	}
	var opened struct{ ID string }
	a.into(w.t, &opened)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.windows[opened.ID] = true
}

// call asks about a caller, and reports later how it went with some of those
// who were let through.
func (w *workload) call() {
	caller, call := stranger, fmt.Sprint("call-", w.next.Add(1))
	direct := rand.IntN(2) == 0
	if direct {
		caller = listed
	}
	begun := time.Now()
	a := askAbout(context.WithoutCancel(w.ctx), w.any(), w.h.token, caller, call)
	w.lookups.add(time.Since(begun), a)
	if !a.done() {
		return
	}
	var told struct {
		ID     string `json:"lookup_id"`
		Route  string
		Reason string
	}
	if err := json.Unmarshal(a.body, &told); err != nil || (told.Route == "direct") != direct || !slices.Contains([]string{"listed", "not_listed"}, told.Reason) {
		w.t.Errorf("the lookup of %s gave %s, %v", caller, a, err)
		return
	}
	if direct {
		w.answered(call, told.ID)
	}
}

func (w *workload) answered(call, id string) {
	w.mu.Lock()
	w.calls[call] = id
	w.mu.Unlock()
	if rand.IntN(4) == 0 {
		w.group.Go(func() { w.report(id) })
	}
}

// report says how a call went. Nobody waits for that.
func (w *workload) report(id string) {
	seconds := rand.IntN(100) + 1
	a := w.tell(http.MethodPost, "/v1/calls/"+id+"/result", fmt.Sprintf(`{"result":"answered","duration_seconds":"%d"}`, seconds))
	if a.done() {
		w.mu.Lock()
		w.results[id] = seconds
		w.mu.Unlock()
	}
}

// latencies are how long lookups took, and which went wrong.
type latencies struct {
	mu     sync.Mutex
	spans  []time.Duration
	failed []string
}

func (l *latencies) add(span time.Duration, a answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.spans = append(l.spans, span)
	if !a.done() {
		l.failed = append(l.failed, a.String())
	}
}

// none wants no lookup to have failed.
func (l *latencies) none(t *testing.T) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.failed) > 0 {
		t.Errorf("%d lookups of %d failed, such as: %s", len(l.failed), len(l.spans), l.failed[0])
	}
}

// take gives what was gathered, and begins anew.
func (l *latencies) take() spans {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := l.spans
	l.spans = nil
	return taken
}

// spans are how long something took, each time.
type spans []time.Duration

func (s spans) String() string {
	if len(s) == 0 {
		return "none"
	}
	slices.Sort(s)
	at := func(share float64) time.Duration {
		return s[min(len(s)-1, int(share*float64(len(s))))].Round(10 * time.Microsecond)
	}
	return fmt.Sprintf("p50 %s, p99 %s, most %s, of %d", at(0.5), at(0.99), at(1), len(s))
}
