package storetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

var erases = map[string]func(*kit){
	"a number that nobody has":             eraseNothing,
	"every field of a call":                eraseCalls,
	"callers and notes of windows":         eraseWindows,
	"what history and audit say of it":     eraseHistory,
	"deliveries that name it":              eraseDeliveries,
	"what must be gone before":             eraseTaken,
	"a longer number stays":                eraseLonger,
	"a second time":                        eraseTwice,
	"none of it is in a dump":              eraseDumped,
	"what others are told":                 eraseChanged,
	"no number at all":                     eraseNoNumber,
	"the oldest of what was erased can go": erasePruned,
}

// gone is the number that is erased.
const gone = "+16505550123"

func (k *kit) erase() store.Erased {
	k.Helper()
	erased, err := k.s.Erase(k.ctx, ani.MustParse(gone), ops, noon.Add(time.Hour), "asked to, by "+gone)
	k.must(err)
	return erased
}

func eraseNothing(k *kit) {
	k.edit(createEntry(newEntry("a", number(1))), putLine(newLine("support")))
	before := k.rows(k.s)
	k.diff("erased", store.Erased{}, k.erase())
	after := k.rows(k.s)
	k.diff("all but the record of it", before, slices.Delete(slices.Clone(after), len(after)-1, len(after)))
	want := store.AuditRecord{
		ID: 3, At: noon.Add(time.Hour), Actor: ops.Name, Role: ops.Role, From: ops.From, Action: "erase", Kind: store.KindNumber,
		Key: ani.MustParse(gone).Masked(), After: k.json(store.Erased{}), Note: "asked to, by " + ani.MustParse(gone).Masked(),
	}
	k.diff("record", want, k.newest())
	k.whole(3)
}

func eraseCalls(k *kit) {
	whole := newCall("caller", store.CallDirect, noon)
	whole.ANI, whole.DNIS, whole.Label, whole.Note, whole.CallID = ani.MustParse(gone), ani.MustParse(number(1)), "Meta", "a machine", "CA1"
	other := newCall("other", store.CallCandidate, noon)
	other.ANI, other.Label, other.Note = ani.MustParse(number(2)), "Meta", "the same as "+gone+"?"
	target := newCall("target", store.CallDirect, noon)
	target.ANI, target.DNIS, target.Target, target.CallID, target.Label = ani.MustParse(number(2)), ani.MustParse(gone), "sip:"+gone+"@pbx.example.com", "x"+gone, "Meta"
	same := newCall("same", store.CallDirect, noon)
	same.ANI, same.Note = ani.MustParse(number(3)), "nothing"
	k.record(ofCall(whole), ofCall(other), ofCall(target), ofCall(same))
	k.diff("erased", store.Erased{Calls: 3}, k.erase())
	whole.ANI, whole.Label, whole.Note = ani.Number{}, "", ""
	other.Note = ""
	target.DNIS, target.Target, target.CallID = ani.Number{}, "", ""
	for _, c := range []store.Call{whole, other, target, same} {
		k.diff(c.ID, c, get(k, k.s.Call, c.ID))
	}
}

func eraseWindows(k *kit) {
	n := ani.MustParse(gone)
	alone, several, listed := newWindow("alone", "support", noon, 2*time.Hour), newWindow("several", "support", noon, 2*time.Hour), newWindow("listed", "support", noon, 2*time.Hour)
	alone.Mode, alone.Callers = flow.ModeRehearsal, []ani.Number{n}
	several.Mode, several.Callers = flow.ModeRehearsal, []ani.Number{ani.MustParse(number(1)), n, ani.MustParse(number(2))}
	listed.Note = "for " + gone
	past := newWindow("past", "support", noon.Add(-time.Hour), time.Hour)
	past.Mode, past.Callers = flow.ModeRehearsal, []ani.Number{n}
	k.edit(putWindow(alone), putWindow(several), putWindow(listed), putWindow(past), putWindow(newWindow("same", "support", noon, time.Hour)))
	k.diff("erased", store.Erased{Windows: 4, Audit: 4}, k.erase())
	at := noon.Add(time.Hour)
	for id, want := range map[string]string{"alone": "closed 0 ", "several": "open 2 note of several", "listed": "open 0 ", "past": "closed 0 note of past"} {
		w := get(k, k.s.Window, id)
		k.diff(id, want, fmt.Sprintf("%s %d ", w.State(at), len(w.Callers))+strings.ReplaceAll(w.Note, "note of alone", ""))
	}
	k.diff("when it closed", at, get(k, k.s.Window, "alone").ClosesAt)
	k.diff("when what was closed did", past.ClosesAt, get(k, k.s.Window, "past").ClosesAt)
}

