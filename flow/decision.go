package flow

import (
	"fmt"
	"time"

	"github.com/ringthrough/ringthrough/ani"
)

// Decision is what was concluded about one call, and why.
type Decision struct {
	Call   Call
	Route  Route
	Reason Reason
	Rule   int // 1 to 16, the row of the design's table that decided; 0 for ReasonError

	Line        string // empty where the call belongs to no line
	Announce    string // the line's
	ContinueURL string // the line's own; empty: the hook's

	Entry    ani.Item // that matched this line, active or not; zero if none did
	Window   string   // id of the open window that let the call through or expected it; empty if none is open
	Expected bool     // a window is open on the line

	Target, Backup Target // zero on Continue; Backup also where no second target is open
	Attempt        int    // 1, or how often in a row the line was redialled; 0 on Continue
}

// Faulted is the decision on a call that an internal fault kept from being
// decided.
func Faulted(call Call) Decision {
	return Decision{Call: call, Route: Continue, Reason: ReasonError}
}

// Candidate reports whether d carries on a call that may have been the one
// that a window is open for. Such calls are kept, so that a wrong list can be
// seen and mended.
func (d Decision) Candidate() bool {
	return d.Route == Continue && d.Expected && d.Rule >= 8
}

// Detail is the reason as a sentence for people.
func (d Decision) Detail() string {
	switch d.Reason {
	case ReasonMalformed:
		return "the request could not be read"
	case ReasonDNISMissing:
		return "no called number was given, and no line is the default"
	case ReasonLineUnknown:
		if d.Call.DNIS.IsZero() {
			return "the called number could not be read, and no line is the default"
		}
		return d.Call.DNIS.String() + " belongs to no line, and no line is the default"
	case ReasonLineDisabled:
		return "the line " + d.Line + " is switched off"
	case ReasonLoop:
		return "the call comes from one of the numbers or targets of " + d.Line + " itself"
	case ReasonRehearsal:
		return d.Call.ANI.String() + " is rehearsing on " + d.Line
	case ReasonWindow:
		return "a window lets everybody through on " + d.Line
	case ReasonANIMissing:
		return "no caller's number was given"
	case ReasonANIWithheld:
		return "the caller withholds the number"
	case ReasonANIUnparseable:
		return "the caller's number could not be read"
	case ReasonNotListed:
		return d.Call.ANI.String() + " is not on the list"
	case ReasonEntryScope:
		return d.Call.ANI.String() + " is on the list, but not for the line " + d.Line
	case ReasonEntryInactive:
		return d.Call.ANI.String() + " is on the list, but switched off or outside its dates"
	case ReasonAttestation:
		return "attestation " + d.Call.Attestation.String() + " is less than is asked of " + d.listed()
	case ReasonWindowClosed:
		return d.Line + " lets callers through only while a window is open, and none is"
	case ReasonLimit:
		return d.Line + " has had as many direct calls as its limit allows"
	case ReasonNoTarget:
		return "nobody of " + d.Line + " can be reached now"
	case ReasonListed:
		return d.listed() + " is on the list" + d.label()
	default:
		return "an internal fault; the log has it"
	}
}

// listed names the caller, and the pattern where that is something else.
func (d Decision) listed() string {
	number, pattern := d.Call.ANI.String(), ""
	if !d.Entry.IsZero() {
		pattern = d.Entry.Pattern().String()
	}
	if pattern == "" || pattern == number {
		return number
	}
	return fmt.Sprintf("%s as part of %s", number, pattern)
}

func (d Decision) label() string {
	if l := d.Entry.Label(); l != "" {
		return " (" + l + ")"
	}
	return ""
}

// redialed reports whether p was unanswered and so lately at now that a
// further call is a redial.
func (p Placed) redialed(within Duration, now time.Time) bool {
	return p.Attempt > 0 && p.Result != ResultAnswered && now.Sub(p.At) <= time.Duration(within)
}
