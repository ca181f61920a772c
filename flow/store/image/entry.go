package image

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/ringthrough/ringthrough/ani"
)

// An entry is a byte of flags, then its numbers as varints, then its texts,
// each with its length before it. Times are unix milliseconds, and only there
// where their flag is set.
const (
	flagEnabled   = 1
	flagFirstTime = 2 // that of the first of timesOf; the others are the bits above it
)

func timesOf(e *ani.Entry) []*time.Time {
	return []*time.Time{&e.NotBefore, &e.ExpiresAt, &e.CreatedAt, &e.UpdatedAt, &e.LastHitAt}
}

func textsOf(e *ani.Entry) []*string {
	return []*string{&e.ID, &e.Label, &e.Source, &e.Note, &e.CreatedBy}
}

func appendEntry(b []byte, e ani.Entry) []byte {
	flags := byte(0)
	if e.Enabled {
		flags |= flagEnabled
	}
	times := timesOf(&e)
	for i, t := range times {
		if !t.IsZero() {
			flags |= flagFirstTime << i
		}
	}
	b = append(b, flags, byte(e.MinAttestation))
	for _, t := range times {
		if !t.IsZero() {
			b = binary.AppendVarint(b, t.UnixMilli())
		}
	}
	b = binary.AppendVarint(b, e.Hits)
	b = binary.AppendVarint(b, e.Version)
	b = appendText(b, e.Pattern.String())
	for _, s := range textsOf(&e) {
		b = appendText(b, *s)
	}
	b = binary.AppendUvarint(b, uint64(len(e.Lines)))
	for _, name := range e.Lines {
		b = appendText(b, name)
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// cursor reads a record from its front; bad is set once something wasn't
// there, and everything after it is zero.
type cursor struct {
	rest []byte
	bad  bool
}

var errRecord = errors.New("an entry is cut off or too long")

func decodeEntry(record []byte) (ani.Entry, error) {
	c := &cursor{rest: record}
	flags := c.byte()
	e := ani.Entry{Enabled: flags&flagEnabled != 0, MinAttestation: ani.Attestation(c.byte())}
	for i, t := range timesOf(&e) {
		if flags&(flagFirstTime<<i) != 0 {
			*t = time.UnixMilli(c.varint()).UTC()
		}
	}
	e.Hits, e.Version = c.varint(), c.varint()
	pattern := c.text()
	for _, s := range textsOf(&e) {
		*s = string(c.text())
	}
	e.Lines = c.texts()
	if c.bad || len(c.rest) > 0 {
		return ani.Entry{}, errRecord
	}
	return e, e.Pattern.UnmarshalText(pattern)
}

func (c *cursor) byte() byte {
	b := c.take(1)
	if b == nil {
		return 0
	}
	return b[0]
}

func (c *cursor) varint() int64 {
	v, n := binary.Varint(c.rest)
	c.skip(n)
	return v
}

func (c *cursor) uvarint() uint64 {
	v, n := binary.Uvarint(c.rest)
	c.skip(n)
	return v
}

// skip passes over what was read; n is 0 or less where that failed.
func (c *cursor) skip(n int) {
	if n <= 0 {
		c.bad, c.rest = true, nil
		return
	}
	c.rest = c.rest[n:]
}

func (c *cursor) take(n uint64) []byte {
	if n > uint64(len(c.rest)) {
		c.bad, c.rest = true, nil
		return nil
	}
	taken := c.rest[:n]
	c.rest = c.rest[n:]
	return taken
}

func (c *cursor) text() []byte { return c.take(c.uvarint()) }

// texts is never nil, as an entry's lines are.
func (c *cursor) texts() []string {
	n := c.uvarint()
	if n > uint64(len(c.rest)) { // each has a byte at least
		c.bad = true
		return nil
	}
	texts := make([]string, 0, n)
	for range n {
		texts = append(texts, string(c.text()))
	}
	return texts
}
