package ani

import (
	"slices"
	"strings"
)

// lineSeparator stands between the names of an entry's lines. Names have no
// control characters.
const lineSeparator = "\n"

// maxChunk is when a chunk of texts is full, in bytes. An edit copies the last
// chunk, so it bounds what that costs.
const maxChunk = 64 << 10

// texts are the texts of entries one behind the other, in chunks that are
// never written to again; Lists share them. There is nothing in it for the
// garbage collector to follow but the chunks.
type texts struct {
	chunks []string
	dead   int // bytes of removed entries
}

// textRef is where the texts of an entry begin.
type textRef struct{ chunk, offset uint32 }

// entryTexts are the texts that a List keeps of an entry.
type entryTexts struct{ id, label, lines string }

// textWriter puts more texts behind those of a List.
type textWriter struct {
	chunks []string
	open   strings.Builder // the chunk that is being written
}

func (t *texts) writer() *textWriter {
	w := &textWriter{chunks: slices.Clone(t.chunks)}
	if last := len(w.chunks) - 1; last >= 0 && len(w.chunks[last]) < maxChunk {
		w.open.WriteString(w.chunks[last])
		w.chunks = w.chunks[:last]
	}
	return w
}

func (w *textWriter) add(t entryTexts) textRef {
	if w.open.Len() > 0 && w.open.Len()+t.size() > maxChunk {
		w.chunks = w.done()
		w.open = strings.Builder{}
		w.open.Grow(maxChunk)
	}
	at := textRef{uint32(len(w.chunks)), uint32(w.open.Len())}
	w.open.WriteString(t.id)
	w.open.WriteString(t.label)
	w.open.WriteString(t.lines)
	return at
}

// move copies the texts of r from where they are to behind the others.
func (w *textWriter) move(r *record, from *texts) { r.text = w.add(from.of(r)) }

// done is all chunks, the one being written included.
func (w *textWriter) done() []string {
	if w.open.Len() == 0 {
		return w.chunks
	}
	return append(w.chunks, w.open.String())
}

func (t entryTexts) size() int { return len(t.id) + len(t.label) + len(t.lines) }

func (t *texts) size() (n int) {
	for _, c := range t.chunks {
		n += len(c)
	}
	return n
}

// of are the texts of r.
func (t *texts) of(r *record) entryTexts {
	if r.size() == 0 {
		return entryTexts{}
	}
	s := t.chunks[r.text.chunk][r.text.offset:]
	id, label := int(r.idBytes), int(r.idBytes)+int(r.labelBytes)
	return entryTexts{s[:id], s[id:label], s[label : label+int(r.lineBytes)]}
}
