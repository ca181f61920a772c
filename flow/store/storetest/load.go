package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

var loads = map[string]func(*kit){
	"an empty store":                    loadEmpty,
	"all that serves":                   loadAll,
	"entries until yield has enough":    loadSome,
	"windows that close after the time": loadWindows,
	"calls that limits and redials ask": loadRecent,
}

func loadEmpty(k *kit) {
	state, found := k.load(noon)
	k.diff("state", store.State{}, state)
	k.diff("entries", 0, len(found))
}

func loadAll(k *kit) {
	var creates []store.Change
	for _, e := range many() {
		creates = append(creates, createEntry(e))
	}
	k.edit(creates...)
	k.edit(putLine(newLine("support")), putLine(newLine("sales")), putToken(newToken("t")))
	state, found := k.load(noon)
	k.diff("revision", store.Revision{N: 2, At: noon}, state.Revision)
	k.diff("hint", len(creates), state.EntryHint)
	k.diff("lines and tokens", []int{2, 1}, []int{len(state.Lines), len(state.Tokens)})
	for i, want := range many() {
		want.CreatedAt, want.CreatedBy, want.UpdatedAt, want.Version = noon, ops.Name, noon, 1
		k.diff(want.ID, want, found[i])
	}
}

func loadSome(k *kit) {
	for n := range 5 {
		k.edit(createEntry(newEntry(fmt.Sprint("e", n), number(n))))
	}
	k.edit(putLine(newLine("support")))
	seen := 0
	state, err := k.s.Load(k.ctx, noon, func(ani.Entry) bool {
		seen++
		return seen < 3
	})
	k.must(err)
	k.diff("entries handed over", []int{3, 3}, []int{seen, state.EntryHint})
	k.diff("the rest", []any{uint64(6), 1}, []any{state.Revision.N, len(state.Lines)})
}

func loadWindows(k *kit) {
	for id, closes := range map[string]time.Duration{"past": -time.Hour, "now": 0, "next": time.Millisecond, "later": time.Hour} {
		w := newWindow(id, "support", noon.Add(-2*time.Hour), 0)
		w.ClosesAt = noon.Add(closes)
		k.edit(putWindow(w))
	}
	full := newWindow("full", "support", noon.Add(-time.Hour), 2*time.Hour)
	full.MaxCalls = 1
	k.edit(putWindow(full), putWindow(newWindow("scheduled", "support", noon.Add(time.Hour), time.Hour)))
	c := newCall("c", store.CallDirect, noon)
	c.Window = "full"
	k.record(ofCall(c))
	ids := func(now time.Time) []string {
		state, _ := k.load(now)
		var got []string
		for _, w := range state.Windows {
			got = append(got, w.ID)
			k.diff("window of Load and of Window", get(k, k.s.Window, w.ID), w)
		}
		slices.Sort(got)
		return got
	}
	k.diff("at noon", []string{"full", "later", "next", "scheduled"}, ids(noon))
	k.diff("a millisecond later", []string{"full", "later", "scheduled"}, ids(noon.Add(time.Millisecond)))
}

func loadRecent(k *kit) {
	span := time.Duration(flow.MaxLimitPer)
	calls := []store.Call{
		newCall("last", store.CallDirect, noon.Add(-time.Second)),
		newCall("rehearsal", store.CallRehearsal, noon.Add(-time.Minute)),
		newCall("candidate", store.CallCandidate, noon.Add(-time.Minute)),
		newCall("oldest", store.CallDirect, noon.Add(-span+time.Millisecond)),
		newCall("too old", store.CallDirect, noon.Add(-span)),
		newCall("between", store.CallDirect, noon.Add(-time.Hour)),
	}
	calls[0].Target, calls[0].TargetKind, calls[0].Attempt, calls[0].ANI = "+15125550123", flow.KindNumber, 2, ani.MustParse("+16505550123")
	for _, c := range calls {
		k.record(ofCall(c))
	}
	k.record(ofResult("last", flow.ResultBusy, 0))
	state, _ := k.load(noon)
	var got []string
	for _, c := range state.Recent {
		got = append(got, c.ID)
		k.diff("call of Load and of Call", get(k, k.s.Call, c.ID), c)
	}
	k.diff("calls", []string{"oldest", "between", "rehearsal", "last"}, got)
}
