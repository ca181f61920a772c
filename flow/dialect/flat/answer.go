package flat

import (
	"strconv"
	"strings"

	"github.com/ringthrough/ringthrough/flow"
)

// Answer is what an IVR is told. Its keys and their order are frozen as v1:
// published contracts are made of them. Every value is there, and empty where
// there is nothing to say.
type Answer struct {
	LookupID   string `json:"lookup_id" doc:"id of this question and its answer"`
	Route      string `json:"route" doc:"direct or continue"`
	Reason     string `json:"reason" doc:"one word of a closed set"`
	Detail     string `json:"detail" doc:"the reason as a sentence"`
	Expected   string `json:"expected" doc:"true while a window is open on the line, else false"`
	TargetKind string `json:"target_kind" doc:"number, sip, queue, user or mailbox; empty on continue"`
	Target     string `json:"target" doc:"its address; empty on continue"`
	BackupKind string `json:"backup_kind" doc:"of the target to ring next; empty if there is none"`
	Backup     string `json:"backup" doc:"its address; empty if there is none"`
	Line       string `json:"line" doc:"that the called number belongs to; empty if none"`
	Label      string `json:"label" doc:"of the entry that matched"`
	Announce   string `json:"announce" doc:"what the person who picks up is told"`
	ANI        string `json:"ani" doc:"the caller in E.164; empty if unknown"`
	DNIS       string `json:"dnis" doc:"the called number in E.164; empty if unknown"`
	Revision   string `json:"revision" doc:"of the list and lines that decided"`
}

// Pair is one key of an Answer and its value.
type Pair struct{ Key, Value string }

// AnswerTo puts in into words. Every value is valid UTF-8. Whatever is not a
// direct call is a continue: an IVR must get an answer that it can act on.
func AnswerTo(in flow.Instruction) Answer {
	d := in.Decision
	a := Answer{
		LookupID: text(in.LookupID), Route: string(route(in.Act)), Reason: string(d.Reason), Detail: text(d.Detail()),
		Expected: strconv.FormatBool(d.Expected), Line: text(d.Line), Announce: text(d.Announce),
	}
	if a.Reason == "" {
		a.Reason = string(flow.ReasonError)
	}
	if !d.Entry.IsZero() {
		a.Label = text(d.Entry.Label())
	}
	if in.Act == flow.ActDirect {
		a.TargetKind, a.Target = string(in.Target.Kind), text(in.Target.Address)
		a.BackupKind, a.Backup = string(in.Backup.Kind), text(in.Backup.Address)
	}
	a.ANI, a.DNIS, a.Revision = numbers(in)
	return a
}

// numbers writes three values into one string, which is one allocation
// instead of three on the way of every call.
func numbers(in flow.Instruction) (ani, dnis, revision string) {
	var room [64]byte
	b := in.Decision.Call.ANI.AppendTo(room[:0])
	endANI := len(b)
	b = in.Decision.Call.DNIS.AppendTo(b)
	endDNIS := len(b)
	all := string(strconv.AppendUint(b, in.Revision, 10))
	return all[:endANI], all[endANI:endDNIS], all[endDNIS:]
}

// Pairs lists a in its frozen order.
func (a *Answer) Pairs() [15]Pair {
	return [15]Pair{
		{"lookup_id", a.LookupID},
		{"route", a.Route},
		{"reason", a.Reason},
		{"detail", a.Detail},
		{"expected", a.Expected},
		{"target_kind", a.TargetKind},
		{"target", a.Target},
		{"backup_kind", a.BackupKind},
		{"backup", a.Backup},
		{"line", a.Line},
		{"label", a.Label},
		{"announce", a.Announce},
		{"ani", a.ANI},
		{"dnis", a.DNIS},
		{"revision", a.Revision},
	}
}

func route(a flow.Act) flow.Route {
	if a == flow.ActDirect {
		return flow.Direct
	}
	return flow.Continue
}

func text(s string) string { return strings.ToValidUTF8(s, "\ufffd") }
