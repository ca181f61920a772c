package console

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// recentCaller is somebody who rang lately and was not let through.
type recentCaller struct {
	At        time.Time   `json:"at"`
	Hook      string      `json:"hook"`
	Line      string      `json:"line"`
	ANI       ani.Number  `json:"ani"`
	DNIS      ani.Number  `json:"dnis"`
	Reason    flow.Reason `json:"reason"`
	EntryNear string      `json:"entry_near"`
}

// recentOf are the recent callers of one line.
type recentOf struct {
	Line    string
	Callers []recentCaller
}

func (c *Console) serveRecent(mux *http.ServeMux) {
	c.page(mux, "GET /calls/recent", store.RoleEditor, (*visit).recentPage)
}

func (v *visit) recentPage() error {
	callers, err := v.recentCallers(v.r.URL.Query().Get("line"))
	if err != nil {
		return err
	}
	view := struct {
		Line  string // the only one that was asked for; empty: all
		Lines []recentOf
	}{v.r.URL.Query().Get("line"), byLine(callers)}
	return v.show("recent.html", sheet{Title: "Recent callers", Here: "/calls", Data: view})
}

func (v *visit) recentCallers(line string) ([]recentCaller, error) {
	q := url.Values{}
	if line != "" {
		q.Set("line", line)
	}
	page, err := get[struct{ Items []recentCaller }](v, "/v1/recent", q)
	return page.Items, err
}

// byLine parts callers by their line, in the order of the names.
func byLine(callers []recentCaller) []recentOf {
	var lines []recentOf
	for _, c := range callers {
		i := slices.IndexFunc(lines, func(l recentOf) bool { return l.Line == c.Line })
		if i < 0 {
			i, lines = len(lines), append(lines, recentOf{Line: c.Line})
		}
		lines[i].Callers = append(lines[i].Callers, c)
	}
	slices.SortFunc(lines, func(a, b recentOf) int { return strings.Compare(a.Line, b.Line) })
	return lines
}
