package storetest

import (
	"context"
	"fmt"
	"time"

	"github.com/ringthrough/ringthrough/flow/store"
)

var prunes = map[string]func(*kit){
	"no time, nothing goes":                  pruneNothing,
	"calls by kind and time":                 pruneCalls,
	"calls of an open window stay":           pruneOpenWindow,
	"more than goes at a time":               pruneMany,
	"the oldest of audit and revisions":      pruneHistory,
	"the earlier time holds for both":        pruneEarlier,
	"the last revision stays":                pruneLast,
	"what is young stays before what is old": pruneUnordered,
	"restoring needs what is there":          pruneSince,
	"settled deliveries go with the audit":   pruneDeliveries,
	"what is not known is not deleted":       pruneCancelled,
}

func (k *kit) prune(p store.Pruning) store.Pruned {
	k.Helper()
	pruned, err := k.s.Prune(k.ctx, p)
	k.must(err)
	return pruned
}

// chained makes sure that the chain holds without what was before it.
func (k *kit) chained(records, pruned, erased int64) {
	k.Helper()
	state, err := k.s.VerifyAudit(k.ctx)
	k.must(err)
	k.diff("the chain", store.AuditState{Records: records, Pruned: pruned, Erased: erased, Head: state.Head}, state)
}

func pruneNothing(k *kit) {
	k.world()
	before := k.rows(k.s)
	k.diff("pruned", store.Pruned{}, k.prune(store.Pruning{}))
	early := noon.Add(-time.Hour)
	k.diff("pruned", store.Pruned{}, k.prune(store.Pruning{Calls: early, Candidates: early, Audit: early, Revisions: early}))
	k.diff("rows", before, k.rows(k.s))
}

func pruneCalls(k *kit) {
	for _, kind := range []store.CallKind{store.CallDirect, store.CallCandidate, store.CallRehearsal} {
		for n, at := range []time.Time{noon.Add(-time.Hour), noon.Add(-time.Millisecond), noon, noon.Add(time.Hour)} {
			k.record(ofCall(newCall(fmt.Sprint(kind, n), kind, at)))
		}
	}
	k.diff("candidates", store.Pruned{Candidates: 2}, k.prune(store.Pruning{Candidates: noon}))
	k.diff("what is finer counts as a millisecond", store.Pruned{Candidates: 1}, k.prune(store.Pruning{Candidates: noon.Add(1)}))
	k.diff("calls", store.Pruned{Calls: 4}, k.prune(store.Pruning{Calls: noon}))
	k.diff("calls again", store.Pruned{}, k.prune(store.Pruning{Calls: noon}))
	k.s = k.reopen()
	var left []string
	for _, c := range all(k, store.CallQuery{Limit: 1000}, k.s.Calls, nextCalls) {
		left = append(left, c.ID)
	}
	k.diff("left", []string{"rehearsal3", "direct3", "candidate3", "rehearsal2", "direct2"}, left)
}

func pruneOpenWindow(k *kit) {
	k.edit(putWindow(newWindow("open", "support", noon.Add(-time.Hour), 250*365*24*time.Hour)),
		putWindow(newWindow("closed", "support", noon.Add(-2*time.Hour), time.Hour)))
	for _, window := range []string{"open", "closed", "nobody's", ""} {
		for _, kind := range []store.CallKind{store.CallDirect, store.CallCandidate} {
			c := newCall(window+" "+string(kind), kind, noon.Add(-time.Hour))
			c.Window = window
			k.record(ofCall(c))
		}
	}
	k.diff("pruned", store.Pruned{Calls: 3, Candidates: 3}, k.prune(store.Pruning{Calls: noon, Candidates: noon}))
	get(k, k.s.Call, "open direct")
	get(k, k.s.Call, "open candidate")
	get(k, k.s.Window, "closed")
}

func pruneMany(k *kit) {
	const n = 1300
	var marks []store.Mark
	var changes []store.Change
	for i := range n {
		marks = append(marks, ofCall(newCall(fmt.Sprint(i), store.CallCandidate, noon.Add(time.Duration(i)))))
		changes = append(changes, createEntry(newEntry(fmt.Sprint(i), number(i))))
	}
	k.record(marks...)
	k.edit(changes...)
	later := noon.Add(time.Hour)
	k.editAt(later)
	k.diff("pruned", store.Pruned{Candidates: n, Audit: n, Revisions: 1}, k.prune(store.Pruning{Candidates: later, Audit: later, Revisions: later}))
	k.chained(0, n, 0)
	k.editAt(later, remove(store.KindEntry, "0"))
	k.chained(1, n, 0)
	k.diff("the next record", int64(n+1), k.newest().ID)
}

// days makes an edit a day, from noon on, each followed by a refused try, and
// gives the time of a day.
func (k *kit) days(n int) func(int) time.Time {
	k.Helper()
	day := func(i int) time.Time { return noon.Add(time.Duration(i) * 24 * time.Hour) }
	for i := range n {
		e := newEntry(fmt.Sprint("e", i), number(i))
		k.editAt(day(i), createEntry(e), putLine(newLine("support")))
		try := newTry()
		try.At = day(i).Add(time.Hour)
		k.must(k.s.Refuse(k.ctx, try))
	}
	return day
}

