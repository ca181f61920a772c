package connect_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// contactFlow is version 2019-10-30 of the flow language.
// https://docs.aws.amazon.com/connect/latest/APIReference/flow-language.html
type contactFlow struct {
	Version     string
	StartAction string
	Metadata    struct {
		EntryPointPosition map[string]int            `json:"entryPointPosition"`
		ActionMetadata     map[string]map[string]any `json:"ActionMetadata"`
		Name               string                    `json:"name"`
		Description        string                    `json:"description"`
		Type               string                    `json:"type"`
		Status             string                    `json:"status"`
	}
	Actions []action
}

type action struct {
	Identifier  string
	Type        string
	Parameters  map[string]any
	Transitions struct {
		NextAction string
		Errors     []struct{ NextAction, ErrorType string }
		Conditions []struct {
			NextAction string
			Condition  struct {
				Operator string
				Operands []string
			}
		}
	}
}

func load(t *testing.T) (contactFlow, map[string]action) {
	t.Helper()
	text, err := os.ReadFile("contact-flow.json")
	if err != nil {
		t.Fatal(err)
	}
	var f contactFlow
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		t.Fatal(err)
	}
	byName := map[string]action{}
	for _, a := range f.Actions {
		byName[a.Identifier] = a
	}
	if f.Version != "2019-10-30" || len(byName) != len(f.Actions) || len(f.Metadata.ActionMetadata) != len(f.Actions) {
		t.Errorf("version %s, %d actions, %d names, %d on the canvas", f.Version, len(f.Actions), len(byName), len(f.Metadata.ActionMetadata))
	}
	return f, byName
}

// blocks are the parameters and errors of each action, by the reference of the
// flow language; those of TransferParticipantToThirdParty by public exports,
// which have another name for the timeout.
var blocks = map[string]struct{ parameters, errors []string }{
	"InvokeLambdaFunction":     {[]string{"InvocationTimeLimitSeconds", "LambdaFunctionARN", "ResponseValidation"}, []string{"NoMatchingError"}},
	"Compare":                  {[]string{"ComparisonValue"}, []string{"NoMatchingCondition"}},
	"UpdateContactTargetQueue": {[]string{"AgentId", "QueueId"}, []string{"NoMatchingError"}},
	"TransferContactToQueue":   {nil, []string{"QueueAtCapacity", "NoMatchingError"}},
	"TransferParticipantToThirdParty": {
		[]string{"ContinueFlowExecution", "ThirdPartyConnectionTimeLimitSeconds", "ThirdPartyPhoneNumber"},
		[]string{"CallFailed", "ConnectionTimeLimitExceeded", "NoMatchingError"},
	},
	"TransferToFlow":        {[]string{"ContactFlowId"}, []string{"NoMatchingError"}},
	"DisconnectParticipant": {},
}

func TestFlowHoldsTogether(t *testing.T) {
	f, byName := load(t)
	for _, a := range f.Actions {
		known, ok := blocks[a.Type]
		if !ok || len(a.Identifier) > 50 || strings.ContainsAny(a.Identifier, `%:(\/)=$,;[]{}`) {
			t.Errorf("%s is a %s", a.Identifier, a.Type)
		}
		for name := range a.Parameters {
			if !strings.Contains(strings.Join(known.parameters, " "), name) {
				t.Errorf("%s has a parameter %s", a.Identifier, name)
			}
		}
		var errors []string
		for _, e := range a.Transitions.Errors {
			errors = append(errors, e.ErrorType)
		}
		if diff := cmp.Diff(known.errors, errors); diff != "" {
			t.Errorf("%s: -want +got\n%s", a.Identifier, diff)
		}
		for _, to := range ways(a) {
			if byName[to].Type == "" {
				t.Errorf("%s leads to %s, which isn't there", a.Identifier, to)
			}
		}
	}
	if first := byName[f.StartAction]; first.Type != "InvokeLambdaFunction" {
		t.Errorf("it begins with %s", first.Type)
	}
}

