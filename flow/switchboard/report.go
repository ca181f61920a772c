package switchboard

import (
	"context"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// Reported is what a result belongs to.
type Reported struct {
	Line     string
	Kind     store.CallKind
	Repeated bool // the same result had come in before
}

// HookOf is the hook that the lookup id came in on; store.ErrNotFound as for
// Report.
func (sb *Switchboard) HookOf(ctx context.Context, id string) (string, error) {
	call, err := sb.find(ctx, id)
	return call.Hook, err
}

// Report takes in how a direct leg of the lookup id ended, or how long a
// candidate stayed where it carried on. A call that was answered stays so: late
// and contradictory reports change nothing. It gives store.ErrNotFound for a
// lookup that is not in the journal, such as one that carried on while no
// window was open.
func (sb *Switchboard) Report(ctx context.Context, id string, r flow.Report) (Reported, error) {
	call, err := sb.find(ctx, id)
	if err != nil {
		return Reported{}, err
	}
	done := Reported{Line: call.Line, Kind: call.Kind, Repeated: call.Result == r.Result}
	if call.Result == flow.ResultAnswered {
		done.Repeated = true // whatever comes later: somebody has heard the code
		return done, nil
	}
	call.Result = r.Result
	sb.known.Add(id, call)
	sb.recents.report(id, r.Result)
	sb.report(call.Line, id, r.Result)
	mark := store.Mark{Result: &store.CallResult{ID: id, Result: r.Result, Duration: int(r.Duration.Seconds())}}
	sb.journal.write(mark).wait(journalWait)
	sb.feed.news.Add(1)
	return done, nil
}

// SetOutcome writes down what somebody says became of the call of the lookup
// id. Errors are those of the store.
func (sb *Switchboard) SetOutcome(ctx context.Context, id string, o store.OutcomeOf) (store.Call, error) {
	call, err := sb.store.SetOutcome(ctx, id, o)
	if err == nil {
		sb.feed.news.Add(1)
	}
	return call, err
}

func (sb *Switchboard) find(ctx context.Context, id string) (store.Call, error) {
	if call, ok := sb.known.Get(id); ok {
		return call, nil
	}
	return sb.store.Call(ctx, id)
}

// remember keeps a call at hand for what is reported of it.
func (sb *Switchboard) remember(call store.Call) {
	sb.known.Add(call.ID, call)
	if call.CallID != "" {
		sb.lookups.Add(platformCall{call.Hook, call.CallID}, call.ID)
	}
}

// platformCall is a call as its platform knows it.
type platformCall struct{ hook, callID string }

// LookupOf is the lookup of the call that the platform of a hook knows as
// callID, as far as it is among the last few thousand of the journal.
func (sb *Switchboard) LookupOf(hook, callID string) (id string, ok bool) {
	return sb.lookups.Get(platformCall{hook, callID})
}

// Answered reports whether somebody has picked up for the lookup id, as far
// as it is known.
func (sb *Switchboard) Answered(ctx context.Context, id string) bool {
	call, err := sb.find(ctx, id)
	return err == nil && call.Result == flow.ResultAnswered
}

// LineOf is the line of the lookup id as it is now; store.ErrNotFound as for
// Report, or where the line is gone.
func (sb *Switchboard) LineOf(ctx context.Context, id string) (flow.Line, error) {
	call, err := sb.find(ctx, id)
	if err != nil {
		return flow.Line{}, err
	}
	line, ok := sb.snapshot.Load().Line(call.Line)
	if !ok {
		return flow.Line{}, store.ErrNotFound
	}
	return line, nil
}

// Unanswered is a call whose target has not answered.
type Unanswered struct {
	Call   store.Call
	Line   flow.Line   // as it is now
	Backup flow.Target // to ring next; zero if there is none
}

// Unanswered says how the call of the lookup id may go on: its backup is the
// next target that is open and that the platform carries. Errors are as for
// LineOf.
func (sb *Switchboard) Unanswered(ctx context.Context, id string, carries func(flow.Target) bool) (Unanswered, error) {
	line, err := sb.LineOf(ctx, id)
	if err != nil {
		return Unanswered{}, err
	}
	call, err := sb.find(ctx, id)
	if err != nil {
		return Unanswered{}, err
	}
	rung := flow.Target{Kind: call.TargetKind, Address: call.Target}
	return Unanswered{call, line, sb.snapshot.Load().Next(line.Name, rung, sb.now(), carries)}, nil
}
