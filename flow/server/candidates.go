package server

import (
	"context"

	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/switchboard"
)

// callView is a call as the API shows it. The last two fields are of
// candidates alone.
type callView struct {
	store.Call
	Likely *bool    `json:"likely,omitempty" doc:"of the candidates of its window, this is the one that was most likely awaited; not there unless the call is a candidate"`
	Signs  []string `json:"signs,omitzero" nullable:"false" doc:"what speaks for and against it, for people; not there unless the call is a candidate"`
}

// viewCalls marks the candidates among calls.
func (a *api) viewCalls(ctx context.Context, calls []store.Call) (func(store.Call) callView, error) {
	judged, err := a.board.Judge(ctx, calls)
	if err != nil {
		return nil, err
	}
	return func(c store.Call) callView { return viewCall(c, judged) }, nil
}

func viewCall(c store.Call, judged map[string]switchboard.Judged) callView {
	v := callView{Call: c}
	if j, ok := judged[c.ID]; ok {
		v.Likely, v.Signs = &j.Likely, j.Signs
	}
	return v
}

// replyCall answers with one call.
func (a *api) replyCall(ctx context.Context, c store.Call) (*reply[callView], error) {
	view, err := a.viewCalls(ctx, []store.Call{c})
	if err != nil {
		return nil, err
	}
	return &reply[callView]{view(c)}, nil
}
