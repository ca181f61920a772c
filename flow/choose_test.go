package flow_test

import (
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/flow"
)

// Hours are those of the line's own time zone, whatever zone the clock of the
// machine is in.
func TestHoursAreTheLines(t *testing.T) {
	for _, tt := range []struct {
		name  string
		zone  string
		hours flow.Hours
		at    string // RFC 3339
		want  bool
	}{
		{"UTC, the first minute", "UTC", "Mo-Fr 08:00-18:00", "2026-03-04T08:00:00Z", true},
		{"UTC, the last instant", "UTC", "Mo-Fr 08:00-18:00", "2026-03-04T17:59:59.999Z", true},
		{"UTC, over", "UTC", "Mo-Fr 08:00-18:00", "2026-03-04T18:00:00Z", false},
		{"Berlin is an hour ahead in winter", "Europe/Berlin", "Mo-Fr 08:00-18:00", "2026-03-04T07:00:00Z", true},
		{"Berlin, over", "Europe/Berlin", "Mo-Fr 08:00-18:00", "2026-03-04T17:00:00Z", false},
		{"the clock's zone makes no difference", "Europe/Berlin", "Mo-Fr 08:00-18:00", "2026-03-04T02:00:00-05:00", true},
		{"it is Thursday already in Auckland", "Pacific/Auckland", "Th 00:00-24:00", "2026-03-04T12:00:00Z", true},
		{"it is still Tuesday in Honolulu", "Pacific/Honolulu", "Tu 00:00-24:00", "2026-03-04T09:59:00Z", true},
		{"half an hour off in Kolkata", "Asia/Kolkata", "08:00-08:30", "2026-03-04T02:30:00Z", true},

		{"Berlin, the day before summer time", "Europe/Berlin", "08:00-09:00", "2026-03-28T07:30:00Z", true},
		{"Berlin, the day of summer time", "Europe/Berlin", "08:00-09:00", "2026-03-29T06:30:00Z", true},
		{"Berlin, the old time on that day", "Europe/Berlin", "08:00-09:00", "2026-03-29T07:30:00Z", false},
		{"Berlin, the last moment before the leap", "Europe/Berlin", "Su 01:00-02:00", "2026-03-29T00:59:59Z", true},
		{"Berlin, an hour that the clock leaps over", "Europe/Berlin", "Su 02:00-03:00", "2026-03-29T01:00:00Z", false},
		{"Berlin, an hour that comes twice, first", "Europe/Berlin", "Su 02:00-03:00", "2026-10-25T00:30:00Z", true},
		{"Berlin, an hour that comes twice, again", "Europe/Berlin", "Su 02:00-03:00", "2026-10-25T01:30:00Z", true},
		{"Berlin, after that hour", "Europe/Berlin", "Su 02:00-03:00", "2026-10-25T02:00:00Z", false},
		{"New York changes on another day", "America/New_York", "08:00-09:00", "2026-03-08T12:30:00Z", true},
		{"New York, the day before", "America/New_York", "08:00-09:00", "2026-03-07T13:30:00Z", true},
		{"a night from Saturday into summer time", "Europe/Berlin", "Sa 22:00-04:00", "2026-03-29T01:30:00Z", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := listedScene()
			at, err := time.Parse(time.RFC3339, tt.at)
			if err != nil {
				t.Fatal(err)
			}
			s.now, s.line.Timezone = at, tt.zone
			s.line.Targets = []flow.Target{{Kind: flow.KindUser, Address: "a", Hours: tt.hours}}
			d := s.decide(t)
			if open := d.Route == flow.Direct; open != tt.want || !open && d.Reason != flow.ReasonNoTarget {
				t.Errorf("%s, %s, at %s: %s", tt.zone, tt.hours, tt.at, d.Reason)
			}
		})
	}
}

