package ani

// pile is entries whose places in a List are to be found. Unlike a slice it
// grows without a copy of what it holds. The zero pile is empty.
type pile struct{ chunks [][]placed }

// placed is an entry whose place in a List is to be found.
type placed struct {
	pattern Pattern
	record  record
}

// pileChunk is how many entries a chunk of a pile has, the last excepted.
const pileChunk = 1 << 12

func (p *pile) add(e placed) {
	last := len(p.chunks) - 1
	if last < 0 || len(p.chunks[last]) == pileChunk {
		p.chunks = append(p.chunks, nil)
		last++
	}
	p.chunks[last] = append(p.chunks[last], e)
}

func (p *pile) len() int {
	if len(p.chunks) == 0 {
		return 0
	}
	last := len(p.chunks) - 1
	return last*pileChunk + len(p.chunks[last])
}

func (p *pile) at(i int) *placed { return &p.chunks[i/pileChunk][i%pileChunk] }
