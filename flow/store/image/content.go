package image

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// The content is the head as JSON, then each entry, each of these with its
// length before it as an uvarint, then a length of 0 and how many entries
// there were, as an uvarint.

// maxRecord bounds an entry, in bytes. The longest that ani takes has less
// than 10 KiB.
const maxRecord = 64 << 10

// head is an Image as it is written.
type head struct {
	SavedAt  time.Time         `json:"saved_at"`
	Revision uint64            `json:"revision"`
	MadeAt   time.Time         `json:"made_at"` // when the revision was
	Calls    uint64            `json:"calls"`
	Lines    []store.Line      `json:"lines"`
	Windows  []flow.Window     `json:"windows"`
	Tokens   []store.TokenRow  `json:"tokens"`
	Recent   []store.Call      `json:"recent"`
	Keys     map[string][]byte `json:"keys"`
}

func headOf(im Image) head {
	s := im.State
	h := head{
		SavedAt: im.SavedAt.UTC().Truncate(time.Millisecond), Revision: s.Revision.N, MadeAt: s.Revision.At, Calls: s.Calls,
		Lines: s.Lines, Windows: s.Windows, Recent: s.Recent, Keys: im.Keys,
	}
	for _, t := range s.Tokens {
		h.Tokens = append(h.Tokens, store.TokenRow{ID: t.ID, Name: t.Name, Role: t.Role, Hash: t.Hash[:], CreatedAt: t.CreatedAt, CreatedBy: t.CreatedBy, ExpiresAt: t.ExpiresAt})
	}
	return h
}

func (h head) image() (Image, error) {
	s := store.State{Revision: store.Revision{N: h.Revision, At: h.MadeAt}, Lines: h.Lines, Windows: h.Windows, Recent: h.Recent, Calls: h.Calls}
	for _, row := range h.Tokens {
		t := store.Token{ID: row.ID, Name: row.Name, Role: row.Role, CreatedAt: row.CreatedAt, CreatedBy: row.CreatedBy, ExpiresAt: row.ExpiresAt}
		if copy(t.Hash[:], row.Hash) != len(t.Hash) {
			return Image{}, fmt.Errorf("has a token whose hash is cut off: %w", store.ErrDamaged)
		}
		s.Tokens = append(s.Tokens, t)
	}
	return Image{State: s, Keys: h.Keys, SavedAt: h.SavedAt}, nil
}

func encodeContent(w io.Writer, im Image, entries iter.Seq[ani.Entry]) error {
	text, err := json.Marshal(headOf(im))
	if err != nil {
		return fmt.Errorf("encode lines: %w", err)
	}
	if _, err := w.Write(append(binary.AppendUvarint(nil, uint64(len(text))), text...)); err != nil {
		return err
	}
	var written uint64
	var record, framed []byte
	for e := range entries {
		record = appendEntry(record[:0], e)
		if len(record) > maxRecord {
			return fmt.Errorf("encode entry %s: it has more than %d bytes", e.ID, maxRecord)
		}
		framed = append(binary.AppendUvarint(framed[:0], uint64(len(record))), record...)
		if _, err := w.Write(framed); err != nil {
			return err
		}
		written++
	}
	_, err = w.Write(binary.AppendUvarint([]byte{0}, written))
	return err
}

// decodeHead gives errors that are the rest of a sentence which begins with
// the file's name.
func decodeHead(r *bufio.Reader) (Image, error) {
	length, err := binary.ReadUvarint(r)
	if err != nil {
		return Image{}, unreadable(err)
	}
	text, err := io.ReadAll(io.LimitReader(r, int64(min(length, 1<<40))))
	if err != nil {
		return Image{}, unreadable(err)
	}
	var h head
	if err := json.Unmarshal(text, &h); err != nil {
		return Image{}, unreadable(err)
	}
	return h.image()
}

// unreadable is for content that its checksum vouches for.
func unreadable(why error) error {
	return fmt.Errorf("has something in it that can't be read, %w: %w", store.ErrDamaged, why)
}

// entries hands over every entry and gives their number.
func (f *file) entries(yield func(ani.Entry) bool) (int, error) {
	var record []byte
	for n := 0; ; n++ {
		length, err := binary.ReadUvarint(f.content)
		if err != nil {
			return n, unreadable(err)
		}
		if length == 0 {
			return n, f.finish(uint64(n))
		}
		if length > maxRecord {
			return n, unreadable(errRecordLength)
		}
		record = slices.Grow(record[:0], int(length))[:length]
		if _, err := io.ReadFull(f.content, record); err != nil {
			return n, unreadable(err)
		}
		e, err := decodeEntry(record)
		if err != nil {
			return n, unreadable(err)
		}
		if !yield(e) {
			return n + 1, nil
		}
	}
}

var (
	errRecordLength = errors.New("an entry is too long")
	errCount        = errors.New("entries are missing, or there are too many")
)

// finish reads what stands behind the last entry.
func (f *file) finish(read uint64) error {
	written, err := binary.ReadUvarint(f.content)
	if err != nil {
		return unreadable(err)
	}
	if written != read {
		return unreadable(errCount)
	}
	if _, err := f.content.ReadByte(); !errors.Is(err, io.EOF) {
		return unreadable(errCount)
	}
	return nil
}
