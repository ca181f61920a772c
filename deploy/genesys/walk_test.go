package genesys_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/expr-lang/expr"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

// walk takes a call through the flow. It is a reading of the documentation, not
// Architect: what an outcome is, the world decides.
type walk struct {
	t     testing.TB
	tasks map[string]task
	world world
	task  object // the variables
	trace []string
	fault bool // error handling has been taken
}

// world is all that the flow meets.
type world struct {
	call   object    // variables of the call; those that are missing are NOT_SET
	now    time.Time // for the table
	choose func(s step, options []string) string
	data   func(action string, inputs map[string]any) map[string]string // nil: nothing comes back
	table  map[string]object
}

var errEvaluation = errors.New("a step could not be evaluated")

// through is what happened on the way of a call: the steps that mattered, and
// how it ended.
func through(t testing.TB, tasks map[string]task, w world) []string {
	t.Helper()
	k := &walk{t: t, tasks: tasks, world: w, task: object{}}
	for name, v := range tasks["ringthrough"].variables {
		k.task[strings.TrimPrefix(name, "Task.")] = initial(v)
	}
	k.perform("ringthrough")
	return k.trace
}

// initial is a variable's first value; durations are in seconds.
func initial(v variable) any {
	if minutes, ok := at(v.initial, "lit", "minutes").(int); ok {
		return float64(60 * minutes)
	}
	return at(v.initial, "lit")
}

// perform runs a task and where it leads.
func (k *walk) perform(id string) {
	for id != "" {
		next, ended, err := k.run(k.tasks[id].steps)
		switch {
		case errors.Is(err, errEvaluation) && k.fault:
			k.note("silently disconnected")
			return
		case errors.Is(err, errEvaluation):
			k.fault = true
			k.note("error handling")
			id = "normal"
		case ended:
			return
		case next == "":
			k.t.Fatalf("task %s ends in nothing: %v", id, k.trace)
		default:
			id = next
		}
	}
}

func (k *walk) note(format string, args ...any) {
	k.trace = append(k.trace, fmt.Sprintf(format, args...))
}

// run does steps until one of them leads elsewhere or ends the call.
func (k *walk) run(steps []step) (next string, ended bool, err error) {
	for _, s := range steps {
		next, ended, err = k.do(s)
		if next != "" || ended || err != nil {
			return next, ended, err
		}
	}
	return "", false, nil
}

func (k *walk) do(s step) (next string, ended bool, err error) {
	switch s.kind {
	case "updateData":
		return "", false, k.update(s)
	case "setParticipantData":
		_, err := k.value(at(s.body["attributes"].([]any)[0], "attribute", "value"))
		return "", false, err
	case "decision":
		return k.decide(s)
	case "callData":
		return k.callData(s)
	case "dataTableLookup":
		return k.lookInTable(s)
	case "findQueue", "findUser":
		return k.find(s)
	case "jumpToTask":
		return refersTo(s.body["targetTaskRef"]), false, nil
	case "disconnect":
		k.note("disconnected")
		return "", true, nil
	default:
		return k.transfer(s)
	}
}

// take runs what stands under an output; nothing there leads to the next step.
func (k *walk) take(s step, output string) (next string, ended bool, err error) {
	actions := at(s.body, "outputs", output, "actions")
	if actions == nil {
		return "", false, nil
	}
	return k.run(stepsOf(k.t, actions))
}

func (k *walk) update(s step) error {
	for _, statement := range s.body["statements"].([]any) {
		of := statement.(object)["string"].(object)
		v, err := k.value(of["value"])
		if err != nil {
			return err
		}
		k.task[strings.TrimPrefix(of["variable"].(string), "Task.")] = v
	}
	return nil
}

