package storetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

var entries = map[string]func(*kit){
	"every field comes back":            entryFields,
	"texts of every kind come back":     entryTexts,
	"times to the millisecond":          entryTimes,
	"pages are whole under all filters": entryPages,
	"text is found in any case":         entrySearch,
	"a page goes on after its last":     entryCursor,
	"a cursor that was none":            entryBadCursor,
}

func entryFields(k *kit) {
	want := ani.Entry{
		ID: "full", Pattern: pattern("+16505550100-+16505550199"), Label: "Meta call 1", Source: "ticket 4711",
		Lines: []string{"sales", "support-us"}, NotBefore: noon.Add(-time.Hour), ExpiresAt: noon.Add(time.Hour),
		Enabled: true, MinAttestation: ani.AttestationB, Note: "expires with the ticket",
	}
	bare := ani.Entry{ID: "bare", Pattern: pattern("+1650557*"), MinAttestation: ani.AttestationNone}
	k.edit(createEntry(want), createEntry(bare))
	for _, e := range []ani.Entry{want, bare} {
		e.CreatedAt, e.CreatedBy, e.UpdatedAt, e.Version = noon, ops.Name, noon, 1
		k.diff(e.ID, e, k.entry(e.ID))
		k.diff(e.ID+" by pattern", e, get(k, k.s.EntryByPattern, e.Pattern))
	}
	if k.entry("bare").Lines == nil {
		k.Error("the lines of an entry for every line are nil: they would be null in JSON")
	}
	absent(k, k.s.Entry, "nobody")
	absent(k, k.s.Entry, "")
}

// texts are what labels and notes may hold.
var texts = []string{
	"", " ", "Straße & Söhne", "Ελλάδα ΟΔΟΣ", "日本語 📞👩‍👩‍👧", `<b onclick="x">it's</b>`, `back\slash "quoted" 'single'`,
	"100% _ * ? [a]", "'; DROP TABLE entries; --", "e\u0301 is not \u00e9", "null", "\u2028 separator", strings.Repeat("ä", 500),
}

func entryTexts(k *kit) {
	for n, s := range texts {
		e := newEntry(fmt.Sprint("e", n), number(n))
		e.Label, e.Source, e.Note = s, s, s
		l, w, t := newLine(fmt.Sprint("l", n)), newWindow(fmt.Sprint("w", n), "l0", noon, time.Hour), newToken(fmt.Sprint("t", n))
		l.Announce, w.Note, t.Name = s, s, s
		c := newCall(fmt.Sprint("c", n), store.CallCandidate, noon)
		c.Label, c.CallID = s, s
		k.edit(createEntry(e), putLine(l), putWindow(w), putToken(t))
		k.record(ofCall(c))
		_, err := k.s.SetOutcome(k.ctx, c.ID, store.OutcomeOf{Outcome: store.OutcomeMissed, Author: store.Author{Name: s}, Note: s})
		k.must(err)

		got, call := k.entry(e.ID), get(k, k.s.Call, c.ID)
		k.diff("texts", slices.Repeat([]string{s}, 9), []string{
			got.Label, got.Source, got.Note, get(k, k.s.Line, l.Name).Announce, get(k, k.s.Window, w.ID).Note,
			call.Label, call.CallID, call.OutcomeBy, call.Note,
		})
	}
	found, err := k.s.Tokens(k.ctx)
	k.must(err)
	for _, t := range found {
		if !slices.Contains(texts, t.Name) {
			k.Errorf("%q is the name of no token", t.Name)
		}
	}
}

