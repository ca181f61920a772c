package switchboard_test

import (
	"context"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rs/zerolog"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/sqlite"
	"github.com/ringthrough/ringthrough/flow/switchboard"
)

// noon is a Wednesday.
var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

var (
	caller   = ani.MustParse("+16505550123")
	stranger = ani.MustParse("+442079460000")
	tester   = ani.MustParse("+15125550188")
	dialled  = ani.MustParse("+18005550100")
	ops      = store.Author{Name: "ops", Role: store.RoleEditor, From: "127.0.0.1"}
	plain    = cmpopts.EquateComparable(ani.Number{}, ani.Pattern{})
)

// rig is a switchboard on a store of its own.
type rig struct {
	*switchboard.Switchboard
	t     *testing.T
	dir   string
	clock *clock
	gate  *gate
	drops *drops
	log   *lines

	limited  []limited
	limiting sync.Mutex // guards limited
}

// limited is a call that a limit has turned away.
type limited struct {
	line   string
	calls  int // the limit's
	at     time.Time
	reason flow.Reason
}

// newRig has a line support-us with the people a, b and c, and an entry for
// caller.
func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), clock: &clock{now: noon}, drops: &drops{}, log: &lines{}}
	r.open()
	t.Cleanup(func() { r.close() })
	r.edit(putLine(usLine()), createEntry("e1", "+16505550123"))
	return r
}

// bubble is a test in a bubble, where time passes only while everybody waits:
// what takes 50 ms takes exactly that, and a store is as fast as can be.
func bubble(t *testing.T, test func(t *testing.T, r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newRig(t)) })
}

// armed is a bubble where a window is open on the line.
func armed(t *testing.T, test func(t *testing.T, r *rig)) {
	t.Helper()
	bubble(t, func(t *testing.T, r *rig) {
		r.edit(putWindow("w", flow.ModeListed, nil))
		test(t, r)
	})
}

func (r *rig) database() string { return filepath.Join(r.dir, "ringthrough.db") }
func (r *rig) spool() string    { return filepath.Join(r.dir, "spool") }

func (r *rig) open() {
	r.t.Helper()
	r.openHeld(nil)
}

