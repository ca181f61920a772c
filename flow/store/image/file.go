package image

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/s2"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

// A file is magic, the version of its format in two bytes, big-endian, its
// content, and the SHA-256 of all that. Files of every version are held to
// this, so that an old program can tell a new file from a damaged one. The
// content of version 1 is an S2 stream of the head and the entries.
const (
	magic   = "ringthrough\n"
	version = 1

	preambleSize = len(magic) + 2
	smallest     = preambleSize + sha256.Size
)

// buffered is how much is read or written at once, in bytes.
const buffered = 256 << 10

// create writes a new file and makes it durable.
func create(path string, im Image, entries iter.Seq[ani.Entry]) error {
	if err := discard(path); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = encode(f, im, entries)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// encode writes a whole file to w.
func encode(w io.Writer, im Image, entries iter.Seq[ani.Entry]) error {
	sum, buf := sha256.New(), bufio.NewWriterSize(w, buffered)
	out := io.MultiWriter(buf, sum)
	if _, err := out.Write(preamble()); err != nil {
		return err
	}
	packed := s2.NewWriter(out)
	content := bufio.NewWriterSize(packed, buffered)
	if err := errors.Join(encodeContent(content, im, entries), content.Flush(), packed.Close()); err != nil {
		return err
	}
	if _, err := buf.Write(sum.Sum(nil)); err != nil {
		return err
	}
	return buf.Flush()
}

func preamble() []byte { return binary.BigEndian.AppendUint16([]byte(magic), version) }

// placing are the steps that put the file which was written in its place. A
// whole file stays at path or as its spare after each of them: one that is
// damaged never takes a spare's place.
func placing(path string) []func() error {
	return []func() error{
		func() error {
			if !isWhole(path) {
				return nil
			}
			return os.Rename(path, path+spareSuffix)
		},
		func() error { return os.Rename(path+nextSuffix, path) },
		func() error { return syncDir(filepath.Dir(path)) },
	}
}

// syncDir makes the names in a directory durable.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// file is an image that was checked, and whose head is read.
type file struct {
	name    string
	handle  *os.File
	content *bufio.Reader
	image   Image
}

// open checks a file, all of it, and reads its head.
func open(path string) (*file, error) {
	handle, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is not there: %w", path, fs.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	f := &file{name: path, handle: handle}
	if err := f.begin(); err != nil {
		f.close()
		return nil, fmt.Errorf("%s %w", path, err)
	}
	return f, nil
}

// isWhole reports whether a file is an image that can be read.
func isWhole(path string) bool {
	f, err := open(path)
	if err == nil {
		f.close()
	}
	return err == nil
}

func (f *file) close() { _ = f.handle.Close() } // it was only read

// begin gives errors that are the rest of a sentence which begins with the
// file's name.
func (f *file) begin() error {
	size, err := verify(f.handle)
	if err != nil {
		return err
	}
	packed := io.NewSectionReader(f.handle, int64(preambleSize), size-int64(smallest))
	f.content = bufio.NewReaderSize(s2.NewReader(packed), buffered)
	f.image, err = decodeHead(f.content)
	return err
}

// verify reads a file from end to end and gives its size.
func verify(f *os.File) (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, fmt.Errorf("can't be read: %w", err)
	}
	size := info.Size()
	if size < int64(smallest) {
		return 0, fmt.Errorf("is cut off after %d bytes: %w", size, store.ErrDamaged)
	}
	begin, sum := make([]byte, preambleSize), sha256.New()
	if _, err := f.ReadAt(begin, 0); err != nil {
		return 0, fmt.Errorf("can't be read: %w", err)
	}
	if !bytes.HasPrefix(begin, []byte(magic)) {
		return 0, fmt.Errorf("does not begin as a snapshot of ringthrough does: %w", store.ErrDamaged)
	}
	if _, err := io.CopyBuffer(sum, struct{ io.Reader }{io.NewSectionReader(f, 0, size-sha256.Size)}, make([]byte, buffered)); err != nil {
		return 0, fmt.Errorf("can't be read: %w", err)
	}
	want := make([]byte, sha256.Size)
	if _, err := f.ReadAt(want, size-sha256.Size); err != nil {
		return 0, fmt.Errorf("can't be read: %w", err)
	}
	if !bytes.Equal(sum.Sum(nil), want) {
		return 0, fmt.Errorf("has another checksum than was written, so it is cut off or was changed: %w", store.ErrDamaged)
	}
	return size, known(binary.BigEndian.Uint16(begin[len(magic):]))
}

// known refuses what this program can't read.
func known(v uint16) error {
	switch {
	case v > version:
		return fmt.Errorf("has format %d, this program reads %d at most: %w", v, version, store.ErrNewer)
	case v < 1:
		return fmt.Errorf("has format %d, which there never was: %w", v, store.ErrDamaged)
	default:
		return nil
	}
}
