package storetest

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

var history = map[string]func(*kit){
	"what was before and after each change":     historyWhole,
	"an entry that waits for its pattern":       historyHandedOn,
	"a put is what it came down to":             historyPut,
	"pages of revisions, the newest first":      historyPages,
	"a revision that isn't there":               historyNone,
	"pages of changes, in their order":          historyChanges,
	"the first change of each since a revision": changedSince,
	"changes since until yield has enough":      changedSinceSome,
	"changes since, undone, give what was":      changedSinceUndone,
}

func nextRevisions(q store.RevisionQuery, cursor string) (store.RevisionQuery, int) {
	q.Cursor = cursor
	return q, q.Limit
}

func nextChanges(q store.ChangeQuery, cursor string) (store.ChangeQuery, int) {
	q.Cursor = cursor
	return q, q.Limit
}

// changes are all changes of revision n.
func (k *kit) changes(n uint64) []store.Recorded {
	k.Helper()
	return all(k, store.ChangeQuery{Revision: n, Limit: 1000}, k.s.Changes, nextChanges)
}

// since is what ChangedSince hands over.
func (k *kit) since(n uint64) []store.Recorded {
	k.Helper()
	var found []store.Recorded
	k.must(k.s.ChangedSince(k.ctx, n, func(r store.Recorded) bool {
		found = append(found, r)
		return true
	}))
	return found
}

func (k *kit) json(v any) json.RawMessage {
	k.Helper()
	b, err := json.Marshal(v)
	k.must(err)
	return b
}

// historyWhole holds that what was before and after each change stands in the
// history as it could be read of the store, and so of the API.
func historyWhole(k *kit) {
	read := func() map[store.Kind]json.RawMessage {
		return map[store.Kind]json.RawMessage{
			store.KindEntry: k.json(k.entry("x")), store.KindLine: k.json(get(k, k.s.Line, "x")), store.KindWindow: k.json(get(k, k.s.Window, "x")),
		}
	}
	e, l, w, token := newEntry("x", "+1650555*"), newLine("x"), newWindow("x", "x", noon, time.Hour+999), newToken("x")
	e.Label, e.NotBefore = "<first> & “only”", noon.Add(456789)
	l.Numbers = nil
	of := func(op store.Op, kinds ...store.Kind) (changes []store.Change) {
		for _, kind := range kinds {
			changes = append(changes, store.Change{Op: op, Kind: kind, Key: "x", Entry: &e, Line: &l, Window: &w, Token: &token})
		}
		return changes
	}
	late := noon.Add(999999)
	k.editAt(late, of(store.OpCreate, store.KindEntry, store.KindLine, store.KindWindow, store.KindToken)...)
	created := read()
	c := newCall("c", store.CallDirect, noon)
	c.Entry, c.Window = "x", "x"
	k.record(ofCall(c))
	rung := read()
	e.Note, l.Announce, w.Note = "second", "second", "second"
	k.editAt(late, of(store.OpUpdate, store.KindEntry, store.KindLine, store.KindWindow)...)
	updated := read()
	k.editAt(late, of(store.OpDelete, store.KindEntry, store.KindLine, store.KindWindow, store.KindToken)...)

	theToken := json.RawMessage(`{"id":"x","name":"name of x","role":"lookup","created_at":"2026-03-02T12:00:00.123Z","created_by":"dana"}`)
	was := func(n uint64, op store.Op, kind store.Kind, before, after json.RawMessage) store.Recorded {
		return store.Recorded{Revision: n, Kind: kind, Key: "x", Op: op, Before: before, After: after}
	}
	k.diff("what was created", []store.Recorded{
		was(1, store.OpCreate, store.KindEntry, nil, created[store.KindEntry]), was(1, store.OpCreate, store.KindLine, nil, created[store.KindLine]),
		was(1, store.OpCreate, store.KindWindow, nil, created[store.KindWindow]), was(1, store.OpCreate, store.KindToken, nil, theToken),
	}, k.changes(1))
	k.diff("what was updated", []store.Recorded{
		was(2, store.OpUpdate, store.KindEntry, rung[store.KindEntry], updated[store.KindEntry]),
		was(2, store.OpUpdate, store.KindLine, rung[store.KindLine], updated[store.KindLine]),
		was(2, store.OpUpdate, store.KindWindow, rung[store.KindWindow], updated[store.KindWindow]),
	}, k.changes(2))
	k.diff("what was deleted", []store.Recorded{
		was(3, store.OpDelete, store.KindEntry, updated[store.KindEntry], nil), was(3, store.OpDelete, store.KindLine, updated[store.KindLine], nil),
		was(3, store.OpDelete, store.KindWindow, updated[store.KindWindow], nil), was(3, store.OpDelete, store.KindToken, theToken, nil),
	}, k.changes(3))
	k.diff("a revision", store.RevisionInfo{N: 2, At: noon, Author: "dana", Role: store.RoleEditor, From: "192.0.2.7", Note: "test", Changes: 3}, get(k, k.s.RevisionInfo, 2))
}

