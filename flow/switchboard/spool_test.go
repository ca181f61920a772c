package switchboard_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/flow"
)

// shut closes the switchboard and the store, as a process does that is told
// to end while the store takes nothing.
func (r *rig) shut() {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), time.Second)
	defer cancel()
	if err := r.Close(ctx); err != nil {
		r.t.Error(err)
	}
	if err := r.gate.Store.Close(); err != nil {
		r.t.Error(err)
	}
}

func TestSpoolSurvivesARestart(t *testing.T) {
	for name, hold := range map[string]func(context.Context) error{"hanging": hang, "failing": fail} {
		t.Run(name, func(t *testing.T) {
			armed(t, func(t *testing.T, r *rig) {
				r.gate.set(hold)
				var want []string
				for range 5 {
					a := r.ring()
					want = append(want, a.ID)
					r.clock.forward(time.Second)
				}
				if _, err := r.Report(t.Context(), want[4], flow.Report{Result: flow.ResultBusy, Duration: 9 * time.Second}); err != nil {
					t.Fatal(err)
				}
				want = append(want, want[4]+" busy")
				before := r.view()
				r.shut()
				if n := len(r.spooled()); n != 6 {
					t.Fatalf("%d rows in the spool, want 6", n)
				}
				r.openHeld(hang)
				if diff := cmp.Diff(before, r.view()); diff != "" {
					t.Errorf("while they wait: -before +after\n%s", diff)
				}
				r.gate.set(nil)
				r.settle()
				if diff := cmp.Diff(want, r.gate.order()); diff != "" {
					t.Errorf("-want +got\n%s", diff)
				}
				if rows := r.stored(); rows[4].Result != flow.ResultBusy || rows[4].Duration != 9 {
					t.Errorf("the last row: %+v", rows[4])
				}
				synctest.Wait()
				if files := r.spooled(); len(files) != 0 {
					t.Errorf("still in the spool: %q", files)
				}
				r.reopen()
				if diff := cmp.Diff(before, r.view()); diff != "" {
					t.Errorf("once they have arrived: -before +after\n%s", diff)
				}
			})
		})
	}
}

// A process that is killed leaves its rows in the spool; one that is killed
// again between the store and the spool counts nothing twice.
func TestSpoolSurvivesACrash(t *testing.T) {
	armed(t, func(t *testing.T, r *rig) {
		r.gate.set(hang)
		a := r.ring()
		synctest.Wait()
		crashed := &rig{t: t, dir: t.TempDir(), clock: r.clock, drops: r.drops, log: r.log}
		if err := os.CopyFS(crashed.dir, os.DirFS(r.dir)); err != nil {
			t.Fatal(err)
		}
		before := r.view()
		crashed.open()
		crashed.settle()
		if got := idsOf(crashed.stored()); len(got) != 1 || got[0] != a.ID {
			t.Errorf("stored %q, want %s", got, a.ID)
		}
		crashed.close()
		if err := os.CopyFS(crashed.spool(), os.DirFS(r.spool())); err != nil {
			t.Fatal(err)
		}
		crashed.open()
		crashed.settle()
		if diff := cmp.Diff(before, crashed.view()); diff != "" {
			t.Errorf("-before +after\n%s", diff)
		}
		w, err := crashed.gate.Window(t.Context(), "w")
		if err != nil || w.Calls != 1 || len(crashed.stored()) != 1 {
			t.Errorf("%d calls in the window, %d rows, %v, want one each", w.Calls, len(crashed.stored()), err)
		}
		synctest.Wait()
		if files := crashed.spooled(); len(files) != 0 {
			t.Errorf("still in the spool: %q", files)
		}
		crashed.close()
		r.gate.set(nil)
	})
}

// The names of rows follow those of an earlier process, though its clock may
// have been ahead.
func TestRowsComeAfterThoseOfAnEarlierProcess(t *testing.T) {
	armed(t, func(t *testing.T, r *rig) {
		r.gate.set(fail)
		a := r.ring()
		r.shut()
		files := r.spooled()
		ahead := filepath.Join(r.spool(), "09000000000000000000.json")
		if err := os.Rename(files[0], ahead); err != nil {
			t.Fatal(err)
		}
		r.openHeld(fail)
		if _, err := r.Report(t.Context(), a.ID, flow.Report{Result: flow.ResultAnswered}); err != nil {
			t.Fatal(err)
		}
		r.shut()
		if files := r.spooled(); len(files) != 2 || files[0] != ahead {
			t.Errorf("in the spool: %q, want the result behind its call", files)
		}
		r.open()
		r.settle()
		if rows := r.stored(); len(rows) != 1 || rows[0].Result != flow.ResultAnswered {
			t.Errorf("stored %+v", rows)
		}
	})
}

