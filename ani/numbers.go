package ani

import (
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
func (n *numbers) add(more *pile) error {
	if more.len() == 0 {
		return nil
	}
	if count := n.used + more.len(); !n.fits(count) {
		for slot := range n.all {
			more.add(n.remove(slot))
		}
		*n = newNumbers(count)
		return n.place(more)
	}
	touched := make([]bool, len(n.seeds))
	for i := range more.len() {
		touched[n.group(hash(more.at(i).pattern.low()))] = true
	}
	for slot, key := range n.all {
		if touched[n.group(hash(key))] {
			more.add(n.remove(slot))
		}
	}
	return n.place(more)
}

// place puts all into their slots. None of their groups has a key in n. The
// largest groups come first: they are the hardest to settle.
func (n *numbers) place(all *pile) error {
	starts, order, largest := n.groups(all)
	for size := largest; size > 0; size-- {
		for g := range n.seeds {
			if starts[g+1]-starts[g] != size {
				continue
			}
			if err := n.settle(&n.seeds[g], all, order[starts[g]:starts[g+1]]); err != nil {
				return err
			}
		}
	}
	n.used += all.len()
	return nil
}

// groups puts the indices of all into the order of their groups, those of the
// group g from starts[g] to starts[g+1], and gives the size of the largest.
func (n *numbers) groups(all *pile) (starts, order []uint32, largest uint32) {
	starts, order = make([]uint32, len(n.seeds)+1), make([]uint32, all.len())
	for i := range all.len() {
		starts[n.group(hash(all.at(i).pattern.low()))]++
	}
	end := uint32(0)
	for g, size := range starts {
		end += size
		starts[g], largest = end, max(largest, size)
	}
	for i := range all.len() { // makes of each group's end its start
		g := n.group(hash(all.at(i).pattern.low()))
		starts[g]--
		order[starts[g]] = uint32(i)
	}
	return starts, order, largest
}

// settle finds the seed of a group, or puts its keys into rest.
func (n *numbers) settle(seed *uint16, all *pile, group []uint32) error {
	for i, a := range group {
		for _, b := range group[:i] {
			if all.at(int(a)).pattern == all.at(int(b)).pattern {
				return &DuplicateError{all.at(int(a)).pattern}
			}
		}
	}
	for *seed = noSeed + 1; *seed != noSeed; *seed++ { // round to noSeed after the last
		if n.try(*seed, all, group) {
			return nil
		}
	}
	if n.rest == nil {
		n.rest = map[uint64]int32{}
	}
	for _, i := range group {
		p := all.at(int(i))
		key := p.pattern.low()
		slot := n.slot(hash(key), noSeed)
		for n.keys[slot] != 0 {
			slot = (slot + 1) % len(n.keys)
		}
		n.keys[slot], n.records[slot] = key, p.record
		n.rest[key] = int32(slot)
	}
	return nil
}

// try puts group into the slots that seed gives, if they are all free.
func (n *numbers) try(seed uint16, all *pile, group []uint32) bool {
	for i, at := range group {
		key := all.at(int(at)).pattern.low()
		slot := n.slot(hash(key), seed)
		if n.keys[slot] != 0 {
			for _, at := range group[:i] {
				n.keys[n.slot(hash(all.at(int(at)).pattern.low()), seed)] = 0
			}
			return false
		}
		n.keys[slot] = key
	}
	for _, at := range group {
		p := all.at(int(at))
		n.records[n.slot(hash(p.pattern.low()), seed)] = p.record
	}
	return true
}