func entryTimes(k *kit) {
	berlin := time.FixedZone("Berlin", 3600)
	for n, at := range []time.Time{
		{}, time.UnixMilli(0), time.UnixMilli(1), time.UnixMilli(-1), noon, noon.In(berlin),
		time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC),
	} {
		e, w := newEntry(fmt.Sprint("e", n), number(n)), newWindow(fmt.Sprint("w", n), "support", at, 0)
		e.NotBefore, e.ExpiresAt = at, at
		t := newToken(fmt.Sprint("t", n))
		t.ExpiresAt = at
		k.edit(createEntry(e), putWindow(w), putToken(t))
		got, window := k.entry(e.ID), get(k, k.s.Window, w.ID)
		found, err := k.s.Tokens(k.ctx)
		k.must(err)
		token := found[slices.IndexFunc(found, func(f store.Token) bool { return f.ID == t.ID })]
		k.diff("times", slices.Repeat([]time.Time{at}, 4), []time.Time{got.NotBefore, got.ExpiresAt, window.OpensAt, token.ExpiresAt})
		if got.NotBefore.Location() != time.UTC || token.ExpiresAt.Location() != time.UTC {
			k.Errorf("%v comes back in %v", at, got.NotBefore.Location())
		}
	}
	late := newEntry("late", number(99))
	late.NotBefore = noon.Add(999999)
	r := k.editAt(noon.Add(999999), createEntry(late))
	got := k.entry("late")
	k.diff("what is finer is cut off", slices.Repeat([]time.Time{noon}, 4), []time.Time{r.At, got.NotBefore, got.CreatedAt, got.UpdatedAt})
}

// many are entries of all sorts: every state at noon and just beside it, for
// no line, one or several.
func many() []ani.Entry {
	dates := []time.Time{{}, noon.Add(-time.Hour), noon.Add(-time.Millisecond), noon, noon.Add(time.Millisecond), noon.Add(time.Hour)}
	scopes := [][]string{{}, {"support"}, {"sales", "support"}, {"support-us"}}
	var found []ani.Entry
	for _, notBefore := range dates {
		for _, expires := range dates {
			if !notBefore.IsZero() && !expires.IsZero() && !expires.After(notBefore) {
				continue
			}
			for _, lines := range scopes {
				n := len(found)
				// 7919 is prime to 10000: the patterns come in no order.
				e := newEntry(fmt.Sprintf("e%03d", n), number(n*7919%10000))
				e.NotBefore, e.ExpiresAt, e.Lines, e.Enabled = notBefore, expires, lines, n%5 != 0
				e.Note = texts[n%len(texts)]
				found = append(found, e)
			}
		}
	}
	return found
}

func entryPages(k *kit) {
	var creates []store.Change
	for _, e := range many() {
		creates = append(creates, createEntry(e))
	}
	k.edit(creates...)
	_, loaded := k.load(noon)
	slices.SortFunc(loaded, func(a, b ani.Entry) int { return strings.Compare(a.Pattern.String(), b.Pattern.String()) })
	for _, state := range []ani.State{"", ani.StateActive, ani.StateScheduled, ani.StateExpired, ani.StateDisabled} {
		for _, line := range []string{"", "support", "support-us", "sales", "nobody's", "sup", "%"} {
			for _, text := range []string{"", "555", "LABEL OF E01", "söhne", "nowhere"} {
				q := store.EntryQuery{State: state, At: noon, Line: line, Text: text}
				var want []ani.Entry
				for _, e := range loaded {
					if asked(q, e) {
						want = append(want, e)
					}
				}
				for _, q.Limit = range []int{1, 7, 1000} {
					k.diff(fmt.Sprintf("%+v", q), want, all(k, q, k.s.Entries, nextEntries))
				}
			}
		}
	}
}

// asked reports whether e is one of those that q asks for.
func asked(q store.EntryQuery, e ani.Entry) bool {
	if q.State != "" && e.State(q.At) != q.State {
		return false
	}
	if q.Line != "" && len(e.Lines) > 0 && !slices.Contains(e.Lines, q.Line) {
		return false
	}
	return slices.ContainsFunc([]string{e.Pattern.String(), e.Label, e.Source, e.Note}, func(s string) bool {
		return strings.Contains(strings.ToLower(s), strings.ToLower(q.Text))
	})
}

