package switchboard

import (
	"context"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

// expirySoon is how far ahead an entry's end is looked for, where no window
// closes later.
const expirySoon = 24 * time.Hour

// tally is what the list has for a line.
type tally struct {
	active, scheduled, over int
	exact                   int // active ones of a single number
	strict                  int // active ones that ask for attestation
	ending                  int // active ones that expire soon
	next, first             ani.Item
}

// entries asks whether the list has somebody for this line.
func (f *flight) entries(_ context.Context, r *remarks) {
	until, inWindow := f.horizon()
	t := f.tally(until)
	if t.active == 0 {
		f.noEntries(t, r)
		return
	}
	r.ok("%s in force for this line.", many(t.active, "entry is", "entries are"))
	if t.exact == 0 {
		r.ok("Among them is no exact number: a range or a prefix lets strangers through, too.")
	}
	if t.ending > 0 {
		f.ending(t, inWindow, r)
	}
	f.attestation(t, r)
}

func (f *flight) ending(t tally, inWindow bool, r *remarks) {
	when, first := "within 24 hours", ""
	if inWindow {
		when = "before the window closes"
	}
	if t.ending > 1 {
		first = "first "
	}
	r.warn("%s %s, %s%s at %s: give it a later date if the registration may last longer.",
		many(t.ending, "of them expires", "of them expire"), when, first, t.next.Pattern(), f.at(t.next.ExpiresAt()))
}

// horizon is until when the entries are needed, and whether that is the end
// of a window that is open or planned.
func (f *flight) horizon() (until time.Time, inWindow bool) {
	until = f.now.Add(expirySoon)
	for _, w := range f.live.Windows {
		if w.Mode != flow.ModeRehearsal && w.State(f.now) != "closed" && w.ClosesAt.After(until) {
			until, inWindow = w.ClosesAt, true
		}
	}
	return until, inWindow
}

func (f *flight) tally(until time.Time) (t tally) {
	for e := range f.serving.List.All {
		if !e.AppliesTo(f.line.Name) {
			continue
		}
		switch e.State(f.now) {
		case ani.StateActive:
			t.addActive(e, until)
		case ani.StateScheduled:
			t.scheduled++
			if t.first.IsZero() || e.NotBefore().Before(t.first.NotBefore()) {
				t.first = e
			}
		default:
			t.over++
		}
	}
	return t
}

func (t *tally) addActive(e ani.Item, until time.Time) {
	t.active++
	if e.Pattern().Kind() == ani.PatternNumber {
		t.exact++
	}
	if e.MinAttestation() != ani.AttestationNone {
		t.strict++
	}
	ends := e.ExpiresAt()
	if ends.IsZero() || ends.After(until) {
		return
	}
	t.ending++
	if t.next.IsZero() || ends.Before(t.next.ExpiresAt()) {
		t.next = e
	}
}

func (f *flight) noEntries(t tally, r *remarks) {
	say := r.fail
	if f.live.Open(flow.ModeAnyone, f.now) != nil {
		say = r.warn // everybody is let through
	}
	switch {
	case t.scheduled > 0:
		say("No entry for this line is in force yet: %s, and the first, %s, begins at %s. Let it begin earlier, or wait until then.",
			many(t.scheduled, "is planned", "are planned"), t.first.Pattern(), f.at(t.first.NotBefore()))
	case t.over > 0:
		say("No entry for this line is in force: %s expired or switched off. Put the numbers on the list that WhatsApp's support named for this registration.", many(t.over, "is", "are"))
	default:
		say("The list has nobody for this line. Put the numbers on it that WhatsApp's support named for this registration.")
	}
}

// attestation hints at what is asked of carriers: calls from abroad mostly
// come without any word of theirs.
func (f *flight) attestation(t tally, r *remarks) {
	switch f.line.Attestation {
	case flow.AttestationAtLeastC, flow.AttestationAtLeastB, flow.AttestationAtLeastA:
		r.warn("The line asks for attestation %s at least, and calls from abroad mostly come with none: such a call is not let through. Set the line's attestation to reject_failed for this registration.", f.line.Attestation)
		return
	case flow.AttestationRejectFailed, flow.AttestationIgnore:
	}
	switch {
	case t.strict == t.active:
		r.warn("Each of them asks for an attestation, and calls from abroad mostly come with none: such a call is not let through. Set their min_attestation to none for this registration.")
	case t.strict > 0:
		r.ok("%s for an attestation, which calls from abroad mostly don't have.", many(t.strict, "of them asks", "of them ask"))
	}
}