func (k *walk) decide(s step) (next string, ended bool, err error) {
	v, err := k.value(s.body["condition"])
	if err != nil {
		return "", false, err
	}
	truth, ok := v.(bool)
	if !ok {
		k.t.Fatalf("%s is %v, neither true nor false", s.name(), v)
	}
	output := map[bool]string{true: "yes", false: "no"}[truth]
	if k.world.choose != nil {
		if chosen := k.world.choose(s, []string{"yes", "no"}); chosen != "" {
			output = chosen
		}
	}
	return k.take(s, output)
}

func (k *walk) callData(s step) (next string, ended bool, err error) {
	action, body := actionOf(k.t, s)
	inputs := map[string]any{}
	for name, from := range body["inputs"].(object) {
		if inputs[name], err = k.value(from); err == nil && inputs[name] == nil {
			err = errEvaluation // an input without a value
		}
		if err != nil {
			return "", false, err
		}
	}
	outcome, output := "failure", map[string]string(nil)
	if k.world.data != nil {
		if output = k.world.data(action, inputs); output != nil {
			outcome = "success"
		}
	}
	if k.world.choose != nil {
		if chosen := k.world.choose(s, []string{"success", "failure", "timeout"}); chosen != "" {
			outcome = chosen
		}
	}
	k.note("%s: %s", s.name(), outcome)
	if outcome == "success" {
		for name, to := range toObject(body["successOutputs"]) {
			k.task[strings.TrimPrefix(at(to, "var").(string), "Task.")] = output[name]
		}
	}
	return k.take(s, outcome)
}

func toObject(v any) object {
	o, _ := v.(object)
	return o
}

func (k *walk) lookInTable(s step) (next string, ended bool, err error) {
	key, err := k.value(s.body["lookupValue"])
	if err != nil {
		return "", false, err
	}
	_, table := only(k.t, s.body["dataTable"].(object))
	row, found := k.world.table[fmt.Sprint(key)]
	output := map[bool]string{true: "found", false: "notFound"}[found]
	if k.world.choose != nil {
		if chosen := k.world.choose(s, []string{"found", "notFound", "failure"}); chosen != "" {
			output = chosen
		}
	}
	k.note("%s: %s", s.name(), output)
	if output == "found" {
		for column, to := range table["foundOutputs"].(object) {
			k.task[strings.TrimPrefix(at(to, "var").(string), "Task.")] = row[column]
		}
	}
	return k.take(s, output)
}

func (k *walk) find(s step) (next string, ended bool, err error) {
	name, err := k.value(s.body["findName"])
	if err == nil && name == nil {
		err = errEvaluation
	}
	if err != nil {
		return "", false, err
	}
	output := k.world.choose(s, []string{"found", "notFound"})
	if output == "found" {
		k.task[strings.TrimPrefix(at(s.body["findResult"], "var").(string), "Task.")] = name
	}
	return k.take(s, output)
}

func (k *walk) transfer(s step) (next string, ended bool, err error) {
	to := map[string]any{"transferToAcd": s.body["targetQueue"], "transferToUser": s.body["targetUser"], "transferToNumber": s.body["targetNumber"], "transferToFlow": s.body["targetFlow"]}[s.kind]
	target, err := k.value(to)
	if err == nil && target == nil {
		err = errEvaluation
	}
	if err != nil {
		return "", false, err
	}
	outcome := k.world.choose(step{s.kind, object{"name": target}}, []string{"answered", "failure"})
	k.note("%s %v: %s", s.kind, target, outcome)
	if outcome == "answered" {
		return "", true, nil
	}
	return k.take(s, "failure")
}

// value is what a value of the YAML comes to: {exp}, {lit}, {name}; nil is
// NOT_SET.
func (k *walk) value(v any) (any, error) {
	if name := at(v, "name"); name != nil {
		return name, nil
	}
	if lit := at(v, "lit"); lit != nil {
		if name := at(lit, "name"); name != nil {
			return name, nil
		}
		return lit, nil
	}
	env := functions(k.world.now)
	env["Task"], env["Call"] = k.task, k.world.call
	result, err := expr.Eval(at(v, "exp").(string), env)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errEvaluation, err)
	}
	return result, nil
}

