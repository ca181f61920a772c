package console

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

func (c *Console) serveCalls(mux *http.ServeMux) {
	c.page(mux, "GET /calls", store.RoleViewer, (*visit).callsPage)
	c.page(mux, "GET /now/journal", store.RoleViewer, (*visit).journalLive)
	c.page(mux, "GET /calls/candidates", store.RoleViewer, (*visit).candidatesPage)
	c.page(mux, "GET /calls/{id}", store.RoleViewer, (*visit).callPage)
	c.page(mux, "GET /calls/{id}/now", store.RoleViewer, (*visit).callLive)
	c.page(mux, "POST /calls/{id}/outcome", store.RoleEditor, (*visit).sayOutcome)
	c.page(mux, "POST /calls/{id}/promote", store.RoleEditor, (*visit).promote)
}

// callRow is a call of the journal. Candidates alone are judged.
type callRow struct {
	store.Call
	Likely bool     `json:"likely"`
	Signs  []string `json:"signs"`
}

// callsView is the journal.
type callsView struct {
	Calls  []callRow
	Lines  []flow.Line
	Live   bool   // new calls appear by themselves
	Older  string // address of the calls before these; empty: there are none
	Newest string // address of the first page; empty: this is it
}

// callFilters are the fields by which the journal can be narrowed.
var callFilters = []string{"line", "kind", "since", "until"}

func (v *visit) callsPage() error {
	q := v.r.URL.Query()
	calls, next, err := v.journal(q)
	page := sheet{Title: "Calls", Here: "/calls", Form: q}
	view := callsView{Calls: calls, Lines: v.board.Snapshot().Lines(), Live: true}
	filters := url.Values{}
	for _, field := range callFilters {
		if text := q.Get(field); text != "" {
			filters.Set(field, text)
			view.Live = false
		}
	}
	if q.Get("cursor") != "" {
		view.Live, view.Newest = false, callsAt(filters)
	}
	if next != "" {
		filters.Set("cursor", next)
		view.Older = callsAt(filters)
	}
	page.Data = view
	if page.Bad = refusedBy(err); page.Bad != nil {
		return v.showAs(page.Bad.Status, "calls.html", page)
	}
	if err != nil {
		return err
	}
	return v.show("calls.html", page)
}

func callsAt(q url.Values) string {
	if len(q) == 0 {
		return "/calls"
	}
	return "/calls?" + q.Encode()
}

// journalLive is the newest part of the journal.
func (v *visit) journalLive() error {
	calls, _, err := v.journal(nil)
	if err != nil {
		return err
	}
	return v.part("calls-table", sheet{Data: calls})
}

// journal reads a page of the calls that filters ask for, newest first, and
// the cursor of the next one.
func (v *visit) journal(filters url.Values) (calls []callRow, next string, err error) {
	q := url.Values{"limit": {pageRows}}
	for _, field := range []string{"line", "kind", "cursor"} {
		if text := filters.Get(field); text != "" {
			q.Set(field, text)
		}
	}
	if text := filters.Get("since"); text != "" {
		q.Set("since", dayBegins(text, 0))
	}
	if text := filters.Get("until"); text != "" {
		q.Set("until", dayBegins(text, 1))
	}
	page, err := get[struct {
		Items []callRow `json:"items"`
		Next  string    `json:"next_cursor"`
	}](v, "/v1/calls", q)
	return page.Items, page.Next, err
}

// dayBegins is when a day that was typed begins in UTC, or one some days
// later. Any other text is left as it is: a time to the second is as good, and
// the API refuses the rest.
func dayBegins(text string, later int) string {
	day, err := time.Parse(time.DateOnly, strings.TrimSpace(text))
	if err != nil {
		return text
	}
	return day.AddDate(0, 0, later).Format(time.RFC3339)
}

// Why says in a sentence what was decided about the call.
func (c callRow) Why() string {
	d := flow.Decision{Reason: c.Reason, Line: c.Line, Call: flow.Call{ANI: c.ANI, DNIS: c.DNIS, Attestation: c.Attestation}}
	return strings.ToUpper(d.Detail()[:1]) + d.Detail()[1:] + "."
}

// Promotable reports whether it would help to put the caller on the list.
func (c callRow) Promotable() bool {
	switch c.Reason {
	case flow.ReasonNotListed, flow.ReasonEntryScope, flow.ReasonEntryInactive:
		return c.Kind == store.CallCandidate && !c.ANI.IsZero()
	default:
		return false
	}
}

// onList reports whether an entry is there for a line that n's calls match now.
func (v *visit) onList(line string, n ani.Number) bool {
	now := v.board.Now()
	for _, item := range v.board.Snapshot().List.Match(n, nil) {
		if item.AppliesTo(line) && item.ActiveAt(now) {
			return true
		}
	}
	return false
}
