package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync/atomic"
)

// upload is a file, or standard input, on its way to the server. It is never
// held in memory.
type upload struct {
	name string
	in   io.Reader
	file *os.File // nil: standard input
	size int64    // in bytes; -1: not known
	sent atomic.Int64
	told func(sent, size int64) // after each read; may be nil
	done atomic.Bool            // it was read to its end: from now on the server may act on it
}

// openUpload opens a file; - is standard input.
func (s *session) openUpload(name string) (*upload, error) {
	if name == "-" {
		return &upload{name: "standard input", in: s.stdin, size: -1}, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, hinted(fmt.Errorf("read file: %w", err), missingHint(err))
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = hinted(fmt.Errorf("read file: %s is a directory", name), "name a file in it")
	}
	if err != nil {
		_ = f.Close() // err is what matters
		return nil, err
	}
	u := &upload{name: name, in: f, file: f, size: -1}
	if info.Mode().IsRegular() {
		u.size = info.Size()
	}
	return u, nil
}

func missingHint(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "name a file that is there, or - for standard input"
	case errors.Is(err, fs.ErrPermission):
		return "name a file that you may read, or - for standard input"
	default:
		return ""
	}
}

// rewindable reports whether u can be sent more than once.
func (u *upload) rewindable() bool { return u.size >= 0 }

// rewind makes u be read from its beginning again.
func (u *upload) rewind() error {
	u.sent.Store(0)
	u.done.Store(false)
	if u.file == nil || !u.rewindable() {
		return nil
	}
	if _, err := u.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read file: %w", err)
	}
	return nil
}

// Read counts what is sent, as it is read.
func (u *upload) Read(b []byte) (int, error) {
	n, err := u.in.Read(b)
	if sent := u.sent.Add(int64(n)); u.told != nil {
		u.told(sent, u.size)
	}
	if err != nil {
		u.done.Store(true)
	}
	return n, err
}

func (u *upload) close() {
	if u != nil && u.file != nil {
		_ = u.file.Close() // it was only read
	}
}
