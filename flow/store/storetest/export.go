package storetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

var exports = map[string]func(*kit){
	"an empty store":                    exportEmpty,
	"all of it, in order":               exportAll,
	"until somebody has enough":         exportSome,
	"an export is as of one moment":     raceExport,
	"entries that have one of patterns": byPatterns,
}

// exported is what an export hands over.
type exported struct {
	Revision store.Revision
	Lines    []store.Line
	Entries  []ani.Entry
}

func (k *kit) export() exported {
	k.Helper()
	var x exported
	k.must(k.s.Export(k.ctx, func(r store.Revision, lines []store.Line) bool {
		x.Revision, x.Lines = r, lines
		return true
	}, func(e ani.Entry) bool {
		x.Entries = append(x.Entries, e)
		return true
	}))
	return x
}

func exportEmpty(k *kit) {
	k.diff("export", exported{}, k.export())
}

func exportAll(k *kit) {
	creates := []store.Change{putLine(newLine("support")), putLine(newLine("sales")), putWindow(newWindow("w", "support", noon, time.Hour))}
	for _, e := range many() {
		creates = append(creates, createEntry(e))
	}
	for _, p := range []string{"+1650555*", "+16505550100-+16505550199", "+442079460000"} {
		creates = append(creates, createEntry(newEntry(p, p)))
	}
	r := k.edit(creates...)
	lines, err := k.s.Lines(k.ctx)
	k.must(err)
	_, loaded := k.load(noon)
	slices.SortFunc(loaded, func(a, b ani.Entry) int { return strings.Compare(a.Pattern.String(), b.Pattern.String()) })
	k.diff("export", exported{r, lines, loaded}, k.export())
}

func exportSome(k *kit) {
	k.edit(putLine(newLine("support")))
	for n := range 5 {
		k.edit(createEntry(newEntry(fmt.Sprint("e", n), number(n))))
	}
	for _, enough := range []int{0, 1, 3} {
		heads, seen := 0, 0
		k.must(k.s.Export(k.ctx, func(store.Revision, []store.Line) bool {
			heads++
			return enough > 0
		}, func(ani.Entry) bool {
			seen++
			return seen < enough
		}))
		k.diff("heads and entries handed over", []int{1, enough}, []int{heads, seen})
	}
}

// raceExport adds an entry and a line with each edit: every export must find
// as many of each as its revision says.
func raceExport(k *kit) {
	const edits = 40
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
			var n, lines, entries int
			err := k.s.Export(k.ctx, func(r store.Revision, l []store.Line) bool {
				n, lines = int(r.N), len(l)
				return true
			}, func(ani.Entry) bool {
				entries++
				return true
			})
			if err != nil {
				k.Error(err)
				return
			}
			k.diff("lines and entries", []int{n, n}, []int{lines, entries})
		}
	})
}

func byPatterns(k *kit) {
	var creates []store.Change
	var asked []ani.Pattern
	for n := range 1500 {
		p := number(n)
		if n < 1000 {
			asked = append(asked, pattern(p))
		}
		creates = append(creates, createEntry(newEntry("e"+p, p)))
	}
	k.edit(append(creates, createEntry(newEntry("prefix", "+1650556*")))...)
	for name, c := range map[string]struct {
		asked []ani.Pattern
		want  int
	}{
		"none":                     {nil, 0},
		"one":                      {asked[:1], 1},
		"a prefix":                 {[]ani.Pattern{pattern("+1650556*")}, 1},
		"one that isn't there":     {[]ani.Pattern{pattern("+1650557*")}, 0},
		"one that is in another":   {[]ani.Pattern{pattern("+16505560001")}, 0},
		"one of two, asked twice":  {[]ani.Pattern{asked[7], pattern("+1650557*"), asked[7]}, 1},
		"as many as may be asked":  {asked, 1000},
		"the pattern that is none": {[]ani.Pattern{{}}, 0},
	} {
		found, err := k.s.EntriesByPattern(k.ctx, c.asked)
		k.must(err)
		k.diff(name, c.want, len(found))
		for _, e := range found {
			if !slices.Contains(c.asked, e.Pattern) {
				k.Errorf("%s: found %s, which nobody asked for", name, e.Pattern)
			}
			k.diff(name, k.entry(e.ID), e)
		}
	}
}
