package flow_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

func TestDetail(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*scene)
		want   string
	}{
		{"malformed", func(s *scene) { s.call = flow.Call{Malformed: true} }, "the request could not be read"},
		{"no called number", func(s *scene) { s.call.DNIS = ani.Number{} }, "no called number was given, and no line is the default"},
		{"an unreadable called number", func(s *scene) { s.call.DNIS, s.call.DNISFault = ani.Number{}, ani.ErrUnparseable }, "the called number could not be read, and no line is the default"},
		{"a number of no line", func(s *scene) { s.call.DNIS = stranger }, "+442079460000 belongs to no line, and no line is the default"},
		{"switched off", func(s *scene) { s.line.Enabled = false }, "the line support-us is switched off"},
		{"a loop", func(s *scene) { s.call.ANI = dialled }, "the call comes from one of the numbers or targets of support-us itself"},
		{"a rehearsal", rehearse, "+16505550123 is rehearsing on support-us"},
		{"anyone", func(s *scene) { s.open("w", flow.ModeAnyone) }, "a window lets everybody through on support-us"},
		{"no caller's number", func(s *scene) { s.call.ANI = ani.Number{} }, "no caller's number was given"},
		{"withheld", withhold, "the caller withholds the number"},
		{"unreadable", func(s *scene) { s.call.ANI, s.call.ANIFault = ani.Number{}, ani.ErrUnparseable }, "the caller's number could not be read"},
		{"not listed", func(s *scene) { s.call.ANI = stranger }, "+442079460000 is not on the list"},
		{"another line's", func(s *scene) { s.entries[0].Lines = []string{"support-de"} }, "+16505550123 is on the list, but not for the line support-us"},
		{"inactive", func(s *scene) { s.entries[0].Enabled = false }, "+16505550123 is on the list, but switched off or outside its dates"},
		{"attestation", func(s *scene) { s.call.Attestation = flow.AttestationFailed }, "attestation failed is less than is asked of +16505550123"},
		{"attestation of a part", func(s *scene) {
			s.entries[0] = entryOf("e1", "+1650555*")
			s.entries[0].MinAttestation = flow.AttestationA
		}, "attestation none is less than is asked of +16505550123 as part of +1650555*"},
		{"no window", func(s *scene) { s.line.Policy = flow.PolicyWindow }, "support-us lets callers through only while a window is open, and none is"},
		{"the limit", func(s *scene) { s.use(20) }, "support-us has had as many direct calls as its limit allows"},
		{"nobody", func(s *scene) { s.line.Targets = nil }, "nobody of support-us can be reached now"},
		{"listed", func(*scene) {}, "+16505550123 is on the list (Meta e1)"},
		{"listed without a label", func(s *scene) { s.entries[0].Label = "" }, "+16505550123 is on the list"},
		{"listed in a range", func(s *scene) { s.entries[0] = entryOf("e1", "+16505550100-+16505550199") }, "+16505550123 as part of +16505550100-+16505550199 is on the list (Meta e1)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := listedScene()
			tt.change(s)
			if got := s.decide(t).Detail(); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestFaulted(t *testing.T) {
	d := flow.Faulted(flow.Call{ANI: caller, DNIS: dialled})
	if diff := cmp.Diff(verdict{Route: flow.Continue, Reason: flow.ReasonError}, verdictOf(d)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if d.Candidate() || d.Detail() != "an internal fault; the log has it" {
		t.Errorf("candidate %t, %q", d.Candidate(), d.Detail())
	}
}

// A candidate is a call that carried on though one was awaited, unless the
// line itself was not to be reached.
func TestCandidate(t *testing.T) {
	armed := func(change func(*scene)) func(*scene) {
		return func(s *scene) { change(s); s.open("w", flow.ModeListed) }
	}
	for _, tt := range []struct {
		name   string
		change func(*scene)
		want   bool
	}{
		{"a stranger on an armed line", armed(func(s *scene) { s.call.ANI = stranger }), true},
		{"a withheld number on an armed line", armed(withhold), true},
		{"an expired entry on an armed line", armed(func(s *scene) { s.entries[0].ExpiresAt = s.now }), true},
		{"a listed caller on an armed line", armed(func(*scene) {}), false},
		{"a stranger while no window is open", func(s *scene) { s.call.ANI = stranger }, false},
		{"a stranger while somebody rehearses", func(s *scene) { s.call.ANI = stranger; s.open("r", flow.ModeRehearsal, tester) }, false},
		{"a rehearsal on an armed line", armed(rehearse), false},
		{"a loop on an armed line", armed(func(s *scene) { s.call.ANI = dialled }), false},
		{"an armed line that is switched off", armed(func(s *scene) { s.line.Enabled = false }), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := listedScene()
			tt.change(s)
			d := s.decide(t)
			if got := d.Candidate(); got != tt.want {
				t.Errorf("%s: got %t, want %t", d.Reason, got, tt.want)
			}
		})
	}
	check(t, func(t *rapid.T) {
		if d := drawScene(t).decide(t); d.Candidate() && (d.Route != flow.Continue || !d.Expected || d.Window == "") {
			t.Errorf("a candidate that went %s, expected %t, in window %q", d.Route, d.Expected, d.Window)
		}
	})
}
