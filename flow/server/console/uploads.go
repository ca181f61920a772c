package console

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/rs/xid"
)

const (
	// keepUpload is how long a file waits to be confirmed.
	keepUpload = 15 * time.Minute

	// maxUpload bounds a file, in bytes, and maxUploads how many wait at
	// once.
	maxUpload  = 256 << 20
	maxUploads = 8
)

const uploadPrefix = "ringthrough-upload-"

// uploads keeps files between the preview of an import and its confirmation,
// each for the session that sent it and for a while.
type uploads struct {
	dir string // empty: the system's own for temporary files
	now func() time.Time

	mu   sync.Mutex
	kept map[string]*upload
}

// upload is a file that waits, and what is to be done with it.
type upload struct {
	ID, Name, Mode, Why string

	session, path string
	until         time.Time
}

// newUploads clears away what a process left behind that was killed.
func newUploads(dir string, now func() time.Time) *uploads {
	if dir != "" {
		left, _ := filepath.Glob(filepath.Join(dir, uploadPrefix+"*")) // the pattern is a good one
		for _, path := range left {
			_ = os.Remove(path) // what is left here is in nobody's way
		}
	}
	return &uploads{dir: dir, now: now, kept: map[string]*upload{}}
}

// create makes room for a file of a session's, in place of the one that it
// had.
func (u *uploads) create(session string) (*upload, *os.File, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.sweep()
	for _, old := range u.kept {
		if old.session == session {
			u.forget(old)
		}
	}
	if len(u.kept) >= maxUploads {
		return nil, nil, &refusal{Status: http.StatusServiceUnavailable, Detail: "Too many imports are being prepared. Try again in a few minutes."}
	}
	f, err := os.CreateTemp(u.dir, uploadPrefix+"*")
	if err != nil {
		return nil, nil, fmt.Errorf("keep file to import: %w", err)
	}
	up := &upload{ID: xid.New().String(), session: session, path: f.Name(), until: u.now().Add(keepUpload)}
	u.kept[up.ID] = up
	time.AfterFunc(keepUpload+time.Second, u.clear)
	return up, f, nil
}

// clear removes what has waited for too long.
func (u *uploads) clear() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.sweep()
}

func (u *uploads) sweep() {
	now := u.now()
	for _, up := range u.kept {
		if !now.Before(up.until) {
			u.forget(up)
		}
	}
}

func (u *uploads) forget(up *upload) {
	delete(u.kept, up.ID)
	_ = os.Remove(up.path) // the next start does it otherwise
}

// remove takes away a file that nobody needs any more.
func (u *uploads) remove(up *upload) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.forget(up)
}

// open is a file that waits for a session; it is the caller's to close. nil
// stands for a file that is gone, or another session's.
func (u *uploads) open(id, session string) (*upload, *os.File) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.sweep()
	up := u.kept[id]
	if up == nil || up.session != session {
		return nil, nil
	}
	f, err := os.Open(up.path)
	if err != nil {
		u.forget(up)
		return nil, nil
	}
	return up, f
}

// errTooLarge is a file past maxUpload.
var errTooLarge = errors.New("the file is too large")

// fill writes what is sent into a file that was created.
func fill(f *os.File, sent io.Reader) error {
	n, err := io.Copy(f, io.LimitReader(sent, maxUpload+1))
	if err == nil && n > maxUpload {
		return errTooLarge
	}
	return err
}
