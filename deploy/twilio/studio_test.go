// Package twilio_test holds the Studio flow against what is known of Studio: no
// package has its schema, so that keys and events are compared with those of
// public flows, and the flow is walked against the real server. It has met no
// Twilio account.
package twilio_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/deploy/test/rig"
	"github.com/ringthrough/ringthrough/flow"
)

type definition struct {
	Description string          `json:"description"`
	States      []state         `json:"states"`
	Initial     string          `json:"initial_state"`
	Flags       map[string]bool `json:"flags"`
}

type state struct {
	Name        string       `json:"name"`
	Type        string       `json:"type"`
	Transitions []transition `json:"transitions"`
	Properties  properties   `json:"properties"`
}

type transition struct {
	Event      string `json:"event"`
	Next       string `json:"next"`
	Conditions []struct {
		FriendlyName string   `json:"friendly_name"`
		Arguments    []string `json:"arguments"`
		Type         string   `json:"type"`
		Value        string   `json:"value"`
	} `json:"conditions"`
}

type properties struct {
	Offset      map[string]int      `json:"offset"`
	Method      string              `json:"method"`
	ContentType string              `json:"content_type"`
	URL         string              `json:"url"`
	Parameters  []map[string]string `json:"parameters"`
	TwilioAuth  bool                `json:"add_twilio_auth"`
	Input       string              `json:"input"`
	CallerID    string              `json:"caller_id"`
	Noun        string              `json:"noun"`
	To          string              `json:"to"`
	Timeout     any                 `json:"timeout"`
}

// load reads the flow, which must not have a key that isn't known.
func load(t *testing.T) (definition, map[string]state) {
	t.Helper()
	file, err := os.Open("studio-flow.json")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var d definition
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		t.Fatal(err)
	}
	byName := map[string]state{}
	for _, s := range d.States {
		if byName[s.Name].Name != "" {
			t.Errorf("there are two %s", s.Name)
		}
		byName[s.Name] = s
	}
	return d, byName
}

// events are those that each type of widget has in public flows.
var events = map[string][]string{
	"trigger":            {"incomingMessage", "incomingCall", "incomingConversationMessage", "incomingRequest", "incomingParent"},
	"make-http-request":  {"success", "failed"},
	"split-based-on":     {"noMatch", "match"},
	"connect-call-to":    {"callCompleted", "hangup"},
	"add-twiml-redirect": {"return", "timeout", "fail"},
}

func TestFlowHoldsTogether(t *testing.T) {
	d, byName := load(t)
	if byName[d.Initial].Type != "trigger" {
		t.Errorf("it begins with %s", d.Initial)
	}
	for _, s := range d.States {
		var has []string
		for _, to := range s.Transitions {
			has = append(has, to.Event)
			if to.Next != "" && byName[to.Next].Name == "" {
				t.Errorf("%s goes to %s, which isn't there", s.Name, to.Next)
			}
			if (to.Event == "match") != (len(to.Conditions) == 1) {
				t.Errorf("%s has %d conditions for %s", s.Name, len(to.Conditions), to.Event)
			}
		}
		if diff := cmp.Diff(events[s.Type], has); diff != "" {
			t.Errorf("%s: -want +got\n%s", s.Name, diff)
		}
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, named := range regexp.MustCompile(`widgets\.(\w+)\.`).FindAllStringSubmatch(string(text), -1) {
			if byName[named[1]].Name == "" {
				t.Errorf("%s reads of %s, which isn't there", s.Name, named[1])
			}
		}
	}
}

// Whatever goes wrong before somebody has answered ends at the normal IVR.
func TestFailuresEndAtTheIVR(t *testing.T) {
	_, byName := load(t)
	for _, way := range [][2]string{{"ask", "failed"}, {"direct", "noMatch"}, {"report_no_answer", "failed"}, {"report_no_answer", "success"}} {
		if got := next(byName[way[0]], way[1]); got != "normal_ivr" {
			t.Errorf("%s of %s goes to %q", way[1], way[0], got)
		}
	}
}

func next(s state, event string) string {
	for _, to := range s.Transitions {
		if to.Event == event {
			return to.Next
		}
	}
	return ""
}

// walk is a call on its way through the flow.
type walk struct {
	t         *testing.T
	rig       rig.Rig
	variables map[string]string
	outcomes  []string // of each widget that rings: an event, and DialCallStatus
	did       []string
}

func (w *walk) from(byName map[string]state, name string) {
	w.t.Helper()
	for range 50 {
		s, ok := byName[name]
		if !ok {
			return
		}
		name = next(s, w.event(s))
	}
	w.t.Fatal("the flow goes round in circles")
}

