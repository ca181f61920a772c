package ani

import (
	"cmp"
	"maps"
	"math/bits"
	"slices"
)

// numbers are the entries of one number, by a perfect hash: a number's hash
// gives its group, the group's seed gives the number's slot, and no other
// number of the table has that slot. So a lookup among a million compares one
// key, whether it is there or not, and waits for memory once: seeds stay in
// the cache.
type numbers struct {
	seeds   []uint16         // by group; noSeed where the group's keys are in rest
	keys    []uint64         // by slot; 0 where it is free
	records []record         // by slot
	rest    map[uint64]int32 // slots of keys for which no seed was found
	used    int
}

const (
	groupKeys = 3 // keys of a group, on average
	noSeed    = 0
)

// How full a table is when it is made, and at most, in hundredths. The fuller,
// the longer it takes to find seeds.
const (
	initialFill = 75
	maxFill     = 82
)

func newNumbers(count int) numbers {
	if count == 0 {
		return numbers{}
	}
	slots := count*100/initialFill + 1
	n := numbers{seeds: make([]uint16, count/groupKeys+1), keys: make([]uint64, slots), records: make([]record, slots)}
	for i := range n.seeds {
		n.seeds[i] = noSeed + 1
	}
	return n
}

func (n *numbers) clone() numbers {
	return numbers{slices.Clone(n.seeds), slices.Clone(n.keys), slices.Clone(n.records), maps.Clone(n.rest), n.used}
}

// fits reports whether n is a good table for so many keys: with free slots,
// but not too many, and with few keys in rest.
func (n *numbers) fits(count int) bool {
	const small = 1000
	return count*100 <= len(n.keys)*maxFill && (count*8 > len(n.keys) || len(n.keys) < small) && len(n.rest)*32 <= n.used+small
}

func hash(key uint64) uint64 {
	return (key ^ key>>23) * 0x9e3779b97f4a7c15 // 2^64 by the golden ratio
}

func (n *numbers) group(hash uint64) uint64 {
	group, _ := bits.Mul64(hash, uint64(len(n.seeds)))
	return group
}

func (n *numbers) slot(hash uint64, seed uint16) int {
	slot, _ := bits.Mul64((hash^hash>>32)*(0xd6e8feb86659fd93+2*uint64(seed)), uint64(len(n.keys)))
	return int(slot)
}

// find is the slot of key.
func (n *numbers) find(key uint64) (slot int, ok bool) {
	if n.used == 0 {
		return 0, false
	}
	h := hash(key)
	seed := n.seeds[n.group(h)]
	if seed == noSeed {
		slot, ok := n.rest[key]
		return int(slot), ok
	}
	slot = n.slot(h, seed)
	return slot, n.keys[slot] == key
}

// all yields every slot that has a key, and the key.
func (n *numbers) all(yield func(slot int, key uint64) bool) {
	for slot, key := range n.keys {
		if key != 0 && !yield(slot, key) {
			return
		}
	}
}

// remove frees a slot, and gives what was in it.
func (n *numbers) remove(slot int) placed {
	p := placed{Pattern{n.keys[slot]}, n.records[slot]}
	delete(n.rest, n.keys[slot])
	n.keys[slot], n.records[slot] = 0, record{}
	n.used--
	return p
}

// add puts more entries into n, and moves those that share groups with them;
// it makes the table anew if need be.
func (n *numbers) add(more []placed) error {
	if len(more) == 0 {
		return nil
	}
	if count := n.used + len(more); !n.fits(count) {
		for slot := range n.all {
			more = append(more, n.remove(slot))
		}
		*n = newNumbers(count)
		return n.place(more)
	}
	touched := make([]bool, len(n.seeds))
	for i := range more {
		touched[n.group(hash(more[i].pattern.low()))] = true
	}
	for slot, key := range n.all {
		if touched[n.group(hash(key))] {
			more = append(more, n.remove(slot))
		}
	}
	return n.place(more)
}

// place puts all into their slots. None of their groups has a key in n.
func (n *numbers) place(all []placed) error {
	slices.SortFunc(all, func(a, b placed) int { return cmp.Compare(hash(a.pattern.low()), hash(b.pattern.low())) })
	for i := 1; i < len(all); i++ {
		if all[i-1].pattern == all[i].pattern {
			return &DuplicateError{all[i].pattern}
		}
	}
	for _, group := range n.groups(all) {
		n.settle(group)
	}
	n.used += len(all)
	return nil
}

// groups cuts all, which is in order of hash, into its groups, the largest
// first: they are the hardest to settle.
func (n *numbers) groups(all []placed) [][]placed {
	var groups [][]placed
	start := 0
	for i := 1; i <= len(all); i++ {
		if i == len(all) || n.group(hash(all[i].pattern.low())) != n.group(hash(all[start].pattern.low())) {
			groups = append(groups, all[start:i])
			start = i
		}
	}
	slices.SortFunc(groups, func(a, b []placed) int { return cmp.Compare(len(b), len(a)) })
	return groups
}

// settle finds the seed of a group, or puts its keys into rest.
func (n *numbers) settle(group []placed) {
	seed := &n.seeds[n.group(hash(group[0].pattern.low()))]
	for *seed = noSeed + 1; *seed != noSeed; *seed++ { // round to noSeed after the last
		if n.try(group, *seed) {
			return
		}
	}
	if n.rest == nil {
		n.rest = map[uint64]int32{}
	}
	for _, p := range group {
		key := p.pattern.low()
		slot := n.slot(hash(key), noSeed)
		for n.keys[slot] != 0 {
			slot = (slot + 1) % len(n.keys)
		}
		n.keys[slot], n.records[slot] = key, p.record
		n.rest[key] = int32(slot)
	}
}

// try puts group into the slots that seed gives, if they are all free.
func (n *numbers) try(group []placed, seed uint16) bool {
	for i := range group {
		key := group[i].pattern.low()
		slot := n.slot(hash(key), seed)
		if n.keys[slot] != 0 {
			for _, p := range group[:i] {
				n.keys[n.slot(hash(p.pattern.low()), seed)] = 0
			}
			return false
		}
		n.keys[slot] = key
	}
	for i := range group {
		n.records[n.slot(hash(group[i].pattern.low()), seed)] = group[i].record
	}
	return true
}
