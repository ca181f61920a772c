package console

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

// sureToDivert says plainly what a window for everybody does, and until when.
// What is opened then closes at the time that was shown, however long somebody
// thinks about it.
func (v *visit) sureToDivert(sent url.Values) error {
	l, err := v.lineCalled(sent.Get("line"))
	if err != nil {
		return err
	}
	w, wrong := v.divertAsked(sent)
	if wrong != nil {
		return v.showWindowForm(sent, wrong)
	}
	now := v.board.Now()
	view := windowView{Line: l, Mode: flow.ModeAnyone, Next: nextOf(sent, "/lines/"+l.Name), Until: w.ClosesAt, Reach: v.board.Snapshot().Reach(l.Name, now), Sent: url.Values{}}
	for _, field := range []string{"line", "mode", "max_calls", "note", "next"} {
		view.Sent.Set(field, sent.Get(field))
	}
	view.Sent.Set("closes_at", w.ClosesAt.Format(time.RFC3339))
	if w.OpensAt.After(now) {
		view.From = w.OpensAt
		view.Sent.Set("opens_at", w.OpensAt.Format(time.RFC3339))
	}
	return v.show("window-sure.html", sheet{Title: "Divert every caller?", Here: "/lines", Data: view})
}

// divertAsked is the window that a form asks for, checked as the API will
// check it, so that nobody is asked about one that can't be.
func (v *visit) divertAsked(sent url.Values) (flow.Window, *refusal) {
	now := v.board.Now()
	w := flow.Window{Mode: flow.ModeAnyone, OpensAt: now, Note: sent.Get("note")}
	p := spanAsked(&w, windowAsked(sent, v.zoneOf(sent.Get("line"))))
	if most := strings.TrimSpace(sent.Get("max_calls")); most != "" {
		var err error
		if w.MaxCalls, err = strconv.Atoi(most); err != nil {
			p.Add("max_calls", "must be a whole number")
		}
	}
	if len(p) == 0 {
		errors.As(w.Normalize(now), &p)
	}
	return w, problemsRefused(p)
}

// spanAsked writes the times of what the API would be sent into w.
func spanAsked(w *flow.Window, body map[string]any) (p ani.Problems) {
	for _, at := range []struct {
		field string
		time  *time.Time
	}{{"opens_at", &w.OpensAt}, {"closes_at", &w.ClosesAt}} {
		text, there := body[at.field].(string)
		t, err := time.Parse(time.RFC3339, text)
		switch {
		case there && err != nil:
			p.Add(at.field, "must be a time such as 2026-11-22T21:00")
		case there:
			*at.time = t
		}
	}
	if text, there := body["duration"].(string); there {
		span, err := flow.ParseDuration(text)
		if err != nil {
			p.Add("duration", err.Error())
		}
		w.ClosesAt = w.OpensAt.Add(time.Duration(span))
	}
	return p
}