func historyHandedOn(k *kit) {
	one, two := newEntry("1", number(1)), newEntry("2", number(2))
	k.edit(createEntry(one), createEntry(two))
	one.Pattern, two.Pattern = two.Pattern, one.Pattern
	n := k.edit(updateEntry(one), updateEntry(one), updateEntry(two)).N
	found := k.changes(n)
	k.diff("after the first update and before the second", string(found[0].After), string(found[1].Before))
	for i, want := range []ani.Entry{one, one, two} {
		var got ani.Entry
		k.must(json.Unmarshal(found[i].After, &got))
		k.diff("pattern", want.Pattern, got.Pattern)
	}
}

func historyPut(k *kit) {
	for n, want := range []store.Op{store.OpCreate, store.OpUpdate} {
		found := k.changes(k.edit(putLine(newLine("support")), putWindow(newWindow("w", "support", noon, time.Hour))).N)
		k.diff(fmt.Sprint("put ", n), []store.Op{want, want}, []store.Op{found[0].Op, found[1].Op})
		k.diff("something was there", want == store.OpUpdate, found[0].Before != nil)
	}
}

func historyPages(k *kit) {
	var want []store.RevisionInfo
	for n := range 23 {
		var changes []store.Change
		for i := range n % 4 {
			changes = append(changes, putLine(newLine(fmt.Sprint("l", i))))
		}
		at := noon.Add(-time.Duration(n) * time.Hour)
		r := k.editAt(at, changes...)
		_ = k.try(remove(store.KindLine, "nobody's"))
		want = append(want, store.RevisionInfo{N: r.N, At: at, Author: ops.Name, Role: ops.Role, From: ops.From, Note: "test", Changes: n % 4})
		k.diff("the revision", want[n], get(k, k.s.RevisionInfo, r.N))
	}
	slices.Reverse(want)
	for _, limit := range []int{1, 7, 23, 1000} {
		k.diff(fmt.Sprint("pages of ", limit), want, all(k, store.RevisionQuery{Limit: limit}, k.s.Revisions, nextRevisions))
	}
	k.s = k.reopen()
	k.diff("after reopening", want, all(k, store.RevisionQuery{Limit: 1000}, k.s.Revisions, nextRevisions))
}

func historyNone(k *kit) {
	k.edit(putLine(newLine("support")))
	for _, n := range []uint64{0, 2, math.MaxInt64, math.MaxUint64} {
		absent(k, k.s.RevisionInfo, n)
		k.diff("changes", 0, len(k.changes(n)))
		if n > 0 {
			k.diff("changes since", 0, len(k.since(n)))
		}
	}
	for n := range 3 {
		k.edit(putLine(newLine("support")), putLine(newLine(fmt.Sprint("l", n))))
	}
	revisions, err := k.s.Revisions(k.ctx, store.RevisionQuery{Limit: 1})
	k.must(err)
	changes, err := k.s.Changes(k.ctx, store.ChangeQuery{Revision: 2, Limit: 1})
	k.must(err)
	for _, cursor := range []string{"x", "%%%", revisions.Next + "A", changes.Next} {
		_, err := k.s.Revisions(k.ctx, store.RevisionQuery{Limit: 1, Cursor: cursor})
		k.diff("revisions after "+cursor, store.ErrNotFound, err)
		_, err = k.s.Changes(k.ctx, store.ChangeQuery{Revision: 3, Limit: 1, Cursor: cursor})
		k.diff("changes after "+cursor, store.ErrNotFound, err)
	}
}

