package faults

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
	"github.com/ringthrough/ringthrough/deploy/test/pgserver"
)

// mounted is a disk of its own for a replica that is not started yet, with
// some MiB of room.
func (r *replica) mounted(t *testing.T, megabytes string) {
	t.Helper()
	if err := os.MkdirAll(r.data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", r.data, "tmpfs", 0, "size="+megabytes+"m"); err != nil {
		if os.Geteuid() == 0 {
			peer.Forbidden(t, "a small disk can't be mounted: "+err.Error())
		}
		peer.Missing(t, "a small disk is mounted by root only: run the test as root")
	}
	t.Cleanup(func() {
		r.kill(t)
		if err := syscall.Unmount(r.data, 0); err != nil {
			t.Error(err)
		}
	})
}

// fill leaves no room on a replica's disk until the file that it gives is
// removed.
func (r *replica) fill(t *testing.T) string {
	t.Helper()
	path := filepath.Join(r.data, "filler")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := io.Copy(f, zeros{}); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("fill the disk: %v", err)
	}
	return path
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// TestFullDisk has no room left for a while, with SQLite on that disk: the
// list, the journal and its spool. Callers are answered, edits are not taken,
// and what was answered meanwhile is written once there is room.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	h := prepare(t, 1, "")
	r := h.replicas[0]
	r.mounted(t, "96")
	h.begin(t)
	w := work(t, h)
	lasting(t, 500*time.Millisecond)
	for range sized(2, 20) {
		filler, before := r.fill(t), w.turnedAway(503)
		await(t, "edits are turned away", func() bool { return w.turnedAway(503) > before })
		lasting(t, sized(time.Second, 10*time.Second))
		if err := os.Remove(filler); err != nil {
			t.Fatal(err)
		}
		lasting(t, 500*time.Millisecond)
	}
	w.finish(t)
	w.audit(t, h)
	w.lookups.none(t)
	figure(t, "full disk, SQLite and spool", "lookups: %s; edits turned away with 503: %d", w.lookups.take(), w.turned[503])
}

// TestFullDiskAndNoDatabase has no room for snapshot and spool, and PostgreSQL
// away: rows are in memory alone then, which is enough for as long as nobody
// ends the process.
func TestFullDiskAndNoDatabase(t *testing.T) {
	t.Parallel()
	s := pgserver.Start(t)
	h := prepare(t, 1, s.Database(t))
	r := h.replicas[0]
	r.mounted(t, "16")
	h.begin(t)
	w := work(t, h)
	lasting(t, 500*time.Millisecond)
	filler, before := r.fill(t), w.acknowledged()
	await(t, "edits are taken though the snapshot has no room", func() bool { return w.acknowledged() > before })
	s.Stop(t, pgserver.Immediate)
	lasting(t, sized(time.Second, time.Minute))
	s.Restart(t)
	before = w.acknowledged()
	await(t, "edits are taken again", func() bool { return w.turnedAway(503) > 0 && w.acknowledged() > before })
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	w.finish(t)
	w.audit(t, h)
	w.lookups.none(t)
	h.kept(t, h.settled(t))
	figure(t, "full disk, snapshot and spool, PostgreSQL away", "lookups: %s; edits turned away with 503: %d", w.lookups.take(), w.turned[503])
}

// turnedAway is how many edits were, with a status.
func (l *ledger) turnedAway(status int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.turned[status]
}

