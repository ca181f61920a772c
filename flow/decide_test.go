package flow_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

// rulings has, for each rule of the design's table, calls that it decides.
// Each changes a call that every rule lets pass.
var rulings = []struct {
	name     string
	change   func(*scene)
	rule     int
	reason   flow.Reason
	route    flow.Route
	expected bool
}{
	{"the request cannot be read", func(s *scene) { s.call = flow.Call{Malformed: true} }, 1, flow.ReasonMalformed, flow.Continue, false},

	{"no called number", func(s *scene) { s.call.DNIS = ani.Number{} }, 2, flow.ReasonDNISMissing, flow.Continue, false},
	{"a called number said to be missing", func(s *scene) { s.call.DNIS, s.call.DNISFault = ani.Number{}, ani.ErrMissing }, 2, flow.ReasonDNISMissing, flow.Continue, false},
	{"a called number that is withheld", func(s *scene) { s.call.DNIS, s.call.DNISFault = ani.Number{}, ani.ErrWithheld }, 2, flow.ReasonDNISMissing, flow.Continue, false},

	{"a called number of no line", func(s *scene) { s.call.DNIS = stranger }, 3, flow.ReasonLineUnknown, flow.Continue, false},
	{"a called number that cannot be read", func(s *scene) { s.call.DNIS, s.call.DNISFault = ani.Number{}, ani.ErrUnparseable }, 3, flow.ReasonLineUnknown, flow.Continue, false},

	{"the line is switched off", func(s *scene) { s.line.Enabled = false }, 4, flow.ReasonLineDisabled, flow.Continue, false},
	{"the line is switched off and armed", func(s *scene) { s.line.Enabled = false; s.open("w", flow.ModeListed) }, 4, flow.ReasonLineDisabled, flow.Continue, true},

	{"the caller is the person who would answer", func(s *scene) { s.call.ANI = ani.MustParse(desk.Address) }, 5, flow.ReasonLoop, flow.Continue, false},
	{"the caller is a later target", func(s *scene) {
		s.line.Targets = []flow.Target{queue, {Kind: flow.KindSIP, Address: "sip:+442079460000@pbx.example.com"}}
		s.call.ANI = stranger
	}, 5, flow.ReasonLoop, flow.Continue, false},
	{"the caller is the line itself", func(s *scene) { s.call.ANI = dialled }, 5, flow.ReasonLoop, flow.Continue, false},
	{"the call was diverted by the line", func(s *scene) { s.call.Diverter = dialled }, 5, flow.ReasonLoop, flow.Continue, false},
	{"the call was diverted by a target", func(s *scene) { s.call.Diverter = ani.MustParse(desk.Address) }, 5, flow.ReasonLoop, flow.Continue, false},

	{"a rehearsal", func(s *scene) { s.open("r", flow.ModeRehearsal, tester); s.call.ANI = tester }, 6, flow.ReasonRehearsal, flow.Direct, false},
	{"a rehearsal by the second of its callers", func(s *scene) { s.open("r", flow.ModeRehearsal, stranger, tester); s.call.ANI = tester }, 6, flow.ReasonRehearsal, flow.Direct, false},
	{"a rehearsal by a listed caller", func(s *scene) { s.open("r", flow.ModeRehearsal, caller) }, 6, flow.ReasonRehearsal, flow.Direct, false},
	{"a rehearsal on an armed line", func(s *scene) { rehearse(s); s.open("w", flow.ModeListed) }, 6, flow.ReasonRehearsal, flow.Direct, true},
	{"a rehearsal doesn't mind the limit", func(s *scene) { rehearse(s); s.use(20) }, 6, flow.ReasonRehearsal, flow.Direct, false},
	{"a rehearsal doesn't mind a failed attestation", func(s *scene) { rehearse(s); s.call.Attestation = flow.AttestationFailed }, 6, flow.ReasonRehearsal, flow.Direct, false},

	{"anyone", func(s *scene) { s.open("w", flow.ModeAnyone); s.call.ANI = stranger }, 7, flow.ReasonWindow, flow.Direct, true},
	{"anyone, withheld", func(s *scene) { s.open("w", flow.ModeAnyone); withhold(s) }, 7, flow.ReasonWindow, flow.Direct, true},
	{"anyone, unreadable", func(s *scene) {
		s.open("w", flow.ModeAnyone)
		s.call.ANI, s.call.ANIFault = ani.Number{}, ani.ErrUnparseable
	}, 7, flow.ReasonWindow, flow.Direct, true},
	{"anyone, listed or not", func(s *scene) { s.open("w", flow.ModeAnyone) }, 7, flow.ReasonWindow, flow.Direct, true},

	{"no caller's number", func(s *scene) { s.call.ANI = ani.Number{} }, 8, flow.ReasonANIMissing, flow.Continue, false},
	{"a caller's number said to be missing", func(s *scene) { s.call.ANI, s.call.ANIFault = ani.Number{}, ani.ErrMissing }, 8, flow.ReasonANIMissing, flow.Continue, false},
	{"a withheld number", withhold, 8, flow.ReasonANIWithheld, flow.Continue, false},
	{"a wrapped fault is the same", func(s *scene) {
		s.call.ANI, s.call.ANIFault = ani.Number{}, fmt.Errorf("read ani: %w", ani.ErrWithheld)
	}, 8, flow.ReasonANIWithheld, flow.Continue, false},
	{"an unreadable number", func(s *scene) { s.call.ANI, s.call.ANIFault = ani.Number{}, ani.ErrUnparseable }, 8, flow.ReasonANIUnparseable, flow.Continue, false},
	{"a withheld number on an armed line", func(s *scene) { withhold(s); s.open("w", flow.ModeListed) }, 8, flow.ReasonANIWithheld, flow.Continue, true},
	{"a withheld number is nobody's rehearsal", func(s *scene) { withhold(s); s.open("r", flow.ModeRehearsal, tester) }, 8, flow.ReasonANIWithheld, flow.Continue, false},

	{"not listed", func(s *scene) { s.call.ANI = stranger }, 9, flow.ReasonNotListed, flow.Continue, false},
	{"an empty list", func(s *scene) { s.entries = nil }, 9, flow.ReasonNotListed, flow.Continue, false},
	{"not listed on an armed line", func(s *scene) { s.call.ANI = stranger; s.open("w", flow.ModeListed) }, 9, flow.ReasonNotListed, flow.Continue, true},
	{"not listed, while somebody else rehearses", func(s *scene) { s.call.ANI = stranger; s.open("r", flow.ModeRehearsal, tester) }, 9, flow.ReasonNotListed, flow.Continue, false},

	{"listed for another line", func(s *scene) { s.entries[0].Lines = []string{"support-de"} }, 10, flow.ReasonEntryScope, flow.Continue, false},
	{"a line's name is not a part of another", func(s *scene) { s.entries[0].Lines = []string{"support-us-2", "us"} }, 10, flow.ReasonEntryScope, flow.Continue, false},
	{"two entries, both for another line", func(s *scene) {
		s.entries = append(s.entries, entryOf("e2", "+1650555*"))
		s.entries[0].Lines, s.entries[1].Lines = []string{"support-de"}, []string{"support-fr"}
	}, 10, flow.ReasonEntryScope, flow.Continue, false},

	{"an entry that is switched off", func(s *scene) { s.entries[0].Enabled = false }, 11, flow.ReasonEntryInactive, flow.Continue, false},
	{"an entry's dates are still to come", func(s *scene) { s.entries[0].NotBefore = s.now.Add(time.Millisecond) }, 11, flow.ReasonEntryInactive, flow.Continue, false},
	{"an entry's last instant is outside", func(s *scene) { s.entries[0].ExpiresAt = s.now }, 11, flow.ReasonEntryInactive, flow.Continue, false},
	{"the only active entry is for another line", func(s *scene) {
		s.entries = append(s.entries, entryOf("e2", "+1650555*"))
		s.entries[0].Enabled, s.entries[1].Lines = false, []string{"support-de"}
	}, 11, flow.ReasonEntryInactive, flow.Continue, false},

	{"a failed attestation", func(s *scene) { s.call.Attestation = flow.AttestationFailed }, 12, flow.ReasonAttestation, flow.Continue, false},
	{"the line asks for more", func(s *scene) { s.line.Attestation = flow.AttestationAtLeastB; s.call.Attestation = flow.AttestationC }, 12, flow.ReasonAttestation, flow.Continue, false},
	{"the line asks for C, nobody says anything", func(s *scene) { s.line.Attestation = flow.AttestationAtLeastC }, 12, flow.ReasonAttestation, flow.Continue, false},
	{"the entry asks for more", func(s *scene) {
		s.entries[0].MinAttestation = flow.AttestationA
		s.call.Attestation = flow.AttestationB
	}, 12, flow.ReasonAttestation, flow.Continue, false},
	{"the entry asks, though the line doesn't mind", func(s *scene) {
		s.line.Attestation, s.entries[0].MinAttestation = flow.AttestationIgnore, flow.AttestationC
	}, 12, flow.ReasonAttestation, flow.Continue, false},
	{"the more specific entry asks for more", func(s *scene) {
		s.entries = append(s.entries, entryOf("e2", "+1650555*"))
		s.entries[0].MinAttestation = flow.AttestationA
	}, 12, flow.ReasonAttestation, flow.Continue, false},

	{"no window is open", func(s *scene) { s.line.Policy = flow.PolicyWindow }, 13, flow.ReasonWindowClosed, flow.Continue, false},
	{"a rehearsal arms nothing", func(s *scene) { s.line.Policy = flow.PolicyWindow; s.open("r", flow.ModeRehearsal, tester) }, 13, flow.ReasonWindowClosed, flow.Continue, false},
	{"the window's last instant is outside", func(s *scene) { s.line.Policy = flow.PolicyWindow; s.open("w", flow.ModeListed).ClosesAt = s.now }, 13, flow.ReasonWindowClosed, flow.Continue, false},
	{"the window is still to open", func(s *scene) {
		s.line.Policy = flow.PolicyWindow
		s.open("w", flow.ModeListed).OpensAt = s.now.Add(time.Nanosecond)
	}, 13, flow.ReasonWindowClosed, flow.Continue, false},
	{"the window has had its calls", func(s *scene) {
		s.line.Policy = flow.PolicyWindow
		w := s.open("w", flow.ModeListed)
		w.MaxCalls, w.Calls = 2, 2
	}, 13, flow.ReasonWindowClosed, flow.Continue, false},

	{"the limit is reached", func(s *scene) { s.use(20) }, 14, flow.ReasonLimit, flow.Continue, false},
	{"the limit holds for an armed line", func(s *scene) { s.use(20); s.open("w", flow.ModeListed) }, 14, flow.ReasonLimit, flow.Continue, true},
	{"the limit holds for anyone", func(s *scene) { s.use(20); s.open("w", flow.ModeAnyone); s.call.ANI = stranger }, 14, flow.ReasonLimit, flow.Continue, true},

	{"no targets", func(s *scene) { s.line.Targets = nil }, 15, flow.ReasonNoTarget, flow.Continue, false},
	{"nobody is there at this hour", func(s *scene) { s.line.Targets = []flow.Target{atNight(desk), atNight(queue)} }, 15, flow.ReasonNoTarget, flow.Continue, false},
	{"nobody is there for anyone", func(s *scene) { s.line.Targets = nil; s.open("w", flow.ModeAnyone) }, 15, flow.ReasonNoTarget, flow.Continue, true},
	{"nobody is there for a rehearsal", func(s *scene) { rehearse(s); s.line.Targets = nil }, 15, flow.ReasonNoTarget, flow.Continue, false},

	{"listed", func(*scene) {}, 16, flow.ReasonListed, flow.Direct, false},
	{"listed and expected", func(s *scene) { s.open("w", flow.ModeListed) }, 16, flow.ReasonListed, flow.Direct, true},
	{"listed for this line among others", func(s *scene) { s.entries[0].Lines = []string{"support-de", "support-us"} }, 16, flow.ReasonListed, flow.Direct, false},
	{"an entry's first instant is inside", func(s *scene) { s.entries[0].NotBefore = s.now }, 16, flow.ReasonListed, flow.Direct, false},
	{"an entry's last millisecond is inside", func(s *scene) { s.entries[0].ExpiresAt = s.now.Add(time.Millisecond) }, 16, flow.ReasonListed, flow.Direct, false},
	{"listed by a wider entry while the narrow one is off", func(s *scene) {
		s.entries = append(s.entries, entryOf("e2", "+16505550100-+16505550199"))
		s.entries[0].Enabled = false
	}, 16, flow.ReasonListed, flow.Direct, false},
	{"an absent attestation is no failure", func(s *scene) { s.call.Attestation = flow.AttestationNone }, 16, flow.ReasonListed, flow.Direct, false},
	{"a failed attestation that the line ignores", func(s *scene) {
		s.line.Attestation, s.call.Attestation = flow.AttestationIgnore, flow.AttestationFailed
	}, 16, flow.ReasonListed, flow.Direct, false},
	{"as much attestation as is asked for", func(s *scene) {
		s.line.Attestation, s.entries[0].MinAttestation, s.call.Attestation = flow.AttestationAtLeastC, flow.AttestationB, flow.AttestationB
	}, 16, flow.ReasonListed, flow.Direct, false},
	{"the window's first instant is inside", func(s *scene) {
		s.line.Policy = flow.PolicyWindow
		s.open("w", flow.ModeListed).OpensAt = s.now
	}, 16, flow.ReasonListed, flow.Direct, true},
	{"one call below the limit", func(s *scene) { s.use(19) }, 16, flow.ReasonListed, flow.Direct, false},
	{"the default line takes other numbers", func(s *scene) { s.line.Default = true; s.call.DNIS = stranger }, 16, flow.ReasonListed, flow.Direct, false},
	{"the default line takes calls without a number", func(s *scene) { s.line.Default = true; s.call.DNIS = ani.Number{} }, 16, flow.ReasonListed, flow.Direct, false},
	{"the default line takes unreadable numbers", func(s *scene) {
		s.line.Default = true
		s.call.DNIS, s.call.DNISFault = ani.Number{}, ani.ErrUnparseable
	}, 16, flow.ReasonListed, flow.Direct, false},
	{"diverted by somebody else", func(s *scene) { s.call.Diverter = stranger }, 16, flow.ReasonListed, flow.Direct, false},
}

