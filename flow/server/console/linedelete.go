package console

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/ringthrough/ringthrough/flow"
)

// lineDeleteView is the page that asks before a line is deleted.
type lineDeleteView struct {
	lineForm
	Windows []flow.Window // that close with it
}

func (v *visit) sureToDeleteLine() error { return v.showDeleteLine(nil) }

func (v *visit) showDeleteLine(wrong *refusal) error {
	name, status := v.r.PathValue("name"), http.StatusOK
	f, err := v.storedLine(name)
	if err != nil {
		return err
	}
	if wrong != nil {
		status = wrong.Status
	}
	now := v.board.Now()
	windows := slices.DeleteFunc(slices.Clone(v.board.Snapshot().Live(name).Windows), func(w flow.Window) bool { return w.State(now) == "closed" })
	return v.showAs(status, "line-delete.html", sheet{Title: "Delete " + name, Here: "/lines", Bad: wrong, Data: lineDeleteView{f, windows}})
}

// deleteLine deletes the line that was shown, and no other: where somebody has
// changed it meanwhile, it asks again.
func (v *visit) deleteLine() error {
	sent, err := v.sent()
	if err != nil {
		return err
	}
	name := v.r.PathValue("name")
	if _, err := v.lineCalled(name); err != nil {
		return err
	}
	q := question{method: http.MethodDelete, path: "/v1/lines/" + name, ifMatch: fmt.Sprintf("%q", sent.Get("version"))}
	err = v.ask(q, nil)
	if wrong := refusedBy(err); wrong != nil && wrong.Status != http.StatusNotFound {
		return v.showDeleteLine(wrong)
	}
	if err != nil {
		return err
	}
	return v.done("/lines", "The line "+name+" is deleted.")
}
