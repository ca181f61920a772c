package storetest

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/ringthrough/ringthrough/flow/store"
)

var edits = map[string]func(*kit){
	"revisions count from 1 without gaps":        revisionsCount,
	"an edit without changes is a revision too":  emptyEdit,
	"all of it or nothing":                       allOrNothing,
	"the change that can't be made is named":     refusals,
	"each operation on what is and isn't there":  operations,
	"versions count from 1":                      versions,
	"the version asked for":                      staleness,
	"what the store keeps itself":                ownFields,
	"the revision that it was made for":          nextRevision,
	"a version that goes on":                     versionGoesOn,
	"what is there doesn't go on from elsewhere": nothingGoesOn,
	"hits and calls survive an update":           counted,
	"the key wins over the value's own":          keyWins,
	"an update that changes nothing is a change": sameAgain,
	"a change that no store could make":          misuse,
	"changes may read the store as it was":       readingChanges,
	"changes that panic leave nothing behind":    panickingChanges,
}

func revisionsCount(k *kit) {
	state, _ := k.load(noon)
	k.diff("revision of an empty store", store.Revision{}, state.Revision)
	for n := uint64(1); n <= 5; n++ {
		at := noon.Add(time.Duration(n) * time.Millisecond)
		got := k.editAt(at, createEntry(newEntry("e"+strconv.Itoa(int(n)), number(int(n)))))
		k.diff("revision", store.Revision{N: n, At: at}, got)
		if err := k.try(createEntry(newEntry("e1", number(100)))); err == nil {
			k.Fatal("an id was given twice")
		}
		state, _ := k.load(noon)
		k.diff("loaded revision", got, state.Revision)
	}
}

func emptyEdit(k *kit) {
	k.diff("revision", uint64(1), k.edit().N)
	k.diff("revision", uint64(2), k.edit().N)
}

func allOrNothing(k *kit) {
	k.edit(createEntry(newEntry("a", number(1))), putLine(newLine("support")))
	before := k.dump()
	changed := newEntry("a", number(1))
	changed.Label = "changed"
	window, token := newWindow("w", "support", noon, time.Hour), newToken("t")
	made := []store.Change{
		createEntry(newEntry("b", number(2))), updateEntry(changed), putLine(newLine("sales")),
		remove(store.KindLine, "support"), putWindow(window), putToken(token),
	}
	refused := map[string]store.Change{
		"taken id":        createEntry(newEntry("a", number(3))),
		"taken pattern":   createEntry(newEntry("c", number(1))),
		"nothing there":   remove(store.KindToken, "nobody's"),
		"another version": {Op: store.OpDelete, Kind: store.KindEntry, Key: "a", IfVersion: 7},
	}
	for name, c := range refused {
		if k.try(append(slices.Clone(made), c)...) == nil {
			k.Errorf("%s: the edit was made", name)
		}
		k.diff(name+": the store afterwards", before, k.dump())
	}
	k.edit(made...)
}

func refusals(k *kit) {
	k.edit(createEntry(newEntry("a", number(1))), putLine(newLine("support")))
	fine := createEntry(newEntry("b", number(2)))
	for name, c := range map[string]struct {
		change store.Change
		want   error
	}{
		"taken":     {createEntry(newEntry("a", number(3))), store.ErrTaken},
		"pattern":   {createEntry(newEntry("c", number(1))), store.ErrTaken},
		"not found": {remove(store.KindLine, "sales"), store.ErrNotFound},
		"stale":     {store.Change{Op: store.OpDelete, Kind: store.KindLine, Key: "support", IfVersion: 9}, store.ErrStale},
	} {
		err := k.try(fine, c.change)
		k.diff(name, c.want, err)
		var e *store.ChangeError
		if !errors.As(err, &e) {
			k.Errorf("%s: %v is no ChangeError", name, err)
			continue
		}
		k.diff(name+": the change", c.change, e.Change)
		if errors.Is(err, store.ErrUnavailable) {
			k.Errorf("%s: %v says that the store is unavailable", name, err)
		}
	}
}

