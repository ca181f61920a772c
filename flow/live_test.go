package flow_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

// course is a line to which one call comes after another.
type course struct {
	*testing.T
	*scene
	snapshot *flow.Snapshot
	calls    int
	log      []string
}

// begin runs calls against the line of s.
func begin(t *testing.T, s *scene) *course {
	t.Helper()
	return &course{T: t, scene: s, snapshot: s.compile(t)}
}

// ring lets the scene's call come again, after a pause, and writes down who
// was rung.
func (c *course) ring(pause time.Duration) string {
	c.Helper()
	c.now = c.now.Add(pause)
	d := flow.Decide(c.call, c.snapshot, c.now)
	c.calls++
	id := fmt.Sprintf("call%d", c.calls)
	c.snapshot = c.snapshot.After(d, id, c.now)
	if d.Route == flow.Continue {
		c.log = append(c.log, string(d.Reason))
	} else {
		c.log = append(c.log, fmt.Sprintf("%s #%d", d.Target.Address, d.Attempt))
	}
	return id
}

// open opens a window for the next hour.
func (c *course) open(id string, m flow.Mode, callers ...ani.Number) {
	c.live = c.snapshot.Live(c.line.Name)
	w := c.scene.open(id, m, callers...)
	w.OpensAt, w.ClosesAt = c.now, c.now.Add(time.Hour)
	c.snapshot = c.snapshot.WithLive(c.line.Name, c.live)
}

func (c *course) report(id string, r flow.Result) {
	c.snapshot = c.snapshot.Reported(c.line.Name, id, r)
}

func (c *course) want(want ...string) {
	c.Helper()
	if diff := cmp.Diff(want, c.log); diff != "" {
		c.Errorf("-want +got\n%s", diff)
	}
}

// manned is a line with three people, who are called a, b and c.
func manned() *scene {
	s := listedScene()
	s.line.Targets = []flow.Target{user("a"), user("b"), user("c")}
	return s
}

func user(name string) flow.Target { return flow.Target{Kind: flow.KindUser, Address: name} }

