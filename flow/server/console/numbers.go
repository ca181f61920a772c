package console

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

// numbersOnPage is how many entries a page of the list shows.
const numbersOnPage = "50"

func (c *Console) serveNumbers(mux *http.ServeMux) {
	c.page(mux, "GET /numbers", store.RoleViewer, (*visit).numbersPage)
	c.page(mux, "GET /numbers/new", store.RoleEditor, (*visit).newNumberPage)
	c.page(mux, "POST /numbers/new", store.RoleEditor, (*visit).addNumber)
	c.page(mux, "GET /numbers/{id}", store.RoleViewer, (*visit).numberPage)
	c.page(mux, "POST /numbers/{id}", store.RoleEditor, (*visit).saveNumber)
	c.page(mux, "POST /numbers/{id}/switch", store.RoleEditor, (*visit).switchNumber)
	c.page(mux, "POST /numbers/{id}/delete", store.RoleEditor, (*visit).deleteNumber)
}

// numberNow is an entry as the API shows it.
type numberNow struct {
	ani.Entry
	State ani.State `json:"state"`
}

// numbersView is a page of the list.
type numbersView struct {
	Items  []numberNow
	Next   string // address of the page after it; empty: it is the last
	First  string // address of the first page of this search; empty: it is that one
	Search url.Values
	States []stateCount
	Lines  []string
	Total  int
	Alone  bool // it is loaded by itself, into a page that is there
}

// stateCount is how many entries are in a state.
type stateCount struct {
	State ani.State
	Name  string
	Count int
}

// entryStates are the states in the order in which people read them.
var entryStates = []struct {
	state ani.State
	name  string
}{{ani.StateActive, "active"}, {ani.StateScheduled, "scheduled"}, {ani.StateExpired, "expired"}, {ani.StateDisabled, "switched off"}}

// Said is what the search has found, in words.
func (n numbersView) Said() string {
	switch more := n.Next != "" || n.First != ""; {
	case n.Total == 0:
		return ""
	case len(n.Items) == 0:
		return "No number matches"
	case len(n.Items) == 1 && !more:
		return "1 number"
	case more:
		return strconv.Itoa(len(n.Items)) + " numbers on this page, there are more"
	default:
		return strconv.Itoa(len(n.Items)) + " numbers"
	}
}

func (v *visit) numbersPage() error {
	view, err := v.numbers()
	if err != nil {
		return err
	}
	if view.Alone {
		return v.part("numbers-list", sheet{Data: view})
	}
	return v.show("numbers.html", sheet{Title: "Numbers", Here: "/numbers", Data: view})
}

// numbers reads one page of the list, however long that is.
func (v *visit) numbers() (numbersView, error) {
	asked := v.r.URL.Query()
	view := numbersView{Search: only(asked, "q", "state", "line"), Alone: v.wantsPart()}
	cursor := asked.Get("cursor")
	q := only(asked, "q", "state", "line", "cursor")
	q.Set("limit", numbersOnPage)
	page, err := get[struct {
		Items []numberNow `json:"items"`
		Next  string      `json:"next_cursor"`
	}](v, "/v1/entries", q)
	if err != nil {
		return view, err
	}
	view.Items = page.Items
	if page.Next != "" {
		view.Next = "/numbers?" + with(view.Search, "cursor", page.Next).Encode()
	}
	if cursor != "" {
		view.First = "/numbers?" + view.Search.Encode()
	}
	if view.Total = v.board.Snapshot().List.Len(); !view.Alone {
		v.countNumbers(&view)
	}
	return view, nil
}

func (v *visit) countNumbers(view *numbersView) {
	s := v.board.Snapshot()
	counts := s.List.Count(v.board.Now())
	for _, e := range entryStates {
		view.States = append(view.States, stateCount{e.state, e.name, counts[e.state]})
	}
	for _, l := range s.Lines() {
		view.Lines = append(view.Lines, l.Name)
	}
}

// wantsPart reports whether a page that is there asks for a part of itself,
// rather than a browser for the page.
func (v *visit) wantsPart() bool {
	return v.r.Header.Get("HX-Request") == "true" && v.r.Header.Get("HX-History-Restore-Request") != "true"
}

// only are those of the named values that say something.
func only(values url.Values, names ...string) url.Values {
	kept := url.Values{}
	for _, name := range names {
		if s := values.Get(name); s != "" {
			kept.Set(name, s)
		}
	}
	return kept
}

// with is a copy of values with one more.
func with(values url.Values, name, value string) url.Values {
	more := url.Values{name: {value}}
	maps.Copy(more, values)
	return more
}

// grouped writes a whole number with commas, as in 1,000,000.
func grouped(n any) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