// lived is an entry of the number that was made, changed and deleted, among
// others that were.
func (k *kit) lived() {
	k.Helper()
	e := newEntry("e", gone)
	k.edit(createEntry(e), createEntry(newEntry("other", number(4))))
	e.Label = "renamed"
	k.edit(updateEntry(e), putLine(newLine("support")))
	e.Pattern = pattern(number(5))
	k.edit(updateEntry(e))
	e.Label = "another number"
	k.edit(updateEntry(e))
	_, err := k.s.Edit(k.ctx, store.Edit{Author: ops, At: noon, Note: "not " + gone, Changes: slices.Values([]store.Change{putLine(newLine("sales"))})})
	k.must(err)
	try := newTry()
	try.Key = gone
	k.must(k.s.Refuse(k.ctx, try))
}

func eraseHistory(k *kit) {
	k.lived()
	before := k.audit(store.AuditQuery{Limit: 1000})
	k.diff("erased", store.Erased{Audit: 5, Revisions: 1}, k.erase())
	k.chained(9, 0, 5)
	for i, r := range k.audit(store.AuditQuery{Limit: 1000})[1:] {
		want := before[i]
		if strings.Contains(string(k.json(want)), gone) {
			want.Before, want.After, want.Note, want.Erased = nil, nil, "", true
			want.Key = strings.ReplaceAll(want.Key, gone, "")
		}
		k.diff(fmt.Sprint("record ", r.ID), want, r)
	}
	k.diff("note of a revision", "", get(k, k.s.RevisionInfo, 5).Note)
	k.diff("note of another", "test", get(k, k.s.RevisionInfo, 4).Note)
	erased := store.Recorded{Revision: 1, Kind: store.KindEntry, Key: "e", Op: store.OpCreate, Erased: true}
	k.diff("a change", erased, k.changes(1)[0])
	k.diff("the one beside it", false, k.changes(1)[1].Erased)
	k.diff("the first change of each", []string{"other create false", "e create true"}, k.firsts(0))
	k.diff("where the first is not erased", []string{"e update false"}, k.firsts(3))
}

// firsts says of each entry that was changed since n how it was first.
func (k *kit) firsts(n uint64) (found []string) {
	k.Helper()
	for _, r := range k.since(n) {
		if r.Kind == store.KindEntry {
			found = append(found, fmt.Sprint(r.Key, " ", r.Op, " ", r.Erased))
		}
	}
	slices.SortFunc(found, func(a, b string) int { return strings.Compare(b, a) })
	return found
}

func eraseDeliveries(k *kit) {
	for n, body := range []string{`{"ani":"` + gone + `"}`, `{"ani":"` + number(1) + `"}`, `{}`} {
		d := newDelivery(fmt.Sprint("n", n), "mail", noon)
		d.Body = json.RawMessage(body)
		k.enqueue(d)
	}
	k.claim(noon)
	k.must(k.s.Settle(k.ctx, "n2", "mail", noon, "nobody at "+gone))
	k.diff("erased", store.Erased{Deliveries: 2}, k.erase())
	var left []string
	for _, d := range k.claim(noon.Add(time.Hour)) {
		left = append(left, d.Notice)
	}
	k.diff("left", []string{"n1"}, left)
}

func eraseTaken(k *kit) {
	entry, labelled, ranged := newEntry("e", gone), newEntry("e", number(1)), newEntry("r", "+16505550123-+16505550124")
	labelled.Note = "not " + gone
	own, target, sip := newLine("l"), newLine("l"), newLine("l")
	own.Numbers = append(own.Numbers, ani.MustParse(gone))
	target.Targets[0].Address = gone
	sip.Targets = append(sip.Targets, flow.Target{Kind: flow.KindSIP, Address: "sip:" + gone + "@pbx.example.com"})
	k.edit(createEntry(ranged))
	for name, c := range map[string]store.Change{
		"an entry": createEntry(entry), "an entry's note": createEntry(labelled),
		"a line": putLine(own), "a target": putLine(target), "a SIP target": putLine(sip),
	} {
		k.edit(c)
		before := k.rows(k.s)
		_, err := k.s.Erase(k.ctx, ani.MustParse(gone), ops, noon, "")
		k.diff(name, store.ErrTaken, err)
		k.diff("rows beside "+name, before, k.rows(k.s))
		k.edit(remove(c.Kind, c.Key))
	}
	k.erase()
	k.entry("r")
}

