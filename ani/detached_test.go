package ani_test

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"
	"weak"

	"github.com/ringthrough/ringthrough/ani"
)

// said is all that an item says.
func said(i ani.Item) string {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	return fmt.Sprint(i.IsZero(), i.ID(), i.Label(), i.Pattern(), slices.Collect(i.Lines), i.AppliesTo("a"), i.AppliesTo("b"),
		i.MinAttestation(), i.ActiveAt(at), i.State(at), i.NotBefore(), i.ExpiresAt())
}

func detachable(t *testing.T) *ani.List {
	t.Helper()
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	var entries []ani.Entry
	for n, text := range []string{"+16505550123", "+1650555*", "+16505550100-+16505550199"} {
		p, err := ani.ParsePattern(text)
		if err != nil {
			t.Fatal(err)
		}
		e := ani.NewEntry()
		e.ID, e.Pattern, e.Label, e.MinAttestation = fmt.Sprint("e", n), p, text, ani.Attestation(n)
		e.NotBefore, e.Enabled = noon.Add(time.Duration(n-1)*time.Hour), n != 2
		if n > 0 {
			e.Lines, e.ExpiresAt = []string{"a", "c"}, noon.Add(48*time.Hour)
		}
		entries = append(entries, e)
	}
	list, err := ani.NewList(slices.Values(entries))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestDetachedSaysTheSame(t *testing.T) {
	items := slices.Collect(detachable(t).All)
	for _, i := range append(items, ani.Item{}) {
		if got, want := said(i.Detached()), said(i); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestDetachedLetsItsListGo(t *testing.T) {
	list := detachable(t)
	item := slices.Collect(list.All)[0].Detached()
	held := weak.Make(list)
	for end := time.Now().Add(time.Minute); held.Value() != nil; runtime.GC() {
		if time.Now().After(end) {
			t.Fatal("the list is still there")
		}
	}
	if item.ID() == "" {
		t.Error("the item is gone, too")
	}
}
