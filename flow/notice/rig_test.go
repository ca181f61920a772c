package notice

import (
	"context"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/sqlite"
	"github.com/ringthrough/ringthrough/flow/switchboard"
)

var (
	tester = ani.MustParse("+15125550188")
	ops    = store.Author{Name: "ops", Role: store.RoleEditor}
)

// rig is a notifier on a switchboard and a store of its own. Its one
// destination, chat, is told of everything.
type rig struct {
	t        *testing.T
	dir      string
	gate     *gate
	board    *switchboard.Switchboard
	notifier *Notifier
	chat     *mailbox
	others   []*destination
	counts   *counts
}

// bubble is a test in a bubble, where time passes only while everybody waits.
// The line support-us has one entry.
func bubble(t *testing.T, test func(t *testing.T, r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{t: t, dir: t.TempDir(), chat: &mailbox{}, counts: &counts{}}
		r.open()
		line, entry := flow.NewLine(), ani.NewEntry()
		line.Name, line.Numbers, line.Limit = "support-us", []ani.Number{dialled}, flow.Limit{Calls: 2, Per: flow.Duration(time.Hour)}
		line.Targets = []flow.Target{{Kind: flow.KindUser, Address: "dana", Label: "Dana"}}
		entry.ID, entry.Pattern, entry.Label = "e1", ani.PatternOf(bot), "Meta call 1"
		r.edit(store.Change{Op: store.OpCreate, Kind: store.KindLine, Key: line.Name, Line: &line},
			store.Change{Op: store.OpCreate, Kind: store.KindEntry, Key: entry.ID, Entry: &entry})
		r.start()
		test(t, r)
		r.stop()
		r.close()
	})
}

func (r *rig) open() {
	r.t.Helper()
	st, err := sqlite.Open(r.t.Context(), filepath.Join(r.dir, "ringthrough.db"))
	if err != nil {
		r.t.Fatal(err)
	}
	r.gate = &gate{Store: st}
	r.make()
	r.board, err = switchboard.Open(r.t.Context(), switchboard.Options{
		Store: r.gate, Spool: filepath.Join(r.dir, "spool"), LimitTripped: func(l flow.Line, at time.Time, d flow.Decision) { r.notifier.LimitTripped(l, at, d) },
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) make() {
	d := &Destinations{byName: map[string]*destination{}}
	d.all = append([]*destination{{name: "chat", kind: "chat", events: Events(), sender: r.chat}}, r.others...)
	for _, one := range d.all {
		d.byName[one.name] = one
	}
	r.notifier = New(Options{Store: r.gate, Destinations: d, Counted: r.counts.add, Log: zerolog.Nop()})
}

func (r *rig) start() {
	r.notifier.Start(r.board)
	synctest.Wait()
}

func (r *rig) stop() { r.notifier.Stop(context.WithoutCancel(r.t.Context())) }

func (r *rig) close() {
	r.t.Helper()
	if err := r.board.Close(context.WithoutCancel(r.t.Context())); err != nil {
		r.t.Error(err)
	}
	if err := r.gate.Store.Close(); err != nil {
		r.t.Error(err)
	}
}

func (r *rig) edit(changes ...store.Change) {
	r.t.Helper()
	if _, err := r.board.Edit(r.t.Context(), ops, "", changes...); err != nil {
		r.t.Fatal(err)
	}
}

// arm opens a window from now on.
func (r *rig) arm(id string, mode flow.Mode, span time.Duration, callers ...ani.Number) {
	r.t.Helper()
	w := flow.Window{ID: id, Line: "support-us", Mode: mode, Callers: callers, OpensAt: time.Now(), ClosesAt: time.Now().Add(span)}
	r.edit(store.Change{Op: store.OpCreate, Kind: store.KindWindow, Key: id, Window: &w})
}

// ring lets n call, and gives the lookup's id.
func (r *rig) ring(n ani.Number) string {
	return r.board.Lookup("hook", flow.Call{ANI: n, DNIS: dialled}).ID
}

// after lets d pass, and everything that it brings about.
func after(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// wantTold compares what a mailbox was told, by ids in their order.
func wantTold(t *testing.T, m *mailbox, ids ...string) {
	t.Helper()
	var got []string
	for _, n := range m.told() {
		got = append(got, n.ID)
	}
	if diff := cmp.Diff(ids, got); diff != "" {
		t.Errorf("told: -want +got\n%s", diff)
	}
}

// wantToldAll is wantTold of notices that nobody puts into an order.
func wantToldAll(t *testing.T, m *mailbox, ids ...string) {
	t.Helper()
	var got []string
	for _, n := range m.told() {
		got = append(got, n.ID)
	}
	slices.Sort(ids)
	slices.Sort(got)
	if diff := cmp.Diff(ids, got); diff != "" {
		t.Errorf("told: -want +got\n%s", diff)
	}
}

// mailbox is a destination that keeps what it is sent.
type mailbox struct {
	mu     sync.Mutex
	kept   []Notice
	tried  []time.Time
	answer func(context.Context) error // nil: takes everything
}

func (m *mailbox) send(ctx context.Context, n Notice, now time.Time) error {
	m.mu.Lock()
	m.tried = append(m.tried, now)
	answer := m.answer
	m.mu.Unlock()
	if answer != nil {
		if err := answer(ctx); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kept = append(m.kept, n)
	return nil
}

func (m *mailbox) set(answer func(context.Context) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answer = answer
}

func (m *mailbox) told() []Notice {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.kept)
}

func (m *mailbox) tries() []time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.tried)
}

func refuse(context.Context) error { return &fault{text: "answered 500"} }

func hang(ctx context.Context) error {
	<-ctx.Done()
	return &fault{text: "did not answer in time"}
}

// counts keeps how often each result came.
type counts struct {
	mu    sync.Mutex
	times map[Result]int
}

func (c *counts) add(r Result) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.times == nil {
		c.times = map[Result]int{}
	}
	c.times[r]++
}

