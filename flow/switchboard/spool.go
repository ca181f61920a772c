package switchboard

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ringthrough/ringthrough/flow/store"
)

// spool keeps journal rows that the store has not taken yet, one file each,
// so that a crash doesn't lose them. The names sort in the order of writing.
type spool struct{ dir string }

const spoolSuffix = ".json"

// unfinishedSuffix stands behind the name of a row's file until that is whole.
const unfinishedSuffix = ".new"

// openSpool makes the directory where it isn't there and reads the rows that
// an earlier process left, oldest first. A file that can't be read is set
// aside under another name, so that nothing is lost and the start goes on;
// aside is told of it.
func openSpool(dir string, aside func(name string, why error)) (*spool, []*pending, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, err
	}
	files, err := os.ReadDir(dir) // sorts
	if err != nil {
		return nil, nil, err
	}
	var waiting []*pending
	for _, f := range files {
		path := filepath.Join(dir, f.Name())
		if strings.HasSuffix(path, spoolSuffix+unfinishedSuffix) {
			if err := gone(path); err != nil {
				return nil, nil, err
			}
			continue
		}
		name, ok := strings.CutSuffix(f.Name(), spoolSuffix)
		if !ok {
			continue
		}
		p, err := readSpooled(path, name)
		if err == nil {
			waiting = append(waiting, p)
			continue
		}
		if err := os.Rename(path, path+".unreadable"); err != nil {
			return nil, nil, err
		}
		aside(f.Name(), err)
	}
	return &spool{dir}, waiting, nil
}

func readSpooled(path, name string) (*pending, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	p := newPending(store.Mark{}, name)
	p.spooled = true
	if err := json.Unmarshal(b, &p.mark); err != nil {
		return nil, err
	}
	if p.mark.Call == nil && p.mark.Result == nil {
		return nil, errors.New("empty row")
	}
	return p, nil
}

// put writes one row. It survives this process then, but the machine only once
// it is synced.
func (s *spool) put(name string, m store.Mark) error {
	b, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encode journal row: %w", err)
	}
	unfinished := s.path(name) + unfinishedSuffix
	if err := os.WriteFile(unfinished, b, 0o600); err != nil {
		return errors.Join(err, gone(unfinished))
	}
	return os.Rename(unfinished, s.path(name))
}

// syncRow makes what a row's file holds durable, if it is still there.
func (s *spool) syncRow(name string) error {
	f, err := os.Open(s.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// sync makes the names in the directory durable; what the files hold is.
func (s *spool) sync() error {
	dir, err := os.Open(s.dir)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// remove lets a row go that the store has taken.
func (s *spool) remove(name string) error { return gone(s.path(name)) }

// gone removes a file that may be there.
func gone(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (s *spool) path(name string) string { return filepath.Join(s.dir, name+spoolSuffix) }
