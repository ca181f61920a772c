package switchboard

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// rehearsalFor is how long a rehearsal shows that the line works.
const rehearsalFor = 7 * 24 * time.Hour

// target asks whether somebody would pick up. A line that is switched off has
// nobody, whoever stands behind it.
func (f *flight) target(_ context.Context, r *remarks) {
	reach := f.serving.Reach(f.line.Name, f.now)
	switch {
	case !f.line.Enabled:
		r.fail("The line is switched off: every call carries on into the IVR, whoever calls. Switch it on.")
	case len(f.line.Targets) == 0:
		r.fail("Nobody stands behind the line. Give it at least two targets, who are rung one after the other.")
	case reach.First.IsZero():
		f.nobody(reach, r)
	case f.ownNumber(reach.First):
		r.fail("The call goes to the %s, which is a number of this very line: it would come back to the IVR. Put somebody's own number in its place.", person(reach.First))
	case reach.First.Kind == flow.KindMailbox:
		r.warn("Nobody can be reached now, so the call goes to the %s. Codes that are left in mailboxes get lost, or stolen: see that somebody is there.", person(reach.First))
	case f.ownNumber(reach.Backup):
		r.warn("The call goes to the %s, and then to the %s, which is a number of this very line: put somebody's own number in its place.", person(reach.First), person(reach.Backup))
	case reach.Backup.IsZero():
		r.warn("The call goes to the %s, and to nobody else: see that a second target is there, who is rung where the first doesn't pick up.", person(reach.First))
	default:
		r.ok("The call goes to the %s, and then to the %s.", person(reach.First), person(reach.Backup))
	}
	if r.status != CheckFail {
		f.laterTarget(r)
	}
}

// ownNumber reports whether a target is the line itself.
func (f *flight) ownNumber(t flow.Target) bool {
	return t.Kind == flow.KindNumber && slices.ContainsFunc(f.line.Numbers, func(n ani.Number) bool { return n.String() == t.Address })
}

// nobody says who comes next.
func (f *flight) nobody(reach flow.Reach, r *remarks) {
	switch {
	case !reach.At.IsZero():
		r.fail("Nobody can be reached now: the %s is the first to be there, from %s.", person(reach.Opens), f.at(reach.At))
	case f.allMailboxes():
		r.fail("Only mailboxes stand behind the line, and they are taken only while a window is open. Put a person before them: codes that are left in mailboxes get lost, or stolen.")
	default:
		r.fail("Nobody can be reached, now or later: the hours of the line's targets never open.")
	}
}

func (f *flight) allMailboxes() bool {
	for _, t := range f.line.Targets {
		if t.Kind != flow.KindMailbox {
			return false
		}
	}
	return true
}

// laterTarget looks at the moment at which the next window opens.
func (f *flight) laterTarget(r *remarks) {
	w := f.planned()
	if w == nil || f.armed() != nil {
		return
	}
	if reach := f.serving.Reach(f.line.Name, w.OpensAt); reach.First.IsZero() || reach.First.Kind == flow.KindMailbox {
		r.warn("When the window opens, at %s, nobody is there.", f.at(w.OpensAt))
	}
}

// person is a target as people know it.
func person(t flow.Target) string {
	if t.Label != "" {
		return fmt.Sprintf("%s %s (%s)", t.Kind, t.Address, t.Label)
	}
	return fmt.Sprintf("%s %s", t.Kind, t.Address)
}

// rehearsal asks whether a test call has gone the whole way since the line
// was last changed.
func (f *flight) rehearsal(ctx context.Context, r *remarks) {
	const again = "Open a window of mode rehearsal for your own telephone and dial the line: it goes the way that the bot's call will."
	page, err := f.sb.store.Calls(ctx, store.CallQuery{Line: f.line.Name, Kind: store.CallRehearsal, Limit: 1})
	kept, errLine := f.sb.store.Line(ctx, f.line.Name)
	if err != nil || errLine != nil {
		r.warn("Whether somebody has rehearsed can't be seen while the store can't be reached.")
		return
	}
	if len(page.Items) == 0 {
		r.warn("Nobody has rehearsed on this line. " + again)
		return
	}
	last := page.Items[0]
	answered := last.Outcome == store.OutcomeReceived || last.Result == flow.ResultAnswered && last.Outcome == ""
	switch {
	case last.Result == "" && last.Outcome == "":
		r.warn("The last rehearsal was %s, and nobody has told how it ended. If somebody picked up, say so with the outcome code_received of the call %s.", f.ago(last.At), last.ID)
	case !answered:
		r.warn("The last rehearsal, %s, reached nobody. Find out why, then try it again. "+again, f.ago(last.At))
	case kept.UpdatedAt.After(last.At):
		r.warn("The line was changed after its last rehearsal, %s. "+again, f.ago(kept.UpdatedAt))
	case f.now.Sub(last.At) > rehearsalFor:
		r.warn("The last rehearsal was %s, and much may have changed since. "+again, f.ago(last.At))
	default:
		r.ok("The last rehearsal was answered, %s.", f.ago(last.At))
	}
}
