package server

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/switchboard"
)

// recentView is a caller who was not let through, as the API shows it.
type recentView struct {
	At        time.Time   `json:"at"`
	Hook      string      `json:"hook"`
	Line      string      `json:"line"`
	ANI       ani.Number  `json:"ani" doc:"empty where the call had none that could be read"`
	DNIS      ani.Number  `json:"dnis"`
	Reason    flow.Reason `json:"reason"`
	EntryNear string      `json:"entry_near,omitempty" doc:"pattern of an entry that differs from the caller in the last digits alone"`
}

type recentQuery struct {
	Line string `query:"line" maxLength:"63" doc:"its name; all lines unless it is given"`
}

func (a *api) registerRecent() {
	op := a.operation(store.RoleEditor, "list-recent", http.MethodGet, "/v1/recent", "List who was not let through in the last 15 minutes, the newest first")
	op.Description += " At most 50 callers of each line; they are in memory alone and belong to this replica."
	handle(a, op, a.listRecent)
}

func (a *api) listRecent(_ context.Context, in *recentQuery) (*reply[list[recentView]], error) {
	serving := a.board.Snapshot()
	callers, err := a.recent(serving, in.Line)
	if err != nil {
		return nil, err
	}
	numbers := make([]ani.Number, len(callers))
	for i := range callers {
		numbers[i] = callers[i].ANI
	}
	near := serving.List.Near(numbers)
	items := make([]recentView, len(callers))
	for i, c := range callers {
		items[i] = recentView{c.At.UTC(), c.Hook, c.Line, c.ANI, c.DNIS, c.Reason, near[c.ANI].Entry.Pattern().String()}
	}
	return &reply[list[recentView]]{list[recentView]{Items: items}}, nil
}

// recent are the callers of one line, or of all lines where none is named.
func (a *api) recent(serving *flow.Snapshot, line string) ([]switchboard.RecentCaller, error) {
	if line != "" {
		if _, ok := serving.Line(line); !ok {
			return nil, ani.Problems{{Field: "line", Text: fmt.Sprintf("names %q, but there is no such line", line)}}
		}
		return a.board.Recent(line), nil
	}
	var all []switchboard.RecentCaller
	for _, l := range serving.Lines() {
		all = append(all, a.board.Recent(l.Name)...)
	}
	slices.SortStableFunc(all, func(a, b switchboard.RecentCaller) int { return b.At.Compare(a.At) })
	return all, nil
}