// openHeld opens a switchboard whose store is held up from the start.
func (r *rig) openHeld(hold func(context.Context) error) {
	r.t.Helper()
	st, err := sqlite.Open(r.t.Context(), r.database())
	if err != nil {
		r.t.Fatal(err)
	}
	r.gate = &gate{Store: st, hold: hold}
	r.Switchboard, err = switchboard.Open(r.t.Context(), switchboard.Options{
		Store: r.gate, Spool: r.spool(), Now: r.clock.Now, Dropped: r.drops.add, Log: zerolog.New(r.log),
		LimitTripped: func(l flow.Line, at time.Time, d flow.Decision) {
			r.limiting.Lock()
			defer r.limiting.Unlock()
			r.limited = append(r.limited, limited{l.Name, l.Limit.Calls, at, d.Reason})
		},
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// close lets the store have what waits; it must be able to take it.
func (r *rig) close() {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.t.Context()), time.Minute)
	defer cancel()
	if err := r.Close(ctx); err != nil {
		r.t.Error(err)
	}
	if err := r.gate.Store.Close(); err != nil {
		r.t.Error(err)
	}
}

func (r *rig) reopen() {
	r.t.Helper()
	r.close()
	r.open()
}

// edit makes changes that are taken.
func (r *rig) edit(changes ...store.Change) store.Revision {
	r.t.Helper()
	revision, err := r.Edit(r.t.Context(), ops, "", changes...)
	if err != nil {
		r.t.Fatalf("edit: %v", err)
	}
	return revision
}

// call is a call of the caller to the line.
func (r *rig) call() flow.Call { return flow.Call{ANI: caller, DNIS: dialled} }

// ring lets the caller ring once, and gives what was decided.
func (r *rig) ring() switchboard.Answer { return r.Lookup("hook", r.call()) }

// stored are the calls of the journal, oldest first.
func (r *rig) stored() []store.Call {
	r.t.Helper()
	page, err := r.gate.Calls(r.t.Context(), store.CallQuery{Limit: 1000})
	if err != nil {
		r.t.Fatal(err)
	}
	calls := make([]store.Call, 0, len(page.Items))
	for _, v := range slices.Backward(page.Items) {
		calls = append(calls, v)
	}
	return calls
}

func usLine() flow.Line {
	l := flow.NewLine()
	l.Name, l.Numbers = "support-us", []ani.Number{dialled}
	l.Targets = []flow.Target{user("a"), user("b"), user("c")}
	return l
}

func user(name string) flow.Target { return flow.Target{Kind: flow.KindUser, Address: name} }

func putLine(l flow.Line) store.Change {
	return store.Change{Op: store.OpPut, Kind: store.KindLine, Key: l.Name, Line: &l}
}

func deleteLine(name string) store.Change {
	return store.Change{Op: store.OpDelete, Kind: store.KindLine, Key: name}
}

func createEntry(id, pattern string, lines ...string) store.Change {
	p, err := ani.ParsePattern(pattern)
	if err != nil {
		panic("pattern " + err.Error())
	}
	e := ani.NewEntry()
	e.ID, e.Pattern, e.Label = id, p, "Meta "+id
	e.Lines = append(e.Lines, lines...)
	return store.Change{Op: store.OpCreate, Kind: store.KindEntry, Key: id, Entry: &e}
}

func deleteEntry(id string) store.Change {
	return store.Change{Op: store.OpDelete, Kind: store.KindEntry, Key: id}
}

// putWindow is a window of support-us that is open from noon for an hour.
func putWindow(id string, m flow.Mode, change func(*flow.Window)) store.Change {
	w := flow.Window{ID: id, Line: "support-us", Mode: m, OpensAt: noon, ClosesAt: noon.Add(time.Hour)}
	if change != nil {
		change(&w)
	}
	return store.Change{Op: store.OpPut, Kind: store.KindWindow, Key: id, Window: &w}
}

// clock stands still until it is put forward.
type clock struct {
	mu   sync.Mutex
	now  time.Time
	once []func() // what happens when somebody next looks at it, one after another
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	now, once := c.now, c.once
	c.once = nil
	c.mu.Unlock()
	if len(once) > 0 {
		once[0]()
		c.mu.Lock()
		c.once = once[1:]
		c.mu.Unlock()
	}
	return now
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// drops counts what was dropped.
type drops struct {
	mu    sync.Mutex
	times map[string]int
}

func (d *drops) add(what, reason string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.times == nil {
		d.times = map[string]int{}
	}
	d.times[what+" "+reason]++
}

func (d *drops) of(what string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.times[what]
}

// lines holds a log.
type lines struct {
	mu   sync.Mutex
	text []byte
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, b...)
	return len(b), nil
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}

// gate is a store that writes to the journal as long as nothing holds it up.
type gate struct {
	store.Store
	mu      sync.Mutex
	hold    func(context.Context) error // asked before each Record
	lose    bool                        // the answer to the next Record that is made
	arrived []string                    // ids, in the order in which the store took them
}

// Record asks hold first.
func (g *gate) Record(ctx context.Context, marks []store.Mark) error {
	g.mu.Lock()
	hold := g.hold
	g.mu.Unlock()
	if hold != nil {
		if err := hold(ctx); err != nil {
			return err
		}
	}
	if err := g.Store.Record(ctx, marks); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, m := range marks {
		if m.Call != nil {
			g.arrived = append(g.arrived, m.Call.ID)
		}
		if m.Result != nil {
			g.arrived = append(g.arrived, m.Result.ID+" "+string(m.Result.Result))
		}
	}
	if g.lose {
		g.lose = false
		return store.ErrUnavailable
	}
	return nil
}

func (g *gate) set(hold func(context.Context) error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hold = hold
}

func (g *gate) order() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]string(nil), g.arrived...)
}

// hang keeps whoever writes waiting as long as he can.
func hang(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// fail is a store that is out of reach.
func fail(context.Context) error { return store.ErrUnavailable }
