package console

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/ringthrough/ringthrough/flow/store"
)

// comparedChanges is how many changes between two revisions a page shows.
const comparedChanges = 100

func (c *Console) serveHistory(mux *http.ServeMux) {
	c.page(mux, "GET /history", store.RoleViewer, (*visit).historyPage)
	c.page(mux, "GET /history/{n}", store.RoleViewer, (*visit).revisionPage)
	c.page(mux, "GET /history/compare", store.RoleViewer, (*visit).comparePage)
	c.page(mux, "GET /history/{n}/restore", store.RoleAdmin, (*visit).restorePage)
	c.page(mux, "POST /history/{n}/restore", store.RoleAdmin, (*visit).restore)
}

// historyView is a page of the edits that were made.
type historyView struct {
	Items  []store.RevisionInfo `json:"items"`
	Cursor string               `json:"next_cursor"`
	First  bool                 `json:"-"` // it is the first page
	Last   uint64               `json:"-"` // the last revision there is
}

// Previous is the revision before the last one.
func (h historyView) Previous() uint64 { return max(h.Last, 1) - 1 }

func (v *visit) historyPage() error {
	q := only(v.r.URL.Query(), "cursor")
	view, err := get[historyView](v, "/v1/revisions", with(q, "limit", numbersOnPage))
	if err != nil {
		return err
	}
	view.First, view.Last = len(q) == 0, v.board.Snapshot().Revision
	return v.show("history.html", sheet{Title: "History", Here: "/numbers", Data: view})
}

// revisionView is one edit, and a page of what it changed.
type revisionView struct {
	store.RevisionInfo
	Items  []changed `json:"items"`
	Cursor string    `json:"next_cursor"`
	First  bool      `json:"-"`
	Last   uint64    `json:"-"`
	Whole  changes   `json:"-"`
}

// changes are changes as a part of a page shows them.
type changes struct {
	Items   []changed
	LeftOut int // how many more there are
}

func (v *visit) revisionPage() error {
	n, err := v.revision()
	if err != nil {
		return err
	}
	q := only(v.r.URL.Query(), "cursor")
	view, err := get[revisionView](v, "/v1/revisions/"+n, with(q, "limit", numbersOnPage))
	if err != nil {
		return noRevision(n, err)
	}
	if err := describe(view.Items); err != nil {
		return err
	}
	view.Whole, view.First, view.Last = changes{Items: view.Items}, len(q) == 0, v.board.Snapshot().Revision
	return v.show("revision.html", sheet{Title: "Revision " + n, Here: "/numbers", Data: view})
}

// revision is the number of the revision that the address names.
func (v *visit) revision() (string, error) {
	n, err := strconv.ParseUint(v.r.PathValue("n"), 10, 64)
	if err != nil {
		return "", noRevision(v.r.PathValue("n"), &refusal{Status: http.StatusNotFound})
	}
	return strconv.FormatUint(n, 10), nil
}

func noRevision(n string, err error) error {
	if statusOf(err) == http.StatusNotFound {
		return &refusal{Status: http.StatusNotFound, Detail: "There is no revision " + n + "."}
	}
	return err
}

// compareView is what differs between two revisions.
type compareView struct {
	From    uint64    `json:"from"`
	To      uint64    `json:"to"`
	Changes []changed `json:"changes"`
	LeftOut int       `json:"changes_left_out"`
	Erased  int       `json:"erased"` // things that can't be compared
	Whole   changes   `json:"-"`
	Last    uint64    `json:"-"`
}

func (v *visit) comparePage() error {
	last := v.board.Snapshot().Revision
	q := v.r.URL.Query()
	view := compareView{From: revisionOr(q.Get("from"), last), To: revisionOr(q.Get("to"), last), Last: last}
	v.patiently()
	path := "/v1/revisions/" + strconv.FormatUint(view.From, 10) + "/diff"
	ask := question{method: http.MethodGet, path: path, query: url.Values{"to": {strconv.FormatUint(view.To, 10)}}, wait: bulkWait}
	if err := v.ask(ask, &view); err != nil {
		return err
	}
	done := bulkDone{Changes: view.Changes, LeftOut: view.LeftOut}
	if err := done.shorten(comparedChanges); err != nil {
		return err
	}
	view.Whole = changes{done.Changes, done.LeftOut}
	return v.show("compare.html", sheet{Title: "Compare", Here: "/numbers", Data: view})
}

// revisionOr is a revision that somebody names, or the last one.
func revisionOr(text string, last uint64) uint64 {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return last
	}
	return n
}
