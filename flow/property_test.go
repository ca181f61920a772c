package flow_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

// table reads the design's table a second time, from the scene and not from a
// snapshot: it gives the rule that decides.
func (s *scene) table() int {
	line, live := s.dialled()
	if line == nil {
		line, live = &flow.Line{}, &flow.Live{}
	}
	rehearsing, anyone := s.rehearses(live), isOpen(live, s.now, flow.ModeAnyone)
	armed, granted := anyone || isOpen(live, s.now, flow.ModeListed), rehearsing || anyone
	matching := filter(s.entries, func(e ani.Entry) bool { return e.Pattern.Contains(s.call.ANI) })
	scoped := filter(matching, func(e ani.Entry) bool { return len(e.Lines) == 0 || slices.Contains(e.Lines, line.Name) })
	active := filter(scoped, func(e ani.Entry) bool {
		return e.Enabled && !s.now.Before(e.NotBefore) && (e.ExpiresAt.IsZero() || s.now.Before(e.ExpiresAt))
	})
	noDNIS := s.call.DNIS.IsZero() && !errors.Is(s.call.DNISFault, ani.ErrUnparseable)
	fallback := slices.ContainsFunc(s.all(), func(l flow.Line) bool { return l.Default })
	switch {
	case s.call.Malformed:
		return 1
	case noDNIS && !fallback:
		return 2
	case line.Name == "":
		return 3
	case !line.Enabled:
		return 4
	case s.loops(line):
		return 5
	case !granted && s.call.ANI.IsZero():
		return 8
	case !granted && len(matching) == 0:
		return 9
	case !granted && len(scoped) == 0:
		return 10
	case !granted && len(active) == 0:
		return 11
	case !granted && !s.vouched(line, narrowest(active)):
		return 12
	case !granted && line.Policy == flow.PolicyWindow && !armed:
		return 13
	case !rehearsing && len(filter(live.Directs, func(at time.Time) bool { return s.now.Sub(at) < time.Duration(line.Limit.Per) })) >= line.Limit.Calls:
		return 14
	case !s.reachable(line, armed):
		return 15
	case rehearsing:
		return 6
	case anyone:
		return 7
	default:
		return 16
	}
}

func (s *scene) all() []flow.Line { return append([]flow.Line{s.line}, s.others...) }

// dialled is the line that the call is for; nil if it is for none.
func (s *scene) dialled() (*flow.Line, *flow.Live) {
	all := s.all()
	i := slices.IndexFunc(all, func(l flow.Line) bool { return !s.call.DNIS.IsZero() && slices.Contains(l.Numbers, s.call.DNIS) })
	if i < 0 {
		i = slices.IndexFunc(all, func(l flow.Line) bool { return l.Default })
	}
	switch i {
	case -1:
		return nil, nil
	case 0:
		return &s.line, &s.live
	default:
		return &all[i], &flow.Live{}
	}
}

func isOpen(live *flow.Live, now time.Time, m flow.Mode) bool {
	return slices.ContainsFunc(live.Windows, func(w flow.Window) bool { return w.Mode == m && w.State(now) == "open" })
}

func (s *scene) rehearses(live *flow.Live) bool {
	return !s.call.ANI.IsZero() && slices.ContainsFunc(live.Windows, func(w flow.Window) bool {
		return w.Mode == flow.ModeRehearsal && w.State(s.now) == "open" && slices.Contains(w.Callers, s.call.ANI)
	})
}

func (s *scene) loops(l *flow.Line) bool {
	own := slices.Clone(l.Numbers)
	for _, to := range l.Targets {
		if to.Kind == flow.KindNumber {
			own = append(own, ani.MustParse(to.Address))
		}
	}
	return slices.Contains(own, s.call.ANI) || slices.Contains(own, s.call.Diverter)
}

func (s *scene) vouched(l *flow.Line, e ani.Entry) bool {
	least := max(e.MinAttestation, map[flow.AttestationPolicy]flow.Attestation{
		flow.AttestationAtLeastC: flow.AttestationC, flow.AttestationAtLeastB: flow.AttestationB, flow.AttestationAtLeastA: flow.AttestationA,
	}[l.Attestation])
	if least == flow.AttestationNone && l.Attestation == flow.AttestationIgnore {
		return true
	}
	return s.call.Attestation >= least
}

func (s *scene) reachable(l *flow.Line, armed bool) bool {
	return slices.ContainsFunc(l.Targets, func(to flow.Target) bool {
		return (s.call.Carries == nil || s.call.Carries(to)) && (to.Kind != flow.KindMailbox || armed) && s.isThere(l, to)
	})
}

