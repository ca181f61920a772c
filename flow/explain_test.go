package flow_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ringthrough/ringthrough/flow"
)

func TestExplainAgreesWithDecide(t *testing.T) {
	check(t, func(t *rapid.T) {
		s := drawScene(t)
		snapshot := s.compile(t)
		want := flow.Decide(s.call, snapshot, s.now)
		d, steps := flow.Explain(s.call, snapshot, s.now)
		if diff := cmp.Diff(verdictOf(want), verdictOf(d)); diff != "" {
			t.Fatalf("-decide +explain\n%s", diff)
		}
		if len(steps) != 16 {
			t.Fatalf("%d steps, want 16", len(steps))
		}
		for i, step := range steps {
			if step.Rule != i+1 || step.Text == "" || strings.ContainsAny(step.Text, "\n%") {
				t.Errorf("step %d: rule %d, %q", i+1, step.Rule, step.Text)
			}
			if outcome := s.outcomeOf(step.Rule, d.Rule, d.Route == flow.Direct); step.Outcome != outcome {
				t.Errorf("rule %d of a call that rule %d decided: %s, want %s", step.Rule, d.Rule, step.Outcome, outcome)
			}
			if decided := step.Outcome == flow.Decided; decided != (step.Reason == d.Reason) || !decided && step.Reason != "" {
				t.Errorf("rule %d: %s with reason %q", step.Rule, step.Outcome, step.Reason)
			}
		}
	})
}

// outcomeOf is what the design's table says of a rule, once it is known which
// one decided.
func (s *scene) outcomeOf(rule, decided int, direct bool) flow.Outcome {
	from, to := s.exemption()
	switch {
	case rule == decided:
		return flow.Decided
	case !direct && rule > decided:
		return flow.NotReached
	case decided >= 6 && from <= rule && rule <= to || decided >= 6 && to > 0 && rule == 16:
		return flow.Exempt
	default:
		return flow.Passed
	}
}

// exemption are the rules that a window lets the call skip.
func (s *scene) exemption() (from, to int) {
	_, live := s.dialled()
	switch {
	case live == nil:
		return 0, 0
	case s.rehearses(live):
		return 7, 14
	case isOpen(live, s.now, flow.ModeAnyone):
		return 8, 13
	default:
		return 0, 0
	}
}

func TestExplainSays(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*scene)
		want   []string // one step each
	}{
		{"listed", func(s *scene) { s.line.Targets = s.line.Targets[:1] }, []string{
			"1 passed the request can be read",
			"2 passed a called number is given, or a line is the default",
			"3 passed the call belongs to the line support-us",
			"4 passed the line is switched on",
			"5 passed the call comes from none of the line's own numbers and targets",
			"6 passed no rehearsal is open for this caller",
			"7 passed no window lets everybody through",
			"8 passed the caller's number is +16505550123",
			"9 passed the list has the caller",
			"10 passed an entry is for this line: +16505550123",
			"11 passed it is switched on and within its dates: +16505550123",
			"12 passed attestation none is enough",
			"13 passed the line lets callers through always",
			"14 passed 0 of 20 direct calls were used in the last 1h",
			"15 passed number +15125550123 can be reached",
			"16 decided +16505550123 is on the list (Meta e1)",
		}},
		{"a rehearsal", func(s *scene) { rehearse(s) }, []string{
			"5 passed the call comes from none of the line's own numbers and targets",
			"6 decided +16505550123 is rehearsing on support-us",
			"7 exempt a window has let the call through",
			"14 exempt a window has let the call through",
			"15 passed number +15125550123 can be reached",
			"16 exempt a window has let the call through",
		}},
		{"anyone at the limit", func(s *scene) { s.open("w", flow.ModeAnyone); s.use(20) }, []string{
			"7 passed a window lets everybody through",
			"8 exempt a window has let the call through",
			"13 exempt a window has let the call through",
			"14 decided support-us has had as many direct calls as its limit allows",
			"15 not_reached an earlier rule has decided",
		}},
		{"while a window is open", func(s *scene) { s.line.Policy = flow.PolicyWindow; s.open("w", flow.ModeListed); s.use(3) }, []string{
			"13 passed the line lets callers through while a window is open, and one is",
			"14 passed 3 of 20 direct calls were used in the last 1h",
		}},
		{"a wider entry", func(s *scene) {
			s.entries = append(s.entries, entryOf("e2", "+1650555*"))
			s.entries[0].Enabled = false
		}, []string{
			"10 passed an entry is for this line: +16505550123",
			"11 passed it is switched on and within its dates: +1650555*",
			"16 decided +16505550123 as part of +1650555* is on the list (Meta e2)",
		}},
		{"malformed", func(s *scene) { s.call = flow.Call{Malformed: true} }, []string{
			"1 decided the request could not be read",
			"2 not_reached an earlier rule has decided",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := listedScene()
			tt.change(s)
			_, steps := flow.Explain(s.call, s.compile(t), s.now)
			var got []string
			for _, want := range tt.want {
				rule, _, _ := strings.Cut(want, " ")
				n, _ := strconv.Atoi(rule)
				got = append(got, rule+" "+string(steps[n-1].Outcome)+" "+steps[n-1].Text)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
