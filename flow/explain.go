package flow

import (
	"fmt"
	"time"
)

// Outcome is what one rule made of a call.
type Outcome string

// The outcomes of a rule.
const (
	Passed     Outcome = "passed"      // the rule does not apply; the next one is asked
	Decided    Outcome = "decided"     // the rule gave the reason
	Exempt     Outcome = "exempt"      // a window has let the call through before
	NotReached Outcome = "not_reached" // an earlier rule decided
)

// Step is one rule of the decision table, and what it made of a call.
type Step struct {
	Rule    int     `json:"rule" doc:"its row in the decision table, 1 to 16"`
	Outcome Outcome `json:"outcome" enum:"passed,decided,exempt,not_reached"`
	Reason  Reason  `json:"reason" doc:"the reason given, where the rule decided"`
	Text    string  `json:"text" doc:"what the rule found, for people"`
}

// Explain decides as Decide does, and tells what each of the 16 rules found.
func Explain(call Call, s *Snapshot, now time.Time) (Decision, []Step) {
	d := Decide(call, s, now)
	q := question{call: call, snapshot: s, now: now}
	steps := make([]Step, 0, lastRule)
	for rule := 1; rule <= lastRule; rule++ {
		step := Step{Rule: rule, Outcome: Passed}
		switch {
		case rule == d.Rule:
			step.Outcome, step.Reason, step.Text = Decided, d.Reason, d.Detail()
			q.askFor(rule)
		case d.Route == Continue && rule > d.Rule:
			step.Outcome, step.Text = NotReached, "an earlier rule has decided"
		case q.exempt(rule):
			step.Outcome, step.Text = Exempt, "a window has let the call through"
		default:
			q.askFor(rule)
			step.Text = q.passing(rule)
		}
		steps = append(steps, step)
	}
	return d, steps
}

// askFor asks a rule for what it finds out, not for its reason.
func (q *question) askFor(rule int) {
	if rule < lastRule {
		q.ask(rule)
	}
}

// passing says why a rule lets a call pass to the next one.
func (q *question) passing(rule int) string {
	switch rule {
	case 1:
		return "the request can be read"
	case 2:
		return "a called number is given, or a line is the default"
	case 3:
		return "the call belongs to the line " + q.line.Name
	case 4:
		return "the line is switched on"
	case 5:
		return "the call comes from none of the line's own numbers and targets"
	case 6:
		return q.granting(ReasonRehearsal, "a rehearsal is open for this caller", "no rehearsal is open for this caller")
	case 7:
		return q.granting(ReasonWindow, "a window lets everybody through", "no window lets everybody through")
	case 8:
		return "the caller's number is " + q.call.ANI.String()
	case 9:
		return "the list has the caller"
	case 10:
		return "an entry is for this line: " + q.matches.scoped.Pattern().String()
	case 11:
		return "it is switched on and within its dates: " + q.matches.active.Pattern().String()
	case 12:
		return fmt.Sprintf("attestation %s is enough", q.call.Attestation)
	case 13:
		return "the line lets callers through " + q.policy()
	case 14:
		return fmt.Sprintf("%d of %d direct calls were used in the last %s", q.used(), q.line.Limit.Calls, q.line.Limit.Per)
	default:
		return fmt.Sprintf("%s %s can be reached", q.target.target.Kind, q.target.target.Address)
	}
}

func (q *question) granting(r Reason, granted, not string) string {
	if q.granted == r {
		return granted
	}
	return not
}

func (q *question) policy() string {
	if q.line.Policy == PolicyWindow {
		return "while a window is open, and one is"
	}
	return "always"
}
