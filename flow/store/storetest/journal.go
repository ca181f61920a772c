package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

var journal = map[string]func(*kit){
	"every field comes back":           callFields,
	"recording again changes nothing":  recordTwice,
	"what counts where":                recordCounts,
	"the last hit is the latest":       lastHit,
	"a record is no edit":              recordIsNoEdit,
	"results":                          results,
	"outcomes":                         outcomes,
	"all of it or nothing":             recordWhole,
	"pages of calls, the latest first": callPages,
	"calls outlive what they name":     orphans,
}

func callFields(k *kit) {
	full := store.Call{
		ID: "full", At: noon, Hook: "twilio", CallID: "CA1", Line: "support-us", ANI: ani.MustParse("+16505550123"),
		DNIS: ani.MustParse("+18005550100"), Kind: store.CallDirect, Route: flow.Direct, Reason: flow.ReasonListed,
		Expected: true, Entry: "e", Label: "Meta call 1", Window: "w", TargetKind: flow.KindQueue, Target: "WhatsApp activation",
		Attempt: 2, Attestation: flow.AttestationA, Result: flow.ResultAnswered, Duration: 31,
		Outcome: store.OutcomeReceived, OutcomeBy: "dana", Note: "second reading",
	}
	bare := store.Call{ID: "bare", At: noon.Add(time.Second), Kind: store.CallCandidate, Attestation: flow.AttestationFailed}
	k.record(ofCall(full), ofCall(bare))
	k.diff("full", full, get(k, k.s.Call, "full"))
	k.diff("bare", bare, get(k, k.s.Call, "bare"))
	absent(k, k.s.Call, "nobody's")
	k.record()
}

// counts are the hits of the entry a and the calls of the window w.
func (k *kit) counts() [2]int {
	k.Helper()
	return [2]int{int(k.entry("a").Hits), get(k, k.s.Window, "w").Calls}
}

// counting makes an entry a and a window w, and calls that name both.
func (k *kit) counting() func(id string, kind store.CallKind, at time.Time) store.Mark {
	k.Helper()
	k.edit(createEntry(newEntry("a", number(1))), putWindow(newWindow("w", "support", noon, time.Hour)))
	return func(id string, kind store.CallKind, at time.Time) store.Mark {
		c := newCall(id, kind, at)
		c.Entry, c.Window = "a", "w"
		return ofCall(c)
	}
}

func recordTwice(k *kit) {
	of := k.counting()
	batch := []store.Mark{of("1", store.CallDirect, noon), of("2", store.CallDirect, noon), of("1", store.CallDirect, noon), ofResult("2", flow.ResultBusy, 3)}
	k.record(batch...)
	before := k.dump()
	k.diff("calls", 2, len(before.Calls))
	k.diff("hits and calls", [2]int{2, 2}, k.counts())
	k.record(batch...)
	k.diff("the store afterwards", before, k.dump())

	other := newCall("1", store.CallRehearsal, noon.Add(time.Hour))
	other.Label, other.Entry, other.Window = "another", "a", "w"
	k.record(ofCall(other), of("3", store.CallDirect, noon))
	k.diff("the call is left as it is", before.Calls[1], get(k, k.s.Call, "1"))
	k.diff("only the new call counts", [2]int{3, 3}, k.counts())
	k.record(ofResult("3", flow.ResultBusy, 4), of("3", store.CallDirect, noon), of("4", store.CallDirect, noon))
	k.diff("nor does one whose result comes with it", [2]int{4, 4}, k.counts())
}

