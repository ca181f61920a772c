package switchboard

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// Judged is what is thought of a candidate.
type Judged struct {
	Likely bool     // of its window's candidates, this is the one that was most likely awaited
	Signs  []string // what speaks for and against it, as short sentences; never nil
}

// candidates are the candidates of one window, and what is known of them.
type candidates struct {
	opensAt time.Time                    // of the window; zero: nobody knows any more
	region  string                       // of the line, where a call doesn't say which number it was for; "": unknown
	calls   []store.Call                 // in any order
	near    map[ani.Number]ani.Neighbour // entries that are close to callers
}

// The weights of the signs. They are set so that no single sign of an ordinary
// customer makes one likely: who calls from inside the country must come at
// the right moment and do something else that bots do. What somebody says of a
// call outweighs every sign.
const (
	weightSaid     = 100 // somebody says that it was the one, or was not
	weightListed   = 6   // the list has the caller, only the call was not let through
	weightNear     = 5   // an entry differs in the last digits alone
	weightPrompt   = 3   // came within two minutes of the window's opening
	weightSoon     = 1   // within ten
	weightLate     = -1
	weightForeign  = 3
	weightDomestic = -2
	weightRedial   = 3  // the same caller rang again within a minute, as bots do that nobody answered
	weightShort    = 2  // stayed no longer than a robot takes to speak
	weightLong     = -4 // robots don't wait

	// weightLikely is the least sum that makes a candidate likely.
	weightLikely = 2
)

// What the signs go by. The bot calls within a minute or two of the request,
// speaks for some half a minute, and is redialled after about half a minute
// where nobody answers (design, introduction). A platform that asks twice
// about one call does so within seconds.
const (
	promptWithin = 2 * time.Minute
	soonWithin   = 10 * time.Minute
	shortStay    = time.Minute
	longStay     = 3 * time.Minute
	redialAfter  = 5 * time.Second
	redialWithin = time.Minute
)

// judge weighs the candidates, by the id of the call. At most one is likely,
// the first of those that nothing sets apart, and none where too little speaks
// for any. It depends on nothing but c.
func (c candidates) judge() map[string]Judged {
	calls := slices.SortedFunc(slices.Values(c.calls), func(a, b store.Call) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID))
	})
	judged := make(map[string]Judged, len(calls))
	likely, most := "", weightLikely-1
	for i := range calls {
		s := signs{all: []string{}}
		c.weigh(calls, i, &s)
		judged[calls[i].ID] = Judged{Signs: s.all}
		if s.sum > most {
			likely, most = calls[i].ID, s.sum
		}
	}
	if j, ok := judged[likely]; ok {
		j.Likely = true
		judged[likely] = j
	}
	return judged
}

// signs collects what speaks for and against one call.
type signs struct {
	all []string
	sum int
}

func (s *signs) add(weight int, format string, args ...any) {
	s.sum += weight
	s.all = append(s.all, fmt.Sprintf(format, args...))
}

func (c candidates) weigh(calls []store.Call, i int, s *signs) {
	call := &calls[i]
	weighOutcome(call, s)
	c.weighTime(call, s)
	c.weighCaller(call, s)
	weighRedial(calls, i, s)
	weighStay(call, s)
}

func weighOutcome(call *store.Call, s *signs) {
	switch call.Outcome {
	case store.OutcomeReceived, store.OutcomeMissed:
		s.add(weightSaid, "somebody says that it was the activation call")
	case store.OutcomeNotActivation:
		s.add(-weightSaid, "somebody says that it was no activation call")
	}
}

func (c candidates) weighTime(call *store.Call, s *signs) {
	after := call.At.Sub(c.opensAt)
	switch {
	case c.opensAt.IsZero():
	case after <= promptWithin:
		s.add(weightPrompt, "came %s after the window opened, as quickly as the bot does", roughly(after))
	case after <= soonWithin:
		s.add(weightSoon, "came %s after the window opened", roughly(after))
	default:
		s.add(weightLate, "came as late as %s after the window opened", roughly(after))
	}
}

func (c candidates) weighCaller(call *store.Call, s *signs) {
	if call.ANI.IsZero() {
		s.add(0, "shows no number, so it can't be put on the list: if this was the bot, let a window for anyone catch its next call")
		return
	}
	weighListed(call, s)
	if near, ok := c.near[call.ANI]; ok {
		s.add(weightNear, "differs from the entry %s", named(near))
	}
	here, from := cmp.Or(call.DNIS.Region(), c.region), call.ANI.Region()
	switch {
	case here == "" || from == "":
	case here == from:
		s.add(weightDomestic, "calls from %s, like this line's customers", from)
	default:
		s.add(weightForeign, "calls from %s, and the line is in %s", from, here)
	}
}

// named is how close an entry is, with its label.
func named(n ani.Neighbour) string {
	if label := n.Entry.Label(); label != "" {
		return n.String() + " (" + label + ")"
	}
	return n.String()
}

// weighListed looks at why a caller was not let through whom the list has.
func weighListed(call *store.Call, s *signs) {
	const listed = "is on the list, but "
	switch call.Reason {
	case flow.ReasonEntryScope:
		s.add(weightListed, listed+"for other lines")
	case flow.ReasonEntryInactive:
		s.add(weightListed, listed+"switched off or outside its dates")
	case flow.ReasonAttestation:
		s.add(weightListed, listed+"its carrier vouched less for it than the entry or the line asks")
	case flow.ReasonLimit:
		s.add(weightListed, listed+"the line had taken as many calls as its limit allows")
	case flow.ReasonNoTarget:
		s.add(weightListed, listed+"nobody could be reached")
	default: // the other reasons say that the list doesn't have the caller
	}
}

// weighRedial looks for the nearest other call of the same caller.
func weighRedial(calls []store.Call, i int, s *signs) {
	call := &calls[i]
	gap := redialWithin + 1
	for _, other := range calls {
		if d := other.At.Sub(call.At); other.ANI == call.ANI && !call.ANI.IsZero() && d.Abs() >= redialAfter && d.Abs() < gap.Abs() {
			gap = d
		}
	}
	switch {
	case gap > redialWithin:
	case gap > 0:
		s.add(weightRedial, "called again %s later", roughly(gap))
	default:
		s.add(weightRedial, "had called %s before", roughly(-gap))
	}
}

func weighStay(call *store.Call, s *signs) {
	stay := time.Duration(call.Duration) * time.Second
	switch {
	case call.Result == "" || stay <= 0:
	case stay <= shortStay:
		s.add(weightShort, "hung up after %s, like a robot that has said its code", roughly(stay))
	case stay >= longStay:
		s.add(weightLong, "stayed for %s, and robots don't wait", roughly(stay))
	}
}

// roughly is a span of time in one unit.
func roughly(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < 2*time.Hour:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", d/time.Hour)
	default:
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	}
}
