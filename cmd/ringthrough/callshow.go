package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/flow/store"
)

// call is a call of the journal as the API gives it.
type call struct {
	store.Call
	Likely bool     `json:"likely"` // of the candidates of its window, this is most likely the awaited one
	Signs  []string `json:"signs"`  // what speaks for and against that
}

type callsShowCmd struct {
	ID ident `arg:"" name:"id" help:"The call's id."`
}

// Run shows all that is known of the call.
func (c *callsShowCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	got, err := client.ask(ctx, request{
		method: http.MethodGet, path: []string{"v1", "calls", string(c.ID)},
		hints: map[int]string{http.StatusNotFound: lookAtCalls},
	})
	if err != nil {
		return err
	}
	return show(s, got.body, func(t *table, c call) { c.lay(t) })
}

func (c call) lay(t *table) {
	for _, pair := range [][2]string{
		{"id", c.ID},
		{"at", t.second(c.At)},
		{"kind", c.kind()},
		{"line", c.Line},
		{"caller", c.ANI.String()},
		{"called", c.DNIS.String()},
		{"route", strings.TrimSpace(string(c.Route) + " (" + string(c.Reason) + ")")},
		{"expected", strconv.FormatBool(c.Expected)},
		{"target", strings.TrimSpace(string(c.TargetKind) + " " + c.Target)},
		{"attempt", strconv.Itoa(c.Attempt)},
		{"entry", strings.TrimSpace(c.Entry + " " + c.Label)},
		{"window", c.Window},
		{"attestation", c.Attestation.String()},
		{"hook", strings.TrimSpace(c.Hook + " " + c.CallID)},
		{"result", c.resultText()},
		{"outcome", strings.TrimSpace(string(c.Outcome) + " " + c.by())},
		{"note", c.Note},
	} {
		t.fold(len("attestation  "), pair[0], pair[1])
	}
	if len(c.Signs) > 0 {
		t.gap()
		t.line("Is it the call that was awaited?")
		for _, sign := range c.Signs {
			t.fold(len("- "), "-", sign)
		}
	}
}

// kind is the call's kind, and whether it is the likely one of its window.
func (c call) kind() string {
	if c.Likely {
		return "likely " + string(c.Kind)
	}
	return string(c.Kind)
}

func (c call) by() string {
	if c.OutcomeBy == "" {
		return ""
	}
	return "(" + c.OutcomeBy + ")"
}

func (c call) resultText() string {
	if c.Result == "" {
		return ""
	}
	return string(c.Result) + " " + (time.Duration(c.Duration) * time.Second).String()
}

type callsRecentCmd struct {
	Line string `placeholder:"NAME" completion-predictor:"line" help:"Of this line."`
}

// recentCaller is a caller who was not let through.
type recentCaller struct {
	At   time.Time       `json:"at"`
	Hook string          `json:"hook"`
	Line string          `json:"line"`
	ANI  string          `json:"ani"`
	DNIS string          `json:"dnis"`
	Why  string          `json:"reason"`
	Near json.RawMessage `json:"entry_near"`
}

// Run shows the callers of the last minutes.
func (c *callsRecentCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	got, err := client.ask(ctx, request{method: http.MethodGet, path: []string{"v1", "recent"}, query: filters(map[string]string{"line": c.Line})})
	if err != nil {
		return err
	}
	return show(s, got.body, func(t *table, p page[recentCaller]) {
		t.row("AT", "LINE", "CALLER", "CALLED", "REASON", "HOOK", "NEAR")
		for _, r := range p.Items {
			t.row(t.second(r.At), r.Line, r.ANI, r.DNIS, r.Why, r.Hook, r.near())
		}
	})
}

// near is the entry that the caller is close to, if any.
func (r recentCaller) near() string {
	var text string
	if json.Unmarshal(r.Near, &text) == nil {
		return text
	}
	e, err := decode[entry](r.Near)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(e.Pattern.String() + " " + e.Label)
}

// span puts what --since and --until say into query. Spans count back.
func (s *session) span(query url.Values, since, until *moment) {
	for name, m := range map[string]*moment{"since": since, "until": until} {
		if m == nil {
			continue
		}
		if at, ok := stamp(m.before(s.now())).(string); ok {
			query.Set(name, at)
		}
	}
}