func historyChanges(k *kit) {
	var changes []store.Change
	var keys []string
	for n := range 50 {
		e := newEntry(fmt.Sprint("e", n*37%50), number(n))
		changes = append(changes, createEntry(e), updateEntry(e))
		keys = append(keys, "create "+e.ID, "update "+e.ID)
	}
	k.edit(putLine(newLine("support")))
	n := k.edit(changes...).N
	k.edit(putLine(newLine("support")))
	for _, limit := range []int{1, 7, 100, 1000} {
		var got []string
		for _, r := range all(k, store.ChangeQuery{Revision: n, Limit: limit}, k.s.Changes, nextChanges) {
			got = append(got, string(r.Op)+" "+r.Key)
			k.diff("revision", n, r.Revision)
		}
		k.diff(fmt.Sprint("pages of ", limit), keys, got)
	}
}

func changedSince(k *kit) {
	a, b := newEntry("a", number(1)), newEntry("b", number(2))
	k.edit(createEntry(a), putLine(newLine("support")), putToken(newToken("t")))
	k.edit(updateEntry(a), createEntry(b), remove(store.KindEntry, "b"))
	k.must(k.s.Refuse(k.ctx, store.AuditRecord{At: noon, Action: "update", Kind: store.KindLine, Key: "support"}))
	k.edit(updateEntry(a), putLine(newLine("support")), putLine(newLine("a")), putWindow(newWindow("a", "a", noon, time.Hour)), createEntry(b))
	k.edit(remove(store.KindEntry, "a"), remove(store.KindLine, "a"))
	for n, want := range [][]string{
		{"1 create line support", "3 create line a", "1 create entry a", "2 create entry b"},
		{"3 update line support", "3 create line a", "2 update entry a", "2 create entry b"},
		{"3 update line support", "3 create line a", "3 update entry a", "3 create entry b"},
		{"4 delete line a", "4 delete entry a"},
		nil,
	} {
		var got []string
		lines := true
		for _, r := range k.since(uint64(n)) {
			got = append(got, fmt.Sprint(r.Revision, " ", r.Op, " ", r.Kind, " ", r.Key))
			if r.Kind == store.KindLine && !lines {
				k.Error("a line comes after an entry")
			}
			lines = r.Kind == store.KindLine
			k.diff("there was something before", r.Op != store.OpCreate, r.Before != nil)
		}
		slices.Sort(got)
		slices.Sort(want)
		k.diff(fmt.Sprint("changed since ", n), want, got)
	}
}

func changedSinceSome(k *kit) {
	for n := range 3 {
		k.edit(createEntry(newEntry(fmt.Sprint("e", n), number(n))), putLine(newLine(fmt.Sprint("l", n))))
	}
	for _, enough := range []int{1, 3, 4} {
		seen := 0
		k.must(k.s.ChangedSince(k.ctx, 0, func(store.Recorded) bool {
			seen++
			return seen < enough
		}))
		k.diff("changes handed over", enough, seen)
	}
}

// moment is the lines and entries of one moment, as JSON, by kind and key.
type moment map[string]string

func (k *kit) moment() (uint64, moment) {
	k.Helper()
	x, m := k.export(), moment{}
	for _, l := range x.Lines {
		m["line "+l.Name] = string(k.json(l))
	}
	for _, e := range x.Entries {
		m["entry "+e.ID] = string(k.json(e))
	}
	return x.Revision.N, m
}

// undone is m with the changes taken back.
func undone(m moment, changes []store.Recorded) moment {
	was := maps.Clone(m)
	for _, r := range changes {
		place := string(r.Kind) + " " + r.Key
		if r.Before == nil {
			delete(was, place)
		} else {
			was[place] = string(r.Before)
		}
	}
	return was
}

// changedSinceUndone makes edits at random and holds that the present without
// what changed since n is what an export gave at n.
func changedSinceUndone(k *kit) {
	rapidly(k, func(draw *drawing) {
		k.empty()
		var at []uint64
		var then []moment
		keep := func() {
			n, m := k.moment()
			at, then = append(at, n), append(then, m)
		}
		keep()
		for range draw.upTo("edits", 6) {
			k.madeOrRefused(k.try(draw.changes()...))
			keep()
		}
		now := then[len(then)-1]
		for i, n := range at {
			if d := diff(then[i], undone(now, k.since(n))); d != "" {
				draw.Errorf("the store at %d (-exported +undone):\n%s", n, d)
			}
		}
	})
}

// empty takes all lines and entries away.
func (k *kit) empty() {
	k.Helper()
	x := k.export()
	var gone []store.Change
	for _, l := range x.Lines {
		gone = append(gone, remove(store.KindLine, l.Name))
	}
	for _, e := range x.Entries {
		gone = append(gone, remove(store.KindEntry, e.ID))
	}
	k.edit(gone...)
}
