package storetest

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/ringthrough/ringthrough/flow/store"
)

var deliveries = map[string]func(*kit){
	"what is enqueued is claimed":               deliverWhole,
	"one notice, several destinations":          deliverEach,
	"what was enqueued before is passed over":   deliverOnce,
	"nothing is due before its time":            deliverDue,
	"a claim that nobody settles":               deliverAbandoned,
	"a claim that is settled for later":         deliverLater,
	"a claim that is settled for good":          deliverDone,
	"as many as asked for, the longest due":     deliverSome,
	"settling what isn't there":                 deliverUnknown,
	"what was settled a week before is no more": deliverForgotten,
	"deliveries outlive the process":            deliverReopened,
	"each is given to one who claims":           raceClaims,
}

func newDelivery(notice, destination string, at time.Time) store.Delivery {
	return store.Delivery{Notice: notice, Destination: destination, Body: json.RawMessage(`{"of":"` + notice + `"}`), At: at}
}

func (k *kit) enqueue(deliveries ...store.Delivery) {
	k.Helper()
	k.must(k.s.Enqueue(k.ctx, deliveries))
}

// claim gives what is due at a time, for a minute.
func (k *kit) claim(now time.Time) []store.Delivery {
	k.Helper()
	claimed, err := k.s.Claim(k.ctx, now, now.Add(time.Minute), 100)
	k.must(err)
	return claimed
}

// tried is d after so many tries.
func tried(d store.Delivery, tries int) store.Delivery {
	d.Tries = tries
	return d
}

func deliverWhole(k *kit) {
	d := newDelivery("n", "mail", noon.Add(999999))
	d.Body = json.RawMessage("{\"text\": \"pick up, it is a robot: <é>\",\n\"n\":1.50}")
	d.Tries = 7
	k.enqueue(d)
	k.enqueue()
	want := tried(d, 1)
	want.At = noon
	k.diff("claimed", []store.Delivery{want}, k.claim(noon))
}

func deliverEach(k *kit) {
	mail, chat := newDelivery("n", "mail", noon), newDelivery("n", "chat", noon)
	k.enqueue(mail, chat)
	k.diff("claimed", []store.Delivery{tried(chat, 1), tried(mail, 1)}, k.claim(noon))
	k.must(k.s.Settle(k.ctx, "n", "chat", time.Time{}, ""))
	k.must(k.s.Settle(k.ctx, "n", "mail", noon.Add(time.Second), "the mail server said no"))
	k.diff("claimed again", []store.Delivery{tried(mail, 2)}, k.claim(noon.Add(time.Second)))
}

func deliverOnce(k *kit) {
	d := newDelivery("n", "mail", noon)
	again := newDelivery("n", "mail", noon.Add(time.Hour))
	again.Body = json.RawMessage(`{"told":"again"}`)
	k.enqueue(d, again)
	k.enqueue(again)
	k.diff("claimed", []store.Delivery{tried(d, 1)}, k.claim(noon))
	k.enqueue(again)
	k.diff("claimed while it is", 0, len(k.claim(noon)))
	k.must(k.s.Settle(k.ctx, "n", "mail", time.Time{}, ""))
	k.enqueue(again, newDelivery("other", "mail", noon.Add(time.Hour)))
	k.diff("claimed when it was made", []store.Delivery{tried(newDelivery("other", "mail", noon.Add(time.Hour)), 1)}, k.claim(noon.Add(2*time.Hour)))
}

func deliverDue(k *kit) {
	k.enqueue(newDelivery("n", "mail", noon))
	k.diff("before", 0, len(k.claim(noon.Add(-time.Millisecond))))
	k.diff("at its time", 1, len(k.claim(noon)))
}

func deliverAbandoned(k *kit) {
	d := newDelivery("n", "mail", noon)
	k.enqueue(d)
	for try := range 4 {
		now := noon.Add(time.Duration(try) * time.Minute)
		k.diff("at the end of the claim", []store.Delivery{tried(d, try+1)}, k.claim(now))
		k.diff("before it", 0, len(k.claim(now.Add(time.Minute-time.Millisecond))))
	}
	later := noon.Add(time.Hour)
	claimed, err := k.s.Claim(k.ctx, later, later.Add(1), 1)
	k.must(err)
	k.diff("claimed for a nanosecond", 1, len(claimed))
	k.diff("at once", 0, len(k.claim(later)))
	k.diff("what is finer counts as a millisecond", 1, len(k.claim(later.Add(time.Millisecond))))
}