// functions are those of Architect that the flow uses. Texts without a value
// make all of them fail but If and IsNotSetOrEmpty.
func functions(now time.Time) object {
	return object{
		"IsNotSetOrEmpty":       func(v any) bool { return v == nil || v == "" },
		"If":                    func(c bool, a, b any) any { return map[bool]any{true: a, false: b}[c] },
		"Lower":                 strings.ToLower,
		"Contains":              strings.Contains,
		"Replace":               strings.ReplaceAll,
		"Append":                func(texts ...string) string { return strings.Join(texts, "") },
		"ToString":              func(s string) string { return s },
		"GetCurrentDateTimeUtc": func() time.Time { return now },
		"ToDateTime":            func(s string) (time.Time, error) { return time.Parse(time.RFC3339, s) },
		"DateTimeDiff":          func(a, b time.Time) float64 { return a.Sub(b).Seconds() },
		"ToPhoneNumber": func(s string) (object, error) {
			n, err := ani.Parse(s, "")
			return object{"e164": n.String()}, err
		},
	}
}

// What a call may meet at each step, in every combination: it always ends with
// somebody, and nothing stands before the question.
func TestEveryPathEndsWithSomebody(t *testing.T) {
	_, tasks := loadFlow(t, substituted(t))
	kinds := []string{"queue", "user", "number", "sip", ""}
	paths := 0
	for _, kind := range kinds {
		for _, backup := range kinds {
			for _, trace := range everyWay(t, tasks, kind, backup) {
				paths++
				checkPath(t, trace)
			}
		}
	}
	t.Logf("%d paths", paths)
	if paths < 200 {
		t.Error("too few paths were walked")
	}
}

// everyWay walks the flow once for each sequence of outcomes that there can be.
func everyWay(t *testing.T, tasks map[string]task, kind, backup string) [][]string {
	t.Helper()
	reply := map[string]string{"route": "direct", "lookup_id": "d1", "target_kind": kind, "target": "a", "backup_kind": backup, "backup": "b"}
	row := object{"target_kind": kind, "target": "a", "backup_kind": backup, "backup": "b", "armed_at": "2026-11-23T20:00:00Z"}
	var traces [][]string
	for script := []int{}; script != nil; {
		var taken, sizes []int
		choose := func(s step, options []string) string {
			if s.kind == "decision" && s.name() != "Armed too long ago" {
				return "" // by what it says
			}
			i := 0
			if len(taken) < len(script) {
				i = script[len(taken)]
			}
			taken, sizes = append(taken, i), append(sizes, len(options))
			return options[i]
		}
		traces = append(traces, through(t, tasks, world{
			call: object{"Ani": "tel:" + caller, "CalledAddressOriginal": "tel:" + toQueue, "ConversationId": "c1"}, choose: choose,
			now: time.Date(2026, 11, 23, 21, 0, 0, 0, time.UTC), table: map[string]object{"16505550123-18005550100": row},
			data: func(string, map[string]any) map[string]string { return reply },
		}))
		script = nextScript(taken, sizes)
	}
	return traces
}

// nextScript is the next sequence of outcomes, as an odometer counts; nil after
// the last.
func nextScript(taken, sizes []int) []int {
	for i, n := range slices.Backward(taken) {
		if n+1 < sizes[i] {
			return append(slices.Clone(taken[:i]), n+1)
		}
	}
	return nil
}

