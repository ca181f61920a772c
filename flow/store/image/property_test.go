package image

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/klauspost/compress/s2"
	"pgregory.net/rapid"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

func drawTime(t *rapid.T, name string) time.Time {
	ms := rapid.Int64Range(-1, 1<<42).Draw(t, name)
	if ms < 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func drawText(t *rapid.T, name string) string { return rapid.StringN(0, 40, 1000).Draw(t, name) }

func drawPattern(t *rapid.T) ani.Pattern {
	text := fmt.Sprintf("+1650%07d", rapid.IntRange(2000000, 9990000).Draw(t, "number"))
	switch rapid.IntRange(0, 2).Draw(t, "kind") {
	case 1:
		text += "*"
	case 2:
		text += "-" + text[:len(text)-4] + "9999"
	}
	p, err := ani.ParsePattern(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func drawEntry(t *rapid.T) ani.Entry {
	return ani.Entry{
		ID: drawText(t, "id"), Pattern: drawPattern(t), Label: drawText(t, "label"), Source: drawText(t, "source"),
		Lines:     rapid.SliceOfN(rapid.String(), 0, 3).Draw(t, "lines"),
		NotBefore: drawTime(t, "not before"), ExpiresAt: drawTime(t, "expires"), Enabled: rapid.Bool().Draw(t, "enabled"),
		MinAttestation: ani.Attestation(rapid.Int8Range(-1, 3).Draw(t, "attestation")),
		Note:           drawText(t, "note"), CreatedAt: drawTime(t, "created"), CreatedBy: drawText(t, "by"), UpdatedAt: drawTime(t, "updated"),
		Hits: rapid.Int64().Draw(t, "hits"), LastHitAt: drawTime(t, "hit"), Version: rapid.Int64().Draw(t, "version"),
	}
}

func drawImage(t *rapid.T) Image {
	im := Image{SavedAt: drawTime(t, "saved"), Keys: rapid.MapOfN(rapid.String(), rapid.SliceOfN(rapid.Byte(), 1, 40), 0, 3).Draw(t, "keys")}
	im.State.Revision = store.Revision{N: rapid.Uint64().Draw(t, "revision"), At: drawTime(t, "made")}
	im.State.Calls = rapid.Uint64().Draw(t, "calls")
	for range rapid.IntRange(0, 3).Draw(t, "lines") {
		l := store.Line{Line: flow.NewLine(), Version: rapid.Int64().Draw(t, "version"), CreatedAt: drawTime(t, "created"), UpdatedAt: drawTime(t, "updated")}
		l.Announce, l.Limit.Per = drawText(t, "announce"), flow.Duration(rapid.IntRange(1, 1e6).Draw(t, "per"))*flow.Duration(time.Second)
		im.State.Lines = append(im.State.Lines, l)
	}
	for range rapid.IntRange(0, 3).Draw(t, "tokens") {
		im.State.Tokens = append(im.State.Tokens, store.Token{
			ID: drawText(t, "id"), Name: drawText(t, "name"), Role: store.RoleViewer,
			Hash: [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "hash")), CreatedAt: drawTime(t, "created"), ExpiresAt: drawTime(t, "expires"),
		})
	}
	for range rapid.IntRange(0, 3).Draw(t, "calls") {
		im.State.Recent = append(im.State.Recent, store.Call{ID: drawText(t, "id"), At: drawTime(t, "at"), Duration: rapid.Int().Draw(t, "seconds"), Note: drawText(t, "note")})
	}
	return im
}

// TestRandomImages writes and reads images of anything.
func TestRandomImages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "image")
	same := cmp.Options{
		cmpopts.EquateEmpty(), cmpopts.IgnoreFields(store.State{}, "EntryHint"),
		cmp.Comparer(func(a, b ani.Number) bool { return a == b }), cmp.Comparer(func(a, b ani.Pattern) bool { return a == b }),
	}
	rapid.Check(t, func(t *rapid.T) {
		im, entries := drawImage(t), rapid.SliceOfN(rapid.Custom(drawEntry), 0, 5).Draw(t, "entries")
		if err := Write(path, im, slices.Values(entries)); err != nil {
			t.Fatal(err)
		}
		got, gotEntries, err := read(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&im, got, same) + cmp.Diff(entries, gotEntries, same); diff != "" {
			t.Errorf("-written +read:\n%s", diff)
		}
		if got.State.EntryHint != len(entries) {
			t.Errorf("%d entries of %d", got.State.EntryHint, len(entries))
		}
	})
}

// FuzzContent reads content that its checksum vouches for, whatever it is: it
// is refused, or what is read can be written and read again.
func FuzzContent(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x02{}\x00\x00"))
	f.Add([]byte("\x02{}\x04\x01\x01\x00\x00\x00\x01"))
	f.Add([]byte("\x02{}\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Add([]byte("\x22{\"tokens\":[{\"id\":\"t\",\"hash\":\"AQ\"}]}\x00\x00"))
	f.Add(append([]byte("\x02{}\x0f"), append(appendEntry(nil, ani.Entry{ID: "e", Label: "l"}), 0, 1)...))
	path := filepath.Join(f.TempDir(), "image")
	f.Fuzz(func(t *testing.T, content []byte) {
		var packed strings.Builder
		w := s2.NewWriter(&packed, s2.WriterConcurrency(1))
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		replace(t, path, sealed(preamble(), []byte(packed.String())))
		im, entries, err := read(path)
		if err != nil {
			return
		}
		if err := Write(path, *im, slices.Values(entries)); err != nil {
			t.Fatalf("what was read can't be written: %v", err)
		}
		_, again, err := read(path)
		if err != nil || !slices.EqualFunc(entries, again, func(a, b ani.Entry) bool { return cmp.Equal(appendEntry(nil, a), appendEntry(nil, b)) }) {
			t.Errorf("%v became %v, %v", entries, again, err)
		}
	})
}

// FuzzFile reads any file at all: without its checksum, it is refused.
func FuzzFile(f *testing.F) {
	path := filepath.Join(f.TempDir(), "image")
	write(f, path, 1)
	whole := bytesOf(f, path)
	f.Add(whole[:len(whole)-1])
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, b []byte) {
		replace(t, path, b)
		_, entries, err := read(path)
		if err == nil && !slices.Equal(b, whole) || err != nil && len(entries) > 0 {
			t.Errorf("read %d entries, %v", len(entries), err)
		}
	})
}