func (c *counts) of(r Result) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.times[r]
}

// gate is a store that may be away.
type gate struct {
	store.Store
	mu     sync.Mutex
	away   bool
	held   bool     // the journal alone
	asked  int      // for deliveries that are due
	wrongs []string // what was settled
}

func (g *gate) set(away bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.away = away
}

func (g *gate) hold(held bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held = held
}

func (g *gate) Record(ctx context.Context, marks []store.Mark) error {
	g.mu.Lock()
	held := g.held
	g.mu.Unlock()
	if held {
		return store.ErrUnavailable
	}
	return g.Store.Record(ctx, marks)
}

func (g *gate) open() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.away {
		return store.ErrUnavailable
	}
	return nil
}

func (g *gate) Enqueue(ctx context.Context, d []store.Delivery) error {
	if err := g.open(); err != nil {
		return err
	}
	return g.Store.Enqueue(ctx, d)
}

func (g *gate) Claim(ctx context.Context, now, until time.Time, limit int) ([]store.Delivery, error) {
	if err := g.open(); err != nil {
		return nil, err
	}
	g.mu.Lock()
	g.asked++
	g.mu.Unlock()
	return g.Store.Claim(ctx, now, until, limit)
}

// asks is how often what is due was asked for.
func (g *gate) asks() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.asked
}

func (g *gate) Settle(ctx context.Context, notice, destination string, next time.Time, wrong string) error {
	if err := g.open(); err != nil {
		return err
	}
	g.mu.Lock()
	g.wrongs = append(g.wrongs, wrong)
	g.mu.Unlock()
	return g.Store.Settle(ctx, notice, destination, next, wrong)
}

func (g *gate) Window(ctx context.Context, id string) (flow.Window, error) {
	if err := g.open(); err != nil {
		return flow.Window{}, err
	}
	return g.Store.Window(ctx, id)
}

func (g *gate) Calls(ctx context.Context, q store.CallQuery) (store.Page[store.Call], error) {
	if err := g.open(); err != nil {
		return store.Page[store.Call]{}, err
	}
	return g.Store.Calls(ctx, q)
}