func checkPath(t *testing.T, trace []string) {
	t.Helper()
	if len(trace) == 0 || !strings.HasPrefix(trace[0], "Ask ringthrough: ") {
		t.Fatalf("the question doesn't come first: %v", trace)
	}
	last := trace[len(trace)-1]
	tried := slices.ContainsFunc(trace, func(s string) bool { return s == "transferToFlow Main IVR: failure" })
	switch {
	case last == "disconnected":
		if !tried || !slices.Contains(trace, "transferToAcd Reception: failure") {
			t.Errorf("disconnected while somebody was left: %v", trace)
		}
	case !strings.HasSuffix(last, ": answered"):
		t.Errorf("ends in nothing: %v", trace)
	case strings.HasPrefix(last, "transferToAcd Reception") && !tried:
		t.Errorf("the last resort comes before the normal IVR: %v", trace)
	}
	if slices.Contains(trace, "error handling") {
		t.Errorf("error handling was needed: %v", trace)
	}
	if answered := trace[0] == "Ask ringthrough: success"; answered == slices.ContainsFunc(trace, func(s string) bool { return strings.HasPrefix(s, "Look in the table") }) {
		t.Errorf("the table is for the day that we are away, and only for that: %v", trace)
	}
	if reported := slices.ContainsFunc(trace, func(s string) bool { return strings.HasPrefix(s, "Report") }); reported && trace[0] != "Ask ringthrough: success" {
		t.Errorf("reports on a lookup that there was none of: %v", trace)
	}
}

// here is the flow on a day when the people of ok answer, and what everybody
// else is called is a queue or a user that is there.
func here(ok ...string) func(step, []string) string {
	return func(s step, options []string) string {
		switch {
		case strings.HasPrefix(s.kind, "find"):
			return "found"
		case !strings.HasPrefix(s.kind, "transfer"):
			return ""
		case slices.Contains(append(ok, "Main IVR"), s.name()):
			return "answered"
		}
		return "failure"
	}
}

// The flow with the real data actions and the real server. Each call has a
// server of its own: to one that had a call before, it would be a redial.
func TestCalls(t *testing.T) {
	_, tasks := loadFlow(t, substituted(t))
	const asked, on = "Ask ringthrough: success", "transferToFlow Main IVR: answered"
	tests := []struct {
		name     string
		from, to any
		ok       []string
		want     []string
		result   flow.Result
	}{
		{"a listed caller reaches the queue", "tel:" + caller, "tel:" + toQueue, []string{"WhatsApp activation"}, []string{asked, "transferToAcd WhatsApp activation: answered"}, ""},
		{"the queue fails, the number answers", "tel:" + caller, "tel:" + toQueue, []string{"+15125550123"}, []string{asked, "transferToAcd WhatsApp activation: failure", "transferToNumber +15125550123: answered"}, ""},
		{"nobody answers", "tel:" + caller, "tel:" + toUser, nil, []string{asked, "transferToUser dana@example.com: failure", "transferToAcd WhatsApp activation: failure", "Report the result: success", on}, flow.ResultFailed},
		{"a user answers", "tel:" + caller, "tel:" + toUser, []string{"dana@example.com"}, []string{asked, "transferToUser dana@example.com: answered"}, ""},
		{"a number, and no backup", "tel:" + caller, "tel:" + toNumber, nil, []string{asked, "transferToNumber +15125550123: failure", "Report the result: success", on}, flow.ResultNoAnswer},
		{"a SIP target is left out", "tel:" + caller, "tel:" + toSIP, []string{"WhatsApp activation"}, []string{asked, "transferToAcd WhatsApp activation: answered"}, ""},
		{"everybody else", "tel:+442079460000", "tel:" + toQueue, nil, []string{asked, on}, ""},
		{"withheld", "sip:anonymous@anonymous.invalid", "tel:" + toQueue, nil, []string{asked, on}, ""},
		{"no number at all", nil, "tel:" + toQueue, nil, []string{asked, on}, ""},
		{"no called number", "tel:" + caller, nil, nil, []string{asked, on}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, id := newRig(t), ""
			got := through(t, tasks, world{
				call: object{"Ani": tt.from, "CalledAddressOriginal": tt.to, "ConversationId": "c1"}, choose: here(tt.ok...),
				data: func(action string, inputs map[string]any) map[string]string {
					file := map[string]string{read(t, lookupFile).Name: lookupFile, read(t, resultFile).Name: resultFile}[action]
					output := execute(t, doing(t, file, r.url, inputs))[0].Output
					if file == lookupFile {
						id = output["lookup_id"]
					}
					return output
				},
			})
			if !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			if call, _ := r.board.Store().Call(t.Context(), id); call.Result != tt.result {
				t.Errorf("the journal has %q, want %q", call.Result, tt.result)
			}
		})
	}
}

