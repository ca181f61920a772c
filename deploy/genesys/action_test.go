package genesys_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/flat"
)

// answerKeys are the keys of the server's reply, in their frozen order.
func answerKeys() []string {
	var keys []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[flat.Answer]()) {
		keys = append(keys, f.Tag.Get("json"))
	}
	return keys
}

// What the vendor's documentation says of definitions, and what keeps a
// published one from ever having to change.
func TestDefinitions(t *testing.T) {
	name := regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)
	reserved := []string{"orgId", "integrationId", "rawRequest"}
	for _, file := range []string{lookupFile, resultFile} {
		t.Run(file, func(t *testing.T) {
			d := read(t, file)
			request := d.Config.Request
			if d.Name == "" || len(d.Name) > 256 || d.IntegrationType != "custom-rest-actions" || d.ActionType != "custom" || d.Secure {
				t.Errorf("is %+v", d)
			}
			if !strings.HasPrefix(request.RequestURLTemplate, exampleURL+"/v1/") || request.RequestType != http.MethodPost {
				t.Errorf("asks %s %s", request.RequestType, request.RequestURLTemplate)
			}
			if want := map[string]string{"Content-Type": "application/json", "Authorization": "Bearer ${credentials.token}"}; !maps.Equal(request.Headers, want) {
				t.Errorf("headers are %v", request.Headers)
			}
			if d.Config.TimeoutSeconds < 1 || d.Config.TimeoutSeconds > 3 {
				t.Errorf("gives up after %d s", d.Config.TimeoutSeconds)
			}
			for what, s := range map[string]schema{"input": d.Contract.Input.InputSchema, "output": d.Contract.Output.SuccessSchema} {
				if s.Type != "object" || s.Schema != "http://json-schema.org/draft-04/schema#" || !s.AdditionalProperties {
					t.Errorf("%s is %+v", what, s)
				}
				for key, p := range s.Properties {
					if p.Type != "string" || p.Title == "" || p.Description == "" || !name.MatchString(key) || slices.Contains(reserved, key) {
						t.Errorf("%s has %s %+v", what, key, p)
					}
				}
				for _, key := range s.Required {
					if _, ok := s.Properties[key]; !ok {
						t.Errorf("%s requires %s, which it doesn't have", what, key)
					}
				}
			}
		})
	}
}

// The outputs are the keys of the reply, one to one, and every one is mapped.
func TestOutputsAreTheReply(t *testing.T) {
	d := read(t, lookupFile)
	keys, out := answerKeys(), d.Contract.Output.SuccessSchema
	if diff := cmp.Diff(keys, out.Required); diff != "" {
		t.Errorf("required: -reply +contract\n%s", diff)
	}
	var template []string
	defaults := map[string]string{}
	for _, key := range keys {
		if out.Properties[key].Type != "string" || d.Config.Response.TranslationMap[key] != "$."+key {
			t.Errorf("%s is %+v, mapped from %q", key, out.Properties[key], d.Config.Response.TranslationMap[key])
		}
		template = append(template, `"`+key+`":${`+key+`}`)
		if key != "lookup_id" && key != "route" {
			defaults[key] = `""`
		}
	}
	if got, want := d.Config.Response.SuccessTemplate, "{"+strings.Join(template, ",")+"}"; got != want {
		t.Errorf("the success template is %s\nwant %s", got, want)
	}
	// What has neither of these two is no reply of ours: no default, so that
	// the action fails.
	if diff := cmp.Diff(defaults, d.Config.Response.TranslationMapDefaults); diff != "" {
		t.Errorf("defaults: -want +got\n%s", diff)
	}
	if len(out.Properties) != len(keys) || len(d.Config.Response.TranslationMap) != len(keys) {
		t.Errorf("%d outputs, %d mapped, %d keys in the reply", len(out.Properties), len(d.Config.Response.TranslationMap), len(keys))
	}
}