func (w *walk) event(s state) string {
	w.t.Helper()
	switch s.Type {
	case "trigger":
		return "incomingCall"
	case "split-based-on":
		if condition := s.Transitions[1].Conditions[0]; w.fill(s.Properties.Input) == condition.Value && condition.Arguments[0] == s.Properties.Input {
			return "match"
		}
		return "noMatch"
	case "make-http-request":
		return w.request(s)
	case "connect-call-to":
		if len(w.outcomes) == 0 {
			w.t.Fatalf("nobody was to ring: %s", s.Name)
		}
		w.did = append(w.did, w.fill(s.Properties.To))
		event, status, _ := strings.Cut(w.outcomes[0], " ")
		w.outcomes = w.outcomes[1:]
		w.variables["widgets."+s.Name+".DialCallStatus"] = status
		return event
	default:
		w.did = append(w.did, s.Type)
		return ""
	}
}

var placeholder = regexp.MustCompile(`{{([\w.]+)}}`)

func (w *walk) fill(text string) string {
	return placeholder.ReplaceAllStringFunc(text, func(p string) string { return w.variables[p[2:len(p)-2]] })
}

// request sends what a widget would, and keeps the object that comes back. The
// answer to a report has no body, which Studio may take for a failure.
func (w *walk) request(s state) string {
	w.t.Helper()
	form := url.Values{}
	for _, p := range s.Properties.Parameters {
		form.Set(p["key"], w.fill(p["value"]))
	}
	address, err := url.Parse(w.fill(s.Properties.URL))
	if err != nil {
		w.t.Fatal(err)
	}
	password, _ := address.User.Password()
	status, text := w.rig.Post(w.t, address.Path, s.Properties.ContentType, form.Encode(), func(req *http.Request) {
		req.SetBasicAuth(address.User.Username(), strings.Replace(password, "rt_REPLACE_ME", w.variables["token"], 1))
	})
	parsed := map[string]string{}
	if s.Properties.Method != http.MethodPost || status/100 != 2 || json.Unmarshal([]byte(text), &parsed) != nil {
		return "failed"
	}
	for key, value := range parsed {
		w.variables["widgets."+s.Name+".parsed."+key] = value
	}
	return "success"
}

func TestCalls(t *testing.T) {
	number, other := flow.Target{Kind: flow.KindNumber, Address: "+15125550123"}, flow.Target{Kind: flow.KindNumber, Address: "+15125550124"}
	queue := flow.Target{Kind: flow.KindQueue, Address: "WhatsApp activation"}
	for name, test := range map[string]struct {
		caller, token string
		targets       []flow.Target
		outcomes      []string
		want          []string
		results       []flow.Result
	}{
		"a person who hangs up first": {rig.Caller, rig.Token, []flow.Target{number}, []string{"callCompleted completed"}, []string{number.Address}, []flow.Result{flow.ResultAnswered}},
		"the bot hangs up first":      {rig.Caller, rig.Token, []flow.Target{number}, []string{"hangup completed"}, []string{number.Address}, []flow.Result{flow.ResultAnswered}},
		"the bot hangs up while it rings": {
			rig.Caller, rig.Token, []flow.Target{number, other}, []string{"hangup "}, []string{number.Address}, []flow.Result{""},
		},
		"the backup answers": {
			rig.Caller, rig.Token, []flow.Target{number, other}, []string{"callCompleted no-answer", "callCompleted completed"},
			[]string{number.Address, other.Address}, []flow.Result{flow.ResultAnswered},
		},
		"nobody answers": {
			rig.Caller, rig.Token, []flow.Target{number, queue}, []string{"callCompleted busy"}, []string{number.Address, "add-twiml-redirect"}, []flow.Result{flow.ResultNoAnswer},
		},
		"a queue, then a number": {
			rig.Caller, rig.Token, []flow.Target{queue, number}, []string{"callCompleted completed"}, []string{number.Address}, []flow.Result{flow.ResultAnswered},
		},
		"another caller":    {"+442079460000", rig.Token, []flow.Target{number}, nil, []string{"add-twiml-redirect"}, nil},
		"a withheld caller": {"+266696687", rig.Token, []flow.Target{number}, nil, []string{"add-twiml-redirect"}, nil},
		"a wrong token":     {rig.Caller, "rt_wrong", []flow.Target{number}, nil, []string{"add-twiml-redirect"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			d, byName := load(t)
			w := &walk{t: t, rig: rig.NewWith(t, rig.Label, test.targets), outcomes: test.outcomes, variables: map[string]string{
				"trigger.call.From": test.caller, "trigger.call.To": rig.Called, "trigger.call.CallSid": "CA0123456789abcdef0123456789abcdef", "token": test.token,
			}}
			w.from(byName, d.Initial)
			if diff := cmp.Diff(test.want, w.did); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if got := w.rig.Results(t); !slices.Equal(got, test.results) {
				t.Errorf("results %q, want %q", got, test.results)
			}
		})
	}
}