// The day that ringthrough is away.
func TestFallBack(t *testing.T) {
	_, tasks := loadFlow(t, substituted(t))
	row := func(change object) object {
		r := object{"target_kind": "queue", "target": "WhatsApp activation", "backup_kind": nil, "backup": nil, "armed_at": "2026-11-23T20:00:00Z"}
		maps.Copy(r, change)
		return r
	}
	const key, away, found, on = "16505550123-18005550100", "Ask ringthrough: failure", "Look in the table: found", "transferToFlow Main IVR: answered"
	tests := []struct {
		name     string
		from, to any
		row      object
		ok       []string
		want     []string
	}{
		{"armed an hour ago", "tel:" + caller, "tel:" + toQueue, row(nil), []string{"WhatsApp activation"}, []string{away, found, "transferToAcd WhatsApp activation: answered"}},
		{"armed an hour ago, and nobody answers: nothing to report", "tel:" + caller, "tel:" + toQueue, row(nil), nil, []string{away, found, "transferToAcd WhatsApp activation: failure", on}},
		{"with a backup", "tel:" + caller, "tel:" + toQueue, row(object{"backup_kind": "number", "backup": "+15125550123"}), []string{"+15125550123"}, []string{away, found, "transferToAcd WhatsApp activation: failure", "transferToNumber +15125550123: answered"}},
		{"an extension is no part of the number", "tel:" + caller + ";ext=105", "tel:" + toQueue, row(nil), []string{"WhatsApp activation"}, []string{away, found, "transferToAcd WhatsApp activation: answered"}},
		{"the last second", "tel:" + caller, "tel:" + toQueue, row(object{"armed_at": "2026-11-23T19:00:01Z"}), []string{"WhatsApp activation"}, []string{away, found, "transferToAcd WhatsApp activation: answered"}},
		{"two hours are over", "tel:" + caller, "tel:" + toQueue, row(object{"armed_at": "2026-11-23T19:00:00Z"}), []string{"WhatsApp activation"}, []string{away, found, on}},
		{"not armed", "tel:" + caller, "tel:" + toQueue, row(object{"armed_at": ""}), nil, []string{away, found, on}},
		{"armed at no time", "tel:" + caller, "tel:" + toQueue, row(object{"armed_at": "this evening"}), nil, []string{away, found, "error handling", on}},
		{"a row without a target", "tel:" + caller, "tel:" + toQueue, row(object{"target": nil}), nil, []string{away, found, "error handling", on}},
		{"another caller", "tel:+442079460000", "tel:" + toQueue, row(nil), nil, []string{away, "Look in the table: notFound", on}},
		{"another called number", "tel:" + caller, "tel:" + toUser, row(nil), nil, []string{away, "Look in the table: notFound", on}},
		{"withheld", "sip:anonymous@anonymous.invalid", "tel:" + toQueue, row(nil), nil, []string{away, on}},
		{"no number at all", nil, "tel:" + toQueue, row(nil), nil, []string{away, on}},
		{"a SIP address", "sip:" + caller + "@192.0.2.1", "tel:" + toQueue, row(nil), nil, []string{away, on}},
		{"no number in it", "tel:operator", "tel:" + toQueue, row(nil), nil, []string{away, "error handling", on}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := through(t, tasks, world{
				call: object{"Ani": tt.from, "CalledAddressOriginal": tt.to, "ConversationId": "c1"}, choose: here(tt.ok...),
				now: time.Date(2026, 11, 23, 21, 0, 0, 0, time.UTC), table: map[string]object{key: tt.row},
			})
			if !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}
