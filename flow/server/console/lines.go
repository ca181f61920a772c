package console

import (
	"net/http"
	"net/url"
	"time"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

func (c *Console) serveLines(mux *http.ServeMux) {
	c.page(mux, "GET /lines", store.RoleViewer, (*visit).linesPage)
	c.page(mux, "GET /now/lines-table", store.RoleViewer, (*visit).linesTable)
	c.page(mux, "GET /lines/{name}", store.RoleViewer, (*visit).linePage)
	c.page(mux, "GET /lines/{name}/now", store.RoleViewer, (*visit).lineLive)
	c.page(mux, "GET /lines/{name}/windows", store.RoleViewer, (*visit).windowsLive)
	c.page(mux, "GET /lines/new", store.RoleEditor, (*visit).newLine)
	c.page(mux, "POST /lines/new", store.RoleEditor, (*visit).saveLine)
	c.page(mux, "GET /lines/{name}/edit", store.RoleEditor, (*visit).editLine)
	c.page(mux, "POST /lines/{name}/edit", store.RoleEditor, (*visit).saveLine)
	c.page(mux, "GET /lines/{name}/delete", store.RoleEditor, (*visit).sureToDeleteLine)
	c.page(mux, "POST /lines/{name}/delete", store.RoleEditor, (*visit).deleteLine)
}

// lineRow is a line in the list of them.
type lineRow struct {
	lineNow
	Reach flow.Reach
}

func (v *visit) linesPage() error {
	rows, err := v.lineRows()
	if err != nil {
		return err
	}
	return v.show("lines.html", sheet{Title: "Lines", Here: "/lines", Data: rows})
}

func (v *visit) linesTable() error {
	rows, err := v.lineRows()
	if err != nil {
		return err
	}
	return v.part("lines-table", sheet{Data: rows})
}

func (v *visit) lineRows() ([]lineRow, error) {
	lines, err := v.linesNow()
	if err != nil {
		return nil, err
	}
	s, now := v.board.Snapshot(), v.board.Now()
	rows := make([]lineRow, len(lines))
	for i, l := range lines {
		rows[i] = lineRow{l, s.Reach(l.Name, now)}
	}
	return rows, nil
}

// lineView is the page of one line.
type lineView struct {
	lineRow
	lineWindows
	Recent  []recentCaller
	Limited bool // more of Recent are not shown
}

// lineWindows is a part of the windows of a line, the newest first.
type lineWindows struct {
	Windows []windowRow
	Cursor  string // of this part
	Older   string // cursor of the windows before those
}

// linePageCallers is how many recent callers a line's page shows.
const linePageCallers = 5

func (v *visit) linePage() error {
	row, err := v.lineRow(v.r.PathValue("name"))
	if err != nil {
		return err
	}
	view := lineView{lineRow: row}
	if view.lineWindows, err = v.windowsOf(row.Name); err != nil {
		return err
	}
	if v.who.Role.Allows(store.RoleEditor) {
		if view.Recent, err = v.recentCallers(row.Name); err != nil {
			return err
		}
		view.Limited = len(view.Recent) > linePageCallers
		view.Recent = view.Recent[:min(len(view.Recent), linePageCallers)]
	}
	return v.show("line.html", sheet{Title: row.Name, Here: "/lines", Data: view})
}

// lineLive is what changes on a line's page by itself.
func (v *visit) lineLive() error {
	row, err := v.lineRow(v.r.PathValue("name"))
	if err != nil {
		return err
	}
	return v.part("line-now", sheet{Data: row})
}

func (v *visit) windowsLive() error {
	l, err := v.lineCalled(v.r.PathValue("name"))
	if err != nil {
		return err
	}
	windows, err := v.windowsOf(l.Name)
	if err != nil {
		return err
	}
	return v.part("line-windows", sheet{Data: struct {
		lineWindows
		Name string
	}{windows, l.Name}})
}

func (v *visit) lineRow(name string) (lineRow, error) {
	l, err := v.lineCalled(name)
	if err != nil {
		return lineRow{}, err
	}
	checks, err := get[preflight](v, "/v1/lines/"+name+"/preflight", nil)
	if err != nil {
		return lineRow{}, err
	}
	s, now := v.board.Snapshot(), v.board.Now()
	return lineRow{stateOf(l, s.Live(name), checks, now), s.Reach(name, now)}, nil
}

// lineCalled is the line that has a name.
func (v *visit) lineCalled(name string) (flow.Line, error) {
	l, ok := v.board.Snapshot().Line(name)
	if !ok {
		return l, &refusal{Status: http.StatusNotFound, Detail: "There is no line " + name + ", or no longer."}
	}
	return l, nil
}

// zoneOf is the zone in which times of a line are typed; UTC where no such
// line is.
func (v *visit) zoneOf(line string) *time.Location {
	if l, ok := v.board.Snapshot().Line(line); ok {
		if zone, err := time.LoadLocation(l.Timezone); err == nil {
			return zone
		}
	}
	return time.UTC
}

// RingsNow reports whether a call would ring t at this moment.
func (r lineRow) RingsNow(t flow.Target) bool {
	return !r.Reach.First.IsZero() && t.Kind == r.Reach.First.Kind && t.Address == r.Reach.First.Address
}

// BackupNow reports whether t rings where the first doesn't pick up.
func (r lineRow) BackupNow(t flow.Target) bool {
	return !r.Reach.Backup.IsZero() && t.Kind == r.Reach.Backup.Kind && t.Address == r.Reach.Backup.Address
}

// Place is the place of the person at i, as people count.
func (lineRow) Place(i int) int { return i + 1 }

// Asks says what the line asks of the carrier's word.
func (r lineRow) Asks() string {
	switch r.Attestation {
	case flow.AttestationIgnore:
		return "the call is treated like any other"
	case flow.AttestationRejectFailed:
		return "callers whose number is proven false carry on"
	default:
		return "callers with less than attestation " + string(r.Attestation) + " carry on"
	}
}

// pageRows is how many rows a page of a listing has.
const pageRows = "50"

// windowRow is a window of a line's history.
type windowRow struct {
	flow.Window
	Is string `json:"state"` // scheduled, open or closed
}

// windowRows is how many windows a line's page shows.
const windowRows = "10"

func (v *visit) windowsOf(line string) (lineWindows, error) {
	windows := lineWindows{Cursor: v.r.URL.Query().Get("cursor")}
	q := url.Values{"line": {line}, "limit": {windowRows}}
	if windows.Cursor != "" {
		q.Set("cursor", windows.Cursor)
	}
	page, err := get[struct {
		Items []windowRow `json:"items"`
		Next  string      `json:"next_cursor"`
	}](v, "/v1/windows", q)
	windows.Windows, windows.Older = page.Items, page.Next
	return windows, err
}
