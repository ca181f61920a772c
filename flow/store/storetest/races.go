package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

var keys = map[string]func(*kit){
	"a key is made once":       keyOnce,
	"keys differ by name":      keyNames,
	"one key for all who race": keyRace,
}

func keyOnce(k *kit) {
	first := get(k, k.s.Key, "signing")
	k.diff("length", 32, len(first))
	k.diff("asked again", first, get(k, k.s.Key, "signing"))
	k.s = k.reopen()
	k.diff("after reopening", first, get(k, k.s.Key, "signing"))
	state, _ := k.load(noon)
	k.diff("revision", store.Revision{}, state.Revision)
}

func keyNames(k *kit) {
	if slices.Equal(get(k, k.s.Key, "signing"), get(k, k.s.Key, "sessions")) {
		k.Error("two names have one key")
	}
}

func keyRace(k *kit) {
	const askers = 16
	got := make([][]byte, askers)
	together(askers, func(n int) {
		secret, err := k.s.Key(k.ctx, "signing")
		if err != nil {
			k.Error(err)
		}
		got[n] = secret
	})
	for _, secret := range got {
		k.diff("key", got[0], secret)
	}
}

var races = map[string]func(*kit){
	"each edit has a revision of its own":  raceRevisions,
	"no update is lost":                    raceUpdates,
	"edits, records and readers at a time": raceAll,
	"a load is as of one moment":           raceLoad,
}

// together runs n tasks at once and waits for them.
func together(n int, task func(int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { task(i) })
	}
	wg.Wait()
}

func raceRevisions(k *kit) {
	const editors, each = 8, 10
	var mu sync.Mutex
	var got []uint64
	together(editors, func(i int) {
		for n := range each {
			r, err := k.s.Edit(k.ctx, store.Edit{Author: ops, At: noon, Changes: slices.Values([]store.Change{
				createEntry(newEntry(fmt.Sprint(i, "/", n), number(i*each+n))),
			})})
			if err != nil {
				k.Error(err)
			}
			mu.Lock()
			got = append(got, r.N)
			mu.Unlock()
		}
	})
	slices.Sort(got)
	for i, n := range got {
		k.diff("revision", uint64(i+1), n)
	}
	_, found := k.load(noon)
	k.diff("entries", editors*each, len(found))
}

// raceUpdates has editors add to one number, each on the version it read.
func raceUpdates(k *kit) {
	const editors, each = 4, 10
	count := newEntry("count", number(1))
	count.Note = ""
	k.edit(createEntry(count))
	together(editors, func(int) {
		for range each {
			for {
				e, err := k.s.Entry(k.ctx, "count")
				if err != nil {
					k.Error(err)
					return
				}
				c := updateEntry(e)
				c.Entry.Note += "i"
				c.IfVersion = e.Version
				if err = k.try(c); err == nil {
					break
				}
				if !errors.Is(err, store.ErrStale) {
					k.Error(err)
					return
				}
			}
		}
	})
	got := k.entry("count")
	k.diff("updates", []int{editors * each, editors*each + 1}, []int{len(got.Note), int(got.Version)})
}

func raceAll(k *kit) {
	of := k.counting()
	const each = 20
	var latest ani.Entry
	tasks := []func(n int) error{
		func(n int) error { return k.try(updateEntry(newEntry("a", number(n)))) },
		func(n int) error { return k.try(putLine(newLine("support"))) },
		func(n int) error {
			return k.s.Record(k.ctx, []store.Mark{of(fmt.Sprint("x", n), store.CallDirect, noon)})
		},
		func(n int) error {
			return k.s.Record(k.ctx, []store.Mark{of(fmt.Sprint("y", n), store.CallDirect, noon)})
		},
		func(n int) error {
			_, err := k.s.Load(k.ctx, noon, func(e ani.Entry) bool { latest = e; return true })
			return err
		},
		func(n int) error {
			_, err := k.s.Calls(k.ctx, store.CallQuery{Limit: 100})
			return err
		},
		func(n int) error { return k.s.Ping(k.ctx) },
	}
	together(len(tasks), func(i int) {
		for n := range each {
			if err := tasks[i](n); err != nil {
				k.Errorf("task %d: %v", i, err)
			}
		}
	})
	k.diff("hits and calls", [2]int{2 * each, 2 * each}, k.counts())
	k.diff("version", int64(each+1), k.entry("a").Version)
	k.diff("version of the line", int64(each), get(k, k.s.Line, "support").Version)
	k.diff("entry that was loaded", "a", latest.ID)
	state, _ := k.load(noon)
	k.diff("revision", uint64(2*each+1), state.Revision.N)
}

// raceLoad adds an entry, a line, a window and a token with each edit: every
// load must find as many of each as it finds revisions.
func raceLoad(k *kit) {
	const edits = 40
	done := make(chan struct{})
	together(2, func(i int) {
		if i == 0 {
			defer close(done)
			for n := range edits {
				id := fmt.Sprint("x", n)
				if err := k.try(createEntry(newEntry(id, number(n))), putLine(newLine(id)),
					putWindow(newWindow(id, id, noon, time.Hour)), putToken(newToken(id))); err != nil {
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
			var found int
			state, err := k.s.Load(k.ctx, noon, func(ani.Entry) bool { found++; return true })
			if err != nil {
				k.Error(err)
				return
			}
			n := int(state.Revision.N)
			k.diff("entries, lines, windows and tokens", []int{n, n, n, n}, []int{found, len(state.Lines), len(state.Windows), len(state.Tokens)})
		}
	})
}
