package console

import (
	"cmp"
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// recentCalls is how many calls the start page shows.
const recentCalls = "20"

func (c *Console) serveNow(mux *http.ServeMux) {
	c.page(mux, "GET /{$}", store.RoleViewer, (*visit).nowPage)
	c.page(mux, "GET /now/lines", store.RoleViewer, (*visit).nowLines)
	c.page(mux, "GET /now/calls", store.RoleViewer, (*visit).nowCalls)
}

// nowView is the start page: what is going on.
type nowView struct {
	Lines []lineNow
	Calls []store.Call
	Chart chartView
	Hooks []hookNow // that have ever asked, or are configured
}

func (v *visit) nowPage() error {
	lines, err := v.linesNow()
	if err != nil {
		return err
	}
	calls, err := v.latestCalls()
	if err != nil {
		return err
	}
	chart, err := v.chart()
	if err != nil {
		return err
	}
	return v.show("now.html", sheet{Title: "Now", Here: "/", Data: nowView{lines, calls, chart, v.hooksNow()}})
}

func (v *visit) nowLines() error {
	lines, err := v.linesNow()
	if err != nil {
		return err
	}
	return v.part("now-lines", sheet{Data: lines})
}

func (v *visit) nowCalls() error {
	calls, err := v.latestCalls()
	if err != nil {
		return err
	}
	return v.part("now-calls", sheet{Data: calls})
}

func (v *visit) latestCalls() ([]store.Call, error) {
	page, err := get[struct{ Items []store.Call }](v, "/v1/calls", url.Values{"limit": {recentCalls}})
	return page.Items, err
}

// preflight is what the API says of a line.
type preflight struct {
	Line   string  `json:"line"`
	Ready  bool    `json:"ready"`
	Checks []check `json:"checks"`
}

type check struct {
	Code   string `json:"code"`
	Status string `json:"status"`
	Text   string `json:"text"`
}

// failing are the checks that keep a line from being ready.
func (p preflight) Failing() []check {
	return slices.DeleteFunc(slices.Clone(p.Checks), func(c check) bool { return c.Status != "fail" })
}

// lineNow is a line as it is at this moment.
type lineNow struct {
	flow.Line
	State     string       // diverted, armed, rehearsal, ready, not_ready or off
	Window    *flow.Window // that makes the state; nil where none does
	Planned   *flow.Window // the next that will open
	Preflight preflight
}

// urgency orders lines: what can't be overlooked comes first.
var urgency = map[string]int{"diverted": 0, "armed": 1, "rehearsal": 2, "not_ready": 3, "ready": 4, "off": 5}

func (v *visit) linesNow() ([]lineNow, error) {
	s := v.board.Snapshot()
	lines := make([]lineNow, 0, len(s.Lines()))
	for _, l := range s.Lines() {
		checks, err := get[preflight](v, "/v1/lines/"+l.Name+"/preflight", nil)
		if err != nil {
			return nil, err
		}
		lines = append(lines, stateOf(l, s.Live(l.Name), checks, v.board.Now()))
	}
	slices.SortStableFunc(lines, func(a, b lineNow) int { return cmp.Compare(urgency[a.State], urgency[b.State]) })
	return lines, nil
}

func stateOf(l flow.Line, live flow.Live, p preflight, now time.Time) lineNow {
	n := lineNow{Line: l, Preflight: p, Planned: nextPlanned(live, now)}
	for _, m := range []struct {
		mode  flow.Mode
		state string
	}{{flow.ModeAnyone, "diverted"}, {flow.ModeListed, "armed"}, {flow.ModeRehearsal, "rehearsal"}} {
		if w := openLast(live, m.mode, now); w != nil {
			n.State, n.Window = m.state, w
			return n
		}
	}
	switch {
	case !l.Enabled:
		n.State = "off"
	case p.Ready:
		n.State = "ready"
	default:
		n.State = "not_ready"
	}
	return n
}

// openLast is the open window of a mode that closes last: until then the line
// is as the mode has it.
func openLast(live flow.Live, mode flow.Mode, now time.Time) *flow.Window {
	var last *flow.Window
	for i := range live.Windows {
		w := &live.Windows[i]
		if w.Mode == mode && w.OpenAt(now) && (last == nil || w.ClosesAt.After(last.ClosesAt)) {
			last = w
		}
	}
	return last
}

func nextPlanned(live flow.Live, now time.Time) *flow.Window {
	var next *flow.Window
	for i, w := range live.Windows {
		if w.State(now) == "scheduled" && (next == nil || w.OpensAt.Before(next.OpensAt)) {
			next = &live.Windows[i]
		}
	}
	return next
}

// chartView are the activation calls of the last days, by outcome.
type chartView struct {
	Days   []chartDay
	Series template.JS // for the script: JSON, in a block that no browser runs
	Total  int
}

type chartDay struct {
	Day                             time.Time
	Received, Missed, Other, Nobody int
}

// chartDays is how far back the chart goes, and chartPages bounds the calls
// that are counted for it.
const (
	chartDays  = 30
	chartPages = 10
)

func (v *visit) chart() (chartView, error) {
	today := v.board.Now().UTC().Truncate(24 * time.Hour)
	first := today.AddDate(0, 0, 1-chartDays)
	view := chartView{Days: make([]chartDay, chartDays)}
	for i := range view.Days {
		view.Days[i].Day = first.AddDate(0, 0, i)
	}
	q := url.Values{"kind": {"direct"}, "since": {first.Format(time.RFC3339)}, "limit": {"1000"}}
	for range chartPages {
		page, err := get[struct {
			Items []store.Call `json:"items"`
			Next  string       `json:"next_cursor"`
		}](v, "/v1/calls", q)
		if err != nil {
			return view, err
		}
		for _, c := range page.Items {
			view.count(c, first)
		}
		if q.Set("cursor", page.Next); page.Next == "" {
			break
		}
	}
	return view, view.encode()
}

func (c *chartView) count(call store.Call, first time.Time) {
	day := int(call.At.Sub(first) / (24 * time.Hour))
	if day < 0 || day >= len(c.Days) {
		return
	}
	c.Total++
	d := &c.Days[day]
	switch call.Outcome {
	case store.OutcomeReceived:
		d.Received++
	case store.OutcomeMissed:
		d.Missed++
	case store.OutcomeNotActivation:
		d.Other++
	default:
		d.Nobody++
	}
}

// encode writes the series as the script takes them: each day in unix
// seconds, and how many calls had which outcome.
func (c *chartView) encode() error {
	type series struct {
		Label  string `json:"label"`
		Colour string `json:"colour"`
		Values []int  `json:"values"`
	}
	days := make([]int64, len(c.Days))
	all := []series{{"code received", "--good", nil}, {"code missed", "--bad", nil}, {"not an activation", "--soft", nil}, {"nobody has said", "--warn", nil}}
	for i, d := range c.Days {
		days[i] = d.Day.Unix()
		for n, value := range []int{d.Received, d.Missed, d.Other, d.Nobody} {
			all[n].Values = append(all[n].Values, value)
		}
	}
	b, err := json.Marshal(map[string]any{"days": days, "series": all})
	c.Series = template.JS(b) //nolint:gosec // JSON of numbers and of words that stand above
	return err
}
