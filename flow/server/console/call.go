package console

import (
	"net/http"
	"slices"
	"strings"
)

// callView is the page of one call.
type callView struct {
	callRow
	Opened *windowRow // the window that was open; nil: none, or it is forgotten
	Listed bool       // the caller is on the list by now
	Here   string     // its own address
}

func (v *visit) callPage() error { return v.showCall(nil) }

// showCall shows the call, and why what was said of it can't be taken.
func (v *visit) showCall(wrong *refusal) error {
	view, err := v.call()
	if err != nil {
		return err
	}
	page := sheet{Title: "Call", Here: "/calls", Data: view}
	if wrong != nil {
		return v.showBad("call.html", page, wrong)
	}
	return v.show("call.html", page)
}

func (v *visit) callLive() error {
	view, err := v.call()
	if err != nil {
		return err
	}
	return v.part("call-facts", sheet{Data: view})
}

func (v *visit) call() (callView, error) {
	path := v.callPath()
	c, err := get[callRow](v, path, nil)
	if err != nil {
		return callView{}, err
	}
	view := callView{callRow: c, Here: "/calls/" + c.ID, Listed: !c.ANI.IsZero() && v.onList(c.Line, c.ANI)}
	if c.Window != "" {
		if w, err := get[windowRow](v, "/v1/windows/"+c.Window, nil); err == nil {
			view.Opened = &w
		}
	}
	return view, nil
}

func (v *visit) callPath() string {
	id := pathPart(v.r.PathValue("id"))
	if id == "stream" { // which is no call, to the API
		id = "none"
	}
	return "/v1/calls/" + id
}

// sayOutcome writes down what became of a call.
func (v *visit) sayOutcome() error {
	sent, err := v.sent()
	if err != nil {
		return err
	}
	body := map[string]any{"outcome": sent.Get("outcome"), "note": strings.TrimSpace(sent.Get("note"))}
	err = v.ask(question{method: http.MethodPost, path: v.callPath() + "/outcome", body: body}, nil)
	if wrong := refusedBy(err); wrong != nil && wrong.Status != http.StatusNotFound {
		return v.showCall(wrong)
	}
	if err != nil {
		return err
	}
	return v.done(nextOf(sent, "/calls/"+v.r.PathValue("id")), "It is written down: "+words(sent.Get("outcome"))+".")
}

// promote puts the caller of a call on the list, for the call's line.
func (v *visit) promote() error {
	sent, err := v.sent()
	if err != nil {
		return err
	}
	var entry struct {
		Pattern string   `json:"pattern"`
		Lines   []string `json:"lines"`
	}
	body := map[string]any{"label": strings.TrimSpace(sent.Get("label")), "source": "call " + v.r.PathValue("id")}
	err = v.ask(question{method: http.MethodPost, path: v.callPath() + "/promote", body: body}, &entry)
	if wrong := refusedBy(err); wrong != nil && wrong.Status != http.StatusNotFound {
		return v.showCall(wrong)
	}
	if err != nil {
		return err
	}
	where := "every line"
	if len(entry.Lines) > 0 {
		where = strings.Join(slices.Sorted(slices.Values(entry.Lines)), ", ")
	}
	return v.done(nextOf(sent, "/calls/"+v.r.PathValue("id")), entry.Pattern+" is on the list for "+where+". Its next call rings through.")
}
