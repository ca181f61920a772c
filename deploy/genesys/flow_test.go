package genesys_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

const flowFile = "flow/ringthrough.yaml"

var placeholder = regexp.MustCompile(`\{\{([a-z_]+)\}\}`)

// substituted is the flow with what the tests put in for its placeholders.
func substituted(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(flowFile)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{
		"flow_name": "front", "default_language": "en-us", "integration_name": "ringthrough", "table_name": "fall-back",
		"lookup_action": read(t, lookupFile).Name, "result_action": read(t, resultFile).Name,
		"normal_flow": "Main IVR", "last_resort_queue": "Reception",
	}
	return placeholder.ReplaceAllStringFunc(string(text), func(p string) string { return values[strings.Trim(p, "{}")] })
}

// object is a mapping of the YAML.
type object = map[string]any

// at is what stands under the keys, one below the other; nil if nothing.
func at(o any, keys ...string) any {
	for _, key := range keys {
		m, ok := o.(object)
		if !ok {
			return nil
		}
		o = m[key]
	}
	return o
}

// step is one action of the flow.
type step struct {
	kind string
	body object
}

func (s step) name() string { return fmt.Sprint(s.body["name"]) }

// stepsOf are the actions that a list of them has.
func stepsOf(t testing.TB, list any) []step {
	t.Helper()
	var steps []step
	items, ok := list.([]any)
	if !ok || len(items) == 0 {
		t.Fatalf("%v is no list of actions", list)
	}
	for _, item := range items {
		one, ok := item.(object)
		if !ok || len(one) != 1 {
			t.Fatalf("%v is no action", item)
		}
		for kind, body := range one {
			if _, ok := body.(object); !ok {
				t.Fatalf("%s has no body", kind)
			}
			steps = append(steps, step{kind, body.(object)})
		}
	}
	return steps
}

// task is one of the flow's tasks.
type task struct {
	id, name  string
	variables map[string]variable
	steps     []step
}

type variable struct {
	kind    string
	initial any
}

func loadFlow(t testing.TB, text string) (root object, tasks map[string]task) {
	t.Helper()
	var document object
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		t.Fatalf("read the flow: %v", err)
	}
	root, ok := document["inboundCall"].(object)
	if !ok || len(document) != 1 {
		t.Fatalf("the flow is of the kinds %v", slices.Collect(maps.Keys(document)))
	}
	tasks = map[string]task{}
	for _, s := range stepsOf(t, root["tasks"]) {
		found := task{id: fmt.Sprint(s.body["refId"]), name: s.name(), variables: map[string]variable{}, steps: stepsOf(t, s.body["actions"])}
		if list, ok := s.body["variables"]; ok {
			for _, v := range stepsOf(t, list) {
				found.variables[v.name()] = variable{strings.TrimSuffix(v.kind, "Variable"), v.body["initialValue"]}
			}
		}
		tasks[found.id] = found
	}
	return root, tasks
}

// refersTo is the task that a reference names.
func refersTo(reference any) string {
	m := regexp.MustCompile(`^/inboundCall/tasks/task\[(.+)\]$`).FindStringSubmatch(fmt.Sprint(reference))
	if m == nil {
		return ""
	}
	return m[1]
}

// shape is what a kind of step may have. sure is false for steps whose keys no
// flow of the vendor's was found to have.
type shape struct {
	sure    bool
	must    []string
	may     []string
	outputs []string
}

// shapes are the steps that the flow uses. The sure ones have the keys of flows
// that the vendor publishes: the blueprints for resilient data actions, for a
// fall-back IVR, for a list of blocked callers and for deployment.
func shapes() map[string]shape {
	audio := []string{"preTransferAudio", "failureTransferAudio", "failureOutputs", "outputs"}
	return map[string]shape{
		"updateData":         {sure: true, must: []string{"statements"}},
		"callData":           {sure: true, must: []string{"category", "timeout", "processingPrompt"}, may: []string{"outputs"}, outputs: []string{"success", "failure", "timeout"}},
		"decision":           {sure: true, must: []string{"condition", "outputs"}, outputs: []string{"yes", "no"}},
		"dataTableLookup":    {sure: true, must: []string{"lookupValue", "dataTable"}, may: []string{"outputs"}, outputs: []string{"found", "notFound", "failure"}},
		"findQueue":          {sure: true, must: []string{"findName", "findResult", "outputs"}, outputs: []string{"found", "notFound"}},
		"transferToAcd":      {sure: true, must: []string{"targetQueue"}, may: append([]string{"priority", "preferredAgents", "languageSkill"}, audio...), outputs: []string{"failure"}},
		"disconnect":         {sure: true},
		"findUser":           {must: []string{"findName", "findResult", "outputs"}, outputs: []string{"found", "notFound"}},
		"transferToUser":     {must: []string{"targetUser", "connectTimeout"}, may: audio, outputs: []string{"failure"}},
		"transferToNumber":   {must: []string{"targetNumber", "connectTimeout"}, may: audio, outputs: []string{"failure"}},
		"transferToFlow":     {must: []string{"targetFlow"}, may: audio, outputs: []string{"failure"}},
		"jumpToTask":         {must: []string{"targetTaskRef"}},
		"setParticipantData": {must: []string{"attributes"}},
	}
}