func TestWhoIsRung(t *testing.T) {
	for _, tt := range []struct {
		name           string
		change         func(*scene)
		target, backup string // addresses
	}{
		{"the first open one, and the next", nil, desk.Address, queue.Address},
		{"a closed one is passed over", func(s *scene) {
			s.line.Targets = []flow.Target{atNight(user("a")), user("b"), atNight(user("c")), user("d")}
		}, "b", "d"},
		{"nobody is left to back up", func(s *scene) { s.line.Targets = []flow.Target{user("a"), atNight(user("b"))} }, "a", ""},
		{"no mailbox while no window is open", func(s *scene) { s.line.Targets = []flow.Target{mailbox, user("a"), mailbox2()} }, "a", ""},
		{"nothing but a mailbox", func(s *scene) { s.line.Targets = []flow.Target{mailbox} }, "", ""},
		{"a mailbox while armed", func(s *scene) { s.line.Targets = []flow.Target{mailbox, user("a")}; s.open("w", flow.ModeListed) }, mailbox.Address, "a"},
		{"a mailbox as the backup while armed", func(s *scene) { s.line.Targets = []flow.Target{user("a"), mailbox}; s.open("w", flow.ModeListed) }, "a", mailbox.Address},
		{"a mailbox while anyone may come", func(s *scene) { s.line.Targets = []flow.Target{mailbox}; s.open("w", flow.ModeAnyone) }, mailbox.Address, ""},
		{"no mailbox for a rehearsal", func(s *scene) { s.line.Targets = []flow.Target{mailbox, user("a")}; rehearse(s) }, "a", ""},
		{"a mailbox for a rehearsal on an armed line", func(s *scene) {
			s.line.Targets = []flow.Target{mailbox}
			rehearse(s)
			s.open("w", flow.ModeListed)
		}, mailbox.Address, ""},
		{"a mailbox once the window has had its calls", func(s *scene) {
			s.line.Targets = []flow.Target{mailbox, user("a")}
			w := s.open("w", flow.ModeListed)
			w.MaxCalls, w.Calls = 1, 1
		}, "a", ""},
		{"what the hook can't carry is passed over", func(s *scene) { s.call.Carries = only(flow.KindQueue) }, queue.Address, ""},
		{"the hook can carry none", func(s *scene) { s.call.Carries = only(flow.KindSIP) }, "", ""},
		{"the hook can't carry it, and the other is closed", func(s *scene) {
			s.line.Targets = []flow.Target{desk, atNight(queue)}
			s.call.Carries = only(flow.KindQueue)
		}, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := listedScene()
			if tt.change != nil {
				tt.change(s)
			}
			d := s.decide(t)
			if d.Target.Address != tt.target || d.Backup.Address != tt.backup {
				t.Errorf("%s: %q and %q are rung, want %q and %q", d.Reason, d.Target.Address, d.Backup.Address, tt.target, tt.backup)
			}
			if none := tt.target == ""; none != (d.Reason == flow.ReasonNoTarget) {
				t.Errorf("reason %s with target %q", d.Reason, d.Target.Address)
			}
		})
	}
}

func mailbox2() flow.Target { return flow.Target{Kind: flow.KindMailbox, Address: "1002"} }

// only carries targets of one kind.
func only(k flow.Kind) func(flow.Target) bool {
	return func(t flow.Target) bool { return t.Kind == k }
}

// A hook is asked about the line's own targets, each as it stands there.
func TestCarriesIsAskedAboutTargetsOfTheLine(t *testing.T) {
	s := listedScene()
	asked := map[flow.Target]bool{}
	s.call.Carries = func(to flow.Target) bool { asked[to] = true; return false }
	s.decide(t)
	if len(asked) != 2 || !asked[desk] || !asked[queue] {
		t.Errorf("asked about %v", asked)
	}
}

func TestNext(t *testing.T) {
	s := listedScene()
	s.line.Targets = []flow.Target{user("a"), atNight(user("b")), user("c"), mailbox, queue}
	open := s.compile(t)
	s.open("w", flow.ModeListed)
	armed := s.compile(t)
	for _, tt := range []struct {
		name     string
		snapshot *flow.Snapshot
		line     string
		after    flow.Target
		carries  func(flow.Target) bool
		want     flow.Target
	}{
		{"the next open one", open, "support-us", user("a"), nil, user("c")},
		{"a mailbox is passed over", open, "support-us", user("c"), nil, queue},
		{"a mailbox while armed", armed, "support-us", user("c"), nil, mailbox},
		{"round", open, "support-us", queue, nil, user("a")},
		{"an edit has taken it away", open, "support-us", user("x"), nil, user("a")},
		{"what can't be carried is passed over", open, "support-us", user("c"), only(flow.KindUser), user("a")},
		{"no other", open, "support-us", queue, only(flow.KindQueue), flow.Target{}},
		{"none at all", open, "support-us", queue, only(flow.KindSIP), flow.Target{}},
		{"no such line", open, "support-de", queue, nil, flow.Target{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.snapshot.Next(tt.line, tt.after, s.now, tt.carries); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