// operations tries every operation on every kind, first where nothing is
// there and then where something is.
func operations(k *kit) {
	e, l, w, t := newEntry("x", number(1)), newLine("x"), newWindow("x", "x", noon, time.Hour), newToken("x")
	for _, kind := range []store.Kind{store.KindEntry, store.KindLine, store.KindWindow, store.KindToken} {
		of := func(op store.Op) store.Change {
			if op == store.OpDelete {
				return remove(kind, "x")
			}
			return store.Change{Op: op, Kind: kind, Key: "x", Entry: &e, Line: &l, Window: &w, Token: &t}
		}
		for i, step := range []struct {
			op   store.Op
			want error
		}{
			{store.OpUpdate, store.ErrNotFound},
			{store.OpDelete, store.ErrNotFound},
			{store.OpPut, nil},
			{store.OpCreate, store.ErrTaken},
			{store.OpPut, nil},
			{store.OpUpdate, nil},
			{store.OpDelete, nil},
			{store.OpDelete, store.ErrNotFound},
			{store.OpCreate, nil},
		} {
			if err := k.try(of(step.op)); !errors.Is(err, step.want) {
				k.Errorf("%s, step %d: %s gave %v, want %v", kind, i, step.op, err, step.want)
			}
		}
	}
}

func versions(k *kit) {
	e, l := newEntry("a", number(1)), newLine("support")
	for n := int64(1); n <= 3; n++ {
		at := noon.Add(time.Duration(n) * time.Hour)
		put := store.Change{Op: store.OpPut, Kind: store.KindEntry, Key: "a", Entry: &e}
		k.editAt(at, put, putLine(l))
		got, line := k.entry("a"), get(k, k.s.Line, "support")
		k.diff("version", []int64{n, n}, []int64{got.Version, line.Version})
		k.diff("created", []time.Time{noon.Add(time.Hour), noon.Add(time.Hour)}, []time.Time{got.CreatedAt, line.CreatedAt})
		k.diff("updated", []time.Time{at, at}, []time.Time{got.UpdatedAt, line.UpdatedAt})
	}
	k.edit(remove(store.KindEntry, "a"), createEntry(e))
	k.diff("version of another entry with that id", int64(1), k.entry("a").Version)
}

func staleness(k *kit) {
	e, l := newEntry("a", number(1)), newLine("support")
	k.edit(createEntry(e), putLine(l))
	at := func(op store.Op, kind store.Kind, version int64) store.Change {
		c := store.Change{Op: op, Kind: kind, Key: "a", IfVersion: version, Entry: &e}
		if kind == store.KindLine {
			c.Key, c.Entry, c.Line = "support", nil, &l
		}
		return c
	}
	for _, kind := range []store.Kind{store.KindEntry, store.KindLine} {
		k.diff("the version to come", store.ErrStale, k.try(at(store.OpUpdate, kind, 2)))
		k.must(k.try(at(store.OpUpdate, kind, 1)))
		k.diff("the version before", store.ErrStale, k.try(at(store.OpPut, kind, 1)))
		k.must(k.try(at(store.OpPut, kind, 2), at(store.OpPut, kind, 3)))
		k.diff("the version before, to delete", store.ErrStale, k.try(at(store.OpDelete, kind, 3)))
		k.must(k.try(at(store.OpUpdate, kind, 0)))
		k.must(k.try(at(store.OpDelete, kind, 5)))
		k.diff("a version of what isn't there", store.ErrStale, k.try(at(store.OpPut, kind, 5)))
		k.diff("an update of what isn't there", store.ErrNotFound, k.try(at(store.OpUpdate, kind, 5)))
	}
	w := newWindow("w", "support", noon, time.Hour)
	k.edit(putWindow(w))
	k.edit(store.Change{Op: store.OpUpdate, Kind: store.KindWindow, Key: "w", IfVersion: 42, Window: &w})
}

func ownFields(k *kit) {
	past := noon.Add(-time.Hour)
	e := newEntry("a", number(1))
	e.CreatedAt, e.CreatedBy, e.UpdatedAt, e.Version, e.Hits, e.LastHitAt = past, "somebody", past, 77, 99, past
	w := newWindow("w", "support", noon, time.Hour)
	w.Calls, w.CreatedAt, w.CreatedBy = 5, past, "somebody"
	t := newToken("t")
	t.CreatedAt, t.CreatedBy = past, "somebody"
	check := func(what string, updated time.Time, version int64) {
		k.Helper()
		want := e
		want.CreatedAt, want.CreatedBy, want.UpdatedAt, want.Version, want.Hits, want.LastHitAt = noon, ops.Name, updated, version, 0, time.Time{}
		k.diff(what+" entry", want, k.entry("a"))
		wantWindow := w
		wantWindow.Calls, wantWindow.CreatedAt, wantWindow.CreatedBy = 0, noon, ops.Name
		k.diff(what+" window", wantWindow, get(k, k.s.Window, "w"))
		wantToken := t
		wantToken.CreatedAt, wantToken.CreatedBy = noon, ops.Name
		found, err := k.s.Tokens(k.ctx)
		k.must(err)
		k.diff(what+" tokens", []store.Token{wantToken}, found)
	}
	k.edit(createEntry(e), putWindow(w), putToken(t))
	check("created", noon, 1)
	e.Source, w.MaxCalls, t.Hash[1], t.Name, t.Role, t.ExpiresAt = "ticket 4711", 3, 99, "renamed", store.RoleAdmin, noon
	_, err := k.s.Edit(k.ctx, store.Edit{
		Author: store.Author{Name: "kim"}, At: noon.Add(time.Minute),
		Changes: slices.Values([]store.Change{updateEntry(e), putWindow(w), putToken(t)}),
	})
	k.must(err)
	check("updated", noon.Add(time.Minute), 2)
}

