package flow_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

func lineOf(name string, numbers ...ani.Number) flow.Line {
	l := flow.NewLine()
	l.Name, l.Numbers = name, numbers
	return l
}

func TestNewSnapshotRefuses(t *testing.T) {
	fallback := func(name string) flow.Line {
		l := lineOf(name)
		l.Default = true
		return l
	}
	for _, tt := range []struct {
		name  string
		lines []flow.Line
		field string
		text  string // part of what is said
	}{
		{"a name twice", []flow.Line{lineOf("a"), lineOf("a")}, "name", "taken"},
		{"a number of two lines", []flow.Line{lineOf("a", dialled), lineOf("b", stranger, dialled)}, "numbers[1]", "the line a"},
		{"a number twice on one line", []flow.Line{lineOf("a", dialled, dialled)}, "numbers[1]", "the line a"},
		{"two defaults", []flow.Line{fallback("a"), fallback("b")}, "default", "the line a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := flow.NewSnapshot(1, nil, tt.lines)
			if diff := cmp.Diff([]string{tt.field}, problemsOf(t, err)); diff != "" {
				t.Fatalf("-want +got\n%s", diff)
			}
			if !strings.Contains(err.Error(), tt.text) {
				t.Errorf("%v says nothing of %q", err, tt.text)
			}
		})
	}
}

func TestNewSnapshotNeedsNormalLines(t *testing.T) {
	for name, change := range map[string]func(*flow.Line){
		"zone":  func(l *flow.Line) { l.Timezone = "Europe/Bonn" },
		"hours": func(l *flow.Line) { l.Targets = []flow.Target{{Kind: flow.KindUser, Address: "a", Hours: "x"}} },
	} {
		l := lineOf("a")
		change(&l)
		if _, err := flow.NewSnapshot(1, nil, []flow.Line{l}); err == nil || !strings.Contains(err.Error(), "line a") || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v, want an error that names the line and what is wrong", name, err)
		}
	}
}

func TestSnapshotFindsLines(t *testing.T) {
	a, b := lineOf("a", dialled), lineOf("b", stranger)
	b.Default = true
	s, err := flow.NewSnapshot(3, nil, []flow.Line{b, a})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]flow.Line{b, a}, s.Lines(), plain); diff != "" {
		t.Errorf("lines: -want +got\n%s", diff)
	}
	if got, ok := s.Line("a"); !ok || got.Name != "a" {
		t.Errorf("line a: %v, %t", got.Name, ok)
	}
	if _, ok := s.Line("c"); ok {
		t.Error("there is a line c")
	}
	for dnis, want := range map[ani.Number]string{dialled: "a", stranger: "b", tester: "b", {}: "b"} {
		if got, ok := s.LineOf(dnis); !ok || got != want {
			t.Errorf("line of %s: %s, %t, want %s", dnis, got, ok, want)
		}
	}
	s, err = flow.NewSnapshot(3, nil, []flow.Line{a})
	if err != nil {
		t.Fatal(err)
	}
	for _, dnis := range []ani.Number{tester, {}} {
		if got, ok := s.LineOf(dnis); ok {
			t.Errorf("line of %s: %s, want none", dnis, got)
		}
	}
}

// An edit keeps what each line has lived through, wherever the line stands
// afterwards, and forgets what lines that are gone have.
func TestInherit(t *testing.T) {
	serve := func(lines ...flow.Line) *flow.Snapshot {
		s, err := flow.NewSnapshot(1, nil, lines)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	old := serve(lineOf("a"), lineOf("b"))
	for _, name := range []string{"a", "b"} {
		old = old.WithLive(name, flow.Live{Last: flow.Placed{ID: "of " + name, At: noon}, Directs: []time.Time{noon}})
	}
	next := serve(lineOf("c"), lineOf("b")).Inherit(old)
	for name, want := range map[string]string{"a": "", "b": "of b", "c": ""} {
		if got := next.Live(name).Last.ID; got != want {
			t.Errorf("the last call on %s is %q, want %q", name, got, want)
		}
	}
	if got := old.Live("a").Last.ID; got != "of a" {
		t.Errorf("the old snapshot has changed: %q", got)
	}
}

func TestWithLiveLeavesTheOldAlone(t *testing.T) {
	s := listedScene()
	old := s.compile(t)
	next := old.WithLive("support-us", flow.Live{Last: flow.Placed{ID: "x"}})
	if old.Live("support-us").Last.ID != "" || next.Live("support-us").Last.ID != "x" {
		t.Errorf("old %q, next %q", old.Live("support-us").Last.ID, next.Live("support-us").Last.ID)
	}
	if old.WithLive("support-de", flow.Live{}) != old {
		t.Error("a line that isn't there makes another snapshot")
	}
}

// After never writes to what an earlier snapshot holds, though both come from
// one: two lookups may be working on successors of it at once.
func TestAfterSharesNothing(t *testing.T) {
	s := listedScene()
	s.open("w", flow.ModeListed)
	s.use(3)
	old := s.compile(t)
	d := flow.Decide(s.call, old, s.now)
	a := old.After(d, "a", s.now)
	b := old.After(d, "b", s.now.Add(time.Second))
	if got := a.Live("support-us"); got.Last.ID != "a" || got.Directs[3] != s.now || got.Windows[0].Calls != 1 {
		t.Errorf("the first successor has changed: %+v", got)
	}
	if got := b.Live("support-us"); got.Last.ID != "b" || got.Directs[3] != s.now.Add(time.Second) || got.Windows[0].Calls != 1 {
		t.Errorf("the second successor: %+v", got)
	}
	if got := old.Live("support-us"); len(got.Directs) != 3 || got.Windows[0].Calls != 0 {
		t.Errorf("their origin has changed: %+v", got)
	}
}

func TestAfterForgetsOldCalls(t *testing.T) {
	s := listedScene()
	s.live.Directs = []time.Time{s.now.Add(-2 * time.Hour), s.now.Add(-time.Hour), s.now.Add(-time.Minute)}
	snapshot := s.compile(t)
	got := snapshot.After(flow.Decide(s.call, snapshot, s.now), "id", s.now).Live("support-us").Directs
	if diff := cmp.Diff([]time.Time{s.now.Add(-time.Minute), s.now}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
