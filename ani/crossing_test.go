package ani_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/ringthrough/ringthrough/ani"
)

func TestCheckCrossing(t *testing.T) {
	for _, tt := range []struct {
		name    string
		on      []string // the last one is changed
		crosses string   // empty: nothing
	}{
		{"a range alone", []string{"+16505550100-+16505550199"}, ""},
		{"side by side", []string{"+16505550100-+16505550199", "+16505550200-+16505550299"}, ""},
		{"one number in both", []string{"+16505550100-+16505550199", "+16505550199-+16505550299"}, "+16505550100-+16505550199"},
		{"the other way round", []string{"+16505550199-+16505550299", "+16505550100-+16505550199"}, "+16505550199-+16505550299"},
		{"one within the other", []string{"+16505550100-+16505550199", "+16505550120-+16505550129"}, ""},
		{"one around the other", []string{"+16505550120-+16505550129", "+16505550100-+16505550199"}, ""},
		{"from the same start", []string{"+16505550100-+16505550199", "+16505550100-+16505550149"}, ""},
		{"to the same end", []string{"+16505550100-+16505550199", "+16505550150-+16505550199"}, ""},
		{"crosses what lies within another", []string{"+16505550100-+16505550199", "+16505550120-+16505550139", "+16505550130-+16505550149"}, "+16505550120-+16505550139"},
		{"a prefix crosses no range", []string{"+1650555*", "+16505559000-+16505560000"}, ""},
		{"numbers of another length", []string{"+1650555010-+1650555019", "+16505550100-+16505550199"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l, changed := listed(t, tt.on...)
			err := l.CheckCrossing(map[ani.Pattern]bool{changed: true})
			var crossing *ani.CrossingError
			switch {
			case tt.crosses == "" && err != nil:
				t.Error(err)
			case tt.crosses != "" && (!errors.As(err, &crossing) || crossing.Pattern != changed || crossing.Other.String() != tt.crosses):
				t.Errorf("%v, want it to cross %s", err, tt.crosses)
			}
		})
	}
}

// Nothing is found where no range was changed, and with all of them changed
// just what any two ranges say of each other.
func TestCheckCrossingSeesEveryPair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := map[string]bool{}
		spans := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) [2]int {
			from := rapid.IntRange(0, 40).Draw(t, "from")
			return [2]int{from, from + rapid.IntRange(1, 12).Draw(t, "width")}
		}), 0, 8).Draw(t, "spans")
		changed := map[ani.Pattern]bool{}
		var all []string
		want := false
		for i, a := range spans {
			text := rangeText(a)
			if !texts[text] {
				texts[text] = true
				all = append(all, text)
			}
			for _, b := range spans[:i] {
				want = want || a[0] < b[0] && b[0] <= a[1] && a[1] < b[1] || b[0] < a[0] && a[0] <= b[1] && b[1] < a[1]
			}
		}
		l, _ := listed(t, all...)
		for _, text := range all {
			p, err := ani.ParsePattern(text)
			if err != nil {
				t.Fatal(err)
			}
			changed[p] = true
		}
		if err := l.CheckCrossing(nil); err != nil {
			t.Errorf("nothing was changed: %v", err)
		}
		if err := l.CheckCrossing(changed); (err != nil) != want {
			t.Errorf("%v: %v, want a crossing: %t", all, err, want)
		}
	})
}

func rangeText(span [2]int) string {
	return fmt.Sprintf("+165055501%02d-+165055501%02d", span[0], span[1])
}

// listed is a list of patterns, and the last of them.
func listed(t interface{ Fatal(args ...any) }, patterns ...string) (l *ani.List, last ani.Pattern) {
	var entries []ani.Entry
	for i, text := range patterns {
		p, err := ani.ParsePattern(text)
		if err != nil {
			t.Fatal(err)
		}
		e := ani.NewEntry()
		e.ID, e.Pattern = fmt.Sprint("e", i), p
		entries, last = append(entries, e), p
	}
	l, err := ani.NewList(slices.Values(entries))
	if err != nil {
		t.Fatal(err)
	}
	return l, last
}
