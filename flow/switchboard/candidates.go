package switchboard

import (
	"context"
	"errors"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// judgedPages bounds how many of a window's candidates are weighed: the newest
// thousand of each page. A window that has had more was open for days, and the
// moment of its opening tells nothing of them.
const judgedPages = 5

// Judge tells what is thought of those calls that are candidates, by their
// ids. Each is weighed among all candidates of its window, whether calls has
// them or not.
func (sb *Switchboard) Judge(ctx context.Context, calls []store.Call) (map[string]Judged, error) {
	judged := map[string]Judged{}
	for _, call := range calls {
		if _, done := judged[call.ID]; done || call.Kind != store.CallCandidate {
			continue
		}
		c, err := sb.candidatesWith(ctx, call)
		if err != nil {
			return nil, err
		}
		of := c.judge()
		for _, other := range calls {
			if j, ok := of[other.ID]; ok {
				judged[other.ID] = j
			}
		}
		if _, ok := of[call.ID]; !ok { // older than what is weighed
			judged[call.ID] = Judged{Signs: []string{}}
		}
	}
	return judged, nil
}

// candidatesWith are the candidates of call's window.
func (sb *Switchboard) candidatesWith(ctx context.Context, call store.Call) (candidates, error) {
	w, err := sb.store.Window(ctx, call.Window)
	if errors.Is(err, store.ErrNotFound) {
		w, err = flow.Window{}, nil
	}
	if err != nil {
		return candidates{}, err
	}
	c := candidates{opensAt: w.OpensAt}
	if c.calls, err = sb.candidatesOf(ctx, call, w); err != nil {
		return candidates{}, err
	}
	serving := sb.snapshot.Load()
	if line, ok := serving.Line(call.Line); ok && len(line.Numbers) > 0 {
		c.region = line.Numbers[0].Region()
	}
	callers := make([]ani.Number, len(c.calls))
	for i := range c.calls {
		callers[i] = c.calls[i].ANI
	}
	c.near = serving.List.Near(callers)
	return c, nil
}

// candidatesOf reads the candidates of call's window, which may be unknown.
func (sb *Switchboard) candidatesOf(ctx context.Context, call store.Call, w flow.Window) ([]store.Call, error) {
	var all []store.Call
	q := store.CallQuery{Line: call.Line, Kind: store.CallCandidate, Since: w.OpensAt, Limit: 1000}
	if !w.ClosesAt.IsZero() {
		q.Until = w.ClosesAt.Add(time.Minute) // calls that were decided while somebody closed it
	}
	for range judgedPages {
		page, err := sb.store.Calls(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, c := range page.Items {
			if c.Window == call.Window {
				all = append(all, c)
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	return all, nil
}