func TestUnreadableRowsAreSetAside(t *testing.T) {
	armed(t, func(t *testing.T, r *rig) {
		r.gate.set(fail)
		a := r.ring()
		r.shut()
		bad := map[string]string{
			"00000000000000000001.json": "",
			"00000000000000000002.json": "{}",
			"00000000000000000003.json": `{"call":{"id":"half`,
			"00000000000000000004.json": `{"call":{"id":"x","ani":"nobody"}}`,
			"zz.json":                   "[]",
		}
		if err := os.WriteFile(filepath.Join(r.spool(), "00000000000000000005.json.new"), []byte("{"), 0o600); err != nil {
			t.Fatal(err) // a process was killed while it wrote, before anybody was told that it had
		}
		for name, text := range bad {
			if err := os.WriteFile(filepath.Join(r.spool(), name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(r.spool(), "note.txt"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		r.open()
		r.settle()
		if got := idsOf(r.stored()); len(got) != 1 || got[0] != a.ID {
			t.Errorf("stored %q, want %s", got, a.ID)
		}
		synctest.Wait()
		var left []string
		for _, f := range r.spooled() {
			left = append(left, filepath.Base(f))
		}
		want := []string{
			"00000000000000000001.json.unreadable", "00000000000000000002.json.unreadable", "00000000000000000003.json.unreadable",
			"00000000000000000004.json.unreadable", "note.txt", "zz.json.unreadable",
		}
		if diff := cmp.Diff(want, left); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		if n := r.drops.of("spool unreadable"); n != len(bad) {
			t.Errorf("%d files were counted, want %d", n, len(bad))
		}
		if log := r.log.String(); !strings.Contains(log, "00000000000000000003.json") || strings.Contains(log, "nobody") {
			t.Errorf("logged %s", log)
		}
	})
}

// A directory whose name would mean something to a shell is a directory.
func TestSpoolInAnOddDirectory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &rig{t: t, dir: filepath.Join(t.TempDir(), "data [prod] *?"), clock: &clock{now: noon}, drops: &drops{}, log: &lines{}}
		r.open()
		r.edit(putLine(usLine()), createEntry("e1", "+16505550123"))
		r.gate.set(fail)
		r.ring()
		r.shut()
		r.open()
		r.settle()
		if len(r.stored()) != 1 {
			t.Error("the row was not found")
		}
		r.close()
	})
}

// Without a spool the rows wait in memory; if the store doesn't come back
// either, Close says how many are lost, having tried them all.
func TestSpoolThatCannotBeWritten(t *testing.T) {
	armed(t, func(t *testing.T, r *rig) {
		if err := os.Remove(r.spool()); err != nil {
			t.Fatal(err)
		}
		r.gate.set(fail)
		a := r.ring()
		synctest.Wait()
		if !strings.Contains(r.log.String(), "in memory alone") {
			t.Errorf("logged %s", r.log)
		}
		r.gate.set(nil)
		r.settle()
		if got := idsOf(r.stored()); len(got) != 1 || got[0] != a.ID {
			t.Errorf("stored %q, want %s", got, a.ID)
		}

		r.gate.set(fail)
		for range 3 {
			r.ring()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := r.Close(ctx); err == nil || err.Error() != "close journal: 3 rows could not be kept" {
			t.Errorf("got %v", err)
		}
		if err := r.gate.Store.Close(); err != nil {
			t.Error(err)
		}
		if err := os.Mkdir(r.spool(), 0o700); err != nil {
			t.Fatal(err)
		}
		r.open()
	})
}

// One row that cannot be spooled doesn't keep the others from it.
func TestCloseSpoolsWhatItCan(t *testing.T) {
	armed(t, func(t *testing.T, r *rig) {
		r.gate.set(fail)
		if err := os.Remove(r.spool()); err != nil {
			t.Fatal(err)
		}
		r.ring()
		synctest.Wait()
		if err := os.Mkdir(r.spool(), 0o700); err != nil {
			t.Fatal(err)
		}
		r.ring()
		r.shut()
		if n := len(r.spooled()); n != 2 {
			t.Errorf("%d rows in the spool, want 2", n)
		}
		r.open()
		r.settle()
		if n := len(r.stored()); n != 2 {
			t.Errorf("%d rows, want 2", n)
		}
	})
}
