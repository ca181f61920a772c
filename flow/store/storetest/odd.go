package storetest

import (
	"slices"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// odds is what a store does with texts that a database may not be able to
// hold: it keeps them, if need be with U+FFFD for what it can't, and none of
// them keeps anything else from being kept.
var odds = map[string]func(*kit){
	"a call of odd texts":        oddCall,
	"an edit of odd texts":       oddEdit,
	"a try of odd texts":         oddTry,
	"odd things are not there":   oddNames,
	"very long texts":            longTexts,
	"a delivery of an odd text":  oddDelivery,
	"an odd text is looked for":  oddSearch,
	"numbers beyond all measure": oddNumbers,
}

// odd are texts that are no UTF-8, or have NUL.
var odd = []string{"a\x00b", "\x00", "a\xffb", "\xc3", "\xed\xa0\x80", "caf\xe9 \x00\xfe"}

// kept fails the test unless a text came back as it was, or with replacements:
// one for each byte, or for several.
func (k *kit) kept(what, want, got string) {
	k.Helper()
	inAll := oneEach(strings.ReplaceAll(want, "\x00", "\ufffd"))
	if got != want && oneEach(got) != inAll && oneEach(got) != oneEach(want) {
		k.Errorf("%s: %q came back as %q", what, want, got)
	}
}

// oneEach has one replacement for any number of bytes in a row.
func oneEach(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	for strings.Contains(s, "\ufffd\ufffd") {
		s = strings.ReplaceAll(s, "\ufffd\ufffd", "\ufffd")
	}
	return s
}

func oddCall(k *kit) {
	var marks []store.Mark
	for i, s := range odd {
		c := newCall("before"+number(i), store.CallDirect, noon)
		c.Hook, c.CallID, c.Line, c.Entry, c.Label, c.Window, c.Target, c.Note, c.OutcomeBy = s, s, s, s, s, s, s, s, s
		c.Kind, c.Reason, c.Result, c.TargetKind = store.CallKind(s), flow.Reason(s), flow.Result(s), flow.Kind(s)
		marks = append(marks, ofCall(c), ofResult(c.ID, flow.Result(s), 1), ofResult(s, flow.ResultBusy, 1))
	}
	marks = append(marks, ofCall(newCall("behind", store.CallDirect, noon)), ofCall(newCall("odd\x00", store.CallDirect, noon)))
	k.record(marks...)
	k.record(marks...)
	get(k, k.s.Call, "behind")
	for i, s := range odd {
		c := get(k, k.s.Call, "before"+number(i))
		for _, got := range []string{c.Hook, c.CallID, c.Line, c.Label, c.Note, string(c.Kind)} {
			k.kept("a call", s, got)
		}
	}
	get(k, k.s.Call, "odd\x00")
	_, err := k.s.SetOutcome(k.ctx, "odd\x00", store.OutcomeOf{Outcome: "x\x00", Author: store.Author{Name: "x\xff"}, Note: "\x00", At: noon})
	k.must(err)
	k.whole(1)
}

func oddEdit(k *kit) {
	for i, s := range odd {
		e, l, w, t := newEntry(number(i)+s, number(i)), newLine("l"), newWindow("w", s, noon, time.Hour), newToken("t")
		e.Label, e.Source, e.Note, e.Lines = s, s, s, []string{s}
		l.Announce, w.Note, t.Name = s, s, s
		_, err := k.s.Edit(k.ctx, store.Edit{Author: store.Author{Name: s, Role: store.Role(s), From: s}, At: noon, Note: s, Changes: slices.Values([]store.Change{
			createEntry(e), updateEntry(e), putLine(l), putWindow(w), putToken(t),
		})})
		k.must(err)
		got := k.entry(e.ID)
		k.diff("version", int64(2), got.Version)
		k.kept("an entry", s, got.Label)
		k.kept("a name of a line", s, got.Lines[0])
		k.kept("a line", s, get(k, k.s.Line, "l").Announce)
		k.kept("a window", s, get(k, k.s.Window, "w").Note)
		k.kept("an edit", s, get(k, k.s.RevisionInfo, uint64(i+1)).Note)
		k.diff("created twice", store.ErrTaken, k.try(createEntry(newEntry(e.ID, number(99)))))
	}
	k.whole(5 * len(odd))
}

func oddTry(k *kit) {
	for _, s := range odd {
		k.must(k.s.Refuse(k.ctx, store.AuditRecord{At: noon, Actor: s, Role: store.Role(s), From: s, Action: s, Kind: store.Kind(s), Key: s, Note: s, After: []byte(s)}))
		k.kept("a try", s, k.newest().Note)
	}
	k.whole(len(odd))
}

func oddNames(k *kit) {
	k.something()
	for _, s := range odd {
		absent(k, k.s.Entry, s)
		absent(k, k.s.Line, s)
		absent(k, k.s.Window, s)
		absent(k, k.s.Call, s)
		k.diff("delete", store.ErrNotFound, k.try(remove(store.KindToken, s)))
		k.diff("settle", store.ErrNotFound, k.s.Settle(k.ctx, s, s, noon, s))
		k.diff("key", get(k, k.s.Key, s), get(k, k.s.Key, s))
	}
}

// longTexts are those of a try, of which nobody has measured anything.
func longTexts(k *kit) {
	long := strings.Repeat("0123456789", 20_000)
	for range 2 {
		k.must(k.s.Refuse(k.ctx, store.AuditRecord{At: noon, Actor: long, From: long, Action: long, Kind: store.KindLine, Key: long, Note: long}))
	}
	k.diff("of that actor", 2, len(k.audit(store.AuditQuery{Actor: long, Limit: 10})))
	k.diff("of another", 0, len(k.audit(store.AuditQuery{Actor: long[:len(long)-1], Limit: 10})))
	k.diff("of that key", 2, len(k.audit(store.AuditQuery{Key: long, Limit: 1})))
	e := newEntry("a", number(1))
	e.Label, e.Note, e.Lines = long, long, []string{long}
	k.edit(createEntry(e))
	k.diff("entry", long, k.entry("a").Lines[0])
	c := newCall("c", store.CallDirect, noon)
	c.CallID, c.Label, c.Target, c.Note = long, long, long, long
	k.record(ofCall(c))
	k.diff("call", c, get(k, k.s.Call, "c"))
}

func oddDelivery(k *kit) {
	for i, s := range odd {
		d := newDelivery(number(i)+s, "d", noon)
		d.Body = []byte(`{"text":"` + s + `"}`)
		k.enqueue(d)
		claimed := k.claim(noon)
		k.diff("claimed", 1, len(claimed))
		k.kept("a body", string(d.Body), string(claimed[0].Body))
		k.must(k.s.Settle(k.ctx, d.Notice, "d", time.Time{}, s))
	}
}

func oddSearch(k *kit) {
	k.edit(createEntry(newEntry("a", number(1))))
	for _, s := range odd {
		for _, q := range []store.EntryQuery{{Text: s + "!", Limit: 10}, {State: ani.State(s), Limit: 10}} {
			k.diff("entries", 0, len(all(k, q, k.s.Entries, nextEntries)))
		}
		all(k, store.EntryQuery{Line: s, Limit: 10}, k.s.Entries, nextEntries)
		k.diff("calls", 0, len(all(k, store.CallQuery{Line: s, Limit: 10}, k.s.Calls, nextCalls)))
		k.diff("records", 0, len(k.audit(store.AuditQuery{Key: s, Actor: s, Limit: 10})))
	}
}

func oddNumbers(k *kit) {
	c := newCall("c", store.CallDirect, time.Date(-4000, 1, 1, 0, 0, 0, 0, time.UTC))
	c.Attempt, c.Duration = 1<<40, -1<<40
	k.record(ofCall(c), ofCall(newCall("zero", store.CallDirect, time.Time{})), ofResult("c", flow.ResultBusy, 1<<40))
	c.Result, c.Duration = flow.ResultBusy, 1<<40
	k.diff("call", c, get(k, k.s.Call, "c"))
}