// isThere asks a line that has nothing but this target whether a call
// would reach it: what hours mean is not this test's to say.
func (s *scene) isThere(l *flow.Line, to flow.Target) bool {
	probe := listedScene()
	probe.now = s.now
	if to.Kind == flow.KindMailbox {
		to.Kind = flow.KindUser
	}
	probe.line.Targets, probe.line.Timezone = []flow.Target{to}, l.Timezone
	return probe.decide(panicking{}).Route == flow.Direct
}

// narrowest is the entry with the fewest numbers.
func narrowest(entries []ani.Entry) ani.Entry {
	return slices.MinFunc(entries, func(a, b ani.Entry) int { return rank(a.Pattern) - rank(b.Pattern) })
}

// rank is how many of the world's patterns are within p, as they stand in
// somePatterns.
func rank(p ani.Pattern) int {
	return slices.Index([]string{
		"+16505550123", "+16505550124", "+442079460000", "+15125550188", "+493012345678",
		"+16505550120-+16505550129", "+16505550100-+16505550199", "+165055501*", "+1650555*", "+4420794*",
	}, p.String())
}

func filter[T any](all []T, keep func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(all), func(v T) bool { return !keep(v) })
}

// panicking is a test that must not fail.
type panicking struct{}

func (panicking) Helper()                        {}
func (panicking) Fatalf(format string, _ ...any) { panic(format) }

func TestDecideIsTheTable(t *testing.T) {
	check(t, func(t *rapid.T) {
		s := drawScene(t)
		if d, want := s.decide(t), s.table(); d.Rule != want {
			t.Errorf("got rule %d, %s, want rule %d", d.Rule, d.Reason, want)
		}
	})
}

// Nobody gets through but on account of a window or of an entry.
func TestOnlyWindowsAndEntriesLetThrough(t *testing.T) {
	check(t, func(t *rapid.T) {
		s := drawScene(t)
		d := s.decide(t)
		if d.Route == flow.Continue {
			return
		}
		window := func(m flow.Mode) bool {
			return slices.ContainsFunc(s.live.Windows, func(w flow.Window) bool {
				return w.ID == d.Window && w.Mode == m && w.OpenAt(s.now) && (m != flow.ModeRehearsal || slices.Contains(w.Callers, s.call.ANI))
			})
		}
		entry := slices.ContainsFunc(s.entries, func(e ani.Entry) bool {
			return e.ID == d.Entry.ID() && e.Pattern.Contains(s.call.ANI) && e.State(s.now) == ani.StateActive &&
				(len(e.Lines) == 0 || slices.Contains(e.Lines, d.Line)) && (e.MinAttestation == flow.AttestationNone || s.call.Attestation >= e.MinAttestation)
		})
		if !window(flow.ModeRehearsal) && !window(flow.ModeAnyone) && !entry {
			t.Errorf("%s let a call through, but no window and no entry does: %+v", d.Reason, verdictOf(d))
		}
	})
}

func TestContinueHasNoTarget(t *testing.T) {
	check(t, func(t *rapid.T) {
		d := drawScene(t).decide(t)
		direct := d.Route == flow.Direct
		if direct != !d.Target.IsZero() || direct != (d.Attempt > 0) || !direct && !d.Backup.IsZero() {
			t.Errorf("%s with target %v, backup %v, attempt %d", d.Route, d.Target, d.Backup, d.Attempt)
		}
		if direct && d.Target == d.Backup {
			t.Errorf("the backup is the target: %v", d.Target)
		}
	})
}

func TestUnrelatedThingsChangeNothing(t *testing.T) {
	check(t, func(t *rapid.T) {
		s := drawScene(t)
		want := verdictOf(s.decide(t))

		other := entryOf("other", rapid.SampledFrom([]string{"+33123456789", "+331234*", "+33123456000-+33123456999"}).Draw(t, "another pattern"))
		s.entries = slices.Insert(s.entries, rapid.IntRange(0, len(s.entries)).Draw(t, "at"), other)
		if diff := cmp.Diff(want, verdictOf(s.decide(t))); diff != "" {
			t.Errorf("an entry for somebody else: -want +got\n%s", diff)
		}

		line := drawLine(t, "support-xx")
		line.Numbers = []ani.Number{ani.MustParse("+33123456789")}
		s.others = append(s.others, line)
		if diff := cmp.Diff(want, verdictOf(s.decide(t))); diff != "" {
			t.Errorf("a line with other numbers: -want +got\n%s", diff)
		}
		snapshot := s.compile(t).WithLive("support-xx", drawLive(t, s.now))
		if diff := cmp.Diff(want, verdictOf(flow.Decide(s.call, snapshot, s.now))); diff != "" {
			t.Errorf("what another line lives through: -want +got\n%s", diff)
		}
	})
}