// The inputs are names of fields that the server reads.
func TestInputsAreRead(t *testing.T) {
	in := read(t, lookupFile).Contract.Input.InputSchema
	if diff := cmp.Diff([]string{"ani", "attestation", "call_id", "dnis", "region"}, slices.Sorted(maps.Keys(in.Properties))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	body, err := json.Marshal(map[string]string{"ani": "650 555 0123", "dnis": toQueue, "call_id": "c1", "attestation": "TN-Validation-Passed-A", "region": "us"})
	if err != nil {
		t.Fatal(err)
	}
	call, err := flat.Dialect().Decode(flow.Request{Body: body}, &flow.Hook{})
	if err != nil || call.ANI.String() != caller || call.DNIS.String() != toQueue || call.ID != "c1" || call.Attestation.String() != "A" {
		t.Errorf("the server reads %+v, %v", call, err)
	}
}

func TestLookup(t *testing.T) {
	r := newRig(t)
	ask := func(from, to string) map[string]any {
		return map[string]any{"ani": from, "dnis": to, "call_id": from + to}
	}
	tests := []struct {
		name   string
		input  map[string]any
		reason flow.Reason
	}{
		{"a listed caller", ask("tel:"+caller, "tel:"+toQueue), flow.ReasonListed},
		{"with an extension", ask("tel:"+caller+";ext=105", "tel:"+toQueue), flow.ReasonListed},
		{"a SIP address", ask("sip:"+caller+"@192.0.2.1;user=phone", "sip:"+toQueue+"@example.com"), flow.ReasonListed},
		{"nothing but digits that need the called number's country", ask("6505550123", toQueue), flow.ReasonListed},
		{"an unlisted caller", ask("tel:+442079460000", "tel:"+toQueue), flow.ReasonNotListed},
		{"withheld", ask("sip:anonymous@anonymous.invalid", "tel:"+toQueue), flow.ReasonANIWithheld},
		{"an empty number", ask("", "tel:"+toQueue), flow.ReasonANIMissing},
		{"no called number", map[string]any{"ani": "tel:" + caller}, flow.ReasonDNISMissing},
		{"an unset input, printed as it stands", ask("${input.ani}", "tel:"+toQueue), flow.ReasonANIMissing},
		{"an address without a number", ask("sip:genesys.com", "tel:"+toQueue), flow.ReasonANIUnparseable},
		{"quotes, backslashes and line ends", ask("\"\\\n\r\t#end", "tel:"+toQueue), flow.ReasonANIUnparseable},
		{"an unknown called number", ask("tel:"+caller, "tel:+12125550100"), flow.ReasonLineUnknown},
		{"an input that came later", map[string]any{"ani": caller, "dnis": toQueue, "attestation": "", "region": "", "added": "x"}, flow.ReasonListed},
	}
	var jobs []job
	for _, tt := range tests {
		jobs = append(jobs, doing(t, lookupFile, r.url, tt.input))
	}
	for i, got := range execute(t, jobs...) {
		t.Run(tests[i].name, func(t *testing.T) {
			if got.Outcome != "success" || got.Output["reason"] != string(tests[i].reason) {
				t.Fatalf("got %+v, want reason %s", got, tests[i].reason)
			}
			if keys := slices.Sorted(maps.Keys(got.Output)); !slices.Equal(keys, slices.Sorted(slices.Values(answerKeys()))) {
				t.Errorf("outputs are %v", keys)
			}
			wantRoute, wantLabel := "continue", ""
			if tests[i].reason == flow.ReasonListed {
				wantRoute, wantLabel = "direct", label
			}
			if got.Output["route"] != wantRoute || got.Output["label"] != wantLabel {
				t.Errorf("route %q, label %q, want %q, %q", got.Output["route"], got.Output["label"], wantRoute, wantLabel)
			}
			if got.Request.Headers["Authorization"] != "Bearer "+token || got.Request.URL != r.url+"/v1/lookup" {
				t.Errorf("asked %+v", got.Request)
			}
		})
	}
}

// A repeated question has the same answer: Genesys Cloud may try twice.
func TestLookupIsRepeatable(t *testing.T) {
	r := newRig(t)
	one := doing(t, lookupFile, r.url, map[string]any{"ani": caller, "dnis": toQueue, "call_id": "0c3e"})
	all := execute(t, one, one)
	if diff := cmp.Diff(all[0].Output, all[1].Output); diff != "" || all[0].Output["lookup_id"] == "" {
		t.Errorf("%s\n%+v", diff, all)
	}
}

// Whatever isn't an answer of ours is the failure path, and never a call that
// is let through.
func TestLookupFails(t *testing.T) {
	away := newRig(t)
	away.server.Drain()
	here := newRig(t)
	input := map[string]any{"ani": caller, "dnis": toQueue, "call_id": "c1"}
	other := func(change func(*job)) job {
		j := doing(t, lookupFile, here.url, input)
		change(&j)
		return j
	}
	reply := func(status int, body string) job {
		fake := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}))
		t.Cleanup(fake.Close)
		return doing(t, lookupFile, fake.URL, input)
	}
	whole, err := json.Marshal(flat.AnswerTo(flow.Instruction{LookupID: "d1", Act: flow.ActDirect}))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		job  job
		why  string
	}{
		{"a wrong token", other(func(j *job) { j.Credentials["token"] = "rt_wrong" }), "the answer is 401"},
		{"no token at all", other(func(j *job) { j.Credentials = map[string]string{} }), "the answer is 401"},
		{"ringthrough is draining", doing(t, lookupFile, away.url, input), "the answer is 503"},
		{"nobody listens", other(func(j *job) { j.Base = "http://127.0.0.1:1" }), "ECONNREFUSED"},
		{"too large a request", other(func(j *job) { j.Input = map[string]any{"ani": strings.Repeat("1", 17000)} }), "the answer is 413"},
		{"a page instead of a reply", reply(200, "<html>sign in</html>"), "JSON"},
		{"an empty object", reply(200, "{}"), "JSON"},
		{"a list", reply(200, `["direct"]`), "JSON"},
		{"a text", reply(200, `"direct"`), "JSON"},
		{"nothing", reply(200, ""), "JSON"},
		{"a route without an id", reply(200, `{"route":"direct","target_kind":"number","target":"+15125550123"}`), "JSON"},
		{"half a reply", reply(200, string(whole[:len(whole)/2])), "JSON"},
		{"null for a text", reply(200, strings.Replace(string(whole), `"target":""`, `"target":null`, 1)), "must be string"},
		{"a number for a text", reply(200, strings.Replace(string(whole), `"revision":"0"`, `"revision":7`, 1)), "must be string"},
		{"a list for a text", reply(200, strings.Replace(string(whole), `"target":""`, `"target":[]`, 1)), "must be string"},
		{"a redirect", reply(302, string(whole)), "the answer is 302"},
		{"a server's fault", reply(500, string(whole)), "the answer is 500"},
		{"an input that is no text", other(func(j *job) { j.Input = map[string]any{"ani": 16505550123} }), "the input misses its schema"},
		{"a null for an input", other(func(j *job) { j.Input = map[string]any{"ani": nil} }), "the input misses its schema"},
		{"no caller's number, not even an empty one", other(func(j *job) { j.Input = map[string]any{"dnis": toQueue} }), "the input misses its schema"},
	}
	var jobs []job
	for _, tt := range tests {
		jobs = append(jobs, tt.job)
	}
	for i, got := range execute(t, jobs...) {
		t.Run(tests[i].name, func(t *testing.T) {
			if got.Outcome != "failure" || len(got.Output) > 0 || !strings.Contains(got.Why, tests[i].why) {
				t.Errorf("got %+v, want a failure with %q", got, tests[i].why)
			}
		})
	}
}