func pruneHistory(k *kit) {
	day := k.days(5)
	head := k.whole(15).Head
	k.diff("pruned", store.Pruned{Audit: 6, Revisions: 2}, k.prune(store.Pruning{Audit: day(2), Revisions: day(2)}))
	k.chained(9, 6, 0)
	state, err := k.s.VerifyAudit(k.ctx)
	k.must(err)
	k.diff("head", head, state.Head)
	k.diff("audit", 9, len(k.audit(store.AuditQuery{Limit: 1000})))
	k.diff("revisions", 3, len(all(k, store.RevisionQuery{Limit: 1000}, k.s.Revisions, nextRevisions)))
	absent(k, k.s.RevisionInfo, 2)
	k.diff("changes of a revision that is gone", 0, len(k.changes(2)))
	k.diff("changes of one that isn't", 2, len(k.changes(3)))
	k.s = k.reopen()
	k.diff("next revision", uint64(6), k.editAt(day(6), putLine(newLine("support"))).N)
	k.diff("again", store.Pruned{Audit: 3, Revisions: 1}, k.prune(store.Pruning{Audit: day(3), Revisions: day(3)}))
	k.chained(7, 9, 0)
}

func pruneEarlier(k *kit) {
	day := k.days(4)
	for _, p := range []store.Pruning{{Audit: day(3)}, {Revisions: day(3)}} {
		k.diff("pruned", store.Pruned{}, k.prune(p))
	}
	k.diff("pruned", store.Pruned{Audit: 3, Revisions: 1}, k.prune(store.Pruning{Audit: day(3), Revisions: day(1)}))
	k.diff("pruned", store.Pruned{Audit: 3, Revisions: 1}, k.prune(store.Pruning{Audit: day(2), Revisions: day(3)}))
	k.chained(6, 6, 0)
}

func pruneLast(k *kit) {
	day := k.days(3)
	late := store.Pruning{Audit: day(100), Revisions: day(100)}
	k.diff("pruned", store.Pruned{Audit: 6, Revisions: 2}, k.prune(late))
	k.diff("again", store.Pruned{}, k.prune(late))
	k.diff("changes of the last revision", 2, len(k.changes(3)))
	k.diff("the revision that serves", uint64(3), k.export().Revision.N)
	k.diff("next revision", uint64(4), k.edit(remove(store.KindLine, "support")).N)
}

// pruneUnordered has the clock stepped back between two edits.
func pruneUnordered(k *kit) {
	for n, at := range []time.Time{noon, noon.Add(48 * time.Hour), noon.Add(time.Hour), noon.Add(2 * time.Hour), noon.Add(72 * time.Hour)} {
		k.editAt(at, createEntry(newEntry(fmt.Sprint("e", n), number(n))))
	}
	at := noon.Add(24 * time.Hour)
	k.diff("pruned", store.Pruned{Audit: 1, Revisions: 1}, k.prune(store.Pruning{Audit: at, Revisions: at}))
	k.diff("changes of the revision after it", 1, len(k.changes(3)))
	k.chained(4, 1, 0)
}

func pruneSince(k *kit) {
	day := k.days(5)
	want := k.since(2)
	k.prune(store.Pruning{Audit: day(2), Revisions: day(2)})
	for n := range uint64(2) {
		err := k.s.ChangedSince(k.ctx, n, func(store.Recorded) bool { return true })
		k.diff(fmt.Sprint("changed since ", n), store.ErrNotFound, err)
	}
	k.diff("changed since what is there", want, k.since(2))
	k.diff("changed since the last", 0, len(k.since(5)))
}

func pruneDeliveries(k *kit) {
	k.enqueue(newDelivery("old", "mail", noon), newDelivery("young", "mail", noon.Add(time.Hour)))
	k.claim(noon.Add(time.Hour))
	k.must(k.s.Settle(k.ctx, "old", "mail", time.Time{}, ""))
	k.must(k.s.Settle(k.ctx, "young", "mail", time.Time{}, ""))
	k.enqueue(newDelivery("waits", "mail", noon.Add(-time.Hour)))
	at := noon.Add(time.Minute)
	k.diff("pruned", store.Pruned{}, k.prune(store.Pruning{Audit: at, Revisions: at}))
	k.diff("old", store.ErrNotFound, k.s.Settle(k.ctx, "old", "mail", noon, ""))
	k.must(k.s.Settle(k.ctx, "young", "mail", noon, ""))
	k.diff("one that waits", 1, len(k.claim(noon)))
}

func pruneCancelled(k *kit) {
	k.record(ofCall(newCall("c", store.CallDirect, noon)))
	ctx, cancel := context.WithCancel(k.ctx)
	cancel()
	pruned, err := k.s.Prune(ctx, store.Pruning{Calls: noon.Add(time.Hour)})
	k.diff("pruned", store.Pruned{}, pruned)
	k.diff("error", store.ErrUnavailable, err)
	get(k, k.s.Call, "c")
}
