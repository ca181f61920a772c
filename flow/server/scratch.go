package server

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
)

// scratch is a directory for what has no room in memory. Empty, it is the
// system's own for temporary files.
type scratch string

// newScratch makes dir for its owner alone, or clears away what a process left
// there that was killed.
func newScratch(dir string) (scratch, error) {
	if dir == "" {
		return "", nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make scratch directory: %w", err)
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		return "", fmt.Errorf("read scratch directory: %w", err)
	}
	for _, file := range left {
		if err := os.RemoveAll(filepath.Join(dir, file.Name())); err != nil {
			return "", fmt.Errorf("clear scratch directory: %w", err)
		}
	}
	return scratch(dir), nil
}

// file is a new file, which nobody but its user finds: dispose of it in the end.
func (s scratch) file() (*os.File, error) {
	f, err := os.CreateTemp(string(s), "ringthrough-*")
	return f, noRoom(err)
}

func dispose(f *os.File) {
	_ = f.Close() // nobody needs what is in it
	_ = os.Remove(f.Name())
}

// noRoom is err of a scratch file as the client is told.
func noRoom(err error) error {
	if err == nil {
		return nil
	}
	return errors.Join(newProblem(http.StatusServiceUnavailable, "there is no room for temporary files on the server, so nothing was changed"), err)
}
