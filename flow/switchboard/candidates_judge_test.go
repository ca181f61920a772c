package switchboard

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// opened is when the window of these tests opened, on a line in the US.
var opened = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// candidate is a call from somebody, so long after the window opened. A stay
// is how long it lasted, where that is known.
func candidate(id, from string, after time.Duration, change ...func(*store.Call)) store.Call {
	c := store.Call{ID: id, At: opened.Add(after), DNIS: ani.MustParse("+18005550100"), Kind: store.CallCandidate, Reason: flow.ReasonNotListed}
	if from == "" {
		c.Reason = flow.ReasonANIWithheld
	} else {
		c.ANI = ani.MustParse(from)
	}
	for _, f := range change {
		f(&c)
	}
	return c
}

func stayed(d time.Duration) func(*store.Call) {
	return func(c *store.Call) { c.Result, c.Duration = flow.ResultAnswered, int(d/time.Second) }
}

func because(r flow.Reason) func(*store.Call) { return func(c *store.Call) { c.Reason = r } }

func said(o store.Outcome) func(*store.Call) { return func(c *store.Call) { c.Outcome = o } }

// among judges calls beside the entries +447700900123, which is Meta's.
func among(t testing.TB, calls ...store.Call) map[string]Judged {
	t.Helper()
	e := ani.NewEntry()
	e.ID, e.Label, e.Pattern = "e", "Meta 1", ani.PatternOf(ani.MustParse("+447700900123"))
	list, err := ani.NewList(slices.Values([]ani.Entry{e}))
	if err != nil {
		t.Fatal(err)
	}
	var callers []ani.Number
	for _, c := range calls {
		callers = append(callers, c.ANI)
	}
	return candidates{opensAt: opened, region: "US", calls: calls, near: list.Near(callers)}.judge()
}

func likelyOf(judged map[string]Judged) (ids []string) {
	for id, j := range judged {
		if j.Likely {
			ids = append(ids, id)
		}
	}
	return ids
}

const (
	foreign  = "+442079460000"
	domestic = "+15125550123"
	elder    = "+15125550124"
)

