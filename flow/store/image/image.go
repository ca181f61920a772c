// Package image keeps in a file what a replica last served, so that it can
// start and serve that while its store is out of reach. An image is whole or
// it is refused: nothing of a file is handed out before all of it is checked.
// The package knows no store, and not when an image is worth writing.
package image

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

// Image is what a replica serves from, but for the entries of the list.
type Image struct {
	State   store.State       // EntryHint is how many entries were read
	Keys    map[string][]byte // secrets of Store.Key by name
	SavedAt time.Time         // to the millisecond, in UTC

	// Spare is why the newest file was passed over, where its spare was read.
	Spare error
}

// spareSuffix and nextSuffix are added to the path of an image: to that of the
// one before it, and to that of the one which is being written.
const (
	spareSuffix = ".1"
	nextSuffix  = ".new"
)

// Write makes im and entries the image at path, and the one that is there its
// spare. Whatever happens meanwhile, a whole image stays where there was one.
// The files are readable by their owner alone: they have secrets in them.
// Nobody else may write to path at the same time.
func Write(path string, im Image, entries iter.Seq[ani.Entry]) error {
	if err := create(path+nextSuffix, im, entries); err != nil {
		return fmt.Errorf("write snapshot: %w", errors.Join(err, discard(path+nextSuffix)))
	}
	for _, step := range placing(path) {
		if err := step(); err != nil {
			return fmt.Errorf("put snapshot in its place: %w", err)
		}
	}
	return nil
}

// Read reads the newest image that is whole, and hands every entry to yield
// until that returns false. Where neither the file at path nor its spare can be
// used it gives an error for people that says why, and hands out nothing:
// fs.ErrNotExist where there is none, store.ErrDamaged, store.ErrNewer, or what
// kept it from reading.
func Read(path string, yield func(ani.Entry) bool) (*Image, error) {
	file, passed := open(path)
	if passed != nil {
		spare, err := open(path + spareSuffix)
		if err != nil {
			return nil, neither(path, passed, err)
		}
		file = spare
	}
	defer file.close()
	im := &file.image
	im.Spare = passed
	read, err := file.entries(yield)
	if err != nil {
		return nil, fmt.Errorf("read snapshot %s: %w", file.name, err)
	}
	im.State.EntryHint = read
	return im, nil
}

// neither says why there is no image.
func neither(path string, newest, spare error) error {
	if errors.Is(newest, fs.ErrNotExist) && errors.Is(spare, fs.ErrNotExist) {
		return fmt.Errorf("read snapshot: none was ever written to %s: %w", path, fs.ErrNotExist)
	}
	return fmt.Errorf("read snapshot: neither of the two that are kept can be used, start once with the database within reach to have a new one written: %w; %w", newest, spare)
}

// discard removes a file that may be there.
func discard(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