func entrySearch(k *kit) {
	for n, s := range []string{"Straße & Söhne", "Ελλάδα ΟΔΟΣ", "100%_sure", `back\slash`, "ticket <4711>"} {
		e := newEntry(fmt.Sprint("e", n), number(n))
		e.Label = s
		k.edit(createEntry(e))
	}
	elsewhere := newEntry("elsewhere", "+4930123456*")
	elsewhere.Label, elsewhere.Source, elsewhere.Note = "one", "From A Mail", "Of Monday"
	k.edit(createEntry(elsewhere))
	for text, want := range map[string][]string{
		"STRASSE":     {"e0"},
		"SÖHNE":       {"e0"},
		"ΕΛΛΆΔΑ":      {"e1"},
		"οδος":        {"e1"},
		"%":           {"e2"},
		"_":           {"e2"},
		"%_SURE":      {"e2"},
		"1%0":         nil,
		`\`:           {"e3"},
		"<4711":       {"e4"},
		"+1650":       {"e0", "e1", "e2", "e3", "e4"},
		"0123456*":    {"elsewhere"},
		"from a mail": {"elsewhere"},
		"MONDAY":      {"elsewhere"},
		"mail of":     nil,
	} {
		var got []string
		for _, e := range all(k, store.EntryQuery{Text: text, Limit: 100}, k.s.Entries, nextEntries) {
			got = append(got, e.ID)
		}
		k.diff("entries with "+text, want, got)
	}
}

// entryCursor changes the list between two pages.
func entryCursor(k *kit) {
	for n := range 6 {
		k.edit(createEntry(newEntry(fmt.Sprint("e", n), number(n*10))))
	}
	first, err := k.s.Entries(k.ctx, store.EntryQuery{Limit: 3})
	k.must(err)
	k.edit(remove(store.KindEntry, "e2"), createEntry(newEntry("before", number(5))), createEntry(newEntry("after", number(45))))
	second, err := k.s.Entries(k.ctx, store.EntryQuery{Limit: 10, Cursor: first.Next})
	k.must(err)
	var got []string
	for _, e := range append(first.Items, second.Items...) {
		got = append(got, e.ID)
	}
	k.diff("entries", []string{"e0", "e1", "e2", "e3", "e4", "after", "e5"}, got)
}

func entryBadCursor(k *kit) {
	for n := range 3 {
		id := fmt.Sprint("x", n)
		k.edit(createEntry(newEntry(id, number(n))), putWindow(newWindow(id, "support", noon, time.Hour)))
		k.record(ofCall(newCall(id, store.CallDirect, noon)))
	}
	ofEntries, err := k.s.Entries(k.ctx, store.EntryQuery{Limit: 1})
	k.must(err)
	ofWindows, err := k.s.Windows(k.ctx, store.WindowQuery{Limit: 1})
	k.must(err)
	ofCalls, err := k.s.Calls(k.ctx, store.CallQuery{Limit: 1})
	k.must(err)
	for _, cursor := range []string{"x", "%%%", "AAAA", ofEntries.Next + "A", ofEntries.Next, ofWindows.Next, ofCalls.Next} {
		if cursor != ofEntries.Next {
			_, err := k.s.Entries(k.ctx, store.EntryQuery{Limit: 1, Cursor: cursor})
			k.diff("entries after "+cursor, store.ErrNotFound, err)
		}
		if cursor != ofWindows.Next {
			_, err := k.s.Windows(k.ctx, store.WindowQuery{Limit: 1, Cursor: cursor})
			k.diff("windows after "+cursor, store.ErrNotFound, err)
		}
		if cursor != ofCalls.Next {
			_, err := k.s.Calls(k.ctx, store.CallQuery{Limit: 1, Cursor: cursor})
			k.diff("calls after "+cursor, store.ErrNotFound, err)
		}
	}
}