func TestRedial(t *testing.T) {
	const soon, late = 30 * time.Second, 2 * time.Minute
	for _, tt := range []struct {
		name   string
		change func(*scene)
		calls  func(*course)
		want   []string
	}{
		{"unanswered goes to the next, and so round", nil, func(c *course) {
			for _, r := range []flow.Result{flow.ResultNoAnswer, flow.ResultBusy, flow.ResultFailed, flow.ResultNoAnswer} {
				c.report(c.ring(soon), r)
			}
			c.ring(soon)
		}, []string{"a #1", "b #2", "c #3", "a #4", "b #5"}},
		{"nobody has said how it ended", nil, func(c *course) { c.ring(0); c.ring(soon) }, []string{"a #1", "b #2"}},
		{"answered begins anew", nil, func(c *course) {
			c.ring(0)
			c.report(c.ring(soon), flow.ResultAnswered)
			c.ring(soon)
		}, []string{"a #1", "b #2", "a #1"}},
		{"too late begins anew", nil, func(c *course) { c.ring(0); c.ring(late) }, []string{"a #1", "a #1"}},
		{"the last moment is soon enough", nil, func(c *course) { c.ring(0); c.ring(90 * time.Second) }, []string{"a #1", "b #2"}},
		{"a moment later is not", nil, func(c *course) { c.ring(0); c.ring(90*time.Second + 1) }, []string{"a #1", "a #1"}},
		{"the span is from the last call, not the first", nil, func(c *course) { c.ring(0); c.ring(80 * time.Second); c.ring(80 * time.Second) },
			[]string{"a #1", "b #2", "c #3"}},
		{"the line's own span", func(s *scene) { s.line.RedialWithin = flow.Duration(5 * time.Minute) },
			func(c *course) { c.ring(0); c.ring(late) }, []string{"a #1", "b #2"}},
		{"switched off", func(s *scene) { s.line.RedialWithin = 0 }, func(c *course) { c.ring(0); c.ring(soon) }, []string{"a #1", "a #1"}},
		{"whoever is closed is passed over", func(s *scene) { s.line.Targets[1] = atNight(user("b")) },
			func(c *course) { c.ring(0); c.ring(soon); c.ring(soon) }, []string{"a #1", "c #2", "a #3"}},
		{"only one is open", func(s *scene) { s.line.Targets = []flow.Target{user("a"), atNight(user("b"))} },
			func(c *course) { c.ring(0); c.ring(soon) }, []string{"a #1", "a #2"}},
		{"another caller is taken for the same", nil, func(c *course) {
			c.open("w", flow.ModeAnyone)
			c.ring(0)
			c.call.ANI = stranger
			c.ring(soon)
		}, []string{"a #1", "b #2"}},
		{"a call that carried on is no redial", nil, func(c *course) {
			c.ring(0)
			c.call.ANI = stranger
			c.ring(soon)
			c.call.ANI = caller
			c.ring(soon)
		}, []string{"a #1", "not_listed", "b #2"}},
		{"a report on an earlier call changes nothing", nil, func(c *course) {
			first := c.ring(0)
			c.ring(soon)
			c.report(first, flow.ResultAnswered)
			c.ring(soon)
		}, []string{"a #1", "b #2", "c #3"}},
		{"a result may be corrected", nil, func(c *course) {
			id := c.ring(0)
			c.report(id, flow.ResultAnswered)
			c.report(id, flow.ResultNoAnswer)
			c.ring(soon)
		}, []string{"a #1", "b #2"}},
		{"rehearsals have a chain of their own", nil, func(c *course) {
			c.open("r", flow.ModeRehearsal, tester)
			c.ring(0)
			c.call.ANI = tester
			c.ring(soon)
			c.ring(soon)
			c.call.ANI = caller
			c.ring(soon)
			c.call.ANI = tester
			c.ring(soon)
		}, []string{"a #1", "a #1", "b #2", "b #2", "c #3"}},
		{"a rehearsal that was answered", nil, func(c *course) {
			c.open("r", flow.ModeRehearsal, tester)
			c.call.ANI = tester
			c.report(c.ring(0), flow.ResultAnswered)
			c.ring(soon)
		}, []string{"a #1", "a #1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := manned()
			if tt.change != nil {
				tt.change(s)
			}
			c := begin(t, s)
			tt.calls(c)
			c.want(tt.want...)
		})
	}
}

func TestRedialAfterAnEdit(t *testing.T) {
	c := begin(t, manned())
	edit := func(targets ...flow.Target) {
		c.line.Targets = targets
		c.snapshot = c.compile(t).Inherit(c.snapshot)
	}
	c.ring(0)
	edit(user("c"), user("a"), user("b"))
	c.ring(time.Second)
	edit(user("x"), user("y"))
	c.ring(time.Second)
	c.want("a #1", "b #2", "x #3")
}

func TestBackupIsTheNextInTurn(t *testing.T) {
	s := manned()
	snapshot := s.compile(t)
	for _, want := range [][2]string{{"a", "b"}, {"b", "c"}, {"c", "a"}} {
		d := flow.Decide(s.call, snapshot, s.now)
		if got := [2]string{d.Target.Address, d.Backup.Address}; got != want {
			t.Errorf("target and backup %v, want %v", got, want)
		}
		snapshot = snapshot.After(d, "id", s.now)
	}
}

func TestLimitSlides(t *testing.T) {
	s := listedScene()
	s.line.Targets = []flow.Target{user("a")}
	s.line.Limit, s.line.RedialWithin = flow.Limit{Calls: 2, Per: flow.Duration(time.Hour)}, 0
	c := begin(t, s)
	c.ring(0)                  // 12:00
	c.ring(20 * time.Minute)   // 12:20
	c.ring(20 * time.Minute)   // 12:40
	c.ring(20*time.Minute - 1) // just before 13:00
	c.ring(1)                  // 13:00, the first one is an hour ago
	c.ring(20*time.Minute - 1) // just before 13:20
	c.ring(1)                  // 13:20
	c.want("a #1", "a #1", "limit", "limit", "a #1", "limit", "a #1")
}

