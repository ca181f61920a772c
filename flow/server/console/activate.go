package console

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// The guided path of one registration, from the numbers that WhatsApp gave to
// the code on paper. Where somebody is on it is no state of the console's: it
// is read off the line each time, so the page survives a reload, and a
// colleague who opens it elsewhere sees the same.

const (
	// rehearsalOpen is how long a rehearsal waits for the test dial.
	rehearsalOpen = "15m"

	// lookBack is how long after it came a call is still asked about.
	lookBack = 24 * time.Hour

	// maxPasted is how many numbers may be pasted at once.
	maxPasted = 50
)

// keeps are how long numbers may be kept; the empty one is until somebody
// takes them off.
var keeps = []string{"72h", "168h", "720h", ""}

func (c *Console) serveActivate(mux *http.ServeMux) {
	c.page(mux, "GET /activate", store.RoleViewer, (*visit).chooseLine)
	c.page(mux, "GET /activate/{line}", store.RoleViewer, (*visit).activatePage)
	c.page(mux, "GET /activate/{line}/live", store.RoleViewer, (*visit).activateLive)
	c.page(mux, "POST /activate/{line}/callers", store.RoleEditor, (*visit).nameCallers)
	c.page(mux, "POST /activate/{line}/rehearse", store.RoleEditor, (*visit).rehearse)
	c.page(mux, "POST /activate/{line}/arm", store.RoleEditor, (*visit).arm)
	c.page(mux, "POST /activate/{line}/outcome", store.RoleEditor, (*visit).saveOutcome)
}

// chooseView is the page on which somebody says which number is registered.
type chooseView struct {
	Number string
	Check  *checked // of Number; nil where none was asked about
	Line   string   // that has Number; empty where none has
	Lines  []lineNow
}

// checked is what the API says of a number.
type checked struct {
	Number   string `json:"number"`
	Verdict  string `json:"verdict"`
	Findings []struct {
		Code     string `json:"code"`
		Severity string `json:"severity"`
		Text     string `json:"text"`
	} `json:"findings"`
	Checklist []string `json:"checklist"`
}

func (v *visit) chooseLine() error {
	lines, err := v.linesNow()
	if err != nil {
		return err
	}
	view := chooseView{Number: strings.TrimSpace(v.r.URL.Query().Get("number")), Lines: lines}
	if view.Number != "" {
		check, err := v.check(view.Number)
		if err != nil {
			return err
		}
		view.Check, view.Line = &check, v.lineOf(check.Number)
	}
	return v.show("activate-choose.html", sheet{Title: "Activate a number", Here: "/activate", Data: view})
}

func (v *visit) check(number string) (checked, error) {
	return get[checked](v, "/v1/check", url.Values{"number": {number}})
}

func (v *visit) lineOf(number string) string {
	for _, l := range v.board.Snapshot().Lines() {
		if slices.ContainsFunc(l.Numbers, func(n ani.Number) bool { return n.String() == number }) {
			return l.Name
		}
	}
	return ""
}

// activateView is the path of one line.
type activateView struct {
	lineNow
	Numbers  []checked
	Entries  []ani.Entry // that are active and for this line
	More     bool        // there are more of them
	Calls    []store.Call
	Rehearse rehearsalView
	Armed    *flow.Window
	Asked    []store.Call // that somebody still has to say the outcome of, newest first
	Caught   bool         // the code of one of the calls was received
}

// rehearsalView is how the rehearsal goes.
type rehearsalView struct {
	Window *flow.Window // that is open; nil: none
	Call   *store.Call  // the last test dial, if it was lately
}

func (v *visit) activatePage() error { return v.showActivate(nil) }

// showActivate shows the path, and why what was sent can't be taken.
func (v *visit) showActivate(wrong error) error {
	view, err := v.activation(v.r.PathValue("line"))
	if err != nil {
		return err
	}
	s := sheet{Title: "Activate " + view.Name, Here: "/activate", Data: view}
	if wrong != nil {
		return v.showBad("activate.html", s, wrong)
	}
	return v.show("activate.html", s)
}

func (v *visit) activateLive() error {
	view, err := v.activation(v.r.PathValue("line"))
	if err != nil {
		return err
	}
	return v.part("activate-live", sheet{Data: view})
}

