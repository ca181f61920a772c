package storetest

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/ringthrough/ringthrough/flow/store"
)

var audits = map[string]func(*kit){
	"an empty store":                       auditEmpty,
	"each change leaves a record":          auditEdits,
	"an outcome leaves a record":           auditOutcome,
	"a refused try leaves a record":        auditRefused,
	"what fails leaves none":               auditFailed,
	"pages of records, the newest first":   auditPages,
	"a cursor that was none":               auditBadCursor,
	"the head is what comes out":           auditHead,
	"the chain goes on after reopening":    auditReopened,
	"edits, outcomes and tries interleave": raceAudit,
}

func nextAudit(q store.AuditQuery, cursor string) (store.AuditQuery, int) {
	q.Cursor = cursor
	return q, q.Limit
}

func (k *kit) audit(q store.AuditQuery) []store.AuditRecord {
	k.Helper()
	return all(k, q, k.s.Audit, nextAudit)
}

// newest is the record that was added last.
func (k *kit) newest() store.AuditRecord {
	k.Helper()
	page, err := k.s.Audit(k.ctx, store.AuditQuery{Limit: 1})
	k.must(err)
	if len(page.Items) == 0 {
		k.Fatal("there is no audit record")
	}
	return page.Items[0]
}

// whole makes sure that the chain holds and has so many records.
func (k *kit) whole(records int) store.AuditState {
	k.Helper()
	state, err := k.s.VerifyAudit(k.ctx)
	k.must(err)
	k.diff("the chain", store.AuditState{Records: int64(records), Head: state.Head}, state)
	return state
}

func auditEmpty(k *kit) {
	k.diff("state", store.AuditState{}, k.whole(0))
	k.diff("records", 0, len(k.audit(store.AuditQuery{Limit: 10})))
	k.edit()
	k.whole(0)
}

func auditEdits(k *kit) {
	late := noon.Add(time.Hour + 999999)
	e := newEntry("a", number(1))
	k.edit(createEntry(e), putLine(newLine("support")))
	created, line := k.json(k.entry("a")), k.json(get(k, k.s.Line, "support"))
	e.Note = "changed"
	k.editAt(late, updateEntry(e))
	updated := k.json(k.entry("a"))
	k.editAt(late, remove(store.KindEntry, "a"))
	was := func(id int64, n uint64, at time.Time, action string, kind store.Kind, key string, before, after json.RawMessage) store.AuditRecord {
		return store.AuditRecord{
			ID: id, Revision: n, At: at, Actor: "dana", Role: store.RoleEditor, From: "192.0.2.7", Note: "test",
			Action: action, Kind: kind, Key: key, Before: before, After: after,
		}
	}
	k.diff("records", []store.AuditRecord{
		was(4, 3, noon.Add(time.Hour), "delete", store.KindEntry, "a", updated, nil),
		was(3, 2, noon.Add(time.Hour), "update", store.KindEntry, "a", created, updated),
		was(2, 1, noon, "create", store.KindLine, "support", nil, line),
		was(1, 1, noon, "create", store.KindEntry, "a", nil, created),
	}, k.audit(store.AuditQuery{Limit: 10}))
	k.whole(4)
}

func auditOutcome(k *kit) {
	k.record(ofCall(newCall("1", store.CallDirect, noon)))
	k.whole(0)
	set := func(o store.Outcome, note string) {
		k.Helper()
		_, err := k.s.SetOutcome(k.ctx, "1", store.OutcomeOf{Outcome: o, Author: ops, At: noon.Add(999999), Note: note})
		k.must(err)
	}
	set(store.OutcomeMissed, `"nobody" was <there>`)
	set(store.OutcomeReceived, "")
	want := store.AuditRecord{ID: 1, At: noon, Actor: ops.Name, Role: ops.Role, From: ops.From, Action: "outcome", Kind: store.KindCall, Key: "1"}
	want.Before = json.RawMessage(`{"outcome":"","note":""}`)
	want.After = k.json(struct {
		Outcome string `json:"outcome"`
		Note    string `json:"note"`
	}{"code_missed", `"nobody" was <there>`})
	second := want
	second.ID, second.Before, second.After = 2, want.After, json.RawMessage(`{"outcome":"code_received","note":""}`)
	k.diff("records", []store.AuditRecord{second, want}, k.audit(store.AuditQuery{Limit: 10}))
	k.whole(2)
}

