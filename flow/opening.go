package flow

import "time"

// Reach is who a direct call to a line would reach at one moment.
type Reach struct {
	First, Backup Target    // zero: nobody
	Opens         Target    // where First is zero: the target that opens next, mailboxes apart
	At            time.Time // when it does; zero where none ever opens
}

// Reach tells who can be reached on the line called name at now, whatever the
// platform carries. Mailboxes count only while a window is open.
func (s *Snapshot) Reach(name string, now time.Time) Reach {
	i, ok := s.byName[name]
	if !ok {
		return Reach{}
	}
	l := s.lines[i]
	c := l.choose(&Placed{}, now, mayTake(nil, s.live[i].armed(now) != nil))
	r := Reach{First: c.target, Backup: c.backup}
	if r.First.IsZero() {
		r.Opens, r.At = l.nextOpening(now)
	}
	return r
}

// nextOpening is the first target that opens after now, other than mailboxes,
// and when; of several the one that stands first.
func (l *servingLine) nextOpening(now time.Time) (first Target, at time.Time) {
	for i := range l.Targets {
		t, opens := &l.Targets[i], l.hours[i]
		if t.Kind == KindMailbox {
			continue
		}
		if next, ok := opens.nextOpening(now.In(l.zone)); ok && (at.IsZero() || next.Before(at)) {
			first, at = *t, next
		}
	}
	return first, at
}
