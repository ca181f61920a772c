package faults

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// TestDamagedDatabase cuts a SQLite file off, and turns bits over in it. Cut
// off, it is refused in words, and nothing is served from it. Of turned bits
// those are noticed that are in SQLite's own structure, or in what decides on
// calls; the others are in the journal, in the past, or in nothing at all.
func TestDamagedDatabase(t *testing.T) {
	t.Parallel()
	h := open(t, 1, "")
	h.grow(t, 200)
	r := h.replicas[0]
	r.stop(t)
	path := filepath.Join(r.data, "ringthrough.db")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, length := range cuts(len(whole)) {
		r.begun(t, path, whole[:length])
		r.wantRefusal(t, path, "hint: move "+path+" away")
		if t.Failed() {
			t.Fatalf("cut off after %d of %d bytes", length, len(whole))
		}
	}
	refused, flips := 0, sized(8, 400)
	for range flips {
		at := rand.IntN(len(whole) * 8)
		b := bytes.Clone(whole)
		b[at/8] ^= 1 << (at % 8)
		r.begun(t, path, b)
		if r.refusesOrServes(t) {
			refused++
		}
	}
	figure(t, "bits turned over in a SQLite file", "%d, of which %d were noticed at the start", flips, refused)
}

// cuts are places to cut a database off at: round its first page, and anywhere.
func cuts(size int) []int {
	at := []int{1, 99, 100, 4095, 4096, size / 2 / 4096 * 4096, size - 4096, size - 1}
	for range sized(0, 100) {
		at = append(at, 1+rand.IntN(size-1))
	}
	return at
}

// begun puts a database in the place of a replica's, and empties its log.
func (r *replica) begun(t *testing.T, path string, b []byte) {
	t.Helper()
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(r.log, 0); err != nil {
		t.Fatal(err)
	}
}

// refusesOrServes starts a replica that may end by itself, with 1 and a
// reason, or answer. It reports whether it ended.
func (r *replica) refusesOrServes(t *testing.T) bool {
	t.Helper()
	r.launch(t)
	await(t, "it is ready or has ended", func() bool { return r.child.Gone() || r.ready(t) })
	if !r.child.Gone() {
		r.kill(t)
		return false
	}
	r.wantRefused(t)
	return true
}
