package console

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

func (c *Console) serveWindows(mux *http.ServeMux) {
	c.page(mux, "GET /windows/new", store.RoleEditor, (*visit).newWindow)
	c.page(mux, "POST /windows", store.RoleEditor, (*visit).openWindow)
	c.page(mux, "POST /windows/{id}/close", store.RoleEditor, (*visit).closeWindow)
}

// windowView is the page on which a window is opened.
type windowView struct {
	Line  flow.Line
	Mode  flow.Mode
	Next  string // where to go then
	Until time.Time
	From  time.Time // zero: now
	Reach flow.Reach
	Sent  url.Values // to be sent once more by whoever is sure
}

func (v *visit) newWindow() error {
	q := v.r.URL.Query()
	return v.showWindowForm(q, nil)
}

func (v *visit) showWindowForm(q url.Values, wrong *refusal) error {
	l, err := v.lineCalled(q.Get("line"))
	if err != nil {
		return err
	}
	view := windowView{Line: l, Mode: flow.Mode(q.Get("mode")), Next: localPath(q.Get("next"))}
	if q.Get("next") == "" {
		view.Next = "/lines/" + l.Name
	}
	status := http.StatusOK
	if wrong != nil {
		status = wrong.Status
		for i := range wrong.Errors { // the form has one field for when it ends
			wrong.Errors[i].Field = strings.Replace(wrong.Errors[i].Field, "closes_at", "duration", 1)
		}
	}
	return v.showAs(status, "window.html", sheet{Title: "Open a window", Here: "/lines", Bad: wrong, Form: q, Data: view})
}

// openWindow opens what was asked for. That every caller shall ring through is
// asked for twice.
func (v *visit) openWindow() error {
	sent, err := v.sent()
	if err != nil {
		return err
	}
	if flow.Mode(sent.Get("mode")) == flow.ModeAnyone && sent.Get("sure") != "yes" {
		return v.sureToDivert(sent)
	}
	var opened windowRow
	err = v.ask(question{method: http.MethodPost, path: "/v1/windows", body: windowAsked(sent, v.zoneOf(sent.Get("line")))}, &opened)
	if wrong := refusedBy(err); wrong != nil {
		return v.showWindowForm(sent, wrong)
	}
	if err != nil {
		return err
	}
	return v.done(nextOf(sent, "/lines/"+opened.Line), opened.sentence())
}

// nextOf is where a form says to go on, else otherwise.
func nextOf(sent url.Values, otherwise string) string {
	if sent.Get("next") == "" {
		return otherwise
	}
	return localPath(sent.Get("next"))
}

// windowAsked is what the API is sent of a form.
func windowAsked(sent url.Values, zone *time.Location) map[string]any {
	body := map[string]any{"line": sent.Get("line"), "mode": sent.Get("mode"), "note": sent.Get("note")}
	for _, field := range []string{"opens_at", "closes_at"} {
		if text := strings.TrimSpace(sent.Get(field)); text != "" {
			body[field] = timeTyped(text, zone)
		}
	}
	if text := strings.TrimSpace(sent.Get("duration")); text != "" {
		body["duration"] = text
	}
	if callers := listed(sent.Get("callers")); len(callers) > 0 {
		body["callers"] = callers
	}
	if text := strings.TrimSpace(sent.Get("max_calls")); text != "" {
		body["max_calls"] = count(text)
	}
	return body
}

// sentence says what was opened.
func (w windowRow) sentence() string {
	switch {
	case w.Is == "scheduled":
		return "The window is planned: it opens by itself."
	case w.Mode == flow.ModeAnyone:
		return "Every caller of " + w.Line + " rings through now."
	case w.Mode == flow.ModeRehearsal:
		return "The rehearsal is open: dial the line’s number now."
	default:
		return w.Line + " is armed: request the code now."
	}
}

// closeWindow closes a window, and with an open one those that are open beside
// it. It can be opened again, so nobody is asked twice.
func (v *visit) closeWindow() error {
	sent, err := v.sent()
	if err != nil {
		return err
	}
	path := "/v1/windows/" + pathPart(v.r.PathValue("id"))
	w, err := get[windowRow](v, path, nil)
	if err != nil {
		return err
	}
	for _, id := range v.openedBeside(w) {
		if err := v.ask(question{method: http.MethodDelete, path: "/v1/windows/" + id}, nil); err != nil {
			return err
		}
	}
	return v.done(nextOf(sent, "/"), w.closedSentence())
}

// openedBeside are w and the windows that are open beside it for the same: who
// disarms a line wants it disarmed, however often it was armed.
func (v *visit) openedBeside(w windowRow) []string {
	ids := []string{w.ID}
	if w.Is != "open" {
		return ids
	}
	now := v.board.Now()
	for _, other := range v.board.Snapshot().Live(w.Line).Windows {
		if other.ID != w.ID && other.Mode == w.Mode && other.OpenAt(now) {
			ids = append(ids, other.ID)
		}
	}
	return ids
}

// closedSentence says what has ended.
func (w windowRow) closedSentence() string {
	switch {
	case w.Is == "closed":
		return "That window on " + w.Line + " was closed already."
	case w.Is == "scheduled":
		return "What was planned on " + w.Line + " is called off."
	case w.Mode == flow.ModeAnyone:
		return w.Line + " is back to normal: callers go into the IVR again."
	case w.Mode == flow.ModeRehearsal:
		return "The rehearsal on " + w.Line + " is over."
	default:
		return w.Line + " is disarmed."
	}
}
