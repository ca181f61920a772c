package console

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/flat"
	"github.com/ringthrough/ringthrough/flow/store"
)

func (c *Console) serveExplain(mux *http.ServeMux) {
	c.page(mux, "GET /explain", store.RoleViewer, (*visit).explainPage)
	c.page(mux, "GET /lines/{name}/explain", store.RoleViewer, (*visit).explainPage)
}

// explainView is what would become of a call that nobody has made. All that
// was asked stands in the page's address, so that it can be sent to somebody.
type explainView struct {
	Line   string // that the page is about; empty: any
	Lines  []flow.Line
	Zone   string // in which the time is read
	At     time.Time
	Answer *explained // nil: nothing was asked yet
}

// explained is the answer that the call would be given.
type explained struct {
	flat.Answer
	Steps         []flow.Step `json:"steps"`
	First, Second flow.Target `json:"-"` // Answer's target and backup, with their labels; zero: none
}

func (v *visit) explainPage() error {
	q, name := v.r.URL.Query(), v.r.PathValue("name")
	s := v.board.Snapshot()
	if name != "" {
		if _, err := v.lineCalled(name); err != nil {
			return err
		}
		q.Set("line", name)
	}
	view := explainView{Line: name, Lines: s.Lines()}
	page := sheet{Title: "What would happen to a call?", Here: "/lines", Form: q}
	dnis, wrong := dialled(s, q)
	zone := v.zoneOf(lineDialled(s, q))
	view.Zone = zone.String()
	page.Data = &view
	if !q.Has("ani") {
		return v.show("explain.html", page)
	}
	if wrong != nil {
		page.Bad = wrong
		return v.showAs(wrong.Status, "explain.html", page)
	}
	err := v.explain(&view, q, dnis, zone)
	if page.Bad = refusedBy(err); page.Bad != nil {
		return v.showAs(page.Bad.Status, "explain.html", page)
	}
	if err != nil {
		return err
	}
	return v.show("explain.html", page)
}

// dialled is the number that the call would be for: the one that was typed,
// else the first of the line.
func dialled(s *flow.Snapshot, q url.Values) (string, *refusal) {
	if typed := strings.TrimSpace(q.Get("dnis")); typed != "" {
		return typed, nil
	}
	l, ok := s.Line(q.Get("line"))
	if !ok || len(l.Numbers) == 0 && l.Default {
		return "", nil
	}
	if len(l.Numbers) == 0 {
		return "", &refusal{Status: http.StatusUnprocessableEntity, Detail: "The line " + l.Name + " has no number that somebody could call.", Errors: []fieldError{{"dnis", "is missing: the line has none of its own"}}}
	}
	return l.Numbers[0].String(), nil
}

// lineDialled is the line that the call would be for, as far as what was typed
// tells.
func lineDialled(s *flow.Snapshot, q url.Values) string {
	if n, err := ani.Parse(q.Get("dnis"), ""); err == nil {
		name, _ := s.LineOf(n)
		return name
	}
	return q.Get("line")
}

func (v *visit) explain(view *explainView, q url.Values, dnis string, zone *time.Location) error {
	body := map[string]any{"ani": strings.TrimSpace(q.Get("ani")), "dnis": dnis, "attestation": q.Get("attestation")}
	if region := strings.TrimSpace(q.Get("region")); region != "" {
		body["region"] = region
	}
	view.At = v.board.Now()
	if typed := q.Get("at"); strings.TrimSpace(typed) != "" {
		at := timeTyped(typed, zone)
		body["at"] = at
		view.At, _ = time.Parse(time.RFC3339, at) // else the API refuses it
	}
	var answer explained
	if err := v.ask(question{method: http.MethodPost, path: "/v1/explain", body: body}, &answer); err != nil {
		return err
	}
	l, _ := v.board.Snapshot().Line(answer.Line)
	answer.First, answer.Second = labelled(l, answer.TargetKind, answer.Target), labelled(l, answer.BackupKind, answer.Backup)
	view.Answer = &answer
	return nil
}

// labelled is the target of l that has a kind and an address.
func labelled(l flow.Line, kind, address string) flow.Target {
	t := flow.Target{Kind: flow.Kind(kind), Address: address}
	if i := slices.IndexFunc(l.Targets, func(u flow.Target) bool { return u.Kind == t.Kind && u.Address == t.Address }); i >= 0 {
		return l.Targets[i]
	}
	return t
}

// rules are what the decision's rules ask, in their order.
var rules = [...]string{
	"Can the request be read?",
	"Is there a called number?",
	"Which line does it belong to?",
	"Is the line switched on?",
	"Does the line call itself?",
	"Is the caller rehearsing?",
	"Does a window let everybody through?",
	"Is there a caller’s number?",
	"Is it on the list?",
	"Is its entry for this line?",
	"Is the entry switched on and within its dates?",
	"Does the carrier vouch for the caller enough?",
	"Does the line let callers through now?",
	"Has the line’s limit been reached?",
	"Is there somebody to pick up?",
	"Otherwise the call rings through.",
}

// ruleView is one rule, and what it made of the call.
type ruleView struct {
	flow.Step
	Asks string
}

// Rules are the steps of the decision, each with what it asks.
func (e *explained) Rules() []ruleView {
	all := make([]ruleView, 0, len(e.Steps))
	for _, step := range e.Steps {
		r := ruleView{Step: step}
		if i := step.Rule - 1; i >= 0 && i < len(rules) {
			r.Asks = rules[i]
		}
		all = append(all, r)
	}
	return all
}