func TestRehearsalsDontCountInTheLimit(t *testing.T) {
	s := listedScene()
	s.line.Targets = []flow.Target{user("a")}
	s.line.Limit, s.line.RedialWithin = flow.Limit{Calls: 1, Per: flow.Duration(time.Hour)}, 0
	c := begin(t, s)
	c.open("r", flow.ModeRehearsal, tester)
	c.call.ANI = tester
	c.ring(time.Minute)
	c.ring(time.Minute)
	c.call.ANI = caller
	c.ring(time.Minute)
	c.ring(time.Minute)
	c.call.ANI = tester
	c.ring(time.Minute)
	c.want("a #1", "a #1", "a #1", "limit", "a #1")
}

func TestMaxCallsClosesTheWindow(t *testing.T) {
	for _, tt := range []struct {
		name string
		mode flow.Mode
		ani  ani.Number
		want []string
	}{
		{"listed, on a line that lets through only then", flow.ModeListed, caller, []string{"a #1", "a #1", "window_closed"}},
		{"anyone", flow.ModeAnyone, stranger, []string{"a #1", "a #1", "not_listed"}},
		{"rehearsal", flow.ModeRehearsal, stranger, []string{"a #1", "a #1", "not_listed"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := listedScene()
			s.line.Policy, s.line.Targets, s.line.RedialWithin = flow.PolicyWindow, []flow.Target{user("a")}, 0
			c := begin(t, s)
			c.open("w", tt.mode, tt.ani)
			c.live.Windows[0].MaxCalls = 2
			c.snapshot = c.snapshot.WithLive(c.line.Name, c.live)
			c.call.ANI = tt.ani
			for range 3 {
				c.ring(time.Minute)
			}
			c.want(tt.want...)
			if w := c.snapshot.Live(c.line.Name).Windows[0]; w.Calls != 2 || w.State(c.now) != "closed" {
				t.Errorf("the window is %s after %d calls, want closed after 2", w.State(c.now), w.Calls)
			}
		})
	}
}

// A call counts in the window that let it through or expected it, and in no
// other; one that carries on counts nowhere.
func TestCallsCountInOneWindow(t *testing.T) {
	s := listedScene()
	c := begin(t, s)
	c.open("listed", flow.ModeListed)
	c.open("rehearsal", flow.ModeRehearsal, tester)
	c.ring(time.Second)
	c.call.ANI = stranger
	c.ring(time.Second)
	c.call.ANI = tester
	c.ring(time.Second)
	c.open("anyone", flow.ModeAnyone)
	c.call.ANI = stranger
	c.ring(time.Second)
	c.ring(time.Second)
	got := map[string]int{}
	for _, w := range c.snapshot.Live(c.line.Name).Windows {
		got[w.ID] = w.Calls
	}
	if diff := cmp.Diff(map[string]int{"listed": 1, "rehearsal": 1, "anyone": 2}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestReportedUnknown(t *testing.T) {
	c := begin(t, manned())
	c.ring(0)
	if c.snapshot.Reported("support-us", "another", flow.ResultAnswered) != c.snapshot {
		t.Error("a report on an unknown call makes another snapshot")
	}
	if c.snapshot.Reported("support-de", "call1", flow.ResultAnswered) != c.snapshot {
		t.Error("a report on an unknown line makes another snapshot")
	}
}

func TestCountOpen(t *testing.T) {
	s := listedScene()
	s.open("l1", flow.ModeListed)
	s.open("l2", flow.ModeListed)
	s.open("l3", flow.ModeListed).ClosesAt = s.now
	s.open("a", flow.ModeAnyone)
	for mode, want := range map[flow.Mode]int{flow.ModeListed: 2, flow.ModeAnyone: 1, flow.ModeRehearsal: 0} {
		if got := s.live.CountOpen(mode, s.now); got != want {
			t.Errorf("%d %s windows are open, want %d", got, mode, want)
		}
	}
}
