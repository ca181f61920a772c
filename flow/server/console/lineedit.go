package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

// lineFormView is the page on which a line is made or edited.
type lineFormView struct {
	lineForm
	Stored string // name of the line that is edited; empty: a new one
	Base   string // what the form was made from, as JSON; empty: nothing
	Reach  *reachTyped
	Fresh  int // place of the person who was just added; -1: none was
}

// reachTyped is who could be reached now if the form were saved as it is.
type reachTyped struct{ flow.Reach }

func (v *visit) newLine() error {
	return v.showLineForm(lineFormView{lineForm: newLineForm(), Fresh: -1}, nil)
}

func (v *visit) editLine() error {
	f, err := v.storedLine(v.r.PathValue("name"))
	if err != nil {
		return err
	}
	return v.showLineForm(lineFormView{lineForm: f, Stored: f.Name, Base: f.asBase(), Fresh: -1}, nil)
}

func (v *visit) storedLine(name string) (lineForm, error) {
	if _, err := v.lineCalled(name); err != nil {
		return lineForm{}, err
	}
	return get[lineForm](v, "/v1/lines/"+name, nil)
}

func (f lineForm) asBase() string {
	b, _ := json.Marshal(f) // texts and numbers always can be
	return string(b)
}

func (v *visit) showLineForm(view lineFormView, wrong *refusal) error {
	title, status := "New line", http.StatusOK
	if view.Stored != "" {
		title = "Edit " + view.Stored
	}
	if wrong != nil {
		status = wrong.Status
	}
	view.Reach = v.reachOf(view.lineForm)
	return v.showAs(status, "line-edit.html", sheet{Title: title, Here: "/lines", Bad: wrong, Data: view})
}

// reachOf is who could be reached now on the line that f describes; nil where
// that is none.
func (v *visit) reachOf(f lineForm) *reachTyped {
	f.dropEmpty()
	if f.Name == "" {
		f.Name = "new"
	}
	l, err := f.line()
	if err != nil || len(l.Targets) == 0 {
		return nil
	}
	list, _ := ani.NewList(func(func(ani.Entry) bool) {}) // it has no entry that could be wrong
	s, err := flow.NewSnapshot(0, list, []flow.Line{l})
	if err != nil {
		return nil
	}
	return &reachTyped{s.Reach(l.Name, v.board.Now())}
}

// saveLine does what the button that was pressed says: most of them change
// the form, which is shown again; nothing is kept before "save".
func (v *visit) saveLine() error {
	sent, err := v.sent()
	if err != nil {
		return err
	}
	view := lineFormView{lineForm: readLineForm(sent), Stored: v.r.PathValue("name"), Base: sent.Get("base"), Fresh: -1}
	if view.Stored != "" {
		view.Name = view.Stored
	}
	view.settle(sent)
	button := sent.Get("do")
	switch {
	case view.reorder(button):
		if button == "add" {
			view.Fresh = len(view.Targets) - 1
		}
		return v.showLineForm(view, nil)
	case button == "look":
		return v.showLineForm(view, nil)
	}
	view.dropEmpty()
	if err := v.putLine(view.lineForm); err != nil {
		return v.lineRefused(view, err)
	}
	return v.done("/lines/"+view.Name, fmt.Sprintf("The line %s is saved, and serves calls as it is now.", view.Name))
}

// putLine keeps f where the line is still what the form was made from.
func (v *visit) putLine(f lineForm) error {
	if err := nameOnly(f.Name); err != nil {
		return err
	}
	q := question{method: http.MethodPut, path: "/v1/lines/" + f.Name, body: f.body(), ifNoneMatch: "*"}
	if f.Version > 0 {
		q.ifMatch, q.ifNoneMatch = strconv.Quote(strconv.FormatInt(f.Version, 10)), ""
	}
	return v.ask(q, nil)
}

// nameOnly refuses a name that no line can have, before it becomes part of a
// path.
func nameOnly(name string) error {
	l := flow.NewLine()
	l.Name = name
	if p, ok := errors.AsType[ani.Problems](l.Normalize()); ok {
		return problemsRefused(p)
	}
	return nil
}

// lineRefused shows the form again with what is wrong, or, where somebody else
// has saved the line meanwhile, what each of the two has written.
func (v *visit) lineRefused(view lineFormView, err error) error {
	wrong := refusedBy(err)
	switch {
	case wrong == nil:
		return err
	case wrong.Status != http.StatusPreconditionFailed:
		return v.showLineForm(view, wrong)
	case view.Version == 0:
		wrong.Errors = []fieldError{{"name", "is taken: there is a line " + view.Name + " already"}}
		return v.showLineForm(view, wrong)
	}
	theirs, err := v.storedLine(view.Name)
	if gone := refusedBy(err); gone != nil && gone.Status == http.StatusNotFound {
		return v.lineGone(view)
	}
	if err != nil {
		return err
	}
	return v.showRace(view, theirs)
}

// lineGone offers to make the line again, which somebody has deleted.
func (v *visit) lineGone(view lineFormView) error {
	view.Stored, view.Base, view.Version = "", "", 0
	return v.showLineForm(view, &refusal{Status: http.StatusPreconditionFailed, Detail: "Somebody has deleted the line " + view.Name + " meanwhile. What you wrote is kept below: saving it makes the line again."})
}
