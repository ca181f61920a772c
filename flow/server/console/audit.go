package console

import (
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/ringthrough/ringthrough/flow/store"
)

func (c *Console) serveAudit(mux *http.ServeMux) {
	c.page(mux, "GET /audit", store.RoleAdmin, (*visit).auditPage)
	c.page(mux, "GET /audit/verify", store.RoleAdmin, (*visit).verifyPage)
}

// auditRow is a record as people read it.
type auditRow struct {
	store.AuditRecord
	Name   string      // what people call the thing; empty: it has no name
	Fields []fieldPair // that it changed: A is before, B after
}

// deed is what an action is called: after "did" and after "tried".
type deed struct{ did, tried string }

var deeds = map[string]deed{
	"create": {"added", "to add"}, "update": {"changed", "to change"}, "delete": {"deleted", "to delete"},
	"open": {"opened", "to open"}, "close": {"closed", "to close"},
	"outcome": {"said what became of", "to say what became of"}, "promote": {"put on the list", "to put on the list the caller of"},
	"import": {"imported", "to import"}, "apply": {"applied a file", "to apply a file"}, "restore": {"went back to a revision", "to go back to a revision"},
	"erase":   {"erased", "to erase"},
	"sign_in": {"signed in", "to sign in"}, "read": {"read", "to read"},
}

// Did says what was done or tried.
func (r auditRow) Did() string {
	d, ok := deeds[r.Action]
	switch {
	case !ok:
		return words(r.Action)
	case r.Refused:
		return d.tried
	default:
		return d.did
	}
}

// Thing is what kind of thing it was done to, as people say it.
func (r auditRow) Thing() string { return changed{Kind: string(r.Kind)}.Thing() }

// Sides says what there is to show: before, after, or both.
func (r auditRow) Sides() string {
	switch {
	case absent(r.AuditRecord.Before):
		return "after"
	case absent(r.AuditRecord.After):
		return "before"
	default:
		return "both"
	}
}

// auditFilters are the fields by which the audit can be narrowed.
var auditFilters = []string{"actor", "kind", "key", "refused", "since", "until"}

// auditView is a page of the audit.
type auditView struct {
	Rows   []auditRow
	Kinds  []store.Kind
	All    bool   // nothing was asked for in particular
	Older  string // address of the records before these; empty: there are none
	Newest string // address of the first page; empty: this is it
}

func (v *visit) auditPage() error {
	q := v.r.URL.Query()
	filters := only(q, auditFilters...)
	page := sheet{Title: "Audit", Here: "/audit", Form: filters}
	view := auditView{All: len(filters) == 0, Kinds: []store.Kind{store.KindEntry, store.KindLine, store.KindWindow, store.KindToken, store.KindCall, store.KindNumber}}
	rows, next, err := v.audit(filters, q.Get("cursor"))
	if page.Bad = refusedBy(err); err != nil && page.Bad == nil {
		return err
	}
	view.Rows = rows
	if q.Get("cursor") != "" {
		view.Newest = auditAt(filters)
	}
	if next != "" {
		view.Older = auditAt(with(filters, "cursor", next))
	}
	page.Data = view
	if page.Bad != nil {
		return v.showAs(page.Bad.Status, "audit.html", page)
	}
	return v.show("audit.html", page)
}

func auditAt(q url.Values) string {
	if len(q) == 0 {
		return "/audit"
	}
	return "/audit?" + q.Encode()
}

// audit reads a page of the records that filters ask for, newest first, and
// the cursor of the next one.
func (v *visit) audit(filters url.Values, cursor string) (rows []auditRow, next string, err error) {
	q := with(filters, "limit", pageRows)
	if cursor != "" {
		q.Set("cursor", cursor)
	}
	if day := q.Get("since"); day != "" {
		q.Set("since", dayBegins(day, 0))
	}
	if day := q.Get("until"); day != "" {
		q.Set("until", dayBegins(day, 1))
	}
	page, err := get[struct {
		Items []store.AuditRecord `json:"items"`
		Next  string              `json:"next_cursor"`
	}](v, "/v1/audit", q)
	if err != nil {
		return nil, "", err
	}
	for _, r := range page.Items {
		row, err := auditRowOf(r)
		if err != nil {
			return nil, "", err
		}
		rows = append(rows, row)
	}
	return rows, page.Next, nil
}

func auditRowOf(r store.AuditRecord) (auditRow, error) {
	said := []changed{{Kind: string(r.Kind), Key: r.Key, Before: r.Before, After: r.After}}
	if err := describe(said); err != nil {
		return auditRow{}, err
	}
	row := auditRow{AuditRecord: r, Name: said[0].Name, Fields: said[0].Fields}
	for i := range row.Fields {
		f := &row.Fields[i]
		f.A.Text, f.B.Text = shortened(f.A.Text), shortened(f.B.Text)
	}
	return row, nil
}

// maxShown is how much of a field the audit shows, in characters: a line may
// have thousands of numbers.
const maxShown = 400

func shortened(s string) string {
	if len(s) <= maxShown {
		return s
	}
	if runes := []rune(s); len(runes) > maxShown {
		return string(runes[:maxShown]) + "…"
	}
	return s
}

// auditState is what a walk along the whole chain has found.
type auditState struct {
	OK      bool   `json:"ok"`
	Records int64  `json:"records"`
	Pruned  int64  `json:"pruned"`
	Erased  int64  `json:"erased"`
	Head    string `json:"head"`
	Broken  int64  `json:"broken"`
	Problem string `json:"problem"`
}

func (v *visit) verifyPage() error {
	v.patiently()
	var state auditState
	if err := v.ask(question{method: http.MethodGet, path: "/v1/audit/verify", wait: bulkWait}, &state); err != nil {
		return err
	}
	return v.show("audit-verify.html", sheet{Title: "Verify the audit", Here: "/audit", Data: state})
}

// absent reports whether a record has nothing there.
func absent(thing json.RawMessage) bool { return len(thing) == 0 || string(thing) == "null" }