// A later server may say more, and a text may have anything in it.
func TestLookupReadsAnyText(t *testing.T) {
	texts := map[string]string{
		"quotes": `"'` + "`", "backslashes": `\\n\u0041`, "line ends": "a\r\nb\tc\u2028", "no ASCII": "Zoë 日本 🤙",
		"Velocity": `${route} $!{x} $input.ani #set($a = 1) #if(true) #end ## #* *#`, "nothing": "",
	}
	names := slices.Sorted(maps.Keys(texts))
	var jobs []job
	for _, name := range names {
		reply := map[string]any{"added": map[string]any{"later": []int{1}}}
		for _, key := range answerKeys() {
			reply[key] = texts[name]
		}
		fake := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(reply) }))
		t.Cleanup(fake.Close)
		jobs = append(jobs, doing(t, lookupFile, fake.URL, map[string]any{"ani": caller}))
	}
	for i, got := range execute(t, jobs...) {
		t.Run(names[i], func(t *testing.T) {
			want := map[string]string{}
			for _, key := range answerKeys() {
				want[key] = texts[names[i]]
			}
			if diff := cmp.Diff(want, got.Output); diff != "" {
				t.Errorf("%s: -want +got\n%s", got.Why, diff)
			}
		})
	}
}

func TestReport(t *testing.T) {
	r := newRig(t)
	asked := execute(t, doing(t, lookupFile, r.url, map[string]any{"ani": caller, "dnis": toQueue, "call_id": "c1"}))[0]
	id := asked.Output["lookup_id"]
	tests := []struct {
		name    string
		input   map[string]any
		outcome string
		why     string
	}{
		{"failed", map[string]any{"lookup_id": id, "result": "failed"}, "success", ""},
		{"nobody answered, after a while", map[string]any{"lookup_id": id, "result": "no_answer", "duration_seconds": "25"}, "success", ""},
		{"a word that is no result", map[string]any{"lookup_id": id, "result": "vanished"}, "failure", "the answer is 422"},
		{"an unknown lookup", map[string]any{"lookup_id": "d0", "result": "failed"}, "failure", "the answer is 404"},
		{"an id that would be another path", map[string]any{"lookup_id": "../../entries?", "result": "failed"}, "failure", "the answer is 404"},
		{"no id", map[string]any{"result": "failed"}, "failure", "the input misses its schema"},
	}
	var jobs []job
	for _, tt := range tests {
		jobs = append(jobs, doing(t, resultFile, r.url, tt.input))
	}
	for i, got := range execute(t, jobs...) {
		t.Run(tests[i].name, func(t *testing.T) {
			if got.Outcome != tests[i].outcome || !strings.Contains(got.Why, tests[i].why) {
				t.Errorf("got %+v, want %s with %q", got, tests[i].outcome, tests[i].why)
			}
			if got.Outcome == "success" && got.Output["reported"] != "true" {
				t.Errorf("output is %v", got.Output)
			}
			if of, ok := tests[i].input["lookup_id"].(string); ok && got.Request.URL != r.url+"/v1/calls/"+url.QueryEscape(of)+"/result" {
				t.Errorf("reports to %s", got.Request.URL)
			}
		})
	}
	if call, err := r.board.Store().Call(t.Context(), id); err != nil || call.Result != flow.ResultNoAnswer || call.Duration != 25 {
		t.Errorf("the journal has %+v, %v", call, err)
	}
}

// The judge itself renders as the documentation says.
func TestTemplatesRender(t *testing.T) {
	tests := []struct{ name, template, want string }{
		{"a value", "a ${x} b", `a "1" b`},
		{"a number", "${n}", "7"},
		{"an unset variable prints its name", "${input.nope}", "${input.nope}"},
		{"an unset variable, silently", "[$!{input.nope}]", "[]"},
		{"a value is not a template", "${t}", "${x} #if"},
		{"escaped for a URL", "$esc.url(${u})", "a+b%2F%3F%2B"},
		{"escaped for JSON", `"$esc.jsonEncode(${q})"`, `"\"\\\n"`},
	}
	values := map[string]any{"x": `"1"`, "n": 7, "t": "${x} #if", "u": "a b/?+", "q": "\"\\\n", "input": map[string]any{}}
	var jobs []job
	for _, tt := range tests {
		jobs = append(jobs, job{Template: &tt.template, Context: values})
	}
	for i, got := range execute(t, jobs...) {
		if got.Text != tests[i].want {
			t.Errorf("%s: got %s, want %s", tests[i].name, got.Text, tests[i].want)
		}
	}
}

const exampleURL = "https://ringthrough.example.com"