// nextRevision makes edits for the revision that comes next, and for others.
func nextRevision(k *kit) {
	read := 0
	try := func(next uint64, changes ...store.Change) (store.Revision, error) {
		return k.s.Edit(k.ctx, store.Edit{Author: ops, At: noon, Next: next, Changes: func(yield func(store.Change) bool) {
			read++
			for _, c := range changes {
				if !yield(c) {
					return
				}
			}
		}})
	}
	for n := uint64(1); n <= 3; n++ {
		before := k.dump()
		for _, next := range []uint64{n - 1, n + 1, math.MaxUint64} {
			if next == 0 {
				continue
			}
			read = 0
			_, err := try(next, putLine(newLine("support")))
			k.diff("an edit for another revision", store.ErrBehind, err)
			k.diff("changes of it that were read", 0, read)
			if errors.Is(err, store.ErrUnavailable) {
				k.Errorf("%v says that the store is unavailable", err)
			}
		}
		k.diff("the store afterwards", before, k.dump())
		r, err := try(n, putLine(newLine("support")))
		k.must(err)
		k.diff("the revision", store.Revision{N: n, At: noon}, r)
	}
	k.diff("for none in particular", uint64(4), k.edit().N)
}

// versionGoesOn creates things anew that were there before.
func versionGoesOn(k *kit) {
	past := noon.Add(-time.Hour)
	e := newEntry("a", number(1))
	e.CreatedAt, e.CreatedBy, e.Hits, e.LastHitAt, e.Version = past.Add(999), "somebody", 99, past.Add(time.Minute+999), 4711
	l := newLine("support")
	for n, op := range []store.Op{store.OpCreate, store.OpPut} {
		since := int64(7 * (n + 1))
		k.edit(store.Change{Op: op, Kind: store.KindEntry, Key: "a", Since: since, Entry: &e},
			store.Change{Op: op, Kind: store.KindLine, Key: "support", Since: since, Line: &l})
		want := e
		want.CreatedAt, want.LastHitAt, want.UpdatedAt, want.Version = past, past.Add(time.Minute), noon, since+1
		k.diff("entry", want, k.entry("a"))
		k.diff("line", store.Line{Line: l, Version: since + 1, CreatedAt: noon, UpdatedAt: noon}, get(k, k.s.Line, "support"))
		k.diff("what history has", string(k.json(want)), string(k.changes(k.edit().N - 1)[0].After))
		k.edit(updateEntry(e), putLine(l))
		k.diff("after an update", []int64{since + 2, since + 2, 99}, []int64{k.entry("a").Version, get(k, k.s.Line, "support").Version, k.entry("a").Hits})
		k.edit(remove(store.KindEntry, "a"), remove(store.KindLine, "support"))
	}
	k.diff("an update of what isn't there", store.ErrNotFound,
		k.try(store.Change{Op: store.OpUpdate, Kind: store.KindEntry, Key: "a", Since: 3, Entry: &e}))
}

// nothingGoesOn asks to go on from a version where something is there.
func nothingGoesOn(k *kit) {
	e, l := newEntry("a", number(1)), newLine("support")
	k.edit(createEntry(e), putLine(l))
	e.CreatedAt, e.CreatedBy, e.Hits = noon.Add(-time.Hour), "somebody", 99
	for _, op := range []store.Op{store.OpPut, store.OpUpdate} {
		k.edit(store.Change{Op: op, Kind: store.KindEntry, Key: "a", Since: 70, Entry: &e},
			store.Change{Op: op, Kind: store.KindLine, Key: "support", Since: 70, Line: &l})
	}
	got, line := k.entry("a"), get(k, k.s.Line, "support")
	k.diff("versions", []int64{3, 3}, []int64{got.Version, line.Version})
	k.diff("creation and hits", []any{noon, ops.Name, int64(0)}, []any{got.CreatedAt, got.CreatedBy, got.Hits})
	for _, c := range []store.Change{
		{Op: store.OpCreate, Kind: store.KindEntry, Key: "a", Since: 70, Entry: &e},
		{Op: store.OpCreate, Kind: store.KindLine, Key: "support", Since: 70, Line: &l},
	} {
		k.diff("a create", store.ErrTaken, k.try(c))
	}
}

