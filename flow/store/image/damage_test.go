package image

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
	"github.com/ringthrough/ringthrough/flow/store"
)

// damages are all ways to cut a small file off, and to flip one bit of it.
func damages(whole []byte) func(yield func(string, []byte) bool) {
	return func(yield func(string, []byte) bool) {
		for n := range whole {
			if !yield("cut off", whole[:n]) {
				return
			}
		}
		for bit := range len(whole) * 8 {
			b := slices.Clone(whole)
			b[bit/8] ^= 1 << (bit % 8)
			if !yield("bit flipped", b) {
				return
			}
		}
		yield("a byte too many", append(slices.Clone(whole), 0))
	}
}

// TestDamagedIsRefused has no spare to fall back on.
func TestDamagedIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "image")
	write(t, path, 1)
	whole := bytesOf(t, path)
	for how, damaged := range damages(whole) {
		replace(t, path, damaged)
		wantRefused(t, path, store.ErrDamaged)
		if t.Failed() {
			t.Fatalf("%s: %d of %d bytes", how, len(damaged), len(whole))
		}
	}
}

func TestDamagedNewestIsPassedOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "image")
	write(t, path, 1)
	write(t, path, 2)
	whole := bytesOf(t, path)
	for name, c := range map[string]struct {
		newest []byte
		says   string
	}{
		"empty":               {nil, "is cut off after 0 bytes"},
		"cut off":             {whole[:len(whole)/2], "another checksum"},
		"something else":      {bytes.Repeat([]byte("x"), 100), "does not begin as a snapshot"},
		"of a newer version":  {sealed(version2(), []byte("whatever")), "has format 2"},
		"sealed, but garbage": {sealed(preamble(), []byte("garbage")), "can't be read"},
	} {
		t.Run(name, func(t *testing.T) {
			replace(t, path, c.newest)
			wantSample(t, path, 1, c.says)
		})
	}
}

func version2() []byte { return binary.BigEndian.AppendUint16([]byte(magic), version+1) }

func TestNewerFormatIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "image")
	replace(t, path, sealed(version2(), nil))
	wantRefused(t, path, store.ErrNewer)
	replace(t, path, sealed([]byte(magic+"\x00\x00"), nil))
	wantRefused(t, path, store.ErrDamaged)
}

func TestRefusalSaysWhatToDo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "image")
	replace(t, path, []byte("x"))
	replace(t, path+spareSuffix, bytes.Repeat([]byte("x"), 100))
	_, _, err := read(path)
	for _, part := range []string{path + " is cut off after 1 bytes", path + ".1 does not begin", "start once with the database within reach"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("no %q in %v", part, err)
		}
	}
}

// TestSpareIsNeverReplacedByDamage writes when the newest file is damaged: the
// spare is the only whole one, and stays until a new one is there.
func TestSpareIsNeverReplacedByDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "image")
	write(t, path, 1)
	write(t, path, 2)
	replace(t, path, []byte("damaged"))
	write(t, path, 3)
	wantSample(t, path, 3, "")
	remove(t, path)
	wantSample(t, path, 1, "is not there")
}

// TestCrashWhilePlacing stops after each step of putting a file in its place.
func TestCrashWhilePlacing(t *testing.T) {
	for _, c := range []struct {
		name   string
		steps  int
		want   uint64
		passed string
	}{
		{"before the first step", 0, 1, ""},
		{"between the renames", 1, 1, "is not there"},
		{"before the directory is synced", 2, 2, ""},
		{"after the last step", 3, 2, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "image")
			write(t, path, 1)
			im, entries := sample(t, 2)
			if err := create(path+nextSuffix, im, slices.Values(entries)); err != nil {
				t.Fatal(err)
			}
			for _, step := range placing(path)[:c.steps] {
				if err := step(); err != nil {
					t.Fatal(err)
				}
			}
			wantSample(t, path, c.want, c.passed)
			write(t, path, 3)
			wantSample(t, path, 3, "")
		})
	}
}

// failing takes some bytes and then nothing more.
type failing struct{ room int }

var errFull = errors.New("no room")

func (f *failing) Write(b []byte) (int, error) {
	if len(b) > f.room {
		return f.room, errFull
	}
	f.room -= len(b)
	return len(b), nil
}

func TestEveryFailedWriteIsReported(t *testing.T) {
	im, entries := sample(t, 1)
	var whole bytes.Buffer
	if err := encode(&whole, im, slices.Values(entries)); err != nil {
		t.Fatal(err)
	}
	for room := range whole.Len() {
		if err := encode(&failing{room}, im, slices.Values(entries)); !errors.Is(err, errFull) {
			t.Fatalf("with room for %d bytes: %v", room, err)
		}
	}
	if err := encode(&failing{whole.Len()}, im, slices.Values(entries)); err != nil {
		t.Error(err)
	}
}

// TestFullDiskLeavesWhatIsThere fills a disk of 64 KiB.
func TestFullDiskLeavesWhatIsThere(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=64k"); err != nil {
		peer.Missing(t, "a small disk can't be mounted, which takes root: "+err.Error())
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	})
	path := filepath.Join(disk, "image")
	write(t, path, 1)
	im, entries := sample(t, 2)
	im.Keys["large"] = noise(128 << 10)
	if err := Write(path, im, slices.Values(entries)); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk isn't full: %v", err)
	}
	wantSample(t, path, 1, "")
	if _, err := os.Stat(path + nextSuffix); err == nil {
		t.Error("what was begun takes up room")
	}
	write(t, path, 3)
	wantSample(t, path, 3, "")
}

// noise can't be compressed much.
func noise(n int) []byte {
	b, x := make([]byte, n), uint64(1)
	for i := range b {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b[i] = byte(x)
	}
	return b
}