func withhold(s *scene) { s.call.ANI, s.call.ANIFault = ani.Number{}, ani.ErrWithheld }

// rehearse lets the caller of s rehearse.
func rehearse(s *scene) { s.open("r", flow.ModeRehearsal, s.call.ANI) }

// atNight is t with hours that noon is not in.
func atNight(t flow.Target) flow.Target {
	t.Hours = "22:00-06:00"
	return t
}

func TestDecideRuleByRule(t *testing.T) {
	decided := map[flow.Reason]bool{flow.ReasonError: true} // no rule gives it
	for _, tt := range rulings {
		decided[tt.reason] = true
		t.Run(tt.name, func(t *testing.T) {
			s := listedScene()
			tt.change(s)
			d := s.decide(t)
			got := []any{d.Rule, d.Reason, d.Route, d.Expected}
			if diff := cmp.Diff([]any{tt.rule, tt.reason, tt.route, tt.expected}, got); diff != "" {
				t.Errorf("rule, reason, route, expected: -want +got\n%s", diff)
			}
		})
	}
	for _, r := range flow.Reasons() {
		if !decided[r] {
			t.Errorf("no call in the table is decided by %s", r)
		}
	}
}

// What goes with the decision: the line's texts, the entry, the window, and
// who is rung.
func TestDecisionSays(t *testing.T) {
	nothing := verdict{Line: "support-us", Announce: "Write down six digits.", ContinueURL: "https://ivr.example.com/us"}
	with := func(change func(*verdict)) verdict {
		v := nothing
		change(&v)
		return v
	}
	for _, tt := range []struct {
		name   string
		change func(*scene)
		want   verdict
	}{
		{"a call of no line has none of its texts", func(s *scene) { s.call.DNIS = stranger },
			verdict{Route: flow.Continue, Reason: flow.ReasonLineUnknown, Rule: 3}},
		{"listed", func(*scene) {}, with(func(v *verdict) {
			v.Route, v.Reason, v.Rule, v.Entry = flow.Direct, flow.ReasonListed, 16, "e1"
			v.Target, v.Backup, v.Attempt = desk, queue, 1
		})},
		{"the window that expected a listed call", func(s *scene) { s.open("w", flow.ModeListed) }, with(func(v *verdict) {
			v.Route, v.Reason, v.Rule, v.Entry, v.Expected, v.Window = flow.Direct, flow.ReasonListed, 16, "e1", true, "w"
			v.Target, v.Backup, v.Attempt = desk, queue, 1
		})},
		{"of two windows the one that closes first", func(s *scene) {
			s.open("late", flow.ModeListed).ClosesAt = s.now.Add(time.Hour)
			s.open("soon", flow.ModeListed)
		}, with(func(v *verdict) {
			v.Route, v.Reason, v.Rule, v.Entry, v.Expected, v.Window = flow.Direct, flow.ReasonListed, 16, "e1", true, "soon"
			v.Target, v.Backup, v.Attempt = desk, queue, 1
		})},
		{"a rehearsal counts in its own window", func(s *scene) { rehearse(s); s.open("w", flow.ModeListed) }, with(func(v *verdict) {
			v.Route, v.Reason, v.Rule, v.Expected, v.Window = flow.Direct, flow.ReasonRehearsal, 6, true, "r"
			v.Target, v.Backup, v.Attempt = desk, queue, 1
		})},
		{"a window for anyone before one that arms", func(s *scene) {
			s.open("l", flow.ModeListed)
			s.open("a", flow.ModeAnyone).ClosesAt = s.now.Add(time.Hour)
		}, with(func(v *verdict) {
			v.Route, v.Reason, v.Rule, v.Expected, v.Window = flow.Direct, flow.ReasonWindow, 7, true, "a"
			v.Target, v.Backup, v.Attempt = desk, queue, 1
		})},
		{"a candidate names the window and no target", func(s *scene) { s.call.ANI = stranger; s.open("w", flow.ModeListed) }, with(func(v *verdict) {
			v.Route, v.Reason, v.Rule, v.Expected, v.Window = flow.Continue, flow.ReasonNotListed, 9, true, "w"
		})},
		{"the entry that was switched off", func(s *scene) { s.entries[0].Enabled = false }, with(func(v *verdict) {
			v.Route, v.Reason, v.Rule, v.Entry = flow.Continue, flow.ReasonEntryInactive, 11, "e1"
		})},
		{"the active entry before a narrower one that is off", func(s *scene) {
			s.entries = append(s.entries, entryOf("e2", "+16505550100-+16505550199"), entryOf("e3", "+1650555*"))
			s.entries[0].Enabled = false
		}, with(func(v *verdict) {
			v.Route, v.Reason, v.Rule, v.Entry = flow.Direct, flow.ReasonListed, 16, "e2"
			v.Target, v.Backup, v.Attempt = desk, queue, 1
		})},
		{"an entry of another line is not said", func(s *scene) { s.entries[0].Lines = []string{"support-de"} }, with(func(v *verdict) {
			v.Route, v.Reason, v.Rule = flow.Continue, flow.ReasonEntryScope, 10
		})},
		{"no backup", func(s *scene) { s.line.Targets = s.line.Targets[:1] }, with(func(v *verdict) {
			v.Route, v.Reason, v.Rule, v.Entry = flow.Direct, flow.ReasonListed, 16, "e1"
			v.Target, v.Attempt = desk, 1
		})},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := listedScene()
			tt.change(s)
			if diff := cmp.Diff(tt.want, verdictOf(s.decide(t))); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// conditions make one rule each apply, and disturb no other: so any two of
// them can be put together.
var conditions = []struct {
	name   string
	rule   int
	reason flow.Reason
	hold   func(*scene)
}{
	{"malformed", 1, flow.ReasonMalformed, func(s *scene) { s.call.Malformed = true }},
	{"dnis missing", 2, flow.ReasonDNISMissing, func(s *scene) { s.call.DNIS, s.call.DNISFault = ani.Number{}, ani.ErrMissing }},
	{"line unknown", 3, flow.ReasonLineUnknown, func(s *scene) {
		if !s.call.DNIS.IsZero() { // a missing number is of no line either
			s.call.DNIS = stranger
		}
	}},
	{"line disabled", 4, flow.ReasonLineDisabled, func(s *scene) { s.line.Enabled = false }},
	{"loop", 5, flow.ReasonLoop, func(s *scene) { s.call.Diverter = dialled }},
	{"rehearsal", 6, flow.ReasonRehearsal, func(s *scene) { rehearse(s) }},
	{"anyone", 7, flow.ReasonWindow, func(s *scene) { s.open("a", flow.ModeAnyone) }},
	{"ani missing", 8, flow.ReasonANIMissing, func(s *scene) { s.call.ANI, s.call.ANIFault = ani.Number{}, ani.ErrMissing }},
	{"ani withheld", 8, flow.ReasonANIWithheld, withhold},
	{"ani unparseable", 8, flow.ReasonANIUnparseable, func(s *scene) { s.call.ANI, s.call.ANIFault = ani.Number{}, ani.ErrUnparseable }},
	{"not listed", 9, flow.ReasonNotListed, func(s *scene) { s.entries = nil }},
	{"entry scope", 10, flow.ReasonEntryScope, func(s *scene) { eachEntry(s, func(e *ani.Entry) { e.Lines = []string{"support-de"} }) }},
	{"entry inactive", 11, flow.ReasonEntryInactive, func(s *scene) { eachEntry(s, func(e *ani.Entry) { e.Enabled = false }) }},
	{"attestation, the line's", 12, flow.ReasonAttestation, func(s *scene) { s.line.Attestation = flow.AttestationAtLeastA }},
	{"attestation, the entry's", 12, flow.ReasonAttestation, func(s *scene) { eachEntry(s, func(e *ani.Entry) { e.MinAttestation = flow.AttestationA }) }},
	{"window closed", 13, flow.ReasonWindowClosed, func(s *scene) { s.line.Policy = flow.PolicyWindow }},
	{"limit", 14, flow.ReasonLimit, func(s *scene) { s.use(s.line.Limit.Calls) }},
	{"no target", 15, flow.ReasonNoTarget, func(s *scene) { s.line.Targets = nil }},
}

func eachEntry(s *scene, change func(*ani.Entry)) {
	for i := range s.entries {
		change(&s.entries[i])
	}
}

// exempted are the rules that hold for a call that a window lets through,
// although they stand below the one that does so.
var exempted = map[[2]int]bool{{7, 14}: true, {6, 15}: true, {7, 15}: true}

// Of any two rules that apply the first decides, whichever way the call came
// to be like that.
func TestDecideAsksTheRulesInOrder(t *testing.T) {
	for i, first := range conditions {
		for _, second := range conditions[i+1:] {
			if first.rule == second.rule || first.rule == 6 && second.rule == 8 {
				continue // nobody without a number is one of the callers
			}
			want := first
			if exempted[[2]int{first.rule, second.rule}] {
				want = second
			}
			for _, order := range []struct {
				name string
				hold []func(*scene)
			}{
				{first.name + " and " + second.name, []func(*scene){first.hold, second.hold}},
				{second.name + " and " + first.name, []func(*scene){second.hold, first.hold}},
			} {
				t.Run(order.name, func(t *testing.T) {
					s := listedScene()
					for _, hold := range order.hold {
						hold(s)
					}
					if d := s.decide(t); d.Rule != want.rule || d.Reason != want.reason {
						t.Errorf("got rule %d, %s, want rule %d, %s", d.Rule, d.Reason, want.rule, want.reason)
					}
				})
			}
		}
	}
}

// Each condition applies by itself, or the test of their order would prove
// nothing.
func TestConditionsApplyAlone(t *testing.T) {
	for _, tt := range conditions {
		t.Run(tt.name, func(t *testing.T) {
			s := listedScene()
			tt.hold(s)
			if d := s.decide(t); d.Rule != tt.rule || d.Reason != tt.reason {
				t.Errorf("got rule %d, %s, want rule %d, %s", d.Rule, d.Reason, tt.rule, tt.reason)
			}
		})
	}
}

func TestDecideWithoutAnything(t *testing.T) {
	s, err := flow.NewSnapshot(0, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if d := flow.Decide(flow.Call{ANI: caller, DNIS: dialled}, s, noon); d.Reason != flow.ReasonLineUnknown {
		t.Errorf("no lines: got %s, want line_unknown", d.Reason)
	}
	if d := flow.Decide(flow.Call{}, s, noon); d.Reason != flow.ReasonDNISMissing {
		t.Errorf("no call: got %s, want dnis_missing", d.Reason)
	}
}