func counted(k *kit) {
	k.edit(createEntry(newEntry("a", number(1))), putWindow(newWindow("w", "support", noon, time.Hour)))
	c := newCall("c", store.CallDirect, noon)
	c.Entry, c.Window = "a", "w"
	k.record(ofCall(c))
	k.edit(updateEntry(newEntry("a", number(2))), putWindow(newWindow("w", "support", noon, 2*time.Hour)))
	e, w := k.entry("a"), get(k, k.s.Window, "w")
	k.diff("hits", int64(1), e.Hits)
	k.diff("last hit", noon, e.LastHitAt)
	k.diff("calls", 1, w.Calls)
	k.diff("the rest is changed", []any{pattern(number(2)), noon.Add(2 * time.Hour)}, []any{e.Pattern, w.ClosesAt})
}

func keyWins(k *kit) {
	e, l, w, t := newEntry("other", number(1)), newLine("other"), newWindow("other", "support", noon, time.Hour), newToken("other")
	for _, kind := range []store.Kind{store.KindEntry, store.KindLine, store.KindWindow, store.KindToken} {
		k.edit(store.Change{Op: store.OpCreate, Kind: kind, Key: "key", Entry: &e, Line: &l, Window: &w, Token: &t})
	}
	state, found := k.load(noon)
	k.diff("names", []string{"key", "key", "key", "key"}, []string{found[0].ID, state.Lines[0].Name, state.Windows[0].ID, state.Tokens[0].ID})
	k.diff("values are left as they were", []string{"other", "other"}, []string{e.ID, l.Name})
}

func sameAgain(k *kit) {
	e := newEntry("a", number(1))
	k.edit(createEntry(e))
	k.diff("revision", uint64(2), k.editAt(noon.Add(time.Hour), updateEntry(e)).N)
	got := k.entry("a")
	k.diff("version and time", []any{int64(2), noon.Add(time.Hour)}, []any{got.Version, got.UpdatedAt})
}

func misuse(k *kit) {
	before := k.dump()
	e := newEntry("a", number(1))
	for name, c := range map[string]store.Change{
		"no value":          {Op: store.OpCreate, Kind: store.KindEntry, Key: "a"},
		"another's value":   {Op: store.OpPut, Kind: store.KindLine, Key: "a", Entry: &e},
		"no key":            {Op: store.OpCreate, Kind: store.KindEntry, Entry: &e},
		"unknown kind":      {Op: store.OpCreate, Kind: "list", Key: "a", Entry: &e},
		"unknown operation": {Op: "upsert", Kind: store.KindEntry, Key: "a", Entry: &e},
	} {
		err := k.try(c)
		if err == nil || errors.Is(err, store.ErrUnavailable) {
			k.Errorf("%s: gave %v, want an error that is no fault of the store", name, err)
		}
	}
	k.diff("the store afterwards", before, k.dump())
}

func readingChanges(k *kit) {
	k.edit(createEntry(newEntry("a", number(1))))
	seen := -1
	_, err := k.s.Edit(k.ctx, store.Edit{Author: ops, At: noon, Changes: func(yield func(store.Change) bool) {
		if !yield(createEntry(newEntry("b", number(2)))) {
			return
		}
		page, err := k.s.Entries(k.ctx, store.EntryQuery{Limit: 10})
		if err == nil {
			seen = len(page.Items)
		}
	}})
	k.must(err)
	k.diff("entries seen while editing", 1, seen)
}

func panickingChanges(k *kit) {
	k.edit(createEntry(newEntry("a", number(1))))
	before := k.dump()
	func() {
		defer func() { _ = recover() }()
		_, _ = k.s.Edit(k.ctx, store.Edit{Author: ops, At: noon, Changes: func(yield func(store.Change) bool) {
			yield(createEntry(newEntry("b", number(2))))
			panic("the source of changes broke")
		}})
	}()
	k.diff("the store afterwards", before, k.dump())
	k.edit(createEntry(newEntry("b", number(2))))
}