func recordCounts(k *kit) {
	of := k.counting()
	k.record(of("candidate", store.CallCandidate, noon))
	k.diff("after a candidate", [2]int{0, 0}, k.counts())
	k.record(of("rehearsal", store.CallRehearsal, noon))
	k.diff("after a rehearsal", [2]int{0, 1}, k.counts())
	k.diff("last hit after a rehearsal", time.Time{}, k.entry("a").LastHitAt)
	k.record(of("direct", store.CallDirect, noon))
	k.diff("after a direct call", [2]int{1, 2}, k.counts())
	k.diff("last hit after a direct call", noon, k.entry("a").LastHitAt)
	k.record(ofResult("direct", flow.ResultAnswered, 3))
	k.diff("after its result", [2]int{1, 2}, k.counts())
	nameless := newCall("nameless", store.CallDirect, noon)
	k.record(ofCall(nameless))
	k.diff("after a call of no entry", [2]int{1, 2}, k.counts())
}

// lastHit records calls in the order in which a spool may give them out.
func lastHit(k *kit) {
	of := k.counting()
	k.record(of("2", store.CallDirect, noon))
	k.record(of("1", store.CallDirect, noon.Add(-time.Hour)))
	k.diff("last hit", noon, k.entry("a").LastHitAt)
	k.record(of("3", store.CallDirect, noon.Add(time.Millisecond)))
	k.diff("last hit", noon.Add(time.Millisecond), k.entry("a").LastHitAt)
}

func recordIsNoEdit(k *kit) {
	of := k.counting()
	before := k.dump()
	k.record(of("1", store.CallDirect, noon.Add(time.Hour)))
	after := k.dump()
	k.diff("revision", before.Revision, after.Revision)
	want := before.Entries[0]
	want.Hits, want.LastHitAt = 1, noon.Add(time.Hour)
	k.diff("entry", want, after.Entries[0])
}

func results(k *kit) {
	first, second := newCall("1", store.CallDirect, noon), newCall("2", store.CallDirect, noon)
	k.record(ofResult("1", flow.ResultBusy, 1), ofCall(first))
	k.diff("a result before its call is dropped", first, get(k, k.s.Call, "1"))
	k.record(ofCall(second), ofResult("2", flow.ResultNoAnswer, 25), ofResult("nobody's", flow.ResultBusy, 1))
	want := second
	want.Result, want.Duration = flow.ResultNoAnswer, 25
	k.diff("a result in the same record", want, get(k, k.s.Call, "2"))
	k.record(ofResult("2", flow.ResultAnswered, 31))
	want.Result, want.Duration = flow.ResultAnswered, 31
	k.diff("a later result", want, get(k, k.s.Call, "2"))
	k.record(ofResult("2", flow.ResultBusy, 2))
	k.diff("a result after it was answered", want, get(k, k.s.Call, "2"))
	k.record(store.Mark{Call: &second, Result: &store.CallResult{ID: "1", Result: flow.ResultFailed}})
	k.diff("a mark of both", flow.ResultFailed, get(k, k.s.Call, "1").Result)
	k.diff("calls", 2, len(all(k, store.CallQuery{Limit: 10}, k.s.Calls, nextCalls)))
}

func outcomes(k *kit) {
	c := newCall("1", store.CallCandidate, noon)
	k.record(ofCall(c), ofCall(newCall("2", store.CallDirect, noon)))
	for _, o := range []store.OutcomeOf{
		{Outcome: store.OutcomeMissed, Author: ops, Note: "nobody was there"},
		{Outcome: store.OutcomeReceived, Author: store.Author{Name: "kim"}},
	} {
		want := c
		want.Outcome, want.OutcomeBy, want.Note = o.Outcome, o.Author.Name, o.Note
		got, err := k.s.SetOutcome(k.ctx, "1", o)
		k.must(err)
		k.diff("what SetOutcome gives", want, got)
		k.diff("what is stored", want, get(k, k.s.Call, "1"))
	}
	k.diff("the other call", store.Outcome(""), get(k, k.s.Call, "2").Outcome)
	_, err := k.s.SetOutcome(k.ctx, "nobody's", store.OutcomeOf{Outcome: store.OutcomeMissed})
	k.diff("outcome of no call", store.ErrNotFound, err)
}

