package server

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

const (
	// partWait is how long a client may take to send or to take one part of
	// a large body.
	partWait = 30 * time.Second

	// partSize is how many bytes are sent or taken at once.
	partSize = 64 << 10
)

// patient writes to a client for as long as it takes what is written. The
// listener's deadlines are for requests that end soon.
type patient struct {
	http.ResponseWriter
	control *http.ResponseController
}

func newPatient(w http.ResponseWriter) *patient { return &patient{w, http.NewResponseController(w)} }

// patiently waits for whatever is next. Reading has no end from now on: a
// deadline that passes would look like a client that has gone.
func (p *patient) patiently() {
	_ = p.control.SetReadDeadline(time.Time{}) // not every writer has deadlines
	_ = p.control.SetWriteDeadline(time.Now().Add(bulkWait + partWait))
}

// Write gives the client partWait to take b.
func (p *patient) Write(b []byte) (int, error) {
	_ = p.control.SetWriteDeadline(time.Now().Add(partWait))
	return p.ResponseWriter.Write(b)
}

// spooled is a body in a scratch file.
type spooled struct {
	file  *os.File
	size  int64
	lines int // ends of line in it
}

// spool takes a body of at most limit bytes.
func spool(s scratch, r *http.Request, p *patient, limit int64) (*spooled, error) {
	if r.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	f, err := s.file()
	if err != nil {
		return nil, err
	}
	b := &spooled{file: f}
	if err := b.take(r.Body, p, limit); err != nil {
		dispose(f)
		return nil, err
	}
	return b, nil
}

func (b *spooled) take(body io.Reader, p *patient, limit int64) error {
	part := make([]byte, partSize)
	for end := time.Now().Add(bulkWait); ; {
		_ = p.control.SetReadDeadline(time.Now().Add(partWait)) // not every writer has one
		n, err := body.Read(part)
		b.size += int64(n)
		b.lines += bytes.Count(part[:n], []byte("\n"))
		if b.size > limit {
			return tooLarge(limit)
		}
		if _, err := b.file.Write(part[:n]); err != nil {
			return noRoom(err)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil || time.Now().After(end) {
			return newProblem(http.StatusBadRequest, "the body broke off before its end")
		}
	}
}

func tooLarge(limit int64) error {
	return newProblem(http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is too large: at most %d MiB", limit>>20))
}

// reader reads the body from its beginning.
func (b *spooled) reader() io.Reader { return io.NewSectionReader(b.file, 0, b.size) }
