package switchboard_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/deploy/test/pgserver"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/postgres"
	"github.com/ringthrough/ringthrough/flow/switchboard"
)

func TestMain(m *testing.M) { pgserver.Main(m) }

// replica is a switchboard that shares its store with others.
type replica struct {
	*switchboard.Switchboard
	t       *testing.T
	url     string
	dir     string
	store   store.Shared
	options func(*switchboard.Options)
}

// startReplicas starts n of them on one database with a line and an entry, and
// waits until they all serve both.
func startReplicas(t *testing.T, url string, n int, options func(*switchboard.Options)) []*replica {
	t.Helper()
	var all []*replica
	for range n {
		r := &replica{t: t, url: url, dir: t.TempDir(), options: options}
		if err := r.open(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(r.close)
		all = append(all, r)
	}
	line := usLine()
	line.Limit.Calls = 4
	all[0].edit(putLine(line), createEntry("e1", "+16505550123"))
	agree(t, all)
	return all
}

func (r *replica) open() error {
	st, err := postgres.Open(r.t.Context(), r.url)
	if err != nil {
		return err
	}
	r.store = st
	o := switchboard.Options{Store: st, Spool: filepath.Join(r.dir, "spool"), Image: filepath.Join(r.dir, "snapshot"), Log: zerolog.Nop()}
	if r.options != nil {
		r.options(&o)
	}
	if r.Switchboard, err = switchboard.Open(r.t.Context(), o); err != nil {
		return errors.Join(err, st.Close())
	}
	return nil
}

func (r *replica) close() {
	if r.Switchboard == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := errors.Join(r.Close(ctx), r.store.Close()); err != nil {
		r.t.Error(err)
	}
	r.Switchboard = nil
}

func (r *replica) edit(changes ...store.Change) {
	r.t.Helper()
	if _, err := r.Edit(r.t.Context(), ops, "", changes...); err != nil {
		r.t.Fatal(err)
	}
}

func (r *replica) ring(id string) switchboard.Answer {
	return r.Lookup("hook", flow.Call{ANI: caller, DNIS: dialled, ID: id})
}

// eventually waits for what the replicas tell each other.
func eventually(t *testing.T, what string, ask func() bool) {
	t.Helper()
	tick, late := time.NewTicker(2*time.Millisecond), time.After(30*time.Second)
	defer tick.Stop()
	for !ask() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// agree waits until all replicas serve the last revision.
func agree(t *testing.T, all []*replica) {
	t.Helper()
	position, err := all[0].store.Position(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		eventually(t, fmt.Sprintf("revision %d serves everywhere", position.Revision), func() bool { return r.Snapshot().Revision >= position.Revision })
	}
}

// served is what a replica goes by.
func served(r *replica) []string {
	var all []string
	for item := range r.Snapshot().List.All {
		all = append(all, item.ID()+" "+item.Pattern().String()+" "+item.Label())
	}
	for _, l := range r.Snapshot().Lines() {
		all = append(all, fmt.Sprintf("%s %v", l.Name, l.Numbers))
	}
	slices.Sort(all)
	return all
}

func TestEditsServeOnAllReplicas(t *testing.T) {
	all := startReplicas(t, pgserver.Shared(t).Database(t), 3, nil)
	other := flow.NewLine()
	other.Name = "other"
	all[1].edit(putLine(other), createEntry("e2", "+442079460000", "other"), putWindow("w", flow.ModeListed, func(w *flow.Window) {
		w.OpensAt, w.ClosesAt = time.Now().Add(-time.Minute), time.Now().Add(time.Hour)
	}))
	all[2].edit(store.Change{Op: store.OpCreate, Kind: store.KindToken, Key: "t", Token: &store.Token{Name: "ivr", Role: store.RoleLookup, Hash: [32]byte{1}}})
	agree(t, all)
	for i, r := range all {
		if diff := cmp.Diff(served(all[0]), served(r)); diff != "" {
			t.Errorf("replica %d (-0 +%d):\n%s", i, i, diff)
		}
		if w := r.Snapshot().Live("support-us").Windows; len(w) != 1 || w[0].ID != "w" {
			t.Errorf("replica %d has the windows %+v", i, w)
		}
		if _, ok := r.TokenValid("t", time.Now()); !ok {
			t.Errorf("replica %d lacks the token", i)
		}
	}
	all[0].edit(deleteEntry("e2"), deleteLine("other"))
	agree(t, all)
	if diff := cmp.Diff(served(all[0]), served(all[2])); diff != "" {
		t.Errorf("after deletes:\n%s", diff)
	}
}

// deaf is a store that tells nobody anything.
type deaf struct{ store.Shared }

func (deaf) Follow(ctx context.Context, _ func()) { <-ctx.Done() }

func TestEditsServeWithoutNotifications(t *testing.T) {
	all := startReplicas(t, pgserver.Shared(t).Database(t), 2, func(o *switchboard.Options) {
		o.Store, o.Poll = deaf{o.Store.(store.Shared)}, 50*time.Millisecond
	})
	all[0].edit(createEntry("e2", "+442079460000"))
	agree(t, all)
	all[0].ring("one")
	eventually(t, "the call counts", func() bool { return all[1].Snapshot().Live("support-us").Last.ID != "" })
}

// switched is a store that becomes another one.
type switched struct {
	store.Shared
	other atomic.Pointer[postgres.Store]
}

func (s *switched) now() store.Shared {
	if other := s.other.Load(); other != nil {
		return other
	}
	return s.Shared
}

func (s *switched) Position(ctx context.Context) (store.Position, error) {
	return s.now().Position(ctx)
}
func (s *switched) RevisionInfo(ctx context.Context, n uint64) (store.RevisionInfo, error) {
	return s.now().RevisionInfo(ctx, n)
}

func (s *switched) Changed(ctx context.Context, n uint64, yield func(store.Change) bool) (store.Revision, error) {
	return s.now().Changed(ctx, n, yield)
}

func (s *switched) Load(ctx context.Context, now time.Time, yield func(ani.Entry) bool) (store.State, error) {
	return s.now().Load(ctx, now, yield)
}

// A failover, or a backup, may give a store another past that is as long.
func TestStoreWithAnotherPast(t *testing.T) {
	server := pgserver.Shared(t)
	var swap *switched
	ours := startReplicas(t, server.Database(t), 1, func(o *switchboard.Options) {
		swap = &switched{Shared: o.Store.(store.Shared)}
		o.Store = swap
	})[0]
	theirs := startReplicas(t, server.Database(t), 1, nil)[0]
	for _, r := range []*replica{ours, theirs} {
		r.edit(createEntry("e2", "+442079460000"))
	}
	theirs.edit(createEntry("e3", "+442079460001"))
	ours.edit(createEntry("e4", "+442079460002"))
	swap.other.Store(theirs.store.(*postgres.Store))
	eventually(t, "the other past serves", func() bool { return cmp.Equal(served(theirs), served(ours)) })
	theirs.edit(createEntry("e5", "+442079460003"))
	eventually(t, "what comes then serves", func() bool { return cmp.Equal(served(theirs), served(ours)) })
	swap.other.Store(nil)
}

// Two edits that don't fit together are never both made.
func TestEditsOfReplicasFitTogether(t *testing.T) {
	all := startReplicas(t, pgserver.Shared(t).Database(t), 4, nil)
	number := ani.MustParse("+442079460001")
	var made atomic.Int32
	var wait sync.WaitGroup
	for i, r := range all {
		wait.Go(func() {
			line := flow.NewLine()
			line.Name, line.Numbers = fmt.Sprintf("line-%d", i), []ani.Number{number}
			_, err := r.Edit(t.Context(), ops, "", putLine(line))
			var problems ani.Problems
			switch {
			case err == nil:
				made.Add(1)
			case !errors.As(err, &problems):
				t.Errorf("replica %d: %v", i, err)
			}
		})
	}
	wait.Wait()
	agree(t, all)
	if made.Load() != 1 {
		t.Errorf("%d lines got the number", made.Load())
	}
	for _, r := range all {
		if diff := cmp.Diff(served(all[0]), served(r)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestStormOfEdits(t *testing.T) {
	const each = 12
	all := startReplicas(t, pgserver.Shared(t).Database(t), 4, nil)
	var wait sync.WaitGroup
	for i, r := range all {
		wait.Go(func() {
			for n := range each {
				if _, err := r.Edit(t.Context(), ops, "", createEntry(fmt.Sprintf("s%d-%d", i, n), fmt.Sprintf("+4420794%05d", i*1000+n))); err != nil {
					t.Errorf("replica %d: %v", i, err)
				}
			}
		})
	}
	wait.Wait()
	agree(t, all)
	for i, r := range all {
		if n := r.Snapshot().List.Len(); n != 1+each*len(all) {
			t.Errorf("replica %d serves %d entries", i, n)
		}
	}
}

func TestCallsCountOnAllReplicas(t *testing.T) {
	all := startReplicas(t, pgserver.Shared(t).Database(t), 2, nil)
	a, b := all[0], all[1]
	calls, cancel := b.Subscribe()
	defer cancel()

	first := a.ring("one")
	if heard := <-calls; heard.ID != first.ID {
		t.Errorf("%s was heard of, not %s", heard.ID, first.ID)
	}
	again := b.ring("one")
	if again.ID != first.ID || !again.Repeated || again.Decision.Target != first.Decision.Target {
		t.Errorf("a retry on the other replica: %s %+v, after %s", again.ID, again.Decision.Target, first.ID)
	}
	redial := b.ring("two")
	if redial.Decision.Attempt != 2 || redial.Decision.Target.Address != "b" {
		t.Errorf("a redial is attempt %d, to %s", redial.Decision.Attempt, redial.Decision.Target.Address)
	}
	if _, err := a.Report(t.Context(), redial.ID, flow.Report{Result: flow.ResultAnswered}); err != nil {
		t.Error(err)
	}
	eventually(t, "the result is known", func() bool {
		last := b.Snapshot().Live("support-us").Last
		return last.ID == redial.ID && last.Result == flow.ResultAnswered
	})
	third := b.ring("three")
	if third.Decision.Attempt != 1 {
		t.Errorf("after an answer, attempt %d", third.Decision.Attempt)
	}
	eventually(t, "three calls count", func() bool { return len(a.Snapshot().Live("support-us").Directs) == 3 })
	a.ring("four")
	eventually(t, "four calls count", func() bool { return len(b.Snapshot().Live("support-us").Directs) == 4 })
	if d := b.ring("five").Decision; d.Reason != flow.ReasonLimit {
		t.Errorf("over the limit: %s", d.Reason)
	}
}

func TestWindowsCloseOnAllReplicas(t *testing.T) {
	all := startReplicas(t, pgserver.Shared(t).Database(t), 3, nil)
	opens := time.Now().Add(-time.Minute)
	all[0].edit(putWindow("w", flow.ModeAnyone, func(w *flow.Window) {
		w.OpensAt, w.ClosesAt, w.MaxCalls = opens, opens.Add(time.Hour), 2
	}), putWindow("r", flow.ModeRehearsal, func(w *flow.Window) {
		w.OpensAt, w.ClosesAt, w.Callers = opens, opens.Add(time.Hour), []ani.Number{tester}
	}))
	agree(t, all)
	rehearsed := all[1].Lookup("hook", flow.Call{ANI: tester, DNIS: dialled, ID: "r"})
	if rehearsed.Decision.Reason != flow.ReasonRehearsal {
		t.Fatalf("the rehearsal: %s", rehearsed.Decision.Reason)
	}
	for i, r := range all[:2] {
		if d := r.Lookup("hook", flow.Call{ANI: stranger, DNIS: dialled, ID: fmt.Sprint(i)}).Decision; d.Reason != flow.ReasonWindow {
			t.Fatalf("call %d: %s", i, d.Reason)
		}
		eventually(t, "the call counts in the window", func() bool {
			return !slices.ContainsFunc(all, func(r *replica) bool { return windowCalls(r, "w") != i+1 })
		})
	}
	eventually(t, "the rehearsal is known", func() bool { return all[2].Snapshot().Live("support-us").Rehearsed.ID == rehearsed.ID })
	for i, r := range all {
		if d := r.Lookup("hook", flow.Call{ANI: stranger, DNIS: dialled}).Decision; d.Route != flow.Continue {
			t.Errorf("replica %d still diverts: %s", i, d.Reason)
		}
		stored, err := r.store.Window(t.Context(), "w")
		if err != nil || stored.Calls != 2 {
			t.Errorf("stored: %+v, %v", stored, err)
		}
	}
}

func windowCalls(r *replica, id string) int {
	for _, w := range r.Snapshot().Live("support-us").Windows {
		if w.ID == id {
			return w.Calls
		}
	}
	return -1
}

func TestSightsAreShared(t *testing.T) {
	all := startReplicas(t, pgserver.Shared(t).Database(t), 1, nil)
	all[0].Lookup("pbx", flow.Call{ANI: stranger, DNIS: dialled})
	all[0].close()
	if err := all[0].open(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the lookup of before is known", func() bool {
		return all[0].SeenBy("pbx").Line == "support-us" && !all[0].Seen("support-us").At.IsZero()
	})
}

func TestStoreAway(t *testing.T) {
	server := pgserver.Start(t)
	r := startReplicas(t, server.Database(t), 1, nil)[0]
	server.Kill(t)
	eventually(t, "it is known", r.Away)
	answers := []switchboard.Answer{r.ring("one"), r.ring("two"), r.Lookup("hook", flow.Call{ANI: stranger, DNIS: dialled})}
	for i, want := range []flow.Reason{flow.ReasonListed, flow.ReasonListed, flow.ReasonNotListed} {
		if answers[i].Decision.Reason != want {
			t.Errorf("call %d: %s", i, answers[i].Decision.Reason)
		}
	}
	if _, err := r.Edit(t.Context(), ops, "", createEntry("e2", "+442079460000")); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("an edit: %v", err)
	}
	if n := r.JournalPending(); n != 2 {
		t.Errorf("%d rows wait", n)
	}
	r.close() // and opened again, without the database
	if err := r.open(); err != nil {
		t.Fatal(err)
	}
	if d := r.ring("three").Decision; d.Reason != flow.ReasonListed || d.Attempt != 3 {
		t.Errorf("from the snapshot: %s, attempt %d", d.Reason, d.Attempt)
	}
	if again := r.ring("two"); again.ID != answers[1].ID {
		t.Errorf("a retry across the restart is %s, not %s", again.ID, answers[1].ID)
	}
	server.Restart(t)
	eventually(t, "every row is stored", func() bool { return !r.Away() && r.JournalPending() == 0 })
	page, err := r.store.Calls(t.Context(), store.CallQuery{Limit: 10})
	if err != nil || len(page.Items) != 3 || page.Items[2].ID != answers[0].ID || page.Items[1].ID != answers[1].ID {
		t.Errorf("stored are %+v, %v", page.Items, err)
	}
	r.edit(createEntry("e2", "+442079460000"))
	if n := len(r.Snapshot().Live("support-us").Directs); n != 3 {
		t.Errorf("%d calls count", n)
	}
}

func TestStartFromSnapshot(t *testing.T) {
	server := pgserver.Start(t)
	r := startReplicas(t, server.Database(t), 1, nil)[0]
	before := served(r)
	key, err := r.Key(t.Context(), "callback")
	if err != nil {
		t.Fatal(err)
	}
	r.close()
	server.Kill(t)
	if err := r.open(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, served(r)); diff != "" {
		t.Error(diff)
	}
	if again, err := r.Key(t.Context(), "callback"); err != nil || !bytes.Equal(again, key) {
		t.Errorf("the key is %x, %v", again, err)
	}
	r.close()
	for _, file := range []string{"snapshot", "snapshot.1"} {
		path := filepath.Join(r.dir, file)
		if b, err := os.ReadFile(path); err == nil {
			b[len(b)/2] ^= 1
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := r.open(); !errors.Is(err, store.ErrDamaged) || !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("with a damaged snapshot: %v", err)
	}
	fresh := &replica{t: t, url: r.url, dir: t.TempDir()}
	if err := fresh.open(); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("without one: %v", err)
	}
}