// newTry is a refused try with every field set.
func newTry() store.AuditRecord {
	return store.AuditRecord{
		At: noon, Actor: "kim", Role: store.RoleViewer, From: "192.0.2.8", Action: "create", Kind: store.KindEntry, Key: "+16505550123",
		Before: json.RawMessage(`{"a":"<é>"}`), After: json.RawMessage("null"), Note: "the token's role is viewer", Refused: true,
	}
}

func auditRefused(k *kit) {
	for n, s := range append(slices.Clone(texts), "full") {
		try := newTry()
		if s != "full" {
			try.Actor, try.From, try.Key, try.Note, try.Before, try.After = s, s, s, s, nil, nil
		}
		want := try
		want.ID = int64(n + 1)
		try.ID, try.Refused, try.Revision, try.At = 77, false, 7, noon.Add(999999)
		k.must(k.s.Refuse(k.ctx, try))
		k.diff("record", want, k.newest())
	}
	k.must(k.s.Refuse(k.ctx, store.AuditRecord{}))
	state, _ := k.load(noon)
	k.diff("a try makes no revision", store.Revision{}, state.Revision)
	k.whole(len(texts) + 2)
}

func auditFailed(k *kit) {
	k.edit(createEntry(newEntry("a", number(1))))
	before := k.whole(1)
	k.diff("an edit", store.ErrTaken, k.try(createEntry(newEntry("b", number(2))), createEntry(newEntry("a", number(3)))))
	_, err := k.s.SetOutcome(k.ctx, "nobody's", store.OutcomeOf{Outcome: store.OutcomeMissed, At: noon})
	k.diff("an outcome", store.ErrNotFound, err)
	k.diff("the chain afterwards", before, k.whole(1))
}

func auditHead(k *kit) {
	e := newEntry("a", number(1))
	k.edit(createEntry(e), updateEntry(e))
	k.must(k.s.Refuse(k.ctx, newTry()))
	k.edit(remove(store.KindEntry, "a"))
	var head [sha256.Size]byte
	records := k.audit(store.AuditQuery{Limit: 10})
	slices.Reverse(records)
	for n, r := range records {
		k.diff("id", int64(n+1), r.ID)
		head = store.Chain(head, r.Digest())
	}
	k.diff("head", head, k.whole(4).Head)
}

func auditReopened(k *kit) {
	k.edit(createEntry(newEntry("a", number(1))))
	k.must(k.s.Refuse(k.ctx, newTry()))
	before := k.whole(2)
	k.s = k.reopen()
	k.diff("the chain", before, k.whole(2))
	k.edit(remove(store.KindEntry, "a"))
	k.whole(3)
}

// manyRecords adds records of all sorts.
func (k *kit) manyRecords() []store.AuditRecord {
	k.Helper()
	kinds := []store.Kind{store.KindEntry, store.KindLine, store.KindToken, ""}
	for n := range 60 {
		// Each three come at one moment; every tenth time the clock is put back.
		at := noon.Add(time.Duration(n/3-n/10*5) * time.Millisecond)
		if n%4 == 0 {
			l := newLine(fmt.Sprint("key", n%5))
			k.editAt(at, putLine(l), createEntry(newEntry(fmt.Sprint("e", n), number(n))))
			continue
		}
		try := newTry()
		try.At, try.Actor, try.Kind, try.Key = at, []string{"kim", "dana", ""}[n%3], kinds[n%4], fmt.Sprint("key", n%5)
		k.must(k.s.Refuse(k.ctx, try))
	}
	every := k.audit(store.AuditQuery{Limit: 1000})
	k.diff("number of records", 75, len(every))
	if !slices.IsSortedFunc(every, func(a, b store.AuditRecord) int { return b.At.Compare(a.At) }) {
		k.Error("a newer record stands after an older one")
	}
	return every
}

