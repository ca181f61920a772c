package notice

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

// stale is how old a notice of a call may be before it says so: by then the
// call is over, and there is something else to do.
const stale = 30 * time.Minute

// Say is n as a person is told it at now: what has happened and what to do.
func (n Notice) Say(now time.Time) Message {
	m := Message{Level: n.Event.Level()}
	switch n.Event {
	case EventActivation:
		m.Title, m.Text = n.activation(now)
	case EventUnexpected:
		m.Title, m.Text = n.unexpected(now)
	case EventRehearsal:
		m.Title, m.Text = "Rehearsal on "+n.Line, n.rehearsal()
	case EventWindowUnused:
		m.Title, m.Text = "No call came on "+n.Line, n.windowUnused()
	case EventLimit:
		m.Title, m.Text = "Limit reached on "+n.Line, n.limit()
	case EventExpiry:
		m.Title, m.Text = "An entry for "+n.Line+" is about to expire", n.expiry()
	default:
		m.Title, m.Text = "Test of ringthrough's notices", "This is a test: nothing has happened, and there is nothing to do. Notices of activation calls will come this way."
	}
	return m
}

func (n Notice) activation(now time.Time) (title, text string) {
	outcome := "Then write down what came of it: ringthrough calls outcome " + n.Call.ID + " code_received, or code_missed."
	if late := now.Sub(n.At); late > stale {
		return "Activation call on " + n.Line + ", " + ago(late), lines(
			tooLate(late),
			n.call()+" was expected, and rang "+n.Rings+".",
			"Ask there whether somebody wrote down the code; if nobody did, find out why before you ask for another one.",
			outcome)
	}
	return "Activation call on " + n.Line + ": pick up", lines(
		n.call()+" was expected, and rings "+n.Rings+".",
		"Pick up: it is a robot. Write down the six digits that it says, and don't hang up before it has said them twice.",
		"Give them to nobody but whoever registers the number.",
		outcome)
}

func (n Notice) unexpected(now time.Time) (title, text string) {
	title, rings := "ALARM: unexpected activation call on "+n.Line, "rings"
	var first string
	if late := now.Sub(n.At); late > stale {
		title, first, rings = title+", "+ago(late), tooLate(late), "rang"
	}
	return title, lines(first,
		n.call()+" was not expected: no window was open. It "+rings+" "+n.Rings+".",
		"If nobody of yours has just asked WhatsApp for a code, somebody is trying to take the number over.",
		"Don't give the code to anybody, whoever asks for it, and don't enter it anywhere.",
		"Ask everybody who registers numbers whether they asked for this call.",
		"If nobody did: keep two-step verification switched on for the number, warn those who answer it, and expect further tries. "+
			"ringthrough line set "+n.Line+" --policy window lets such calls through only while a window is open.",
		"If somebody did: open a window before the next one.")
}

func (n Notice) rehearsal() string {
	return lines(n.call()+" was a rehearsal, and went to "+n.Rings+".", "There is no code to write down.")
}

func (n Notice) windowUnused() string {
	w := n.Window
	return lines(
		fmt.Sprintf("The window of mode %s on %s, open from %s to %s, has closed, and no call had come.", w.Mode, n.Line, n.clock(w.OpensAt), n.clock(w.ClosesAt)),
		"If you have asked WhatsApp for a code, don't ask again yet: attempts are few.",
		"Look at who called meanwhile: ringthrough calls ls --kind candidate --line "+n.Line,
		"See what is missing: ringthrough line preflight "+n.Line,
		"Then open a new window.")
}

func (n Notice) limit() string {
	l := n.Limit
	return lines(
		fmt.Sprintf("%s has had %d direct calls within %s, which is its limit.", n.Line, l.Calls, l.Per),
		"So the call from "+caller(l.ANI, l.Label)+called(l.DNIS)+" at "+n.clock(n.At)+" was not let through, though it would have been otherwise. Nor will others be for a while.",
		"If so many calls are right, raise the limit: ringthrough line set "+n.Line+" --limit-calls N",
		"If not, somebody may be asking for codes for your number. See who calls: ringthrough calls ls --line "+n.Line)
}

func (n Notice) expiry() string {
	e, w := n.Entry, n.Window
	until := "which waits for a call until " + n.clock(w.ClosesAt)
	if n.At.Before(w.OpensAt) {
		until = "which expects a call from " + n.clock(w.OpensAt) + " to " + n.clock(w.ClosesAt)
	}
	var more string
	if n.More > 0 {
		more = fmt.Sprintf("So will %d more entries for that line.", n.More)
	}
	return lines(
		"The entry "+e.Pattern.String()+parenthesis(e.Label)+" expires at "+n.clock(e.ExpiresAt)+". It is for "+n.Line+", "+until+".",
		more,
		"Calls from an entry that has expired are not let through.",
		"If WhatsApp may still call from there, give it a later date: ringthrough entry edit "+e.Pattern.String()+" --expires 72h")
}

// call says which call it was, as the beginning of a sentence.
func (n Notice) call() string {
	c := n.Call
	text := "The call from " + caller(c.ANI, c.Label) + called(c.DNIS) + ", line " + n.Line + ", at " + n.clock(n.At)
	if c.Attempt > 1 {
		text += fmt.Sprintf(", number %d in a row,", c.Attempt)
	}
	return text
}

func tooLate(by time.Duration) string {
	return "This was " + ago(by) + ": it could not be told sooner."
}

// lines are sentences, one a line; mail has a bound on lines.
func lines(sentences ...string) string {
	return strings.Join(slices.DeleteFunc(sentences, func(s string) bool { return s == "" }), "\n")
}

// clock is a time on the line's clock.
func (n Notice) clock(t time.Time) string {
	zone, err := time.LoadLocation(n.Timezone)
	if err != nil {
		zone = time.UTC
	}
	return t.In(zone).Format("15:04:05 on Mon 2 Jan 2006") + " (" + zone.String() + ")"
}

func caller(number ani.Number, label string) string {
	if number.IsZero() {
		return "somebody who withholds the number"
	}
	return number.String() + parenthesis(label)
}

func called(number ani.Number) string {
	if number.IsZero() {
		return ""
	}
	return " to " + number.String()
}

func parenthesis(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

// ago is a span as people say it.
func ago(d time.Duration) string {
	if d < 2*time.Hour {
		return fmt.Sprintf("%d minutes ago", int(d.Minutes()))
	}
	return fmt.Sprintf("%d hours ago", int(d.Hours()))
}

// rings says whom a target reaches.
func rings(line flow.Line, kind flow.Kind, address string) string {
	label := ""
	for _, t := range line.Targets {
		if t.Kind == kind && t.Address == address {
			label = t.Label
		}
	}
	return cmp.Or(strings.TrimSpace(label), "the "+string(kind)) + " " + address
}