// each calls f for every step of the flow, those inside of others too.
func each(t testing.TB, steps []step, f func(s step)) {
	t.Helper()
	for _, s := range steps {
		f(s)
		outputs, _ := s.body["outputs"].(object)
		for _, name := range slices.Sorted(maps.Keys(outputs)) {
			each(t, stepsOf(t, at(outputs, name, "actions")), f)
		}
	}
}

// all are the steps of every task.
func all(t testing.TB, tasks map[string]task) []step {
	t.Helper()
	var steps []step
	for _, id := range slices.Sorted(maps.Keys(tasks)) {
		each(t, tasks[id].steps, func(s step) { steps = append(steps, s) })
	}
	return steps
}

func TestFlowIsMarked(t *testing.T) {
	text, err := os.ReadFile(flowFile)
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(text), "\ninboundCall:")
	if !strings.Contains(head, "NOT YET RUN THROUGH ARCHY") {
		t.Error("the flow doesn't say at its top that it has not been run through Archy")
	}
	loadFlow(t, string(text)) // it is YAML before the substitutions, too
	if left := placeholder.FindAllString(substituted(t), -1); left != nil || strings.Contains(substituted(t), `""`+"\n") {
		t.Errorf("the tests don't know what to put in: %v", left)
	}
}

// Every step has the keys that are known, and those that are only guessed are
// said to be, in the file and in the page.
func TestFlowSaysWhatIsKnown(t *testing.T) {
	_, tasks := loadFlow(t, substituted(t))
	text, page := readText(t, flowFile), readText(t, "README.md")
	_, unverified, found := strings.Cut(page, "## Unverified")
	if !found {
		t.Fatal("the page has no part Unverified")
	}
	names := map[string]bool{}
	for _, s := range all(t, tasks) {
		known, ok := shapes()[s.kind]
		if !ok {
			t.Errorf("%s: nothing is known of %s", s.name(), s.kind)
			continue
		}
		if names[s.name()] || s.body["name"] == nil {
			t.Errorf("two steps are called %s", s.name())
		}
		names[s.name()] = true
		for _, key := range known.must {
			if s.body[key] == nil {
				t.Errorf("%s lacks %s", s.name(), key)
			}
		}
		for key := range s.body {
			if key != "name" && !slices.Contains(known.must, key) && !slices.Contains(known.may, key) {
				t.Errorf("%s has %s, of which nothing is known", s.name(), key)
			}
		}
		outputs, _ := s.body["outputs"].(object)
		for output := range outputs {
			if !slices.Contains(known.outputs, output) {
				t.Errorf("%s has the output %s", s.name(), output)
			}
		}
		if !known.sure && !strings.Contains(unverified, "`"+s.kind+"`") {
			t.Errorf("the page doesn't say that %s is unverified", s.kind)
		}
	}
	marked := regexp.MustCompile(`(?m)^ *- (\w+):(.*)$`)
	for _, m := range marked.FindAllStringSubmatch(text, -1) {
		if known, ok := shapes()[m[1]]; ok && known.sure == strings.Contains(m[2], "(unverified)") {
			t.Errorf("the line %q: sure %t", m[0], known.sure)
		}
	}
}

