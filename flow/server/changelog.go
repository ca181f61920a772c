package server

import (
	"bufio"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// planned is a change that is to be made, and what it changes.
type planned struct {
	Op        store.Op
	Kind      store.Kind
	Key       string // id of an entry, name of a line
	IfVersion int64
	Since     int64 // version at most of what comes back; 0: it was never there

	Entry, EntryBefore *ani.Entry
	Line, LineBefore   *flow.Line
}

func (c planned) change() store.Change {
	return store.Change{Op: c.Op, Kind: c.Kind, Key: c.Key, IfVersion: c.IfVersion, Since: c.Since, Entry: c.Entry, Line: c.Line}
}

// changeLog is any number of changes, in a scratch file. They are added
// first and read then, as often as need be.
type changeLog struct {
	file    *os.File
	buffer  *bufio.Writer
	encoder *gob.Encoder
	count   int
	broken  error // of reading
}

func newChangeLog(s scratch) (*changeLog, error) {
	f, err := s.file()
	if err != nil {
		return nil, err
	}
	l := &changeLog{file: f, buffer: bufio.NewWriterSize(f, 64<<10)}
	l.encoder = gob.NewEncoder(l.buffer)
	return l, nil
}

func (l *changeLog) add(c planned) error {
	l.count++
	w, err := wireOf(c)
	if err != nil {
		return err
	}
	return noRoom(l.encoder.Encode(w))
}

// all yields what was added, in that order. Where it ends early, broken says
// why.
func (l *changeLog) all(yield func(planned) bool) {
	l.broken = l.read(yield)
}

func (l *changeLog) read(yield func(planned) bool) error {
	if err := l.buffer.Flush(); err != nil {
		return noRoom(err)
	}
	decoder := gob.NewDecoder(bufio.NewReaderSize(io.NewSectionReader(l.file, 0, math.MaxInt64), 64<<10))
	for range l.count {
		var w wire
		if err := decoder.Decode(&w); err != nil {
			return fmt.Errorf("read planned changes: %w", err)
		}
		c, err := w.planned()
		if err != nil {
			return fmt.Errorf("read planned changes: %w", err)
		}
		if !yield(c) {
			return nil
		}
	}
	return nil
}

// wire is a planned change as it stands in the file. Lines are few, so they
// may be JSON.
type wire struct {
	Op                 store.Op
	Kind               store.Kind
	Key                string
	IfVersion, Since   int64
	Entry, EntryBefore *wireEntry
	Line, LineBefore   []byte
}

type wireEntry struct {
	ID, Pattern, Label, Source, Note string
	Lines                            []string
	NotBefore, ExpiresAt             time.Time
	Enabled                          bool
	MinAttestation                   ani.Attestation
	Hits                             int64
	LastHitAt, CreatedAt             time.Time
	CreatedBy                        string
}

func wireOf(c planned) (wire, error) {
	w := wire{Op: c.Op, Kind: c.Kind, Key: c.Key, IfVersion: c.IfVersion, Since: c.Since, Entry: wireEntryOf(c.Entry), EntryBefore: wireEntryOf(c.EntryBefore)}
	var err, errBefore error
	w.Line, err = wireLineOf(c.Line)
	w.LineBefore, errBefore = wireLineOf(c.LineBefore)
	return w, errors.Join(err, errBefore)
}

func wireEntryOf(e *ani.Entry) *wireEntry {
	if e == nil {
		return nil
	}
	return &wireEntry{e.ID, e.Pattern.String(), e.Label, e.Source, e.Note, e.Lines, e.NotBefore, e.ExpiresAt, e.Enabled, e.MinAttestation, e.Hits, e.LastHitAt, e.CreatedAt, e.CreatedBy}
}

func wireLineOf(l *flow.Line) ([]byte, error) {
	if l == nil {
		return nil, nil
	}
	return marshal(l)
}

func (w wire) planned() (planned, error) {
	c := planned{Op: w.Op, Kind: w.Kind, Key: w.Key, IfVersion: w.IfVersion, Since: w.Since}
	var errs [4]error
	c.Entry, errs[0] = w.Entry.entry()
	c.EntryBefore, errs[1] = w.EntryBefore.entry()
	c.Line, errs[2] = recordedAs[flow.Line](w.Line)
	c.LineBefore, errs[3] = recordedAs[flow.Line](w.LineBefore)
	return c, errors.Join(errs[:]...)
}

func (w *wireEntry) entry() (*ani.Entry, error) {
	if w == nil {
		return nil, nil
	}
	pattern, err := ani.ParsePattern(w.Pattern)
	return &ani.Entry{
		ID: w.ID, Pattern: pattern, Label: w.Label, Source: w.Source, Note: w.Note, Lines: append([]string{}, w.Lines...),
		NotBefore: w.NotBefore, ExpiresAt: w.ExpiresAt, Enabled: w.Enabled, MinAttestation: w.MinAttestation,
		Hits: w.Hits, LastHitAt: w.LastHitAt, CreatedAt: w.CreatedAt, CreatedBy: w.CreatedBy,
	}, err
}
