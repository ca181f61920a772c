package console

import (
	"net/url"
	"slices"

	"github.com/ringthrough/ringthrough/flow/store"
)

// candidatesView are the calls that may have been the awaited ones, by the
// window in which they came.
type candidatesView struct {
	Windows []candidatesOf
	Older   string // cursor of the candidates before these
}

// candidatesOf are the candidates of one window.
type candidatesOf struct {
	Window *windowRow // nil: it is forgotten
	ID     string     // the window's
	Calls  []candidate
}

// candidate is a call that carried on while a window was open.
type candidate struct {
	callRow
	Listed bool // the caller is on the list by now
}

func (v *visit) candidatesPage() error {
	view, err := v.candidates(v.r.URL.Query().Get("cursor"))
	if err != nil {
		return err
	}
	return v.show("candidates.html", sheet{Title: "Candidates", Here: "/calls", Data: view})
}

// candidates reads a page of candidates; on the first one stand the windows
// that are open, too, though nobody has called yet.
func (v *visit) candidates(cursor string) (candidatesView, error) {
	var view candidatesView
	if cursor == "" {
		if err := v.openWindows(&view); err != nil {
			return view, err
		}
	}
	calls, older, err := v.journal(url.Values{"kind": {string(store.CallCandidate)}, "cursor": {cursor}})
	if err != nil {
		return view, err
	}
	view.Older = older
	for _, c := range calls {
		group := view.of(c.Window)
		if group.Window == nil {
			if w, err := get[windowRow](v, "/v1/windows/"+c.Window, nil); err == nil {
				group.Window = &w
			}
		}
		group.Calls = append(group.Calls, candidate{c, v.onList(c.Line, c.ANI)})
	}
	return view, nil
}

// openWindows puts the windows in front that expect a call now.
func (v *visit) openWindows(view *candidatesView) error {
	page, err := get[struct{ Items []windowRow }](v, "/v1/windows", url.Values{"state": {"open"}, "limit": {pageRows}})
	for _, w := range page.Items {
		if w.Mode != "rehearsal" {
			view.of(w.ID).Window = &w
		}
	}
	return err
}

// of is the group of a window, a new one where there is none yet.
func (c *candidatesView) of(window string) *candidatesOf {
	i := slices.IndexFunc(c.Windows, func(of candidatesOf) bool { return of.ID == window })
	if i < 0 {
		i, c.Windows = len(c.Windows), append(c.Windows, candidatesOf{ID: window})
	}
	return &c.Windows[i]
}
