package switchboard

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// CheckStatus is how one check of a preflight came out.
type CheckStatus string

// The statuses, best first.
const (
	CheckOK   CheckStatus = "ok"
	CheckWarn CheckStatus = "warn" // a call would come through, but somebody should know
	CheckFail CheckStatus = "fail" // the attempt would be wasted
)

// PreflightCheck is one thing that was looked at. The text says what was found
// and what to do, with times in the line's own zone.
type PreflightCheck struct {
	Code   string      `json:"code" enum:"number,entries,target,lookups,rehearsal,window,store"`
	Status CheckStatus `json:"status" enum:"ok,warn,fail"`
	Text   string      `json:"text" doc:"what was found and what to do, for people"`
}

// Preflight is whether an activation call to a line would reach somebody now.
type Preflight struct {
	Line   string           `json:"line"`
	Ready  bool             `json:"ready" doc:"no check fails"`
	Checks []PreflightCheck `json:"checks" nullable:"false" doc:"always the same seven, in this order"`
}

// preflightWait is how long a preflight waits for the store. One that doesn't
// answer is a finding, not an error.
const preflightWait = 3 * time.Second

// Preflight looks at everything that an activation call to the line called
// name needs. It gives store.ErrNotFound where no such line serves.
func (sb *Switchboard) Preflight(ctx context.Context, name string) (Preflight, error) {
	serving := sb.snapshot.Load()
	line, ok := serving.Line(name)
	if !ok {
		return Preflight{}, fmt.Errorf("line %s: %w", name, store.ErrNotFound)
	}
	zone, err := time.LoadLocation(line.Timezone)
	if err != nil {
		return Preflight{}, fmt.Errorf("load time zone: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, preflightWait)
	defer cancel()
	f := flight{sb: sb, serving: serving, line: line, live: serving.Live(name), now: sb.now().In(zone)}
	p := Preflight{Line: name, Ready: true}
	for _, c := range []struct {
		code string
		look func(context.Context, *remarks)
	}{
		{"number", f.number}, {"entries", f.entries}, {"target", f.target}, {"lookups", f.lookups},
		{"rehearsal", f.rehearsal}, {"window", f.window}, {"store", f.store},
	} {
		r := remarks{status: CheckOK}
		c.look(ctx, &r)
		p.Ready = p.Ready && r.status != CheckFail
		p.Checks = append(p.Checks, PreflightCheck{c.code, r.status, strings.Join(r.texts, " ")})
	}
	return p, nil
}

// flight is a line while it is looked at.
type flight struct {
	sb      *Switchboard
	serving *flow.Snapshot
	line    flow.Line
	live    flow.Live
	now     time.Time // in the line's zone
}

// remarks are what one check has to say; its status is that of the worst.
type remarks struct {
	status CheckStatus
	texts  []string
}

func (r *remarks) ok(format string, args ...any)   { r.add(CheckOK, format, args...) }
func (r *remarks) warn(format string, args ...any) { r.add(CheckWarn, format, args...) }
func (r *remarks) fail(format string, args ...any) { r.add(CheckFail, format, args...) }

func (r *remarks) add(s CheckStatus, format string, args ...any) {
	if s == CheckFail || r.status == CheckOK {
		r.status = s
	}
	r.texts = append(r.texts, fmt.Sprintf(format, args...))
}

// at is a time for people: its day is left out where that is today.
func (f *flight) at(t time.Time) string {
	t = t.In(f.now.Location())
	layout := "Mon 2 Jan 15:04"
	if t.YearDay() == f.now.YearDay() && t.Year() == f.now.Year() {
		layout = "15:04"
	}
	return t.Format(layout) + " " + f.line.Timezone
}

// ago is how long before now, and when.
func (f *flight) ago(t time.Time) string {
	return fmt.Sprintf("%s ago (%s)", roughly(max(0, f.now.Sub(t))), f.at(t))
}

// number asks whether the line's numbers can be activated at all.
func (f *flight) number(_ context.Context, r *remarks) {
	switch {
	case len(f.line.Numbers) > 0:
	case f.line.Default:
		r.warn("The line has no number of its own: it takes the calls to all numbers of no line. Give it the number that you are about to register, so that it can be looked at.")
	default:
		r.fail("The line has no number, so no call can be for it. Give it the number that you are about to register.")
	}
	for _, n := range f.line.Numbers {
		for _, finding := range ani.Check(n.String(), "").Findings {
			if finding.Severity == ani.VerdictIneligible {
				r.fail("%s: %s", n, finding.Text)
			} else {
				r.warn("%s: %s", n, finding.Text)
			}
		}
	}
	if len(r.texts) == 0 {
		r.ok("Nothing about %s speaks against an activation.", listed(f.line.Numbers))
	}
}

// listed names the first few numbers.
func listed(numbers []ani.Number) string {
	const most = 3
	var names []string
	for _, n := range numbers[:min(len(numbers), most)] {
		names = append(names, n.String())
	}
	if more := len(numbers) - most; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}

// store asks whether what happens now will be written down.
func (f *flight) store(ctx context.Context, r *remarks) {
	if err := f.sb.store.Ping(ctx); err != nil {
		r.fail("The store can't be reached. Lookups go on as before, but nothing can be changed, and calls wait on this machine to be written down. Whoever runs the service finds the cause in its log.")
		return
	}
	switch n := f.sb.JournalPending(); n {
	case 0:
		r.ok("The store answers, and every call is written down.")
	case 1:
		r.warn("The store answers, but one call is still to be written down.")
	default:
		r.warn("The store answers, but %d calls are still to be written down. If that stays so, whoever runs the service finds the cause in its log.", n)
	}
}