// recordWhole lets the context end somewhere in the middle of a record: where
// exactly is up to the machine. Where it was too late to stop, all of the
// record may be there although nobody was told.
func recordWhole(k *kit) {
	of := k.counting()
	const size = 2000
	made := 0
	for wait := time.Millisecond; wait < time.Second; wait *= 2 {
		marks := make([]store.Mark, size)
		for n := range marks {
			marks[n] = of(fmt.Sprint(wait, n), store.CallDirect, noon)
		}
		ctx, cancel := context.WithTimeout(k.ctx, wait)
		err := k.s.Record(ctx, marks)
		cancel()
		if err != nil {
			k.halfway(made, size)
			k.record(marks...) // as one does whose answer was lost
		}
		made += size
		k.diff("hits and calls", [2]int{made, made}, k.counts())
	}
	state, _ := k.load(noon)
	k.diff("calls", made, len(state.Recent))
}

// halfway fails the test where a record of so many calls was made in part.
func (k *kit) halfway(before, size int) {
	k.Helper()
	whole := func(got [2]int) bool {
		return got == [2]int{before, before} || got == [2]int{before + size, before + size}
	}
	got := k.counts()
	if !whole(got) {
		got = k.counts() // it may have been made between the two that were read
	}
	if !whole(got) {
		k.Errorf("hits and calls are %v, want %d or %d of both", got, before, before+size)
	}
}

func callPages(k *kit) {
	kinds := []store.CallKind{store.CallDirect, store.CallCandidate, store.CallRehearsal}
	for n := range 90 {
		// Each three calls come at one moment, in no order of their ids.
		c := newCall(fmt.Sprintf("c%02d", n*37%90), kinds[n%3], noon.Add(time.Duration(n/3)*time.Millisecond))
		c.Line = []string{"support", "sales"}[n/3%2]
		k.record(ofCall(c))
	}
	every := all(k, store.CallQuery{Limit: 1000}, k.s.Calls, nextCalls)
	k.diff("number of calls", 90, len(every))
	if !slices.IsSortedFunc(every, func(a, b store.Call) int { return b.At.Compare(a.At) }) {
		k.Error("a later call stands after an earlier one")
	}
	spans := [][2]time.Time{{}, {noon}, {{}, noon}, {noon.Add(5e6), noon.Add(10e6)}, {noon.Add(5e6 + 1), noon.Add(10e6 + 1)}, {noon.Add(time.Hour)}}
	for _, kind := range append(kinds, "") {
		for _, line := range []string{"", "support", "nobody's"} {
			for _, span := range spans {
				q := store.CallQuery{Kind: kind, Line: line, Since: span[0], Until: span[1]}
				var want []store.Call
				for _, c := range every {
					if (kind == "" || c.Kind == kind) && (line == "" || c.Line == line) && within(c.At, q) {
						want = append(want, c)
					}
				}
				for _, q.Limit = range []int{1, 7, 1000} {
					k.diff(fmt.Sprintf("%+v", q), want, all(k, q, k.s.Calls, nextCalls))
				}
			}
		}
	}
}

func within(at time.Time, q store.CallQuery) bool {
	return (q.Since.IsZero() || !at.Before(q.Since)) && (q.Until.IsZero() || at.Before(q.Until))
}

func orphans(k *kit) {
	of := k.counting()
	k.edit(putLine(newLine("support")))
	k.record(of("1", store.CallDirect, noon))
	before := get(k, k.s.Call, "1")
	k.edit(remove(store.KindEntry, "a"), remove(store.KindWindow, "w"), remove(store.KindLine, "support"))
	k.diff("the call", before, get(k, k.s.Call, "1"))
	k.record(of("2", store.CallDirect, noon))
	if got := get(k, k.s.Call, "2"); !strings.EqualFold(got.Entry, "a") {
		k.Errorf("a call of an entry that is gone names %q", got.Entry)
	}
}
