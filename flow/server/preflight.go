package server

import (
	"context"
	"net/http"

	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/switchboard"
)

type preflightAt struct {
	Name string `path:"name" maxLength:"63" doc:"of the line"`
}

func (a *api) registerPreflight() {
	handle(a, a.operation(store.RoleViewer, "preflight-line", http.MethodGet, "/v1/lines/{name}/preflight", "Tell whether an activation call to a line would reach somebody now"), a.preflight)
}

func (a *api) preflight(ctx context.Context, in *preflightAt) (*reply[switchboard.Preflight], error) {
	p, err := a.board.Preflight(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	return &reply[switchboard.Preflight]{p}, nil
}