func readText(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Inputs and outputs are those of the data actions, columns those of the table.
func TestFlowUsesWhatIsThere(t *testing.T) {
	_, tasks := loadFlow(t, substituted(t))
	variables := tasks["ringthrough"].variables
	for _, s := range all(t, tasks) {
		switch s.kind {
		case "callData":
			action, body := actionOf(t, s)
			d := map[string]definition{read(t, lookupFile).Name: read(t, lookupFile), read(t, resultFile).Name: read(t, resultFile)}[action]
			in, out := d.Contract.Input.InputSchema, d.Contract.Output.SuccessSchema
			inputs, outputs := body["inputs"].(object), object{}
			if body["successOutputs"] != nil {
				outputs = body["successOutputs"].(object)
			}
			for name := range inputs {
				if _, ok := in.Properties[name]; !ok {
					t.Errorf("%s gives %s to %q, which has no such input", s.name(), name, action)
				}
			}
			for _, name := range in.Required {
				if inputs[name] == nil {
					t.Errorf("%s doesn't give %s", s.name(), name)
				}
			}
			for name, to := range outputs {
				if _, ok := out.Properties[name]; !ok || variables[fmt.Sprint(at(to, "var"))].kind != "string" {
					t.Errorf("%s takes %s into %v", s.name(), name, to)
				}
			}
			if seconds, ok := at(s.body, "timeout", "lit", "seconds").(int); !ok || seconds <= d.Config.TimeoutSeconds || seconds > 5 {
				t.Errorf("%s waits %v s for an action that gives up after %d", s.name(), at(s.body, "timeout"), d.Config.TimeoutSeconds)
			}
		case "dataTableLookup":
			table, columns := only(t, s.body["dataTable"].(object))
			if table != "fall-back" {
				t.Errorf("looks in %s", table)
			}
			for column, to := range at(columns, "foundOutputs").(object) {
				if !slices.Contains(tableColumns(t), column) || variables[fmt.Sprint(at(to, "var"))].kind != "string" {
					t.Errorf("takes column %s into %v", column, to)
				}
			}
		}
	}
}

// actionOf is the data action that a step calls, and how.
func actionOf(t testing.TB, s step) (name string, body object) {
	t.Helper()
	integration, inside := only(t, s.body["category"].(object))
	if integration != "ringthrough" {
		t.Errorf("%s calls the integration %s", s.name(), integration)
	}
	name, inside = only(t, inside["dataAction"].(object))
	return name, inside
}

// only is the one key of o and what stands there.
func only(t testing.TB, o object) (string, object) {
	t.Helper()
	if len(o) != 1 {
		t.Fatalf("%v has not one key", o)
	}
	for key, value := range o {
		return key, value.(object)
	}
	return "", nil
}

// The expressions name variables that are declared, and every variable that is
// declared is read and written.
func TestFlowVariables(t *testing.T) {
	text := substituted(t)
	_, tasks := loadFlow(t, text)
	declared := tasks["ringthrough"].variables
	if len(tasks["normal"].variables) > 0 || declared["Task.armed_for"].kind != "duration" || declared["Task.queue"].kind != "queue" || declared["Task.user"].kind != "user" {
		t.Errorf("variables are %v", declared)
	}
	uses := map[string]int{}
	for _, name := range regexp.MustCompile(`\bTask\.\w+`).FindAllString(text, -1) {
		uses[name]++
		if _, ok := declared[name]; !ok {
			t.Errorf("%s is not declared", name)
		}
	}
	for name := range declared {
		if uses[name] < 3 && name != "Task.armed_for" {
			t.Errorf("%s is only declared, or only written", name)
		}
	}
	for _, name := range regexp.MustCompile(`\bCall\.\w+`).FindAllString(text, -1) {
		if !slices.Contains([]string{"Call.Ani", "Call.CalledAddressOriginal", "Call.ConversationId"}, name) {
			t.Errorf("%s is no variable that is known", name)
		}
	}
}

// The backup is tried as the target is.
func TestBackupIsTriedAsTheTarget(t *testing.T) {
	_, tasks := loadFlow(t, substituted(t))
	var target, backup []any
	for _, s := range all(t, tasks) {
		if s.name() != "Ring through" {
			continue
		}
		for _, inner := range stepsOf(t, at(s.body, "outputs", "yes", "actions")) {
			switch {
			case strings.HasPrefix(inner.name(), "Target is"):
				target = append(target, inner.body)
			case strings.HasPrefix(inner.name(), "Backup is"):
				backup = append(backup, inner.body)
			}
		}
	}
	same := strings.NewReplacer("Backup is", "Target is", " of backup", " of target", "Task.backup_kind", "Task.kind", "Task.backup", "Task.target")
	if got, want := same.Replace(fmt.Sprint(backup)), fmt.Sprint(target); len(target) != 3 || got != want {
		t.Errorf("the backup is tried with\n%s\nthe target with\n%s", got, want)
	}
}

// Nothing is heard before a person answers, and whatever goes wrong has a way on.
func TestFlowSettings(t *testing.T) {
	root, tasks := loadFlow(t, substituted(t))
	blank := object{"exp": "ToAudioBlank(1)"}
	for _, keys := range [][]string{{"initialGreeting"}, {"settingsErrorHandling", "preHandlingAudio"}} {
		if got := at(root, keys...); fmt.Sprint(got) != fmt.Sprint(blank) {
			t.Errorf("%v is %v", keys, got)
		}
	}
	if refersTo(root["startUpRef"]) != "ringthrough" || refersTo(at(root, "settingsErrorHandling", "errorHandling", "jumpToTask", "targetTaskRef")) != "normal" {
		t.Errorf("begins with %v, errors lead to %v", root["startUpRef"], root["settingsErrorHandling"])
	}
	if at(root, "settingsActionDefaults", "callData", "processingPrompt", "noValue") != true {
		t.Error("data actions have a processing prompt")
	}
	for _, s := range all(t, tasks) {
		for _, key := range []string{"preTransferAudio", "failureTransferAudio"} {
			if strings.HasPrefix(s.kind, "transferTo") && fmt.Sprint(s.body[key]) != fmt.Sprint(blank) {
				t.Errorf("%s has %s %v", s.name(), key, s.body[key])
			}
		}
		if s.kind == "callData" && at(s.body, "processingPrompt", "noValue") != true {
			t.Errorf("%s has a processing prompt", s.name())
		}
		if strings.HasPrefix(s.kind, "play") {
			t.Errorf("%s is heard", s.name())
		}
	}
}