func (v *visit) activation(name string) (activateView, error) {
	line, ok := v.board.Snapshot().Line(name)
	if !ok {
		return activateView{}, &refusal{Status: http.StatusNotFound, Detail: "There is no line " + name + ", or no longer."}
	}
	checks, err := get[preflight](v, "/v1/lines/"+name+"/preflight", nil)
	if err != nil {
		return activateView{}, err
	}
	now, live := v.board.Now(), v.board.Snapshot().Live(name)
	view := activateView{lineNow: stateOf(line, live, checks, now), Armed: openLast(live, flow.ModeListed, now)}
	view.Rehearse.Window = openLast(live, flow.ModeRehearsal, now)
	if err := v.readEntries(&view); err != nil {
		return view, err
	}
	if err := v.readNumbers(&view); err != nil {
		return view, err
	}
	return view, v.readCalls(&view, now)
}

func (v *visit) readNumbers(view *activateView) error {
	for _, n := range view.Line.Numbers {
		check, err := v.check(n.String())
		if err != nil {
			return err
		}
		view.Numbers = append(view.Numbers, check)
	}
	return nil
}

func (v *visit) readEntries(view *activateView) error {
	page, err := get[struct {
		Items []ani.Entry `json:"items"`
		Next  string      `json:"next_cursor"`
	}](v, "/v1/entries", url.Values{"line": {view.Name}, "state": {"active"}, "limit": {"10"}})
	view.Entries, view.More = page.Items, page.Next != ""
	return err
}

// readCalls finds the calls that belong to this registration: those of the
// last day, newest first.
func (v *visit) readCalls(view *activateView, now time.Time) error {
	page, err := get[struct{ Items []store.Call }](v, "/v1/calls", url.Values{
		"line": {view.Name}, "since": {now.Add(-lookBack).UTC().Format(time.RFC3339)}, "limit": {"50"},
	})
	if err != nil {
		return err
	}
	for i := range page.Items {
		view.sort(&page.Items[i])
	}
	return nil
}

// sort puts a call where it belongs; the newest comes first.
func (a *activateView) sort(c *store.Call) {
	if c.Kind == store.CallRehearsal {
		if a.Rehearse.Call == nil {
			a.Rehearse.Call = c
		}
		return
	}
	if c.Kind == store.CallDirect && c.Outcome == "" {
		a.Asked = append(a.Asked, *c)
	}
	a.Caught = a.Caught || c.Outcome == store.OutcomeReceived
	a.Calls = append(a.Calls, *c)
}

// Of is the preflight's check of a code; zero where there is none.
func (p preflight) Of(code string) check {
	for _, c := range p.Checks {
		if c.Code == code {
			return c
		}
	}
	return check{}
}

// pasted is one line of what somebody pasted: a number, and what stands
// behind it.
type pasted struct{ number, label string }

// pastedNumbers reads numbers out of a mail, one a line; after a comma or a
// tab stands what the number is.
func pastedNumbers(text string) []pasted {
	var all []pasted
	for line := range strings.Lines(text) {
		number, label, _ := strings.Cut(strings.ReplaceAll(line, "\t", ","), ",")
		if number = strings.TrimSpace(number); number != "" {
			all = append(all, pasted{number, strings.TrimSpace(label)})
		}
	}
	return all
}

// nameCallers puts the numbers that WhatsApp gave on the list, for this line.
// Those that can't be taken are shown again, each with its reason; the others
// are on the list by then.
func (v *visit) nameCallers() error {
	sent, err := v.sent()
	if err != nil {
		return err
	}
	all := pastedNumbers(sent.Get("numbers"))
	wrong := &refusal{Status: http.StatusUnprocessableEntity, Detail: "Some numbers are not on the list yet."}
	switch {
	case !slices.Contains(keeps, sent.Get("keep")):
		wrong.Errors = []fieldError{{"keep", "must be one of the spans that are offered"}}
		return v.showActivate(wrong)
	case len(all) == 0:
		wrong.Errors = []fieldError{{"numbers", "are missing: paste them, one a line"}}
		return v.showActivate(wrong)
	case len(all) > maxPasted:
		wrong.Errors = []fieldError{{"numbers", "are too many for this page: import them as a file under Numbers"}}
		return v.showActivate(wrong)
	}
	var left []string
	for _, p := range all {
		if err := v.addCaller(p); err != nil {
			refused := (*refusal)(nil)
			if !errors.As(err, &refused) || refused.Status >= http.StatusInternalServerError {
				return err
			}
			wrong.Errors = append(wrong.Errors, fieldError{"numbers", p.number + ": " + refused.sentence()})
			left = append(left, p.number+", "+p.label)
		}
	}
	if len(left) > 0 {
		v.r.PostForm.Set("numbers", strings.Join(left, "\n"))
		return v.showActivate(wrong)
	}
	return v.done(v.activateURL(), "The numbers are on the list.")
}

