package storetest

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

var archives = map[string]func(*kit){
	"an empty store":                       dumpEmpty,
	"everything, each kind by its key":     dumpAll,
	"until yield has enough":               dumpSome,
	"a dump is of one moment":              raceDump,
	"what was dumped fills another store":  fillAll,
	"any history fills another store":      fillRandom,
	"what was filled goes on":              fillGoesOn,
	"a store that isn't empty":             fillTaken,
	"rows that end with an error":          fillFails,
	"an edit that changed nothing":         fillNoChanges,
	"what is left of a pruned, erased one": fillLeft,
}

// rows is all that s dumps.
func (k *kit) rows(s store.Store) []store.Row {
	k.Helper()
	var rows []store.Row
	k.must(s.Dump(k.ctx, func(r store.Row) bool {
		rows = append(rows, r)
		return true
	}))
	return rows
}

// filled is another store with the rows in it.
func (k *kit) filled(rows []store.Row) store.Store {
	k.Helper()
	s := k.another()
	k.must(s.Fill(k.ctx, sound(rows)))
	return s
}

// sound is rows that come without an error.
func sound(rows []store.Row) iter.Seq2[store.Row, error] {
	return func(yield func(store.Row, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// world fills the store with some of everything.
func (k *kit) world() {
	k.Helper()
	get(k, k.s.Key, "signing")
	get(k, k.s.Key, "cookies")
	token := newToken("t")
	token.ExpiresAt = noon.Add(time.Hour)
	e := newEntry("b", number(2))
	e.Label, e.Note, e.Lines, e.ExpiresAt = "<Meta> & “call”\u2028", "söhne", []string{"support"}, noon.Add(time.Hour)
	rehearsal := newWindow("a", "support", noon, time.Hour)
	rehearsal.Mode, rehearsal.Callers = flow.ModeRehearsal, []ani.Number{ani.MustParse(number(7))}
	k.edit(putLine(newLine("support")), putLine(newLine("sales")), createEntry(e), createEntry(newEntry("a", number(1))),
		putWindow(newWindow("w", "support", noon, time.Hour)), putWindow(rehearsal), putToken(token), putToken(newToken("a")))
	e.Label = "<Meta> no more"
	k.edit(updateEntry(e), remove(store.KindLine, "sales"))
	direct, candidate := newCall("c2", store.CallDirect, noon), newCall("c1", store.CallCandidate, noon.Add(time.Second))
	direct.ANI, direct.Entry, direct.Window, direct.Attestation = ani.MustParse(number(2)), "b", "w", flow.AttestationFailed
	k.record(ofCall(direct), ofCall(candidate), ofResult("c2", flow.ResultAnswered, 12))
	_, err := k.s.SetOutcome(k.ctx, "c2", store.OutcomeOf{Outcome: store.OutcomeMissed, Author: ops, At: noon, Note: "a machine"})
	k.must(err)
	k.must(k.s.Refuse(k.ctx, newTry()))
	d := newDelivery("n", "mail", noon)
	d.Body = []byte("{\"text\": \"<é>\",\n\"n\":1.50}")
	k.enqueue(d, newDelivery("n", "chat", noon), newDelivery("m", "mail", noon))
	k.claim(noon)
	k.must(k.s.Settle(k.ctx, "n", "mail", time.Time{}, "no such address"))
}

// place is the kind of a row and its key.
func place(r store.Row) string {
	switch {
	case r.Key != nil:
		return "key " + r.Key.Name
	case r.Token != nil:
		return "token " + r.Token.ID
	case r.Line != nil:
		return "line " + r.Line.Name
	case r.Entry != nil:
		return "entry " + r.Entry.ID
	case r.Window != nil:
		return "window " + r.Window.ID
	case r.Call != nil:
		return "call " + r.Call.ID
	default:
		return placeInHistory(r)
	}
}

func placeInHistory(r store.Row) string {
	switch {
	case r.Revision != nil:
		return fmt.Sprint("revision ", r.Revision.N)
	case r.Pruned != nil:
		return fmt.Sprint("pruned ", r.Pruned.Records)
	case r.Audit != nil:
		return fmt.Sprint("audit ", r.Audit.ID)
	case r.Delivery != nil:
		return "delivery " + r.Delivery.Notice + " " + r.Delivery.Destination
	default:
		return "nothing"
	}
}

func dumpEmpty(k *kit) {
	k.diff("rows", 0, len(k.rows(k.s)))
	k.diff("rows of a store that nothing filled", 0, len(k.rows(k.filled(nil))))
}

func dumpAll(k *kit) {
	k.world()
	rows := k.rows(k.s)
	var got []string
	for _, r := range rows {
		got = append(got, place(r))
	}
	want := []string{
		"key cookies", "key signing", "token a", "token t", "line support", "entry a", "entry b", "window a", "window w",
		"call c1", "call c2", "revision 1", "revision 2",
	}
	for id := range 12 {
		want = append(want, fmt.Sprint("audit ", id+1))
	}
	k.diff("rows", append(want, "delivery m mail", "delivery n chat", "delivery n mail"), got)
	k.diff("a line", get(k, k.s.Line, "support"), *rows[4].Line)
	k.diff("an entry", k.entry("b"), *rows[6].Entry)
	k.diff("a window", get(k, k.s.Window, "w"), *rows[8].Window)
	k.diff("a call", get(k, k.s.Call, "c2"), *rows[10].Call)
	k.diff("a revision", get(k, k.s.RevisionInfo, 2), *rows[12].Revision)
	k.diff("the last audit record", k.newest(), rows[24].Audit.AuditRecord)
	state := k.whole(12)
	k.diff("its hash", state.Head[:], rows[24].Audit.Hash)
	k.diff("a delivery", store.DeliveryRow{
		Notice: "n", Destination: "mail", Body: []byte("{\"text\": \"<é>\",\n\"n\":1.50}"), At: noon, Tries: 1, Wrong: "no such address",
	}, *rows[27].Delivery)
}

func dumpSome(k *kit) {
	k.world()
	for enough := range k.rows(k.s) {
		seen := 0
		k.must(k.s.Dump(k.ctx, func(store.Row) bool {
			seen++
			return seen <= enough
		}))
		k.diff("rows handed over", enough+1, seen)
	}
}

// raceDump adds an entry and a line with each edit: every dump must find as
// many of each as there are revisions, and two audit records for each.
func raceDump(k *kit) {
	const edits = 30
	done := make(chan struct{})
	together(2, func(i int) {
		if i == 0 {
			defer close(done)
			for n := range edits {
				id := fmt.Sprint("x", n)
				if err := k.try(createEntry(newEntry(id, number(n))), putLine(newLine(id))); err != nil {
					k.Error(err)
				}
			}
			return
		}
		for running := true; running; {
			select {
			case <-done:
				running = false
			default:
			}
			k.consistent()
		}
	})
}

func (k *kit) consistent() {
	var lines, entries, revisions, records int
	err := k.s.Dump(k.ctx, func(r store.Row) bool {
		switch {
		case r.Line != nil:
			lines++
		case r.Entry != nil:
			entries++
		case r.Revision != nil:
			revisions++
		case r.Audit != nil:
			records++
		}
		return true
	})
	if err != nil {
		k.Error(err)
	}
	k.diff("entries, revisions and records", []int{lines, lines, 2 * lines}, []int{entries, revisions, records})
}

func fillAll(k *kit) {
	k.world()
	rows := k.rows(k.s)
	was, since := k.dump(), k.since(0)
	k.s = k.filled(rows)
	k.diff("dump", rows, k.rows(k.s))
	k.diff("contents", was, k.dump())
	k.diff("changes", since, k.since(0))
	k.whole(12)
}

// fillRandom makes edits and what lies between them at random, and holds that
// a copy has the same history.
func fillRandom(k *kit) {
	random := rapid.Custom(func(t *rapid.T) [][]store.Change {
		draw := &drawing{t}
		edits := make([][]store.Change, draw.upTo("edits", 8))
		for i := range edits {
			if draw.upTo("what", 4) > 1 {
				edits[i] = draw.changes()
			}
		}
		return edits
	})
	for seed := range 6 {
		k.s = k.another()
		for _, changes := range random.Example(seed) {
			k.must(k.s.Refuse(k.ctx, newTry()))
			k.madeOrRefused(k.try(changes...))
		}
		rows, was, then := k.rows(k.s), k.dump(), k.past()
		k.s = k.filled(rows)
		k.diff(fmt.Sprint("dump of ", seed), rows, k.rows(k.s))
		k.diff(fmt.Sprint("contents of ", seed), was, k.dump())
		k.diff(fmt.Sprint("history of ", seed), then, k.past())
	}
}

// past is the changes of and since each revision.
func (k *kit) past() (past [][]store.Recorded) {
	k.Helper()
	for n := range k.export().Revision.N + 1 {
		past = append(past, k.changes(n), k.since(n))
	}
	return past
}

func fillGoesOn(k *kit) {
	k.world()
	key := get(k, k.s.Key, "signing")
	k.s = k.filled(k.rows(k.s))
	k.diff("key", key, get(k, k.s.Key, "signing"))
	k.diff("next revision", uint64(3), k.edit(remove(store.KindEntry, "a")).N)
	k.whole(13)
	k.diff("its changes", 1, len(k.changes(3)))
	k.diff("since the one before", 1, len(k.since(2)))
	c := newCall("c3", store.CallDirect, noon)
	c.Entry, c.Window = "b", "w"
	k.record(ofCall(c), ofCall(c))
	k.diff("hits", int64(2), k.entry("b").Hits)
	k.diff("calls of the window", 2, get(k, k.s.Window, "w").Calls)
	k.diff("deliveries that are due", []store.Delivery{{Notice: "m", Destination: "mail", Body: []byte(`{"of":"m"}`), At: noon, Tries: 2}},
		slices.DeleteFunc(k.claim(noon.Add(time.Hour)), func(d store.Delivery) bool { return d.Notice != "m" }))
}

func fillTaken(k *kit) {
	for name, put := range map[string]func(){
		"a key":      func() { get(k, k.s.Key, "signing") },
		"an edit":    func() { k.edit() },
		"a line":     func() { k.edit(putLine(newLine("support"))) },
		"a call":     func() { k.record(ofCall(newCall("c", store.CallDirect, noon))) },
		"a refusal":  func() { k.must(k.s.Refuse(k.ctx, newTry())) },
		"a delivery": func() { k.enqueue(newDelivery("n", "mail", noon)) },
	} {
		k.s = k.another()
		put()
		before := k.rows(k.s)
		e := newEntry("a", number(1))
		k.diff(name, store.ErrTaken, k.s.Fill(k.ctx, sound([]store.Row{{Entry: &e}})))
		k.diff("what is there beside "+name, before, k.rows(k.s))
	}
}

func fillFails(k *kit) {
	k.world()
	rows, wrong := k.rows(k.s), errors.New("the file is cut off")
	s := k.another()
	for _, at := range []int{0, 1, len(rows) / 2, len(rows)} {
		err := s.Fill(k.ctx, func(yield func(store.Row, error) bool) {
			for _, r := range rows[:at] {
				if !yield(r, nil) {
					return
				}
			}
			yield(store.Row{}, wrong)
		})
		if err != wrong { //nolint:errorlint // as it is
			k.Errorf("after %d rows: %v, want %v", at, err, wrong)
		}
		k.diff(fmt.Sprintf("rows that are left of %d", at), 0, len(k.rows(s)))
	}
	k.must(s.Fill(k.ctx, sound(rows)))
	k.diff("what is filled then", rows, k.rows(s))
}

func fillNoChanges(k *kit) {
	k.edit()
	k.edit(createEntry(newEntry("a", number(1))))
	k.must(k.s.Refuse(k.ctx, newTry()))
	k.edit()
	k.edit(updateEntry(newEntry("a", number(2))))
	k.edit()
	var since []int
	for n := range uint64(6) {
		since = append(since, len(k.since(n)))
	}
	k.s = k.filled(k.rows(k.s))
	for n := range uint64(6) {
		k.diff(fmt.Sprint("changed since ", n), since[n], len(k.since(n)))
	}
}
