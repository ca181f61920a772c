package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

var things = map[string]func(*kit){
	"a line comes back":                   lineFields,
	"lines are listed by name":            lineOrder,
	"a window comes back":                 windowFields,
	"pages of windows, the newest first":  windowPages,
	"tokens are listed by creation":       tokenOrder,
	"everything is there after reopening": reopened,
	"a ping":                              pinged,
}

func lineFields(k *kit) {
	full := flow.Line{
		Name: "support-us", Numbers: []ani.Number{ani.MustParse("+18005550100"), ani.MustParse("+442079460000")},
		Default: true, Enabled: true, Policy: flow.PolicyWindow, Attestation: flow.AttestationAtLeastB,
		Limit: flow.Limit{Calls: 7, Per: flow.Duration(90 * time.Minute)},
		Targets: []flow.Target{
			{Kind: flow.KindNumber, Address: "+15125550123", Label: "Dana", Hours: "Mo-Fr 08:00-18:00; Sa 09:00-12:00"},
			{Kind: flow.KindSIP, Address: "sip:desk@pbx.example.com"},
			{Kind: flow.KindQueue, Address: "WhatsApp activation"},
		},
		RedialWithin: flow.Duration(45 * time.Second), ContinueURL: "https://ivr.example.com/start?a=1&b=<2>",
		Announce: "write down six digits", Timezone: "America/New_York",
	}
	plain := flow.NewLine()
	plain.Name = "plain"
	k.edit(putLine(full), putLine(plain))
	for _, l := range []flow.Line{full, plain} {
		k.diff(l.Name, store.Line{Line: l, Version: 1, CreatedAt: noon, UpdatedAt: noon}, get(k, k.s.Line, l.Name))
	}
	if got := get(k, k.s.Line, "plain"); got.Numbers == nil || got.Targets == nil {
		k.Error("an empty list of a line comes back as nil: it would be null in JSON")
	}
	absent(k, k.s.Line, "nobody's")
}

func lineOrder(k *kit) {
	for _, name := range []string{"support", "a", "support-us", "0"} {
		k.edit(putLine(newLine(name)))
	}
	lines, err := k.s.Lines(k.ctx)
	k.must(err)
	var got []string
	for _, l := range lines {
		got = append(got, l.Name)
	}
	k.diff("names", []string{"0", "a", "support", "support-us"}, got)
}

func windowFields(k *kit) {
	w := flow.Window{
		ID: "w", Line: "support", Mode: flow.ModeRehearsal, Callers: []ani.Number{ani.MustParse("+15125550123"), ani.MustParse("+442079460000")},
		OpensAt: noon, ClosesAt: noon.Add(time.Hour), MaxCalls: 3, Note: "before the launch",
	}
	k.edit(putWindow(w))
	w.CreatedAt, w.CreatedBy = noon, ops.Name
	k.diff("window", w, get(k, k.s.Window, "w"))
	absent(k, k.s.Window, "nobody's")
}

func windowPages(k *kit) {
	moments := []time.Duration{-time.Hour, -time.Millisecond, 0, time.Millisecond, time.Hour}
	for _, opens := range moments {
		for _, closes := range moments {
			for limit := range 3 {
				n := int(opens+closes)&1 + limit
				w := newWindow(fmt.Sprint(opens, closes, limit), []string{"support", "sales"}[n%2], noon.Add(opens), 0)
				w.ClosesAt, w.MaxCalls = noon.Add(closes), limit
				// Three windows are made at a time: their ids order them.
				k.editAt(noon.Add(closes), putWindow(w))
				if limit > 0 {
					c := newCall("call of "+w.ID, store.CallDirect, noon)
					c.Window = w.ID
					k.record(ofCall(c))
				}
			}
		}
	}
	every := all(k, store.WindowQuery{Limit: 1000}, k.s.Windows, nextWindows)
	k.diff("number of windows", 75, len(every))
	if !slices.IsSortedFunc(every, func(a, b flow.Window) int { return b.CreatedAt.Compare(a.CreatedAt) }) {
		k.Error("a newer window stands after an older one")
	}
	for _, state := range []string{"", "scheduled", "open", "closed"} {
		for _, line := range []string{"", "support", "sales", "nobody's"} {
			var want []flow.Window
			for _, w := range every {
				if (state == "" || w.State(noon) == state) && (line == "" || w.Line == line) {
					want = append(want, w)
				}
			}
			for _, limit := range []int{1, 7, 1000} {
				q := store.WindowQuery{State: state, At: noon, Line: line, Limit: limit}
				k.diff(fmt.Sprintf("%+v", q), want, all(k, q, k.s.Windows, nextWindows))
			}
		}
	}
}

func tokenOrder(k *kit) {
	for n, id := range []string{"c", "a", "b"} {
		t := newToken(id)
		t.Hash[0] = byte(n)
		k.editAt(noon.Add(time.Duration(n)*time.Second), putToken(t))
	}
	found, err := k.s.Tokens(k.ctx)
	k.must(err)
	var got []string
	for n, t := range found {
		got = append(got, t.ID)
		k.diff("hash", byte(n), t.Hash[0])
		k.diff("last byte of the hash", byte(32), t.Hash[31])
		if !t.ExpiresAt.IsZero() {
			k.Errorf("%s expires at %v, want never", t.ID, t.ExpiresAt)
		}
	}
	k.diff("ids", []string{"c", "a", "b"}, got)
}

func reopened(k *kit) {
	c := newCall("c", store.CallDirect, noon)
	c.Entry, c.Window = "a", "w"
	k.edit(createEntry(newEntry("a", number(1))), putLine(newLine("support")), putWindow(newWindow("w", "support", noon, time.Hour)), putToken(newToken("t")))
	k.record(ofCall(c), ofResult("c", flow.ResultAnswered, 12))
	_, err := k.s.SetOutcome(k.ctx, "c", store.OutcomeOf{Outcome: store.OutcomeReceived, Author: ops})
	k.must(err)
	before, key := k.dump(), get(k, k.s.Key, "signing")
	for range 2 {
		k.s = k.reopen()
		k.diff("contents", before, k.dump())
		k.diff("key", key, get(k, k.s.Key, "signing"))
	}
	k.diff("next revision", before.Revision.N+1, k.edit(remove(store.KindEntry, "a")).N)
}

func pinged(k *kit) {
	k.must(k.s.Ping(k.ctx))
	k.must(k.s.Close())
	k.diff("ping of a closed store", store.ErrUnavailable, k.s.Ping(k.ctx))
	k.diff("edit of a closed store", store.ErrUnavailable, k.try(createEntry(newEntry("a", number(1)))))
	k.s = k.reopen()
	k.must(k.s.Ping(k.ctx))
}