// sentence is all that a refusal says.
func (r *refusal) sentence() string {
	texts := make([]string, 0, len(r.Errors))
	for _, e := range r.Errors {
		texts = append(texts, e.Field+" "+e.Detail)
	}
	if len(texts) > 0 {
		return strings.Join(texts, "; ")
	}
	return r.Detail
}

func (v *visit) addCaller(p pasted) error {
	f := v.r.PostForm
	body := map[string]any{"pattern": p.number, "label": p.label, "source": f.Get("source"), "lines": []string{v.r.PathValue("line")}}
	if days, err := time.ParseDuration(f.Get("keep")); err == nil && days > 0 {
		body["expires_at"] = v.board.Now().Add(days).UTC().Format(time.RFC3339)
	}
	err := v.ask(question{method: http.MethodPost, path: "/v1/entries", body: body}, nil)
	if refused := refusedBy(err); refused != nil && refused.Status == http.StatusConflict && v.ringsThrough(p.number) {
		return nil // somebody has been quicker
	}
	return err
}

// ringsThrough reports whether a number is on the list for this line as it is.
func (v *visit) ringsThrough(number string) bool {
	pattern, err := ani.ParsePattern(number)
	if err != nil {
		return false
	}
	page, err := get[struct{ Items []ani.Entry }](v, "/v1/entries", url.Values{
		"q": {pattern.String()}, "line": {v.r.PathValue("line")}, "state": {string(ani.StateActive)},
	})
	return err == nil && slices.ContainsFunc(page.Items, func(e ani.Entry) bool { return e.Pattern == pattern })
}

func (v *visit) activateURL() string { return "/activate/" + v.r.PathValue("line") }

// rehearse opens a rehearsal for somebody's own telephone.
func (v *visit) rehearse() error {
	sent, err := v.sent()
	if err != nil {
		return err
	}
	caller := strings.TrimSpace(sent.Get("caller"))
	body := map[string]any{"line": v.r.PathValue("line"), "mode": flow.ModeRehearsal, "duration": rehearsalOpen, "callers": []string{caller}}
	if err := v.ask(question{method: http.MethodPost, path: "/v1/windows", body: body}, nil); err != nil {
		return v.showActivate(err)
	}
	return v.done(v.activateURL()+"#rehearse", "Now dial the line’s number from "+caller+".")
}

// arm opens the window in which the call is expected, unless one is open.
func (v *visit) arm() error {
	sent, err := v.sent()
	if err != nil {
		return err
	}
	line := v.r.PathValue("line")
	if openLast(v.board.Snapshot().Live(line), flow.ModeListed, v.board.Now()) != nil {
		return v.showActivate(&refusal{Status: http.StatusConflict, Detail: "The line is armed already. Disarm it first if it shall be armed for another time."})
	}
	body := map[string]any{"line": line, "mode": flow.ModeListed, "duration": sent.Get("duration")}
	if err := v.ask(question{method: http.MethodPost, path: "/v1/windows", body: body}, nil); err != nil {
		return v.showActivate(err)
	}
	return v.done(v.activateURL()+"#arm", "The line is armed. Request the code now.")
}

// saveOutcome writes down whether the code was caught.
func (v *visit) saveOutcome() error {
	sent, err := v.sent()
	if err != nil {
		return err
	}
	outcome := sent.Get("outcome")
	body := map[string]any{"outcome": outcome, "note": sent.Get("note")}
	q := question{method: http.MethodPost, path: "/v1/calls/" + pathPart(sent.Get("call")) + "/outcome", body: body}
	if err := v.ask(q, nil); err != nil {
		return v.showActivate(err)
	}
	return v.done(v.activateURL()+"#caught", "It is written down: "+words(outcome)+".")
}
