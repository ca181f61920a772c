package flow

import "time"

// choice is who is rung now, and who next.
type choice struct {
	target, backup Target
	attempt        int // 0: nobody is open
}

// choose picks the first target that is open and may be taken, and the next
// one as its backup. A redial, which is a call so soon after an unanswered
// one that it must be the same caller trying again, begins with the target
// after the one that didn't answer, and so round.
func (l *servingLine) choose(last *Placed, now time.Time, may func(*Target) bool) choice {
	var c choice
	first, attempt := 0, 1
	if last.redialed(l.RedialWithin, now) {
		first, attempt = l.indexOf(last.Target)+1, last.Attempt+1
	}
	local := now.In(l.zone)
	for i := range l.Targets {
		n := (first + i) % len(l.Targets)
		t := &l.Targets[n]
		if !may(t) || !l.hours[n].openAt(local) {
			continue
		}
		if c.attempt > 0 {
			c.backup = *t
			return c
		}
		c.target, c.attempt = *t, attempt
	}
	return c
}

// indexOf is where a target stands, -1 if an edit has taken it away.
func (l *servingLine) indexOf(t Target) int {
	for i := range l.Targets {
		if l.Targets[i].same(t) {
			return i
		}
	}
	return -1
}

// Next is the open target after the given one on the line called name, and
// round; zero if no other is open. Carries is as in Call.
func (s *Snapshot) Next(name string, after Target, now time.Time, carries func(Target) bool) Target {
	i, ok := s.byName[name]
	if !ok {
		return Target{}
	}
	unanswered := Placed{At: now, Target: after, Attempt: 1}
	c := s.lines[i].choose(&unanswered, now, mayTake(carries, s.live[i].armed(now) != nil))
	if c.target.same(after) {
		return Target{}
	}
	return c.target
}

// mayTake tells which targets a call may go to: those that its platform
// carries, and mailboxes only while a window is open: codes left in mailboxes
// are how numbers are stolen.
func mayTake(carries func(Target) bool, armed bool) func(*Target) bool {
	return func(t *Target) bool {
		return (carries == nil || carries(*t)) && (t.Kind != KindMailbox || armed)
	}
}
