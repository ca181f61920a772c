package server

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/ringthrough/ringthrough/flow/server/sse"
	"github.com/ringthrough/ringthrough/flow/store"
)

const (
	// lookAround is how often a stream sees whether the server is draining.
	lookAround = 250 * time.Millisecond

	// settleWait is how long a resumed stream waits for rows that are on
	// their way into the journal.
	settleWait = time.Second

	// maxMissed is how many calls a resumed stream makes up for.
	maxMissed = 10_000
)

type streamFrom struct {
	LastEventID string `header:"Last-Event-ID" maxLength:"64" doc:"id of the last call that was received; those since then come first"`
}

func (a *api) registerStream() {
	op := a.operation(store.RoleViewer, "stream-calls", http.MethodGet, "/v1/calls/stream", "Follow the journal as server-sent events")
	op.Responses["200"] = &huma.Response{
		Description: "One event named call for each call of the journal: id is the call's, data the call as JSON",
		Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: huma.TypeString}}},
	}
	handle(a, op, a.streamCalls)
}

// streamCalls subscribes before it reads what was missed, so that no call
// falls between the two; one that is in both is sent once.
func (a *api) streamCalls(ctx context.Context, in *streamFrom) (*huma.StreamResponse, error) {
	calls, cancel := a.board.Subscribe()
	missed, err := a.missed(ctx, in.LastEventID)
	if err != nil {
		cancel()
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer cancel()
		_, w := humago.Unwrap(hc)
		e := newEvents(w)
		hc.SetStatus(http.StatusOK)
		if e.all(missed) == nil {
			a.follow(hc.Context(), e, calls)
		}
	}}, nil
}

// missed are the calls since the one called last, oldest first. Calls of the
// same millisecond come again: their order is not known.
func (a *api) missed(ctx context.Context, last string) ([]store.Call, error) {
	if last == "" {
		return nil, nil
	}
	a.settle(ctx)
	from, err := a.board.Store().Call(ctx, last)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var calls []store.Call
	q := store.CallQuery{Since: from.At, Limit: 1000}
	for {
		part, err := a.board.Store().Calls(ctx, q)
		if err != nil {
			return nil, err
		}
		calls = append(calls, part.Items...)
		if part.Next == "" || len(calls) >= maxMissed {
			break
		}
		q.Cursor = part.Next
	}
	slices.Reverse(calls)
	return slices.DeleteFunc(calls, func(c store.Call) bool { return c.ID == last }), nil
}

// settle waits until the journal's rows are in the store, but not for long.
func (a *api) settle(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, settleWait)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for a.board.JournalPending() > 0 {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// follow sends every call as it comes, until the client goes, its token is no
// longer good, or the server drains.
func (a *api) follow(ctx context.Context, e *events, calls <-chan store.Call) {
	beat, look := time.NewTicker(a.beat), time.NewTicker(lookAround)
	defer beat.Stop()
	defer look.Stop()
	for err := error(nil); err == nil && a.welcome(ctx); {
		select {
		case c := <-calls:
			err = e.call(c)
		case <-beat.C:
			err = e.Comment("still here")
		case <-look.C:
		case <-ctx.Done():
			return
		}
	}
}

// welcome reports whether a stream may go on.
func (a *api) welcome(ctx context.Context) bool {
	t, ok := a.board.TokenValid(visitOf(ctx).token.ID, a.board.Now())
	return ok && t.Role.Allows(store.RoleViewer) && !a.draining.Load()
}

// events writes calls as server-sent events.
type events struct {
	*sse.Writer
	sent map[string]bool // what a resumed stream has had from the journal
}

func newEvents(w http.ResponseWriter) *events { return &events{sse.NewWriter(w), map[string]bool{}} }

// all opens the stream with the calls that were missed.
func (e *events) all(missed []store.Call) error {
	err := e.Comment("calls follow")
	for i := 0; i < len(missed) && err == nil; i++ {
		err = e.call(missed[i])
		e.sent[missed[i].ID] = true
	}
	return err
}

func (e *events) call(c store.Call) error {
	if e.sent[c.ID] {
		return nil
	}
	data, err := marshal(c)
	if err != nil {
		return err
	}
	return e.Event("call", c.ID, string(data))
}