func auditPages(k *kit) {
	every := k.manyRecords()
	yes, no := true, false
	spans := [][2]time.Time{{}, {noon}, {{}, noon}, {noon.Add(2e6), noon.Add(5e6)}, {noon.Add(2e6 + 1), noon.Add(5e6 + 1)}, {noon.Add(time.Hour)}}
	for _, actor := range []string{"", "dana"} {
		for _, kind := range []store.Kind{"", store.KindEntry, store.KindToken} {
			for _, key := range []string{"", "key3", "e4"} {
				for _, refused := range []*bool{nil, &yes, &no} {
					for _, span := range spans {
						q := store.AuditQuery{Actor: actor, Kind: kind, Key: key, Refused: refused, Since: span[0], Until: span[1]}
						k.auditPaged(q, every)
					}
				}
			}
		}
	}
}

func (k *kit) auditPaged(q store.AuditQuery, every []store.AuditRecord) {
	k.Helper()
	var want []store.AuditRecord
	for _, r := range every {
		if ofQuery(q, r) {
			want = append(want, r)
		}
	}
	limits := []int{1000}
	if len(want) > 3 {
		limits = append(limits, 3)
	}
	for _, q.Limit = range limits {
		k.diff(fmt.Sprintf("%+v", q), want, k.audit(q))
	}
}

// ofQuery reports whether r is one of those that q asks for.
func ofQuery(q store.AuditQuery, r store.AuditRecord) bool {
	return (q.Actor == "" || r.Actor == q.Actor) && (q.Kind == "" || r.Kind == q.Kind) && (q.Key == "" || r.Key == q.Key) &&
		(q.Refused == nil || r.Refused == *q.Refused) && within(r.At, store.CallQuery{Since: q.Since, Until: q.Until})
}

func auditBadCursor(k *kit) {
	for n := range 3 {
		id := fmt.Sprint("x", n)
		k.edit(putWindow(newWindow(id, "support", noon, time.Hour)))
		k.record(ofCall(newCall(id, store.CallDirect, noon)))
	}
	ofAudit, err := k.s.Audit(k.ctx, store.AuditQuery{Limit: 1})
	k.must(err)
	ofCalls, err := k.s.Calls(k.ctx, store.CallQuery{Limit: 1})
	k.must(err)
	for _, cursor := range []string{"x", "%%%", "AAAA", ofAudit.Next + "A", ofCalls.Next} {
		_, err := k.s.Audit(k.ctx, store.AuditQuery{Limit: 1, Cursor: cursor})
		k.diff("records after "+cursor, store.ErrNotFound, err)
	}
	_, err = k.s.Calls(k.ctx, store.CallQuery{Limit: 1, Cursor: ofAudit.Next})
	k.diff("calls after a record", store.ErrNotFound, err)
}

func raceAudit(k *kit) {
	k.edit(createEntry(newEntry("a", number(1))))
	k.record(ofCall(newCall("1", store.CallDirect, noon)))
	const each = 15
	tasks := []func(n int) error{
		func(n int) error { return k.try(updateEntry(newEntry("a", number(n))), putLine(newLine("support"))) },
		func(int) error { return k.s.Refuse(k.ctx, newTry()) },
		func(int) error { return k.s.Refuse(k.ctx, newTry()) },
		func(int) error {
			_, err := k.s.SetOutcome(k.ctx, "1", store.OutcomeOf{Outcome: store.OutcomeMissed, Author: ops, At: noon})
			return err
		},
		func(int) error {
			state, err := k.s.VerifyAudit(k.ctx)
			if err == nil && state.Broken != 0 {
				err = fmt.Errorf("broken at %d: %s", state.Broken, state.Problem)
			}
			return err
		},
	}
	together(len(tasks), func(i int) {
		for n := range each {
			if err := tasks[i](n); err != nil {
				k.Errorf("task %d: %v", i, err)
			}
		}
	})
	k.whole(1 + 5*each)
	ids := map[int64]bool{}
	for _, r := range k.audit(store.AuditQuery{Limit: 1000}) {
		ids[r.ID] = true
	}
	k.diff("ids", 1+5*each, len(ids))
}
