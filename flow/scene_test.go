package flow_test

import (
	"slices"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

// noon is a Wednesday.
var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

var (
	caller   = ani.MustParse("+16505550123")
	stranger = ani.MustParse("+442079460000")
	tester   = ani.MustParse("+15125550188") // who rehearses
	dialled  = ani.MustParse("+18005550100")
	desk     = flow.Target{Kind: flow.KindNumber, Address: "+15125550123"}
	queue    = flow.Target{Kind: flow.KindQueue, Address: "activation"}
	mailbox  = flow.Target{Kind: flow.KindMailbox, Address: "1001"}
)

// plain lets numbers be compared as they are.
var plain = cmpopts.EquateComparable(ani.Number{})

// scene is all that a decision rests on, before it is compiled. Tests begin
// with one and change what they are about.
type scene struct {
	now     time.Time
	call    flow.Call
	line    flow.Line // the one that call is for
	others  []flow.Line
	entries []ani.Entry
	live    flow.Live // of line
}

// listedScene is a call that every rule lets pass.
func listedScene() *scene {
	line := flow.NewLine()
	line.Name, line.Numbers, line.Targets = "support-us", []ani.Number{dialled}, []flow.Target{desk, queue}
	line.Announce, line.ContinueURL = "Write down six digits.", "https://ivr.example.com/us"
	return &scene{
		now:     noon,
		call:    flow.Call{ANI: caller, DNIS: dialled, ID: "CA1"},
		line:    line,
		entries: []ani.Entry{entryOf("e1", "+16505550123")},
	}
}

func entryOf(id, pattern string) ani.Entry {
	p, err := ani.ParsePattern(pattern)
	if err != nil {
		panic("pattern " + pattern + " " + err.Error())
	}
	e := ani.NewEntry()
	e.ID, e.Pattern, e.Label = id, p, "Meta "+id
	return e
}

// open adds a window that is open at s.now.
func (s *scene) open(id string, m flow.Mode, callers ...ani.Number) *flow.Window {
	s.live.Windows = append(s.live.Windows, flow.Window{
		ID: id, Line: s.line.Name, Mode: m, Callers: callers,
		OpensAt: s.now.Add(-time.Minute), ClosesAt: s.now.Add(time.Minute),
	})
	return &s.live.Windows[len(s.live.Windows)-1]
}

// use makes as many direct calls as the line's limit allows, just now.
func (s *scene) use(calls int) {
	for range calls {
		s.live.Directs = append(s.live.Directs, s.now.Add(-time.Second))
	}
}

func (s *scene) compile(t fataler) *flow.Snapshot {
	t.Helper()
	list, err := ani.NewList(slices.Values(s.entries))
	if err != nil {
		t.Fatalf("compile list: %v", err)
	}
	lines := append([]flow.Line{s.line}, s.others...)
	for i := range lines {
		if err := lines[i].Normalize(); err != nil {
			t.Fatalf("line %s: %v", lines[i].Name, err)
		}
	}
	snapshot, err := flow.NewSnapshot(7, list, lines)
	if err != nil {
		t.Fatalf("compile lines: %v", err)
	}
	return snapshot.WithLive(s.line.Name, s.live)
}

func (s *scene) decide(t fataler) flow.Decision {
	t.Helper()
	return flow.Decide(s.call, s.compile(t), s.now)
}

// verdict is what a decision says, in a form that can be compared.
type verdict struct {
	Route          flow.Route
	Reason         flow.Reason
	Rule           int
	Line           string
	Announce       string
	ContinueURL    string
	Entry          string // its id
	Window         string
	Expected       bool
	Target, Backup flow.Target
	Attempt        int
}

func verdictOf(d flow.Decision) verdict {
	return verdict{
		Route: d.Route, Reason: d.Reason, Rule: d.Rule, Line: d.Line, Announce: d.Announce, ContinueURL: d.ContinueURL,
		Entry: d.Entry.ID(), Window: d.Window, Expected: d.Expected, Target: d.Target, Backup: d.Backup, Attempt: d.Attempt,
	}
}

// fataler is a test, a benchmark or a check of rapid's.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}
