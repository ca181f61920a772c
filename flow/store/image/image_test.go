package image

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func pattern(t testing.TB, text string) ani.Pattern {
	t.Helper()
	p, err := ani.ParsePattern(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func number(t testing.TB, text string) ani.Number {
	t.Helper()
	n, err := ani.Parse(text, "")
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// sample has something of everything. n tells samples apart.
func sample(t testing.TB, n uint64) (Image, []ani.Entry) {
	t.Helper()
	line := flow.NewLine()
	line.Name, line.Numbers = "support", []ani.Number{number(t, "+442079460000")}
	line.Targets = []flow.Target{{Kind: flow.KindNumber, Address: "+15125550123", Hours: "Mo-Fr 08:00-18:00"}}
	im := Image{
		State: store.State{
			Revision: store.Revision{N: n, At: noon},
			Lines:    []store.Line{{Line: line, Version: 3, CreatedAt: noon, UpdatedAt: noon}},
			Windows:  []flow.Window{{ID: "w1", Line: "support", Mode: flow.ModeRehearsal, Callers: []ani.Number{number(t, "+16505550123")}, OpensAt: noon, ClosesAt: noon.Add(time.Hour)}},
			Tokens:   []store.Token{{ID: "t1", Name: "ops", Role: store.RoleEditor, Hash: [32]byte{1, 2, 31: 3}, CreatedAt: noon, CreatedBy: "admin"}},
			Recent:   []store.Call{{ID: "c1", At: noon, Line: "support", ANI: number(t, "+16505550123"), Kind: store.CallDirect, Route: flow.Direct}},
			Calls:    7,
		},
		Keys:    map[string][]byte{"session": {0, 1, 255}},
		SavedAt: noon.Add(time.Minute),
	}
	return im, []ani.Entry{
		{ID: "e1", Pattern: pattern(t, "+16505550123"), Label: "a", Lines: []string{"support"}, Enabled: true, ExpiresAt: noon.Add(time.Hour), Version: 1},
		{ID: "e2", Pattern: pattern(t, "+1650555*"), Lines: []string{}, MinAttestation: ani.AttestationFailed, Hits: 4, LastHitAt: noon, Version: 9},
		{ID: "e3", Pattern: pattern(t, "+16505550100-+16505550199"), Lines: []string{"a", "b"}, MinAttestation: ani.AttestationA, Note: "ü\n", NotBefore: noon},
	}
}

func write(t testing.TB, path string, n uint64) {
	t.Helper()
	im, entries := sample(t, n)
	if err := Write(path, im, slices.Values(entries)); err != nil {
		t.Fatal(err)
	}
}

// read gives what is read, entries apart.
func read(path string) (*Image, []ani.Entry, error) {
	var entries []ani.Entry
	im, err := Read(path, func(e ani.Entry) bool {
		entries = append(entries, e)
		return true
	})
	return im, entries, err
}

// wantSample reads the n-th sample. passed is part of why the newest file was
// passed over; empty: it wasn't.
func wantSample(t *testing.T, path string, n uint64, passed string) {
	t.Helper()
	im, entries, err := read(path)
	if err != nil {
		t.Fatal(err)
	}
	want, wantEntries := sample(t, n)
	want.State.EntryHint = len(wantEntries)
	same := cmp.Options{cmpopts.IgnoreFields(Image{}, "Spare"), cmp.Comparer(func(a, b ani.Number) bool { return a == b }), cmp.Comparer(func(a, b ani.Pattern) bool { return a == b })}
	if diff := cmp.Diff(&want, im, same); diff != "" {
		t.Errorf("the image (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(wantEntries, entries, same); diff != "" {
		t.Errorf("the entries (-want +got):\n%s", diff)
	}
	if (im.Spare != nil) != (passed != "") || im.Spare != nil && !strings.Contains(im.Spare.Error(), passed) {
		t.Errorf("the newest was passed over for %v, want %q", im.Spare, passed)
	}
}

// wantRefused reads nothing.
func wantRefused(t *testing.T, path string, kind error) {
	t.Helper()
	_, entries, err := read(path)
	if !errors.Is(err, kind) {
		t.Errorf("error %v, want %v", err, kind)
	}
	if len(entries) > 0 {
		t.Errorf("%d entries were handed out", len(entries))
	}
}

func TestWrittenIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "image")
	write(t, path, 1)
	wantSample(t, path, 1, "")
}

func TestNewestIsReadAndTheOneBeforeIsItsSpare(t *testing.T) {
	path := filepath.Join(t.TempDir(), "image")
	for n := range uint64(3) {
		write(t, path, n)
	}
	wantSample(t, path, 2, "")
	remove(t, path)
	wantSample(t, path, 1, "is not there")
}

func TestEmptyImage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "image")
	if err := Write(path, Image{}, func(func(ani.Entry) bool) {}); err != nil {
		t.Fatal(err)
	}
	im, entries, err := read(path)
	if err != nil || len(entries) > 0 || im.State.Revision.N != 0 {
		t.Errorf("read %v and %v, %v", im, entries, err)
	}
}

func TestReadStopsWhenAsked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "image")
	write(t, path, 1)
	seen := 0
	if _, err := Read(path, func(ani.Entry) bool { seen++; return seen < 2 }); err != nil || seen != 2 {
		t.Errorf("%d entries, %v", seen, err)
	}
}

func TestFilesAreForTheirOwnerAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "image")
	if err := os.WriteFile(path+nextSuffix, []byte("left over"), 0o644); err != nil {
		t.Fatal(err)
	}
	write(t, path, 1)
	write(t, path, 2)
	for _, name := range []string{path, path + spareSuffix} {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	if _, err := os.Stat(path + nextSuffix); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file that was written is still there: %v", err)
	}
}

func TestNoImage(t *testing.T) {
	wantRefused(t, filepath.Join(t.TempDir(), "image"), fs.ErrNotExist)
	wantRefused(t, filepath.Join(t.TempDir(), "no folder", "image"), fs.ErrNotExist)
}

func TestEntryThatIsTooLongIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "image")
	write(t, path, 1)
	e := ani.Entry{ID: "e", Pattern: pattern(t, "+16505550123"), Note: strings.Repeat("x", maxRecord)}
	if err := Write(path, Image{}, slices.Values([]ani.Entry{e})); err == nil {
		t.Error("it was written")
	}
	wantSample(t, path, 1, "")
}

func bytesOf(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func replace(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func remove(t testing.TB, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

// sealed is a whole file with any content in it.
func sealed(preamble, content []byte) []byte {
	b := slices.Concat(preamble, content)
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}
