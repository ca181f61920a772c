// Package storetest is the contract of store.Store as tests. Each database
// runs it against itself.
package storetest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// Open makes an empty store for one test, which closes it when it ends.
// Reopen closes it too, and opens again what it has kept.
type Open func(t *testing.T) (s store.Store, reopen func() store.Store)

// Run holds the stores that open makes to the contract.
func Run(t *testing.T, open Open) {
	groups := []struct {
		name  string
		tests map[string]func(*kit)
	}{
		{"edit", edits},
		{"patterns of an edit", patterns},
		{"entries", entries},
		{"lines, windows, tokens", things},
		{"load", loads},
		{"export", exports},
		{"journal", journal},
		{"history", history},
		{"audit", audits},
		{"deliveries", deliveries},
		{"archive", archives},
		{"prune", prunes},
		{"erase", erases},
		{"odd texts", odds},
		{"key", keys},
		{"concurrent", races},
		{"context", contexts},
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			for _, name := range slices.Sorted(maps.Keys(g.tests)) {
				t.Run(name, func(t *testing.T) {
					s, reopen := open(t)
					another := func() store.Store {
						s, _ := open(t)
						return s
					}
					g.tests[name](&kit{T: t, ctx: t.Context(), s: s, reopen: reopen, another: another})
				})
			}
		})
	}
}

// kit is one test with its store.
type kit struct {
	*testing.T
	ctx    context.Context
	s      store.Store
	reopen func() store.Store

	another func() store.Store // which is empty
}

// noon is when the tests take place.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 123e6, time.UTC)

var ops = store.Author{Name: "dana", Role: store.RoleEditor, From: "192.0.2.7"}

// try makes an edit of changes at noon.
func (k *kit) try(changes ...store.Change) error {
	_, err := k.s.Edit(k.ctx, store.Edit{Author: ops, At: noon, Note: "test", Changes: slices.Values(changes)})
	return err
}

// edit makes an edit that must succeed.
func (k *kit) edit(changes ...store.Change) store.Revision {
	k.Helper()
	return k.editAt(noon, changes...)
}

func (k *kit) editAt(at time.Time, changes ...store.Change) store.Revision {
	k.Helper()
	r, err := k.s.Edit(k.ctx, store.Edit{Author: ops, At: at, Note: "test", Changes: slices.Values(changes)})
	k.must(err)
	return r
}

func (k *kit) record(marks ...store.Mark) {
	k.Helper()
	k.must(k.s.Record(k.ctx, marks))
}

func (k *kit) must(err error) {
	k.Helper()
	if err != nil {
		k.Fatal(err)
	}
}

// diff fails the test where got is not want. An empty list is as good as
// none.
func (k *kit) diff(what string, want, got any) {
	k.Helper()
	if d := diff(want, got); d != "" {
		k.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func diff(want, got any) string {
	return cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateErrors(),
		cmp.Transformer("String", ani.Number.String), cmp.Transformer("String", ani.Pattern.String))
}

// entry reads an entry that must be there.
func (k *kit) entry(id string) ani.Entry {
	k.Helper()
	return get(k, k.s.Entry, id)
}

// get reads something that must be there.
func get[K, V any](k *kit, read func(context.Context, K) (V, error), key K) V {
	k.Helper()
	v, err := read(k.ctx, key)
	k.must(err)
	return v
}

// absent fails the test unless there is nothing called key.
func absent[K, V any](k *kit, read func(context.Context, K) (V, error), key K) {
	k.Helper()
	_, err := read(k.ctx, key)
	k.diff(fmt.Sprintf("reading %v", key), store.ErrNotFound, err)
}

// load reads the whole store, entries by id.
func (k *kit) load(now time.Time) (store.State, []ani.Entry) {
	k.Helper()
	var found []ani.Entry
	state, err := k.s.Load(k.ctx, now, func(e ani.Entry) bool {
		found = append(found, e)
		return true
	})
	k.must(err)
	slices.SortFunc(found, func(a, b ani.Entry) int { return strings.Compare(a.ID, b.ID) })
	return state, found
}

func pattern(s string) ani.Pattern {
	p, err := ani.ParsePattern(s)
	if err != nil {
		panic(err)
	}
	return p
}

// number is the n-th of ten thousand numbers.
func number(n int) string { return fmt.Sprintf("+1650555%04d", n) }

func newEntry(id, p string) ani.Entry {
	e := ani.NewEntry()
	e.ID, e.Pattern, e.Label = id, pattern(p), "label of "+id
	return e
}

func newLine(name string) flow.Line {
	l := flow.NewLine()
	l.Name = name
	l.Numbers = []ani.Number{ani.MustParse("+18005550100")}
	l.Targets = []flow.Target{{Kind: flow.KindNumber, Address: "+15125550123", Label: "Dana", Hours: "Mo-Fr 08:00-18:00"}}
	return l
}

func newWindow(id, line string, opens time.Time, lasts time.Duration) flow.Window {
	return flow.Window{ID: id, Line: line, Mode: flow.ModeListed, OpensAt: opens, ClosesAt: opens.Add(lasts), Note: "note of " + id}
}

func newToken(id string) store.Token {
	return store.Token{ID: id, Name: "name of " + id, Role: store.RoleLookup, Hash: [32]byte{1, 2, 31: 32}}
}

func newCall(id string, kind store.CallKind, at time.Time) store.Call {
	return store.Call{ID: id, At: at, Kind: kind, Line: "support", Route: flow.Direct, Reason: flow.ReasonListed}
}

func createEntry(e ani.Entry) store.Change {
	return store.Change{Op: store.OpCreate, Kind: store.KindEntry, Key: e.ID, Entry: &e}
}

func updateEntry(e ani.Entry) store.Change {
	return store.Change{Op: store.OpUpdate, Kind: store.KindEntry, Key: e.ID, Entry: &e}
}

func putLine(l flow.Line) store.Change {
	return store.Change{Op: store.OpPut, Kind: store.KindLine, Key: l.Name, Line: &l}
}

func putWindow(w flow.Window) store.Change {
	return store.Change{Op: store.OpPut, Kind: store.KindWindow, Key: w.ID, Window: &w}
}

func putToken(t store.Token) store.Change {
	return store.Change{Op: store.OpPut, Kind: store.KindToken, Key: t.ID, Token: &t}
}

func remove(kind store.Kind, key string) store.Change {
	return store.Change{Op: store.OpDelete, Kind: kind, Key: key}
}

func ofCall(c store.Call) store.Mark { return store.Mark{Call: &c} }

func ofResult(id string, r flow.Result, seconds int) store.Mark {
	return store.Mark{Result: &store.CallResult{ID: id, Result: r, Duration: seconds}}
}
