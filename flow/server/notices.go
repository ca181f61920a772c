package server

import (
	"context"
	"net/http"

	"github.com/ringthrough/ringthrough/flow/notice"
	"github.com/ringthrough/ringthrough/flow/store"
)

// Notices is what the API asks whoever sends notices.
type Notices interface {
	List() []notice.Shown
	Test(ctx context.Context, name string) ([]notice.Tried, error)
}

// noNotices has no destinations.
type noNotices struct{}

func (noNotices) List() []notice.Shown { return []notice.Shown{} }

func (noNotices) Test(_ context.Context, name string) ([]notice.Tried, error) {
	if name != "" {
		return nil, store.ErrNotFound
	}
	return []notice.Tried{}, nil
}

type noticeQuery struct {
	Name string `query:"name" maxLength:"63" doc:"of the one destination to try; empty: all"`
}

func (a *api) registerNotices() {
	handle(a, a.operation(store.RoleAdmin, "list-notices", http.MethodGet, "/v1/notices", "List where notices go, without addresses"), a.listNotices)
	handle(a, a.operation(store.RoleAdmin, "test-notices", http.MethodPost, "/v1/notices/test", "Send a test notice now, and say how it went"), a.testNotices)
}

func (a *api) listNotices(context.Context, *struct{}) (*reply[list[notice.Shown]], error) {
	return &reply[list[notice.Shown]]{list[notice.Shown]{Items: a.notices.List()}}, nil
}

func (a *api) testNotices(ctx context.Context, in *noticeQuery) (*reply[list[notice.Tried]], error) {
	tried, err := a.notices.Test(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	return &reply[list[notice.Tried]]{list[notice.Tried]{Items: tried}}, nil
}
