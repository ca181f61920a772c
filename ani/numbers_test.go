package ani

import (
	"math/rand/v2"
	"testing"
)

// placedAt is an entry of key that can be told from others.
func placedAt(key uint64) placed { return placed{Pattern{key}, record{notBefore: int64(key)}} }

func pileOf(all []placed) *pile {
	p := &pile{}
	for _, e := range all {
		p.add(e)
	}
	return p
}

// checkNumbers holds n to the set of keys that it should have, and to none of
// the keys around them.
func checkNumbers(t *testing.T, n *numbers, want map[uint64]bool, from, to uint64) {
	t.Helper()
	if n.used != len(want) {
		t.Fatalf("%d keys are in use, want %d", n.used, len(want))
	}
	for key := from; key < to; key++ {
		slot, ok := n.find(key)
		if ok != want[key] || ok && (n.keys[slot] != key || n.records[slot].notBefore != int64(key)) {
			t.Fatalf("of %d keys in %d slots: %d is in %d, %v", len(want), len(n.keys), key, slot, ok)
		}
	}
	count := 0
	for slot, key := range n.all {
		count++
		if s, ok := n.find(key); !ok || s != slot {
			t.Fatalf("slot %d has key %d, which is looked for in %d, %v", slot, key, s, ok)
		}
	}
	if count != len(want) {
		t.Fatalf("%d slots have keys, want %d", count, len(want))
	}
}

func TestNumbersEqualASet(t *testing.T) {
	rnd := rand.New(rand.NewPCG(4, 4))
	for size := uint64(1); size <= 60; size++ {
		var n numbers
		want := map[uint64]bool{}
		for range 100 {
			var more []placed
			for range 1 + rnd.IntN(3) {
				key := 1 + rnd.Uint64N(2*size)
				if slot, ok := n.find(key); ok {
					n.remove(slot)
					delete(want, key)
				} else if !want[key] {
					want[key] = true
					more = append(more, placedAt(key))
				}
			}
			if err := n.add(pileOf(more)); err != nil {
				t.Fatal(err)
			}
			checkNumbers(t, &n, want, 1, 2*size+2)
		}
	}
}

// Groups of twenty find no seed in a table that is about to be full.
func TestNumbersWithoutASeed(t *testing.T) {
	n := numbers{seeds: make([]uint16, 5), keys: make([]uint64, 100), records: make([]record, 100)}
	want := map[uint64]bool{}
	var all []placed
	for key := uint64(1000); key < 1100; key++ {
		want[key] = true
		all = append(all, placedAt(key))
	}
	if err := n.place(pileOf(all)); err != nil {
		t.Fatal(err)
	}
	if len(n.rest) == 0 {
		t.Fatal("all groups found a seed")
	}
	checkNumbers(t, &n, want, 900, 1200)
	for key := range n.rest {
		slot, _ := n.find(key)
		n.remove(slot)
		delete(want, key)
	}
	checkNumbers(t, &n, want, 900, 1200)
	if len(n.rest) > 0 {
		t.Errorf("%d removed keys are in rest", len(n.rest))
	}
}

// Numbers come in rows. Nearly all must find a seed however they are spaced.
func TestNumbersInRowsFindSeeds(t *testing.T) {
	const count = 20_000
	for _, step := range []uint64{1, 2, 10, 100, 1000, 10_000, 1 << 16, 1 << 23, 1_000_000} {
		var n numbers
		var all []placed
		for i := range uint64(count) {
			all = append(all, placedAt(16_505_550_000+i*step))
		}
		if err := n.add(pileOf(all)); err != nil {
			t.Fatal(err)
		}
		if len(n.rest) > count/1000 {
			t.Errorf("in steps of %d: %d of %d numbers found no seed", step, len(n.rest), count)
		}
	}
}

func TestNumbersShrink(t *testing.T) {
	var n numbers
	var all []placed
	for key := uint64(1); key <= 5000; key++ {
		all = append(all, placedAt(key))
	}
	if err := n.add(pileOf(all)); err != nil {
		t.Fatal(err)
	}
	for slot, key := range n.all {
		if key > 10 {
			n.remove(slot)
		}
	}
	if err := n.add(pileOf([]placed{placedAt(11)})); err != nil {
		t.Fatal(err)
	}
	if n.used != 11 || len(n.keys) > 20 {
		t.Errorf("%d numbers are in %d slots", n.used, len(n.keys))
	}
}
