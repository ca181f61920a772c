// Package flow holds what is known of calls: lines and the people behind
// them, windows, and the decision whether a caller may ring through. It is
// pure: no clock, no log, no network, no database.
package flow

import (
	"errors"
	"time"

	"github.com/ringthrough/ringthrough/ani"
)

// Decide concludes what becomes of a call at now. It depends on nothing but
// its arguments and changes none of them; the first rule of the design's
// table (§5) that applies gives the reason.
func Decide(call Call, s *Snapshot, now time.Time) Decision {
	q := question{call: call, snapshot: s, now: now}
	for rule := 1; rule < lastRule; rule++ {
		if q.exempt(rule) {
			continue
		}
		if reason := q.ask(rule); reason != "" {
			return q.carryOn(rule, reason)
		}
	}
	return q.ringThrough()
}

// question is a call on its way through the rules.
type question struct {
	call     Call
	snapshot *Snapshot
	now      time.Time

	line    *servingLine // from rule 3 on
	live    *Live
	armed   *Window // the open window that expects a call, if any
	matches matches

	granted Reason  // ReasonRehearsal or ReasonWindow once rule 6 or 7 lets the call through
	window  *Window // that granted it
	target  choice
}

// matches is what the list says of a caller.
type matches struct {
	any    bool     // an entry matches
	scoped ani.Item // the most specific that is for this line
	active ani.Item // the most specific that is for this line and active
}

const lastRule = 16

// exempt reports whether a rule does not hold for a call that a window has
// let through: only the limit and the targets do, and a rehearsal doesn't
// count in the limit.
func (q *question) exempt(rule int) bool {
	switch q.granted {
	case ReasonRehearsal:
		return rule < 15 || rule == lastRule
	case ReasonWindow:
		return rule < 14 || rule == lastRule
	default:
		return false
	}
}

// ask applies one rule. A reason ends the questions and the call carries on;
// none means that the next rule is asked.
func (q *question) ask(rule int) Reason {
	switch rule {
	case 1:
		return when(q.call.Malformed, ReasonMalformed)
	case 2:
		return when(!q.dialled() && q.snapshot.fallback < 0, ReasonDNISMissing)
	case 3:
		return when(!q.findLine(), ReasonLineUnknown)
	case 4:
		return when(!q.line.Enabled, ReasonLineDisabled)
	case 5:
		return when(q.loops(), ReasonLoop)
	case 6:
		q.grant(q.live.rehearsal(&q.call, q.now), ReasonRehearsal)
		return ""
	case 7:
		q.grant(q.live.Open(ModeAnyone, q.now), ReasonWindow)
		return ""
	case 8:
		return aniFault(q.call)
	case 9:
		q.match()
		return when(!q.matches.any, ReasonNotListed)
	case 10:
		return when(q.matches.scoped.IsZero(), ReasonEntryScope)
	case 11:
		return when(q.matches.active.IsZero(), ReasonEntryInactive)
	case 12:
		return when(!q.vouched(), ReasonAttestation)
	case 13:
		return when(q.line.Policy == PolicyWindow && q.armed == nil, ReasonWindowClosed)
	case 14:
		return when(q.used() >= q.line.Limit.Calls, ReasonLimit)
	default:
		return when(!q.findTarget(), ReasonNoTarget)
	}
}

func when(applies bool, r Reason) Reason {
	if applies {
		return r
	}
	return ""
}

// dialled reports whether the platform said whom the caller dialled, be it
// readable or not.
func (q *question) dialled() bool {
	return !q.call.DNIS.IsZero() || errors.Is(q.call.DNISFault, ani.ErrUnparseable)
}

func (q *question) findLine() bool {
	i := q.snapshot.lineIndex(q.call.DNIS)
	if i < 0 {
		return false
	}
	q.line, q.live = q.snapshot.lines[i], &q.snapshot.live[i]
	q.armed = q.live.armed(q.now)
	return true
}

func (q *question) loops() bool {
	for _, n := range q.line.own {
		if n == q.call.ANI || n == q.call.Diverter {
			return true
		}
	}
	return false
}

func (q *question) grant(w *Window, r Reason) {
	if w != nil {
		q.granted, q.window = r, w
	}
}

func aniFault(c Call) Reason {
	switch {
	case !c.ANI.IsZero():
		return ""
	case errors.Is(c.ANIFault, ani.ErrWithheld):
		return ReasonANIWithheld
	case errors.Is(c.ANIFault, ani.ErrUnparseable):
		return ReasonANIUnparseable
	default:
		return ReasonANIMissing
	}
}

func (q *question) match() {
	var buf [16]ani.Item
	for _, item := range q.snapshot.List.Match(q.call.ANI, buf[:0]) {
		q.matches.any = true
		if !item.AppliesTo(q.line.Name) {
			continue
		}
		if q.matches.scoped.IsZero() {
			q.matches.scoped = item
		}
		if item.ActiveAt(q.now) {
			q.matches.active = item
			return
		}
	}
}

// vouched reports whether the carrier's word for the caller is enough for
// both the entry and the line.
func (q *question) vouched() bool {
	least := q.matches.active.MinAttestation()
	return q.line.Attestation.accepts(q.call.Attestation) &&
		(least == AttestationNone || q.call.Attestation >= least)
}

func (q *question) used() int {
	return q.live.directsSince(q.now.Add(-time.Duration(q.line.Limit.Per)))
}

func (q *question) findTarget() bool {
	last := &q.live.Last
	if q.granted == ReasonRehearsal {
		last = &q.live.Rehearsed
	}
	q.target = q.line.choose(last, q.now, mayTake(q.call.Carries, q.armed != nil))
	return q.target.attempt > 0
}

func (q *question) carryOn(rule int, reason Reason) Decision {
	d := q.decision(rule, reason)
	d.Route = Continue
	if q.armed != nil {
		d.Window = q.armed.ID
	}
	return d
}

func (q *question) ringThrough() Decision {
	d := q.decision(lastRule, ReasonListed)
	d.Route = Direct
	d.Target, d.Backup, d.Attempt = q.target.target, q.target.backup, q.target.attempt
	switch {
	case q.granted == ReasonRehearsal:
		d.Rule, d.Reason, d.Window = 6, q.granted, q.window.ID
	case q.granted == ReasonWindow:
		d.Rule, d.Reason, d.Window = 7, q.granted, q.window.ID
	case q.armed != nil:
		d.Window = q.armed.ID
	}
	return d
}

func (q *question) decision(rule int, reason Reason) Decision {
	d := Decision{Call: q.call, Rule: rule, Reason: reason, Entry: q.matches.scoped, Expected: q.armed != nil}
	if !q.matches.active.IsZero() {
		d.Entry = q.matches.active
	}
	if q.line != nil {
		d.Line, d.Announce, d.ContinueURL = q.line.Name, q.line.Announce, q.line.ContinueURL
	}
	return d
}
