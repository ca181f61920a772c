package sqlite

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/ringthrough/ringthrough/flow/store"
)

// TestLeftOpen takes the files as they are while a store still has them
// open: what a process leaves behind that is killed.
func TestLeftOpen(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "ringthrough.db"))
	fill(t, s, 50)
	_, want, err := held(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	n, got, err := held(t.Context(), openAt(t, copied(t, s.path, -1)))
	if err != nil || n != 50 || !slices.Equal(got, want) {
		t.Errorf("found revision %d and %d entries, %v; want 50 of both", n, len(got), err)
	}
}

// TestTornLog cuts the log off where the power may have gone. Each edit made
// one entry, so what is found must have as many entries and audit records as
// revisions.
func TestTornLog(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "ringthrough.db"))
	fill(t, s, 20)
	info, err := os.Stat(s.path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	found := map[uint64]bool{}
	for cut := info.Size(); cut >= 0; cut -= info.Size()/60 + 1 {
		torn, err := Open(t.Context(), copied(t, s.path, cut))
		if err != nil {
			t.Errorf("log cut at %d of %d: %v", cut, info.Size(), err)
			continue
		}
		n, got, err := held(t.Context(), torn)
		if err != nil || len(got) != int(n) {
			t.Errorf("log cut at %d of %d: found revision %d and %d entries, %v", cut, info.Size(), n, len(got), err)
		}
		holds(t, torn, int64(n))
		found[n] = true
		torn.Close()
	}
	if len(found) < 10 || !found[20] || found[21] {
		t.Errorf("found the revisions %v: the cuts are not spread over the log", found)
	}
}

// copied is the path of a copy of a database and the first bytes of its log;
// of all of it where logged is negative.
func copied(t *testing.T, path string, logged int64) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "ringthrough.db")
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if suffix == "-wal" && logged >= 0 {
			b = b[:logged]
		}
		if err := os.WriteFile(to+suffix, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

const killedPath = "RINGTHROUGH_TEST_KILLED_PATH"

// TestKilled kills a process that edits a store and says of each edit when
// it is done. None that it has spoken of may be missing.
func TestKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ringthrough.db")
	for round := range 3 {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestEditUntilKilled$")
		child.Env = append(os.Environ(), killedPath+"="+path)
		var complaints bytes.Buffer
		child.Stderr = &complaints
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		var last uint64
		spoken := bufio.NewScanner(out)
		for n := 0; n < 20+7*round && spoken.Scan(); n++ {
			if last, err = strconv.ParseUint(spoken.Text(), 10, 64); err != nil {
				t.Fatal(err)
			}
		}
		_ = child.Process.Kill()
		_ = child.Wait()
		s, err := Open(t.Context(), path)
		if err != nil {
			t.Fatalf("%v; the child said %s", err, complaints.Bytes())
		}
		n, entries, err := held(t.Context(), s)
		if err != nil || n < last || last == 0 || len(entries) != int(n) {
			t.Errorf("killed after revision %d: found revision %d and %d entries, %v; the child said %s", last, n, len(entries), err, complaints.Bytes())
		}
		holds(t, s, int64(n))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestEditUntilKilled is the child of TestKilled, and nothing on its own.
func TestEditUntilKilled(t *testing.T) {
	path := os.Getenv(killedPath)
	if path == "" {
		return
	}
	s := openAt(t, path)
	done, _, err := held(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for c := range imported(million) {
		if done > 0 {
			done--
			continue
		}
		r, err := s.Edit(t.Context(), store.Edit{At: noon, Changes: slices.Values([]store.Change{c})})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintln(os.Stdout, r.N)
	}
}