func TestWhoIsLikely(t *testing.T) {
	for _, tt := range []struct {
		name  string
		calls []store.Call
		want  string
	}{
		{"nobody has called", nil, ""},
		{"a foreigner at once", []store.Call{candidate("a", foreign, 40*time.Second)}, "a"},
		{"a foreigner late", []store.Call{candidate("a", foreign, time.Hour)}, "a"},
		{"a customer", []store.Call{candidate("a", domestic, time.Hour)}, ""},
		{"a customer at once", []store.Call{candidate("a", domestic, 40*time.Second)}, ""},
		{"a customer at once, who hangs up as quickly", []store.Call{candidate("a", domestic, 40*time.Second, stayed(20*time.Second))}, "a"},
		{"a foreigner after customers", []store.Call{candidate("a", domestic, 10*time.Second), candidate("b", elder, 20*time.Second), candidate("c", foreign, 50*time.Second)}, "c"},
		{"the first of two foreigners", []store.Call{candidate("b", foreign, 90*time.Second), candidate("a", "+33142685300", 40*time.Second)}, "a"},
		{"two foreigners in one moment", []store.Call{candidate("b", foreign, 40*time.Second), candidate("a", "+33142685300", 40*time.Second)}, "a"},
		{"a foreigner who stays, and one who doesn't", []store.Call{candidate("a", foreign, 40*time.Second, stayed(9*time.Minute)), candidate("b", "+33142685300", 3*time.Minute, stayed(30*time.Second))}, "b"},
		{"a foreigner who stays", []store.Call{candidate("a", foreign, 40*time.Second, stayed(9*time.Minute))}, "a"},
		{"a foreigner who comes late and stays", []store.Call{candidate("a", foreign, time.Hour, stayed(9*time.Minute))}, ""},
		{"the one who calls again", []store.Call{candidate("a", foreign, 20*time.Second), candidate("b", "+33142685300", 30*time.Second), candidate("c", "+33142685300", time.Minute)}, "b"},
		{"asked about twice, not redialled", []store.Call{candidate("a", foreign, 20*time.Second), candidate("b", "+33142685300", 30*time.Second), candidate("c", "+33142685300", 33*time.Second)}, "a"},
		{"beside an entry, late", []store.Call{candidate("a", foreign, 20*time.Second), candidate("b", "+447700900177", time.Hour)}, "b"},
		{"on the list, from inside the country, late", []store.Call{candidate("a", foreign, time.Hour), candidate("b", domestic, time.Hour, because(flow.ReasonEntryScope))}, "b"},
		{"hidden, at once", []store.Call{candidate("a", "", 40*time.Second), candidate("b", domestic, 10*time.Second)}, "a"},
		{"hidden, late", []store.Call{candidate("a", "", time.Hour)}, ""},
		{"hidden callers don't redial: nobody knows that it is the same", []store.Call{candidate("a", "", 20*time.Minute), candidate("b", "", 20*time.Minute+30*time.Second)}, ""},
		{"somebody knows better", []store.Call{candidate("a", foreign, 40*time.Second), candidate("b", domestic, time.Hour, said(store.OutcomeMissed))}, "b"},
		{"somebody knows that it wasn't", []store.Call{candidate("a", foreign, 40*time.Second, said(store.OutcomeNotActivation)), candidate("b", foreign, 5*time.Minute)}, "b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, strings.Join(likelyOf(among(t, tt.calls...)), " ")); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestSigns(t *testing.T) {
	for _, tt := range []struct {
		name  string
		calls []store.Call // the first one's signs are looked at
		want  []string
	}{
		{"all that speaks for a bot", []store.Call{candidate("a", "+447700900177", 40*time.Second, stayed(35*time.Second)), candidate("b", "+447700900177", 75*time.Second)}, []string{
			"came 40s after the window opened, as quickly as the bot does",
			"differs from the entry +447700900123 in the last 2 digits (Meta 1)",
			"calls from GB, and the line is in US",
			"called again 35s later",
			"hung up after 35s, like a robot that has said its code",
		}},
		{"all that speaks against one", []store.Call{candidate("a", domestic, 3*time.Hour, stayed(9*time.Minute), said(store.OutcomeNotActivation))}, []string{
			"somebody says that it was no activation call",
			"came as late as 3h after the window opened",
			"calls from US, like this line's customers",
			"stayed for 9m, and robots don't wait",
		}},
		{"hidden", []store.Call{candidate("a", "", 5*time.Minute)}, []string{
			"came 5m after the window opened",
			"shows no number, so it can't be put on the list: if this was the bot, let a window for anyone catch its next call",
		}},
		{"listed", []store.Call{candidate("a", "+80012345678", 5*24*time.Hour, because(flow.ReasonNoTarget), stayed(2*time.Minute))}, []string{
			"came as late as 5d after the window opened",
			"is on the list, but nobody could be reached",
		}},
		{"the nearest redial", []store.Call{candidate("b", domestic, time.Hour), candidate("a", domestic, time.Hour-31*time.Second), candidate("c", domestic, time.Hour+50*time.Second)}, []string{
			"came as late as 60m after the window opened",
			"calls from US, like this line's customers",
			"had called 31s before",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, among(t, tt.calls...)[tt.calls[0].ID].Signs); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
	for _, reason := range flow.Reasons() {
		call := candidate("a", foreign, 0, because(reason))
		judged := candidates{calls: []store.Call{call}}.judge()["a"]
		if judged.Signs == nil {
			t.Errorf("%s: no signs", reason)
		}
	}
}

// Calls that have nothing to do with each other don't change what is thought
// of one another: neither the order in which they are read, nor another
// customer who stays on the line, makes somebody else likely; and nobody is
// who has too little that speaks for him.
func TestJudgeProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	pick := func(all ...string) string { return all[rng.IntN(len(all))] }
	for range 2000 {
		var calls []store.Call
		for i := range rng.IntN(8) {
			c := candidate(fmt.Sprint(i), pick("", foreign, domestic, elder, "+447700900199", "+33142685300"), time.Duration(rng.IntN(900))*time.Second)
			if rng.IntN(2) == 0 {
				stayed(time.Duration(rng.IntN(400)) * time.Second)(&c)
			}
			calls = append(calls, c)
		}
		before := among(t, calls...)
		if len(before) != len(calls) || len(likelyOf(before)) > 1 {
			t.Fatalf("%d of %d judged, likely %v", len(before), len(calls), likelyOf(before))
		}
		customer := candidate("new", "+13035550142", time.Duration(rng.IntN(900))*time.Second, stayed(longStay+time.Duration(rng.IntN(900))*time.Second))
		more := append(slices.Clone(calls), customer)
		rng.Shuffle(len(more), func(i, j int) { more[i], more[j] = more[j], more[i] })
		after := among(t, more...)
		if after["new"].Likely {
			t.Fatalf("a customer who stays is likely: %v", after["new"].Signs)
		}
		delete(after, "new")
		if diff := cmp.Diff(before, after); diff != "" {
			t.Fatalf("a customer changes what is thought of others: -before +after\n%s", diff)
		}
	}
}
