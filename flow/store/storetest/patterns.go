package storetest

import (
	"errors"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

var patterns = map[string]func(*kit){
	"a pattern belongs to one entry":                onePattern,
	"patterns are handed on in any order":           handedOn,
	"a pattern is handed on more than once":         handedOnTwice,
	"a value may be used again for the next change": reusedValue,
}

func onePattern(k *kit) {
	k.edit(createEntry(newEntry("a", number(1))), createEntry(newEntry("b", "+1650556*")))
	for name, c := range map[string]store.Change{
		"a new entry":     createEntry(newEntry("c", number(1))),
		"another entry":   updateEntry(newEntry("b", number(1))),
		"spelt otherwise": createEntry(newEntry("c", "+1 (650) 555-0001")),
		"a prefix":        updateEntry(newEntry("a", "+1650556*")),
	} {
		err := k.try(c)
		k.diff(name, store.ErrTaken, err)
	}
	k.diff("twice in one edit", store.ErrTaken, k.try(createEntry(newEntry("c", number(2))), createEntry(newEntry("d", number(2)))))
	k.edit(updateEntry(newEntry("a", number(1))))
	k.edit(remove(store.KindEntry, "a"))
	k.edit(createEntry(newEntry("c", number(1))))
	k.diff("entry of the pattern", "c", get(k, k.s.EntryByPattern, pattern(number(1))).ID)
	absent(k, k.s.EntryByPattern, pattern(number(9)))
}

// handedOn gives patterns to other entries, whichever change comes first.
func handedOn(k *kit) {
	k.edit(createEntry(newEntry("a", number(1))), createEntry(newEntry("b", number(2))), createEntry(newEntry("c", number(3))))
	holders := func(what, a, b, c string) {
		k.Helper()
		k.diff(what, []string{a, b, c}, []string{
			get(k, k.s.EntryByPattern, pattern(number(1))).ID,
			get(k, k.s.EntryByPattern, pattern(number(2))).ID,
			get(k, k.s.EntryByPattern, pattern(number(3))).ID,
		})
	}
	k.edit(updateEntry(newEntry("a", number(2))), updateEntry(newEntry("b", number(1))))
	holders("two swap", "b", "a", "c")
	k.edit(updateEntry(newEntry("b", number(2))), updateEntry(newEntry("a", number(3))), updateEntry(newEntry("c", number(1))))
	holders("three in a ring", "c", "b", "a")
	k.edit(remove(store.KindEntry, "c"), createEntry(newEntry("d", number(1))))
	holders("delete, then create", "d", "b", "a")
	k.edit(createEntry(newEntry("e", number(1))), remove(store.KindEntry, "d"))
	holders("create, then delete", "e", "b", "a")
	k.edit(updateEntry(newEntry("e", number(4))), updateEntry(newEntry("b", number(1))), updateEntry(newEntry("a", number(2))), updateEntry(newEntry("e", number(3))))
	holders("each once the one before has let go", "b", "a", "e")
	k.edit(updateEntry(newEntry("b", number(4))), updateEntry(newEntry("a", number(1))), updateEntry(newEntry("b", number(2))))
	holders("the first by its key once the next has let go", "a", "b", "e")
	k.diff("all entries", 3, len(all(k, store.EntryQuery{Limit: 1000}, k.s.Entries, nextEntries)))
}

// handedOnTwice changes an entry again while it waits for its pattern.
func handedOnTwice(k *kit) {
	k.edit(createEntry(newEntry("a", number(1))), createEntry(newEntry("b", number(2))))
	waiting := updateEntry(newEntry("b", number(1)))
	k.edit(waiting, updateEntry(newEntry("b", number(5))))
	k.diff("it takes a third", pattern(number(5)), k.entry("b").Pattern)
	k.edit(waiting, remove(store.KindEntry, "b"))
	absent(k, k.s.Entry, "b")
	again := newEntry("c", number(1))
	k.edit(createEntry(again), updateEntry(again), remove(store.KindEntry, "a"))
	k.diff("it waits on", pattern(number(1)), k.entry("c").Pattern)
	k.diff("its version", int64(2), k.entry("c").Version)
	k.diff("nobody gives it up", store.ErrTaken, k.try(createEntry(newEntry("d", number(1))), createEntry(newEntry("e", number(6)))))
	first, second := createEntry(newEntry("d", number(1))), createEntry(newEntry("e", number(1)))
	err := k.try(first, second, remove(store.KindEntry, "c"))
	var refused *store.ChangeError
	if !errors.As(err, &refused) || refused.Change.Key != "e" {
		k.Errorf("two want what one gives up: gave %v, want %v for the second", err, store.ErrTaken)
	}
}

// reusedValue yields one entry again and again, as a decoder does that saves
// its allocations.
func reusedValue(k *kit) {
	k.edit(createEntry(newEntry("old", number(3))))
	_, err := k.s.Edit(k.ctx, store.Edit{Author: ops, At: noon, Changes: func(yield func(store.Change) bool) {
		var e ani.Entry
		for n, id := range []string{"a", "b", "c", "d"} {
			e = newEntry(id, number(n+1))
			if !yield(store.Change{Op: store.OpCreate, Kind: store.KindEntry, Key: id, Entry: &e}) {
				return
			}
		}
		yield(remove(store.KindEntry, "old"))
	}})
	k.must(err)
	_, found := k.load(noon)
	var got []string
	for _, e := range found {
		got = append(got, e.ID+" "+e.Pattern.String())
	}
	k.diff("entries", []string{"a +16505550001", "b +16505550002", "c +16505550003", "d +16505550004"}, got)
}