func eraseLonger(k *kit) {
	e := newEntry("e", gone+"4")
	c := newCall("c", store.CallDirect, noon)
	c.ANI, c.Note = ani.MustParse(gone+"4"), "the same as "+gone+"4"
	k.edit(createEntry(e))
	k.record(ofCall(c))
	k.diff("erased", store.Erased{}, k.erase())
	k.diff("call", c, get(k, k.s.Call, "c"))
}

func eraseTwice(k *kit) {
	k.lived()
	k.erase()
	before := k.rows(k.s)
	k.diff("erased", store.Erased{}, k.erase())
	k.diff("rows", len(before)+1, len(k.rows(k.s)))
	k.chained(10, 0, 5)
}

func eraseDumped(k *kit) {
	k.lived()
	k.world()
	c := newCall("c", store.CallDirect, noon)
	c.ANI, c.Entry = ani.MustParse(gone), "e"
	k.record(ofCall(c))
	_, err := k.s.SetOutcome(k.ctx, "c", store.OutcomeOf{Outcome: store.OutcomeMissed, Author: ops, At: noon, Note: gone + " rang twice"})
	k.must(err)
	d := newDelivery("named", "mail", noon)
	d.Body = json.RawMessage(`{"ani":"` + gone + `"}`)
	k.enqueue(d)
	k.erase()
	k.s = k.reopen()
	for _, r := range k.rows(k.s) {
		if text := string(k.json(r)); strings.Contains(text, gone) {
			k.Errorf("%s has it: %s", place(r), text)
		}
	}
	rows := k.rows(k.s)
	k.diff("a copy", rows, k.rows(k.filled(rows)))
}

// eraseChanged holds that a replica that was away while a number was deleted
// and erased hears that it was deleted, or that it has to load all.
func eraseChanged(k *kit) {
	shared, ok := k.s.(store.Shared)
	if !ok {
		return
	}
	k.edit(createEntry(newEntry("e", gone)))
	k.edit(remove(store.KindEntry, "e"))
	k.erase()
	deleted := false
	_, err := shared.Changed(k.ctx, 1, func(c store.Change) bool {
		deleted = deleted || c.Op == store.OpDelete && c.Kind == store.KindEntry && c.Key == "e"
		return true
	})
	if err != nil {
		k.diff("changed", store.ErrNotFound, err)
	} else if !deleted {
		k.Error("nobody is told that the entry was deleted")
	}
}

func eraseNoNumber(k *kit) {
	c := newCall("withheld", store.CallCandidate, noon)
	c.Note = "withheld"
	k.record(ofCall(c))
	if _, err := k.s.Erase(k.ctx, ani.Number{}, ops, noon, ""); err == nil {
		k.Error("no number was erased")
	}
	k.diff("call", c, get(k, k.s.Call, "withheld"))
}

func erasePruned(k *kit) {
	k.lived()
	k.erase()
	late := noon.Add(time.Minute)
	k.editAt(late, putLine(newLine("support")))
	k.prune(store.Pruning{Audit: late, Revisions: late})
	k.chained(2, 8, 0)
}

// fillLeft copies a store of which not everything is left.
func fillLeft(k *kit) {
	k.lived()
	k.edit(putLine(newLine("support")))
	k.erase()
	k.editAt(noon.Add(2*time.Hour), putLine(newLine("support")))
	at := noon.Add(30 * time.Minute)
	k.prune(store.Pruning{Audit: at, Revisions: at})
	rows := k.rows(k.s)
	state, err := k.s.VerifyAudit(k.ctx)
	k.must(err)
	k.s = k.filled(rows)
	k.diff("dump", rows, k.rows(k.s))
	copied, err := k.s.VerifyAudit(k.ctx)
	k.must(err)
	k.diff("the chain", state, copied)
}
