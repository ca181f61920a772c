package switchboard

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// load serves what the store holds, or what it held when it was last seen.
// Rows that still wait in the spool count in limits and redials like those
// that are stored.
func (sb *Switchboard) load(ctx context.Context, waiting []*pending) error {
	now := sb.now()
	snapshot, state, err := sb.readInTime(ctx, now)
	if errors.Is(err, store.ErrUnavailable) && sb.kept != nil {
		snapshot, state, err = sb.readKept(err)
		sb.behind = true
		sb.away.Store(true)
	} else if sb.shared != nil {
		sb.current.Store(now.UnixMilli())
	}
	if err != nil {
		return err
	}
	sb.snapshot.Store(withLives(snapshot, state, waiting, now))
	calls, _ := callsOf(state, waiting)
	sb.recall(calls, now)
	for _, c := range calls {
		sb.counted.Add(c.ID, struct{}{})
		sb.recents.add(c)
	}
	sb.heard.Store(state.Calls)
	sb.take(state)
	return nil
}

// readInTime gives up on a store that doesn't answer where there is something
// else to start with.
func (sb *Switchboard) readInTime(ctx context.Context, now time.Time) (*flow.Snapshot, store.State, error) {
	if sb.shared != nil && sb.kept != nil {
		if _, err := sb.position(ctx); err != nil {
			return nil, store.State{}, err
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, catchUpTry)
		defer cancel()
	}
	return sb.read(ctx, now)
}

// read makes a snapshot, without lives, of what the store holds.
func (sb *Switchboard) read(ctx context.Context, now time.Time) (*flow.Snapshot, store.State, error) {
	return compile(func(yield func(ani.Entry) bool) (store.State, error) { return sb.store.Load(ctx, now, yield) })
}

// compile makes a snapshot, without lives, of what load hands over.
func compile(load func(yield func(ani.Entry) bool) (store.State, error)) (*flow.Snapshot, store.State, error) {
	var state store.State
	var loadErr error
	list, err := ani.NewList(func(yield func(ani.Entry) bool) {
		state, loadErr = load(yield)
	})
	if loadErr != nil {
		return nil, state, fmt.Errorf("load list: %w", loadErr)
	}
	if err != nil {
		return nil, state, fmt.Errorf("compile list: %w", err)
	}
	lines := make([]flow.Line, len(state.Lines))
	for i, l := range state.Lines {
		lines[i] = l.Line
	}
	snapshot, err := flow.NewSnapshot(state.Revision.N, list, lines)
	if err != nil {
		return nil, state, fmt.Errorf("compile lines: %w", err)
	}
	return snapshot, state, nil
}

// take remembers what edits build on.
func (sb *Switchboard) take(state store.State) {
	sb.lines = make(map[string]flow.Line, len(state.Lines))
	for _, l := range state.Lines {
		sb.lines[l.Name] = l.Line
	}
	sb.watch.follow(sb.lines, nil)
	sb.setTokens(state.Tokens)
	sb.setChanged(state.Revision)
}

// servingOrder is the lines by name.
func servingOrder(lines map[string]flow.Line) []flow.Line {
	return slices.SortedFunc(maps.Values(lines), func(a, b flow.Line) int { return strings.Compare(a.Name, b.Name) })
}

// withLives gives every line its windows, and what the journal says that it
// has lived through.
func withLives(s *flow.Snapshot, state store.State, waiting []*pending, now time.Time) *flow.Snapshot {
	for _, w := range state.Windows {
		live := s.Live(w.Line)
		live.Windows = append(slices.Clone(live.Windows), w)
		s = s.WithLive(w.Line, live)
	}
	calls, missing := callsOf(state, waiting)
	for _, c := range calls {
		s = replay(s, c, now)
	}
	for _, c := range missing {
		s, _ = countWindow(s, c)
	}
	for _, p := range waiting {
		if r := p.mark.Result; r != nil {
			s = reported(s, r.ID, r.Result)
		}
	}
	return s
}

// callsOf is what is counted in limits and redials, oldest first, and those
// of it that the store doesn't know yet.
func callsOf(state store.State, waiting []*pending) (all, missing []store.Call) {
	seen := make(map[string]bool, len(state.Recent))
	for _, c := range state.Recent {
		seen[c.ID] = true
	}
	for _, p := range waiting {
		if c := p.mark.Call; c != nil && c.Route == flow.Direct && !seen[c.ID] {
			missing = append(missing, *c)
		}
	}
	all = slices.Concat(state.Recent, missing)
	slices.SortStableFunc(all, func(a, b store.Call) int { return a.At.Compare(b.At) })
	return all, missing
}

// replay counts a call of the journal as it was counted when it came.
func replay(s *flow.Snapshot, c store.Call, now time.Time) *flow.Snapshot {
	live := s.Live(c.Line)
	placed := flow.Placed{
		ID: c.ID, At: c.At, Attempt: c.Attempt, Result: c.Result,
		Target: flow.Target{Kind: c.TargetKind, Address: c.Target},
	}
	if c.Kind == store.CallRehearsal {
		live.Rehearsed = later(live.Rehearsed, placed)
		return s.WithLive(c.Line, live)
	}
	live.Last = later(live.Last, placed)
	if line, ok := s.Line(c.Line); ok && c.At.After(now.Add(-time.Duration(line.Limit.Per))) {
		live.Directs = append(slices.Clone(live.Directs), c.At)
		slices.SortFunc(live.Directs, time.Time.Compare) // those of another replica come late
	}
	return s.WithLive(c.Line, live)
}

func later(a, b flow.Placed) flow.Placed {
	if a.At.After(b.At) {
		return a
	}
	return b
}

// countWindow counts a call in its window, and reports whether that serves;
// the store has counted those that it knows.
func countWindow(s *flow.Snapshot, c store.Call) (next *flow.Snapshot, placed bool) {
	live := s.Live(c.Line)
	live.Windows = slices.Clone(live.Windows)
	for i := range live.Windows {
		if live.Windows[i].ID == c.Window {
			live.Windows[i].Calls++
			placed = true
		}
	}
	return s.WithLive(c.Line, live), placed
}

func reported(s *flow.Snapshot, id string, r flow.Result) *flow.Snapshot {
	for _, l := range s.Lines() {
		s = s.Reported(l.Name, id, r)
	}
	return s
}

// rememberWaiting lets results come in for calls that only the spool has.
func (sb *Switchboard) rememberWaiting(waiting []*pending) {
	for _, p := range waiting {
		if c := p.mark.Call; c != nil {
			sb.remember(*c)
		}
		if r := p.mark.Result; r != nil {
			if call, ok := sb.known.Get(r.ID); ok {
				call.Result = r.Result
				sb.known.Add(r.ID, call)
			}
		}
	}
}

func (sb *Switchboard) setChanged(r store.Revision) {
	var at int64
	if r.N > 0 {
		at = r.At.UnixMilli()
	}
	sb.changed.Store(at)
}