func TestDecideChangesNothing(t *testing.T) {
	check(t, func(t *rapid.T) {
		s := drawScene(t)
		snapshot, untouched := s.compile(t), s.compile(t)
		first := flow.Decide(s.call, snapshot, s.now)
		if !reflect.DeepEqual(snapshot, untouched) {
			t.Fatalf("Decide has changed the snapshot: %s", first.Reason)
		}
		snapshot.After(first, "another", s.now).Reported(first.Line, "another", flow.ResultAnswered)
		flow.Explain(s.call, snapshot, s.now)
		if !reflect.DeepEqual(snapshot, untouched) {
			t.Fatalf("After, Reported or Explain has changed the snapshot: %s", first.Reason)
		}
		if diff := cmp.Diff(verdictOf(first), verdictOf(flow.Decide(s.call, snapshot, s.now))); diff != "" {
			t.Errorf("a second time: -first +second\n%s", diff)
		}
	})
}

// However calls come, in no span does a line get more direct calls than its
// limit says; rehearsals don't count.
func TestLimitIsNeverExceeded(t *testing.T) {
	check(t, func(t *rapid.T) {
		s := listedScene()
		s.live = drawLive(t, s.now)
		s.live.Directs = nil
		s.line.Limit.Calls = rapid.IntRange(1, 4).Draw(t, "limit")
		s.line.Limit.Per = flow.Duration(time.Duration(rapid.IntRange(1, 60).Draw(t, "per")) * time.Minute)
		snapshot := s.compile(t)
		var directs []time.Time
		for range rapid.IntRange(1, 60).Draw(t, "calls") {
			s.now = s.now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 20, 60, 600, 3600}).Draw(t, "seconds later")) * time.Second)
			s.call.ANI = rapid.SampledFrom(someNumbers).Draw(t, "ani")
			d := flow.Decide(s.call, snapshot, s.now)
			snapshot = snapshot.After(d, "id", s.now)
			if d.Route == flow.Continue || d.Reason == flow.ReasonRehearsal {
				continue
			}
			directs = append(directs, s.now)
			within := filter(directs, func(at time.Time) bool { return s.now.Sub(at) < time.Duration(s.line.Limit.Per) })
			if len(within) > s.line.Limit.Calls {
				t.Fatalf("%d direct calls within %s, at most %d are allowed", len(within), s.line.Limit.Per, s.line.Limit.Calls)
			}
		}
	})
}

// max_calls holds for each window too, whatever else is open.
func TestMaxCallsIsNeverExceeded(t *testing.T) {
	check(t, func(t *rapid.T) {
		s := listedScene()
		s.live = drawLive(t, s.now)
		s.live.Directs = nil
		for i := range s.live.Windows {
			s.live.Windows[i].Calls = 0
		}
		snapshot := s.compile(t)
		for range 20 {
			s.now = s.now.Add(time.Minute)
			s.call.ANI = rapid.SampledFrom(someNumbers).Draw(t, "ani")
			snapshot = snapshot.After(flow.Decide(s.call, snapshot, s.now), "id", s.now)
		}
		for _, w := range snapshot.Live(s.line.Name).Windows {
			if w.MaxCalls > 0 && w.Calls > w.MaxCalls {
				t.Errorf("the %s window %s has had %d calls, at most %d are allowed", w.Mode, w.ID, w.Calls, w.MaxCalls)
			}
		}
	})
}

func TestWindowsAreHalfOpen(t *testing.T) {
	check(t, func(t *rapid.T) {
		w := drawWindow(t)
		if w.OpenAt(w.ClosesAt) || w.OpenAt(w.OpensAt.Add(-1)) {
			t.Errorf("open at %s or before %s", w.ClosesAt, w.OpensAt)
		}
		full := w.MaxCalls > 0 && w.Calls >= w.MaxCalls
		if w.OpenAt(w.OpensAt) == full || w.OpenAt(w.ClosesAt.Add(-1)) == full {
			t.Errorf("with %d of %d calls: open is %t at first and %t at last", w.Calls, w.MaxCalls, w.OpenAt(w.OpensAt), w.OpenAt(w.ClosesAt.Add(-1)))
		}
		now := drawTime(t, "now")
		if open := w.State(now) == "open"; open != w.OpenAt(now) {
			t.Errorf("state %s, open %t", w.State(now), w.OpenAt(now))
		}
	})
}