func deliverLater(k *kit) {
	d := newDelivery("n", "mail", noon)
	k.enqueue(d)
	k.claim(noon)
	k.must(k.s.Settle(k.ctx, "n", "mail", noon.Add(time.Hour), "the mail server said no"))
	k.diff("before", 0, len(k.claim(noon.Add(time.Hour-time.Millisecond))))
	k.diff("then", []store.Delivery{tried(d, 2)}, k.claim(noon.Add(time.Hour)))
}

func deliverDone(k *kit) {
	k.enqueue(newDelivery("n", "mail", noon))
	k.claim(noon)
	k.must(k.s.Settle(k.ctx, "n", "mail", time.Time{}, ""))
	k.diff("ever after", 0, len(k.claim(noon.Add(1000*time.Hour))))
	// Somebody whose claim ran out long ago comes back and says it went wrong.
	k.must(k.s.Settle(k.ctx, "n", "mail", noon, "timeout"))
	k.diff("and still", 0, len(k.claim(noon.Add(1000*time.Hour))))
}

func deliverSome(k *kit) {
	for n := range 6 {
		k.enqueue(newDelivery(fmt.Sprint("n", n*5%6), "mail", noon.Add(time.Duration(n*5%6)*time.Second)))
	}
	k.claim(noon)
	k.must(k.s.Settle(k.ctx, "n0", "mail", noon.Add(4500*time.Millisecond), "no"))
	var got []string
	for _, limit := range []int{0, 2, 1, 100} {
		claimed, err := k.s.Claim(k.ctx, noon.Add(time.Minute), noon.Add(time.Hour), limit)
		k.must(err)
		if len(claimed) > limit {
			k.Errorf("%d were claimed, want %d at most", len(claimed), limit)
		}
		for _, d := range claimed {
			got = append(got, d.Notice)
		}
	}
	k.diff("claimed", []string{"n1", "n2", "n3", "n0", "n4", "n5"}, got)
}

func deliverUnknown(k *kit) {
	k.enqueue(newDelivery("n", "mail", noon))
	for _, place := range [][2]string{{"n", "chat"}, {"other", "mail"}, {"", ""}} {
		k.diff(fmt.Sprint(place), store.ErrNotFound, k.s.Settle(k.ctx, place[0], place[1], noon, ""))
	}
}

func deliverForgotten(k *kit) {
	const week = 7 * 24 * time.Hour
	old, waiting := newDelivery("old", "mail", noon), newDelivery("waiting", "mail", noon)
	k.enqueue(old, waiting)
	k.claim(noon)
	k.must(k.s.Settle(k.ctx, "old", "mail", time.Time{}, ""))
	k.enqueue(newDelivery("nearly", "mail", noon.Add(week-time.Millisecond)))
	k.enqueue(old)
	k.diff("within the week", store.Delivery{}, find(k.claim(noon.Add(week)), "old"))
	k.enqueue(newDelivery("later", "mail", noon.Add(week)))
	k.diff("it is no more", store.ErrNotFound, k.s.Settle(k.ctx, "old", "mail", noon, ""))
	k.diff("one that waits is", tried(waiting, 3), find(k.claim(noon.Add(2*week)), "waiting"))
}

// find is the delivery of a notice; zero where it is none of them.
func find(deliveries []store.Delivery, notice string) store.Delivery {
	for _, d := range deliveries {
		if d.Notice == notice {
			return d
		}
	}
	return store.Delivery{}
}

func deliverReopened(k *kit) {
	claimed, waiting, done := newDelivery("claimed", "mail", noon), newDelivery("waiting", "mail", noon.Add(time.Hour)), newDelivery("done", "mail", noon)
	k.enqueue(claimed, waiting, done)
	k.claim(noon)
	k.must(k.s.Settle(k.ctx, "done", "mail", time.Time{}, ""))
	k.s = k.reopen()
	k.enqueue(done)
	k.diff("claimed", []store.Delivery{tried(claimed, 2), tried(waiting, 1)}, k.claim(noon.Add(time.Hour)))
}

func raceClaims(k *kit) {
	const claimers, notices = 8, 60
	for n := range notices {
		k.enqueue(newDelivery(fmt.Sprint("n", n), "mail", noon))
	}
	var mu sync.Mutex
	got := map[string]int{}
	together(claimers, func(int) {
		for {
			claimed, err := k.s.Claim(k.ctx, noon, noon.Add(time.Minute), 7)
			if err != nil {
				k.Error(err)
			}
			if len(claimed) == 0 {
				return
			}
			mu.Lock()
			for _, d := range claimed {
				got[d.Notice]++
			}
			mu.Unlock()
		}
	})
	for n := range notices {
		k.diff(fmt.Sprint("claims of n", n), 1, got[fmt.Sprint("n", n)])
	}
}
