package notice

import (
	"fmt"
	"time"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// watch makes notices of the calls that come in, until the end. It takes them
// off the feed at once, whatever the store does.
func (n *Notifier) watch(calls <-chan store.Call) {
	for {
		select {
		case call := <-calls:
			n.tellCall(call)
			continue
		case <-n.stopping:
		}
		for { // what came in just before
			select {
			case call := <-calls:
				n.tellCall(call)
			default:
				return
			}
		}
	}
}

// tellCall offers the notice of a call that a person was rung for.
func (n *Notifier) tellCall(call store.Call) {
	event := EventUnexpected
	switch {
	case call.Kind == store.CallRehearsal:
		event = EventRehearsal
	case call.Kind != store.CallDirect:
		return
	case call.Expected:
		event = EventActivation
	}
	notice, line := n.about(event, "call:"+call.ID, call.Line, call.At)
	notice.Call, notice.Rings = &call, rings(line, call.TargetKind, call.Target)
	n.offer(notice)
}

// about is a notice of something on the line called name, and that line as it
// is now.
func (n *Notifier) about(event Event, id, name string, at time.Time) (Notice, flow.Line) {
	line, ok := n.board.Snapshot().Line(name)
	if !ok {
		line.Timezone = "UTC"
	}
	return Notice{ID: id, Event: event, At: at.UTC().Truncate(time.Millisecond), Line: name, Timezone: line.Timezone}, line
}

// LimitTripped offers the notice that a line's limit has kept a listed caller
// from a person, the first time in each span of the limit. It never blocks,
// and may be called before Start.
func (n *Notifier) LimitTripped(line flow.Line, at time.Time, d flow.Decision) {
	span := at.Truncate(time.Duration(line.Limit.Per))
	n.offer(Notice{
		ID: fmt.Sprintf("limit:%s:%d", line.Name, span.Unix()), Event: EventLimit,
		At: at.UTC().Truncate(time.Millisecond), Line: line.Name, Timezone: line.Timezone,
		Limit: &Limit{Limit: line.Limit, ANI: d.Call.ANI, DNIS: d.Call.DNIS, Label: d.Entry.Label()},
	})
}
