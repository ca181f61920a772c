package storetest

import (
	"errors"
	"fmt"

	"pgregory.net/rapid"

	"github.com/ringthrough/ringthrough/flow/store"
)

// drawing makes changes at random: of few things, so that they meet.
type drawing struct{ *rapid.T }

// rapidly does something over and over with what rapid draws.
func rapidly(k *kit, do func(*drawing)) {
	rapid.Check(k.T, func(t *rapid.T) { do(&drawing{t}) })
}

func (d *drawing) upTo(what string, n int) int { return rapid.IntRange(1, n).Draw(d.T, what) }

func (d *drawing) changes() []store.Change {
	changes := make([]store.Change, d.upTo("changes", 4))
	for i := range changes {
		changes[i] = d.change()
	}
	return changes
}

func (d *drawing) change() store.Change {
	op := rapid.SampledFrom([]store.Op{store.OpPut, store.OpPut, store.OpPut, store.OpPut, store.OpCreate, store.OpUpdate, store.OpDelete}).Draw(d.T, "op")
	key := fmt.Sprint("x", d.upTo("key", 4))
	note := fmt.Sprint("note ", d.upTo("note", 3))
	if rapid.Bool().Draw(d.T, "line") {
		l := newLine(key)
		l.Announce = note
		return store.Change{Op: op, Kind: store.KindLine, Key: key, Line: &l}
	}
	e := newEntry(key, number(d.upTo("pattern", 9)))
	e.Note = note
	return store.Change{Op: op, Kind: store.KindEntry, Key: key, Entry: &e}
}

// madeOrRefused fails the test where an edit went wrong for another reason
// than what it wanted.
func (k *kit) madeOrRefused(err error) {
	k.Helper()
	var refused *store.ChangeError
	if err != nil && !errors.As(err, &refused) {
		k.Fatal(err)
	}
}
