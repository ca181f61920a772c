package notice

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

func TestUnusedWindowIsTold(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		const span = 20*time.Minute + 7*time.Second
		r.arm("w", flow.ModeListed, span)
		after(span - time.Millisecond)
		wantTold(t, r.chat)
		after(time.Millisecond)
		wantTold(t, r.chat, "window:w:closed")
		got := r.chat.told()[0]
		if got.Event != EventWindowUnused || got.Window == nil || got.Window.ID != "w" || !got.At.Equal(got.Window.ClosesAt) {
			t.Errorf("told %+v", got)
		}
		after(time.Hour)
		wantTold(t, r.chat, "window:w:closed")
	})
}

func TestWindowsThatAreNotTold(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.arm("used", flow.ModeAnyone, time.Minute)
		call := r.ring(tester)
		after(2 * time.Minute)
		r.arm("rehearsal", flow.ModeRehearsal, time.Minute, tester)
		after(2 * time.Minute)
		wantTold(t, r.chat, "call:"+call)
	})
}

// The window of a call whose row is still on its way is not unused.
func TestRowOnItsWayCounts(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.arm("w", flow.ModeListed, time.Minute)
		r.gate.hold(true)
		id := r.ring(bot)
		after(2 * time.Minute)
		wantTold(t, r.chat, "call:"+id)
		r.gate.hold(false)
		after(time.Minute)
		wantTold(t, r.chat, "call:"+id)
	})
}

// Somebody closes a window by hand, and forgets that others wait.
func TestWindowClosedByHand(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.arm("w", flow.ModeListed, time.Hour)
		after(choresEvery)
		w, err := r.gate.Window(t.Context(), "w")
		if err != nil {
			t.Fatal(err)
		}
		w.ClosesAt = time.Now()
		r.edit(store.Change{Op: store.OpUpdate, Kind: store.KindWindow, Key: "w", Window: &w})
		after(choresEvery)
		wantTold(t, r.chat, "window:w:closed")
	})
}

func TestDeletedWindowIsNotTold(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.arm("w", flow.ModeListed, time.Hour)
		after(choresEvery)
		r.edit(store.Change{Op: store.OpDelete, Kind: store.KindWindow, Key: "w"})
		after(2 * time.Hour)
		wantTold(t, r.chat)
	})
}

func TestWindowClosesWhileTheStoreIsAway(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.arm("w", flow.ModeListed, time.Minute)
		r.gate.set(true)
		after(10 * time.Minute)
		r.gate.set(false)
		after(2 * choresEvery)
		wantTold(t, r.chat, "window:w:closed")
	})
}

func TestLimitIsToldOnceASpan(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		began := time.Now().Truncate(time.Hour)
		first, second := r.ring(bot), r.ring(bot)
		after(0)
		for range 5 {
			r.ring(bot) // the limit is two an hour
		}
		after(0)
		limit := fmt.Sprintf("limit:support-us:%d", began.Unix())
		wantTold(t, r.chat, "call:"+first, "call:"+second, limit)
		got := r.chat.told()[2]
		if got.Event != EventLimit || got.Limit == nil || got.Limit.Calls != 2 || got.Limit.ANI != bot || got.Limit.DNIS != dialled || got.Limit.Label != "Meta call 1" {
			t.Errorf("told %+v", got)
		}
		// Nor again after a restart.
		r.stop()
		r.make()
		r.start()
		r.ring(bot)
		after(0)
		wantTold(t, r.chat, "call:"+first, "call:"+second, limit)
		// But in the next span.
		after(time.Until(began.Add(time.Hour)))
		third, fourth := r.ring(bot), r.ring(bot)
		after(0)
		r.ring(bot)
		after(0)
		wantTold(t, r.chat, "call:"+first, "call:"+second, limit,
			"call:"+third, "call:"+fourth, fmt.Sprintf("limit:support-us:%d", began.Add(time.Hour).Unix()))
	})
}

// expiring is an entry that expires so long from now.
func expiring(id string, in time.Duration, lines ...string) store.Change {
	e := ani.NewEntry()
	e.ID, e.Label, e.ExpiresAt = id, "Meta "+id, time.Now().Add(in)
	e.Lines = append(e.Lines, lines...)
	p, err := ani.ParsePattern(fmt.Sprintf("+1650555%04d", 1000+len(id)*100+int(in/time.Hour)))
	if err != nil {
		panic("pattern " + err.Error())
	}
	e.Pattern = p
	return store.Change{Op: store.OpCreate, Kind: store.KindEntry, Key: id, Entry: &e}
}

func expiryID(id string, in time.Duration) string {
	return fmt.Sprintf("expiry:%s:%d:support-us", id, time.Now().Add(in).Unix())
}

func TestExpiryIsTold(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.edit(expiring("soon", 5*time.Hour), expiring("within", 30*time.Hour, "support-us"), expiring("beyond", 60*time.Hour))
		after(time.Minute)
		wantTold(t, r.chat) // nobody waits
		r.arm("w", flow.ModeListed, 48*time.Hour)
		soon, within := expiryID("soon", 5*time.Hour-time.Minute), expiryID("within", 30*time.Hour-time.Minute)
		after(choresEvery)
		wantTold(t, r.chat, soon, within)
		got := r.chat.told()[0]
		if got.Event != EventExpiry || got.Entry == nil || got.Entry.ID != "soon" || got.Window == nil || got.Window.ID != "w" || got.More != 0 {
			t.Errorf("told %+v", got)
		}
		after(4 * time.Hour)
		wantTold(t, r.chat, soon, within)
		// Nor again after a restart.
		r.stop()
		r.make()
		r.start()
		after(time.Minute)
		wantTold(t, r.chat, soon, within)
		// But to whoever is new.
		late := &mailbox{}
		one := &destination{name: "late", events: Events(), sender: late}
		r.notifier.SetDestinations(&Destinations{all: []*destination{one}, byName: map[string]*destination{"late": one}})
		after(time.Minute)
		wantTold(t, late, soon, within)
	})
}

func TestExpiryWithinADay(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.edit(expiring("tonight", 23*time.Hour), expiring("tomorrow", 25*time.Hour))
		r.arm("w", flow.ModeListed, 10*time.Minute)
		tonight := expiryID("tonight", 23*time.Hour)
		after(choresEvery)
		wantTold(t, r.chat, tonight)
		// An anyone window needs no entry.
		after(10 * time.Minute)
		r.edit(expiring("later", 5*time.Hour))
		r.arm("a", flow.ModeAnyone, time.Hour)
		after(choresEvery)
		wantTold(t, r.chat, tonight, "window:w:closed")
	})
}

// A long list that expires tonight is told of in few words.
func TestManyExpire(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		var changes []store.Change
		for i := range 25 {
			e := ani.NewEntry()
			e.ID, e.Pattern, e.ExpiresAt = fmt.Sprintf("x%02d", i), ani.PatternOf(ani.MustParse(fmt.Sprintf("+165055502%02d", i))), time.Now().Add(time.Hour)
			changes = append(changes, store.Change{Op: store.OpCreate, Kind: store.KindEntry, Key: e.ID, Entry: &e})
		}
		r.edit(changes...)
		r.arm("w", flow.ModeListed, 3*time.Hour)
		after(choresEvery)
		told := r.chat.told()
		if len(told) != maxExpiring {
			t.Fatalf("%d told", len(told))
		}
		for _, n := range told {
			if want := map[bool]int{true: 15}[n.Entry.ID == "x09"]; n.More != want {
				t.Errorf("%s tells of %d more, want %d", n.Entry.ID, n.More, want)
			}
		}
		synctest.Wait()
	})
}
