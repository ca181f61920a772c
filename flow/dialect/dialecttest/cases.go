package dialecttest

import (
	"fmt"
	"slices"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

// Case is an instruction with a name that says what is special about it.
type Case struct {
	Name        string
	Instruction flow.Instruction
}

// Hook is the hook of the sample call, for the dialect of that name.
func Hook(name string) flow.Hook {
	return flow.Hook{
		Name:        name,
		PublicURL:   "https://route.example.com/v1/lookup/" + name,
		ContinueURL: "https://ivr.example.com/start?a=1&b=2",
		DialTimeout: 25 * time.Second,
	}
}

// NastyLabel and NastyAnnounce are texts that break whatever is not escaped.
const (
	NastyLabel    = `Meta "call" <1> & 'two' \ ${x} 100% + ü 🤙`
	NastyAnnounce = "Say </Say> & \"write\" it's ]]> {{down}}\u2028six = digits; 📞"
)

// Cases are the standard instructions, on the sample call of +16505550123 to
// +18005550100: a direct call to each kind of target with and without a
// backup, and every other way out.
func Cases(hook flow.Hook) []Case {
	var all []Case
	for _, kind := range flow.Kinds() {
		all = append(all,
			Case{"direct-" + string(kind), sample{target: target(kind)}.instruction(hook)},
			Case{fmt.Sprintf("direct-%s-backup", kind), sample{target: target(kind), backup: target(next(kind))}.instruction(hook)})
	}
	nasty := sample{target: target(flow.KindNumber), label: NastyLabel, announce: NastyAnnounce}
	stranger := sample{ani: "+442079460000"}
	unset := stranger.instruction(hook)
	unset.ContinueURL = ""
	return append(all,
		Case{"direct-nasty-texts", nasty.instruction(hook)},
		Case{"continue", stranger.instruction(hook)},
		Case{"continue-without-a-url", unset},
		Case{"continue-malformed", sample{malformed: true}.instruction(hook)},
		Case{"continue-internal-fault", sample{faulted: true}.instruction(hook)},
		Case{"hang-up", act(hook, flow.ActHangUp)},
		Case{"nothing", act(hook, flow.ActNothing)},
	)
}

// target is the sample's target of a kind.
func target(kind flow.Kind) flow.Target {
	return flow.Target{Kind: kind, Address: map[flow.Kind]string{
		flow.KindNumber:  "+15125550123",
		flow.KindSIP:     "sip:desk@pbx.example.com",
		flow.KindQueue:   "WhatsApp activation",
		flow.KindUser:    "dana@example.com",
		flow.KindMailbox: "4100",
	}[kind]}
}

// next is the kind of the backup of a target of that kind.
func next(kind flow.Kind) flow.Kind {
	kinds := flow.Kinds()
	return kinds[(slices.Index(kinds, kind)+1)%len(kinds)]
}

// act is an instruction after the leg has ended, or got on.
func act(hook flow.Hook, a flow.Act) flow.Instruction {
	in := sample{target: target(flow.KindNumber)}.instruction(hook)
	in.Act, in.Target, in.Backup = a, flow.Target{}, flow.Target{}
	return in
}

// sample is the sample call, or one that differs from it.
type sample struct {
	target, backup     flow.Target // without a target nobody is listed
	ani                string      // empty: the listed caller
	label, announce    string      // empty: Meta call 1, the default
	malformed, faulted bool
}

const lookupID = "d1k2m3n4o5p6q7r8s9t0"

// instruction has flow decide the call, and tells what the server would.
func (s sample) instruction(hook flow.Hook) flow.Instruction {
	d := s.decide()
	in := flow.Instruction{
		Act: flow.ActContinue, LookupID: lookupID, Revision: 42, Decision: d, ContinueURL: hook.ContinueURL,
		ResultURL: hook.PublicURL + "/result?id=" + lookupID + "&exp=1795357200&sig=c2lnbmF0dXJl",
	}
	if d.Route == flow.Direct {
		in.Act, in.Target, in.Backup = flow.ActDirect, d.Target, d.Backup
	}
	return in
}

func (s sample) decide() flow.Decision {
	if s.malformed {
		return flow.Decide(flow.Call{Malformed: true}, s.snapshot(), noon)
	}
	call := flow.Reading{}.Call(flow.Fields{ANI: s.caller(), DNIS: "+18005550100", CallID: "abc"})
	if s.faulted {
		return flow.Faulted(call)
	}
	return flow.Decide(call, s.snapshot(), noon)
}

const listed = "+16505550123"

func (s sample) caller() string {
	if s.ani == "" {
		return listed
	}
	return s.ani
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// snapshot has the line of the sample call, with an open window. It panics
// where the sample itself cannot be served.
func (s sample) snapshot() *flow.Snapshot {
	e := ani.NewEntry()
	e.ID, e.Label, e.Enabled = "e1", "Meta call 1", true
	if s.label != "" {
		e.Label = s.label
	}
	e.Pattern = ani.PatternOf(ani.MustParse(listed))
	list, err := ani.NewList(slices.Values([]ani.Entry{e}))
	if err != nil {
		panic(err)
	}
	l := flow.NewLine()
	l.Name, l.Numbers = "support-us", []ani.Number{ani.MustParse("+18005550100")}
	if s.announce != "" {
		l.Announce = s.announce
	}
	for _, t := range []flow.Target{s.target, s.backup} {
		if !t.IsZero() {
			l.Targets = append(l.Targets, t)
		}
	}
	snapshot, err := flow.NewSnapshot(42, list, []flow.Line{l})
	if err != nil {
		panic(err)
	}
	window := flow.Window{ID: "w1", Line: l.Name, Mode: flow.ModeListed, OpensAt: noon.Add(-time.Minute), ClosesAt: noon.Add(time.Minute)}
	return snapshot.WithLive(l.Name, flow.Live{Windows: []flow.Window{window}})
}