// TestReadOnlyDisk starts on a disk that can't be written: it says so and ends.
func TestReadOnlyDisk(t *testing.T) {
	t.Parallel()
	r := newReplica(t, "replica", "")
	r.mounted(t, "16")
	if err := syscall.Mount("", r.data, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	r.wantRefusal(t, "read-only file system", "hint: ")
}

// wantRefusal starts a replica that must end by itself, with 1, and say why in
// a line that has all of these texts in it.
func (r *replica) wantRefusal(t *testing.T, texts ...string) {
	t.Helper()
	r.launch(t)
	await(t, r.name+" ends", r.child.Gone)
	r.wantRefused(t, texts...)
}

// wantRefused judges how a replica has ended by itself.
func (r *replica) wantRefused(t *testing.T, texts ...string) {
	t.Helper()
	code := r.child.State().ExitCode()
	r.child = nil
	said := r.tail()
	if code != 1 {
		t.Errorf("it ended with %d, want 1: %s", code, said)
	}
	for _, text := range append(texts, "ringthrough: error: ") {
		if !strings.Contains(said, text) {
			t.Errorf("it didn't say %q, but:\n%s", text, said)
		}
	}
}

// faulty makes calls to the kernel go wrong for a replica, by strace's
// injections, from its next start on. The program stays the process that was
// started: strace is its child, and ends with it.
func (r *replica) faulty(t *testing.T, calls string, injections ...string) {
	t.Helper()
	strace := peer.Command(t, "strace", peer.Everything)
	if out, err := exec.Command(strace, "-o", os.DevNull, "true").CombinedOutput(); err != nil {
		peer.Forbidden(t, fmt.Sprintf("strace may not trace: %v: %s", err, out))
	}
	r.wrap = []string{strace, "-f", "-D", "-qq", "--seccomp-bpf", "-o", os.DevNull, "-e", "trace=" + calls}
	for _, injection := range injections {
		r.wrap = append(r.wrap, "-e", "inject="+injection)
	}
}

// diskFaults are ways in which a disk goes wrong now and then. Go's runtime
// writes to itself with write, so files are hit with what they are written by:
// SQLite writes with pwrite64, the spool and the snapshot rename what they
// have synced.
var diskFaults = []struct {
	name, calls string
	injections  []string
	fails       bool // some edits
}{
	{"every 5th sync fails", "fsync,fdatasync", []string{"fsync,fdatasync:error=EIO:when=5+5"}, true},
	{"every 40th write fails", "pwrite64", []string{"pwrite64:error=EIO:when=40+40"}, true},
	{"every 50th write finds no room", "pwrite64", []string{"pwrite64:error=ENOSPC:when=50+50"}, true},
	{"every 3rd rename fails", "rename,renameat,renameat2", []string{"rename,renameat,renameat2:error=EIO:when=3+3"}, false},
	{"every sync takes 100 ms", "fsync,fdatasync", []string{"fsync,fdatasync:delay_enter=100000"}, false},
}

// TestFaultyDisk has writes and syncs of SQLite and the spool fail or take
// long. The program may say no, but never yes to what is not there.
func TestFaultyDisk(t *testing.T) {
	t.Parallel()
	for _, fault := range diskFaults {
		t.Run(fault.name, func(t *testing.T) {
			t.Parallel()
			h := open(t, 1, "")
			r := h.replicas[0]
			r.faulty(t, fault.calls, fault.injections...)
			r.stop(t)
			r.startAtLast(t)
			w := work(t, h)
			lasting(t, sized(1500*time.Millisecond, 30*time.Second))
			r.wrap = nil
			r.restart(t)
			w.finish(t)
			w.audit(t, h)
			if fault.fails && w.unsure == 0 {
				t.Error("no edit failed: nothing was tried")
			}
			figure(t, fault.name, "lookups: %s; edits acknowledged: %d, turned away or unknown: %d", w.lookups.take(), w.edits, w.unsure)
		})
	}
}

// startAtLast starts a replica that may not get past its own start every time.
func (r *replica) startAtLast(t *testing.T) {
	t.Helper()
	for r.child == nil {
		r.launch(t)
		await(t, "ready or ended", func() bool { return r.child.Gone() || r.ready(t) })
		if r.child.Gone() {
			r.child = nil
		}
	}
}

// TestFaultySpool has PostgreSQL away, so that calls go to the spool, and the
// snapshot kept, on a disk on which every other rename and every third sync
// fails; then the replica is killed. What the spool took is there afterwards.
func TestFaultySpool(t *testing.T) {
	t.Parallel()
	s := pgserver.Start(t)
	h := open(t, 1, s.Database(t))
	r := h.replicas[0]
	h.kept(t, h.settled(t))
	r.faulty(t, "rename,renameat,renameat2,fsync,fdatasync", "rename,renameat,renameat2:error=EIO:when=2+2", "fsync,fdatasync:error=EIO:when=3+3")
	r.stop(t)
	r.startAtLast(t)
	w := work(t, h)
	await(t, "edits are taken", func() bool { return w.acknowledged() > 0 })
	s.Stop(t, pgserver.Immediate)
	lasting(t, sized(time.Second, time.Minute))
	s.Restart(t)
	w.finish(t)
	w.audit(t, h)
	w.lookups.none(t)
	r.wrap = nil
	r.restart(t)
	w.audit(t, h)
	figure(t, "every other rename and third sync fails, PostgreSQL away", "lookups: %s; direct calls: %d", w.lookups.take(), len(w.calls))
}
