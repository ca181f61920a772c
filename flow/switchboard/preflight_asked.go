package switchboard

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/flow"
)

const (
	// settledAfter is how long a service runs until an IVR that hasn't asked
	// is one that doesn't.
	settledAfter = 15 * time.Minute

	// silentAfter is how long ago the IVR may have asked last.
	silentAfter = 24 * time.Hour
)

// lookups asks whether the IVR asks about this line at all, through a hook
// that can put the call through.
func (f *flight) lookups(_ context.Context, r *remarks) {
	last := f.sb.Seen(f.line.Name)
	if last.At.IsZero() {
		f.neverAsked(r)
		return
	}
	asked := fmt.Sprintf("The IVR last asked about this line %s, through the hook %s", f.ago(last.At), last.Hook)
	switch {
	case f.carriesNone(last):
		r.fail("%s, and that can't put calls through to any of the line's targets, which are of the kind %s. Give the line a target of a kind that the platform knows.", asked, f.kinds())
	case f.now.Sub(last.At) > silentAfter:
		r.warn("%s. Dial the line once to see that it still does.", asked)
	default:
		r.ok("%s.", asked)
	}
}

// carriesNone reports whether the hook of a lookup can reach nobody.
func (f *flight) carriesNone(s Sighting) bool {
	return s.carries != nil && len(f.line.Targets) > 0 && !slices.ContainsFunc(f.line.Targets, s.carries)
}

func (f *flight) kinds() string {
	var kinds []string
	for _, t := range f.line.Targets {
		if !slices.Contains(kinds, string(t.Kind)) {
			kinds = append(kinds, string(t.Kind))
		}
	}
	return strings.Join(kinds, " or ")
}

// neverAsked says what the IVR does instead, as far as it shows.
func (f *flight) neverAsked(r *remarks) {
	started := f.sb.Started()
	say := r.fail
	if f.now.Sub(started) < settledAfter {
		say = r.warn
	}
	text := fmt.Sprintf("The IVR has not asked about this line since the service started, %s.", f.ago(started))
	last := f.sb.watch.lastHook()
	asked := fmt.Sprintf("The hook %s asked %s", last.Hook, f.ago(last.At))
	switch {
	case last.At.IsZero():
		text += " Nor has it asked about any other. See that its flow asks this service about every call, and reaches it; then dial the line once."
	case last.Reason == flow.ReasonMalformed:
		text += " " + asked + ", and the request could not be read: see what the IVR's flow sends."
	case last.Line == "" && last.DNIS.IsZero():
		text += " " + asked + ", and didn't say which number was called: have the IVR's flow send it."
	case last.Line == "":
		text += fmt.Sprintf(" %s about %s, which is no line's number: if that is this line's, give it to the line.", asked, last.DNIS)
	default:
		text += " " + asked + " about another line. Dial this line once: if nothing comes then, its flow doesn't ask."
	}
	say("%s", text)
}

// lastHook is the last lookup of all hooks.
func (w *watch) lastHook() (last Sighting) {
	for _, seen := range *w.hooks.Load() {
		if s := seen.get(); s.At.After(last.At) || s.At.Equal(last.At) && s.Hook < last.Hook {
			last = s
		}
	}
	return last
}