func ways(a action) []string {
	var all []string
	if a.Transitions.NextAction != "" {
		all = append(all, a.Transitions.NextAction)
	}
	for _, e := range a.Transitions.Errors {
		all = append(all, e.NextAction)
	}
	for _, c := range a.Transitions.Conditions {
		all = append(all, c.NextAction)
	}
	return all
}

// walk leads a contact through the flow. answer is what the function gave, nil
// if nothing; trouble is the error of each block that rings, in order.
func walk(t *testing.T, answer map[string]string, trouble ...string) []string {
	t.Helper()
	f, byName := load(t)
	var did []string
	at := f.StartAction
	for range 30 {
		a := byName[at]
		event := ""
		switch a.Type {
		case "InvokeLambdaFunction":
			if answer == nil {
				event = "NoMatchingError"
			}
		case "Compare":
			at = compared(t, a, answer)
			continue
		case "TransferParticipantToThirdParty", "TransferContactToQueue":
			did = append(did, a.Type+queueOrNumber(a, answer))
			if len(trouble) > 0 {
				event, trouble = trouble[0], trouble[1:]
			}
		case "UpdateContactTargetQueue":
			did = append(did, "to"+queueOrNumber(a, answer))
		default:
			return append(did, a.Type)
		}
		at = onwards(t, a, event)
	}
	t.Fatal("the flow goes round in circles")
	return nil
}

// value is what a parameter that reads the answer comes to.
func value(parameter any, answer map[string]string) string {
	text, _ := parameter.(string)
	key, _ := strings.CutPrefix(text, "$.External.")
	return answer[key]
}

func queueOrNumber(a action, answer map[string]string) string {
	for _, name := range []string{"ThirdPartyPhoneNumber", "QueueId", "AgentId"} {
		if parameter, ok := a.Parameters[name]; ok {
			return " " + value(parameter, answer)
		}
	}
	return ""
}

func compared(t *testing.T, a action, answer map[string]string) string {
	t.Helper()
	for _, c := range a.Transitions.Conditions {
		if c.Condition.Operator == "Equals" && c.Condition.Operands[0] == value(a.Parameters["ComparisonValue"], answer) {
			return c.NextAction
		}
	}
	return onwards(t, a, "NoMatchingCondition")
}

func onwards(t *testing.T, a action, event string) string {
	t.Helper()
	if event == "" {
		return a.Transitions.NextAction
	}
	for _, e := range a.Transitions.Errors {
		if e.ErrorType == event {
			return e.NextAction
		}
	}
	t.Fatalf("%s has no way for %s", a.Identifier, event)
	return ""
}

// leadsContacts walks the flow with what the function itself answers. What
// TestZip asked before has redials behind it: these calls are on lines of their
// own.
func leadsContacts(t *testing.T, f function) {
	t.Helper()
	const dial, put = "TransferParticipantToThirdParty " + number, "TransferContactToQueue"
	const normal, over = "TransferToFlow", "DisconnectParticipant"
	first := f.invoke(t, listed, toNumber, "1")
	for name, test := range map[string]struct {
		answer  map[string]string
		trouble []string
		want    []string
	}{
		"the person answers":    {first, nil, []string{dial, over}},
		"the backup's agent":    {first, []string{"ConnectionTimeLimitExceeded"}, []string{dial, "to " + queue, put, over}},
		"nobody":                {first, []string{"CallFailed", "QueueAtCapacity"}, []string{dial, "to " + queue, put, normal}},
		"a queue":               {f.invoke(t, listed, toQueue, "2"), nil, []string{"to " + queue, put, over}},
		"a queue that is full":  {f.invoke(t, listed, toQueue, "3"), []string{"NoMatchingError"}, []string{"to " + queue, put, normal}},
		"another caller":        {f.invoke(t, "+442079460000", toNumber, "4"), nil, []string{normal}},
		"ringthrough is away":   {nil, nil, []string{normal}},
		"an answer of no sense": {map[string]string{"route": "direct", "target_kind": "fax"}, nil, []string{normal}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, walk(t, test.answer, test.trouble...)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
