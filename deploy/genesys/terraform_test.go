package genesys_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

const moduleDir = "terraform"

// given are the variables of the example, and what a test changes of them.
func given(change map[string]cty.Value) map[string]cty.Value {
	all := map[string]cty.Value{
		"ringthrough_url": cty.StringVal("https://route.example.net:8443"), "lookup_token": cty.StringVal("rt_0123456789abcdef"),
		"normal_flow_name": cty.StringVal("Main IVR"), "last_resort_queue_name": cty.StringVal("Reception"),
		"phone_numbers": cty.SetVal([]cty.Value{cty.StringVal(toQueue)}),
		"fallback_rows": cty.TupleVal([]cty.Value{row(nil)}),
	}
	maps.Copy(all, change)
	return all
}

// row is a row of the table for the day that ringthrough is away.
func row(change map[string]cty.Value) cty.Value {
	r := map[string]cty.Value{
		"ani": cty.StringVal(caller), "dnis": cty.StringVal(toQueue),
		"target_kind": cty.StringVal("queue"), "target": cty.StringVal("WhatsApp activation"),
	}
	maps.Copy(r, change)
	return cty.ObjectVal(r)
}

// tableColumns are the columns that the module gives the data table.
func tableColumns(t *testing.T) []string {
	t.Helper()
	var columns []string
	for _, p := range loadModule(t, moduleDir).plan(t, given(nil)).resources["genesyscloud_architect_datatable.fallback"].blocks["properties"] {
		columns = append(columns, text(t, p.arguments["name"]))
	}
	return columns
}

// resourceSchema is what testdata/provider-schema.json says of a resource or a
// block of one.
type resourceSchema struct {
	Min, Max   int
	Attributes map[string]struct {
		Type, Kind string
		Values     []string
		From, To   int64
	}
	Blocks map[string]resourceSchema
}

func providerSchema(t *testing.T) map[string]resourceSchema {
	t.Helper()
	raw, err := os.ReadFile("testdata/provider-schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(raw, &parts); err != nil {
		t.Fatal(err)
	}
	all := map[string]resourceSchema{}
	for name, part := range parts {
		if name == "comment" {
			continue
		}
		var s resourceSchema
		if err := json.Unmarshal(part, &s); err != nil {
			t.Fatal(err)
		}
		all[name] = s
	}
	return all
}

// faults are what the provider would not take.
func (s resourceSchema) faults(at string, v values) []string {
	var wrong []string
	for name, value := range v.arguments {
		a, ok := s.Attributes[name]
		switch {
		case !ok:
			wrong = append(wrong, at+" has no argument "+name)
		case a.Kind == "computed":
			wrong = append(wrong, at+"."+name+" can't be set")
		default:
			wrong = append(wrong, unfit(at+"."+name, value, a.Type, a.Values, a.From, a.To)...)
		}
	}
	for name, a := range s.Attributes {
		if value, ok := v.arguments[name]; a.Kind == "required" && (!ok || value.IsNull()) {
			wrong = append(wrong, at+" lacks "+name)
		}
	}
	for name, blocks := range v.blocks {
		inner, ok := s.Blocks[name]
		if !ok || inner.Max > 0 && len(blocks) > inner.Max {
			wrong = append(wrong, fmt.Sprintf("%s has %d blocks %s", at, len(blocks), name))
			continue
		}
		for i, b := range blocks {
			wrong = append(wrong, inner.faults(fmt.Sprintf("%s.%s[%d]", at, name, i), b)...)
		}
	}
	for name, inner := range s.Blocks {
		if len(v.blocks[name]) < inner.Min {
			wrong = append(wrong, at+" lacks a block "+name)
		}
	}
	return wrong
}

// unfit says what is wrong with the value of an argument.
func unfit(at string, v cty.Value, kind string, allowed []string, from, to int64) []string {
	types := map[string]cty.Type{"string": cty.String, "bool": cty.Bool, "number": cty.Number, "map": cty.Map(cty.String), "set": cty.Set(cty.String)}
	got, err := convert.Convert(v, types[kind])
	if err != nil {
		return []string{fmt.Sprintf("%s: %v", at, err)}
	}
	if !got.IsWhollyKnown() || got.IsNull() {
		return nil
	}
	if len(allowed) > 0 && !slices.Contains(allowed, got.AsString()) {
		return []string{at + " is " + got.AsString()}
	}
	if to > 0 {
		if n, _ := got.AsBigFloat().Int64(); n < from || n > to {
			return []string{fmt.Sprintf("%s is %d", at, n)}
		}
	}
	return nil
}

func TestModuleFitsTheProvider(t *testing.T) {
	m, schemas := loadModule(t, moduleDir), providerSchema(t)
	plans := map[string]map[string]cty.Value{
		"as in the example": nil,
		"only the actions":  {"publish_flow": cty.False, "phone_numbers": cty.SetValEmpty(cty.String), "fallback_rows": cty.EmptyTupleVal},
		"with Basic":        {"credential_type": cty.StringVal("basicAuth")},
		"with pools":        {"did_pools": cty.True, "schedule_group_id": cty.StringVal("g1")},
	}
	for name, change := range plans {
		t.Run(name, func(t *testing.T) {
			p := m.plan(t, given(change))
			if len(p.refusals) > 0 {
				t.Fatal(p.refusals)
			}
			for address, v := range p.resources {
				kind, _, _ := strings.Cut(address, ".")
				for _, fault := range schemas[kind].faults(address, v) {
					t.Error(fault)
				}
			}
		})
	}
}

// The judge above sees what is wrong.
func TestProviderSchemaJudges(t *testing.T) {
	action := providerSchema(t)["genesyscloud_integration_action"]
	for name, change := range map[string]func(v *values){
		"an argument that isn't there": func(v *values) { v.arguments["config_timeout"] = cty.NumberIntVal(3) },
		"one that is missing":          func(v *values) { delete(v.arguments, "category") },
		"a time out of range":          func(v *values) { v.arguments["config_timeout_seconds"] = cty.NumberIntVal(0) },
		"an id":                        func(v *values) { v.arguments["id"] = cty.StringVal("x") },
		"two blocks for one": func(v *values) {
			v.blocks["config_request"] = append(v.blocks["config_request"], v.blocks["config_request"]...)
		},
		"a method that isn't there": func(v *values) {
			v.blocks["config_request"][0].arguments["request_type"] = cty.StringVal("FETCH")
		},
		"a list for a map": func(v *values) {
			v.blocks["config_response"][0].arguments["translation_map"] = cty.TupleVal([]cty.Value{cty.True})
		},
	} {
		t.Run(name, func(t *testing.T) {
			v := loadModule(t, moduleDir).plan(t, given(nil)).resources[`genesyscloud_integration_action.ringthrough["lookup"]`]
			change(&v)
			if got := action.faults("it", v); len(got) != 1 {
				t.Errorf("finds %q", got)
			}
		})
	}
}

// Terraform makes of the actions what is imported by hand.
func TestModuleHasTheActions(t *testing.T) {
	p := loadModule(t, moduleDir).plan(t, given(nil))
	for key, file := range map[string]string{"lookup": lookupFile, "result": resultFile} {
		d, v := read(t, file), p.resources[fmt.Sprintf("genesyscloud_integration_action.ringthrough[%q]", key)]
		request, response := v.blocks["config_request"][0].arguments, v.blocks["config_response"][0].arguments
		got := definition{Name: text(t, v.arguments["name"]), IntegrationType: d.IntegrationType, ActionType: d.ActionType, Secure: v.arguments["secure"].True()}
		got.Config.Request.RequestURLTemplate = text(t, request["request_url_template"])
		got.Config.Request.RequestType = text(t, request["request_type"])
		got.Config.Request.RequestTemplate = text(t, request["request_template"])
		got.Config.Request.Headers = texts(t, request["headers"])
		got.Config.Response.TranslationMap = texts(t, response["translation_map"])
		got.Config.Response.TranslationMapDefaults = texts(t, response["translation_map_defaults"])
		got.Config.Response.SuccessTemplate = text(t, response["success_template"])
		seconds, _ := v.arguments["config_timeout_seconds"].AsBigFloat().Int64()
		got.Config.TimeoutSeconds = int(seconds)
		for argument, into := range map[string]*schema{"contract_input": &got.Contract.Input.InputSchema, "contract_output": &got.Contract.Output.SuccessSchema} {
			if err := json.Unmarshal([]byte(text(t, v.arguments[argument])), into); err != nil {
				t.Fatal(err)
			}
		}
		d.Config.Request.RequestURLTemplate = strings.Replace(d.Config.Request.RequestURLTemplate, exampleURL, "https://route.example.net:8443", 1)
		if diff := cmp.Diff(d, got); diff != "" {
			t.Errorf("%s: -file +Terraform\n%s", key, diff)
		}
	}
}

func TestModuleSignsIn(t *testing.T) {
	m := loadModule(t, moduleDir)
	for kind, want := range map[string]struct{ fields, headers map[string]string }{
		"userDefined": {map[string]string{"token": "rt_0123456789abcdef"}, map[string]string{"Content-Type": "application/json", "Authorization": "Bearer ${credentials.token}"}},
		"basicAuth":   {map[string]string{"userName": "genesys", "password": "rt_0123456789abcdef"}, map[string]string{"Content-Type": "application/json"}},
	} {
		p := m.plan(t, given(map[string]cty.Value{"credential_type": cty.StringVal(kind)}))
		credential, integration := p.resources["genesyscloud_integration_credential.ringthrough"].arguments, p.resources["genesyscloud_integration.ringthrough"]
		if diff := cmp.Diff(want.fields, texts(t, credential["fields"])); diff != "" || text(t, credential["credential_type_name"]) != kind {
			t.Errorf("%s: %s", kind, diff)
		}
		for _, action := range []string{"lookup", "result"} {
			request := p.resources[fmt.Sprintf("genesyscloud_integration_action.ringthrough[%q]", action)].blocks["config_request"][0]
			if diff := cmp.Diff(want.headers, texts(t, request.arguments["headers"])); diff != "" {
				t.Errorf("%s %s: %s", kind, action, diff)
			}
		}
		if text(t, integration.arguments["intended_state"]) != "ENABLED" || !integration.blocks["config"][0].arguments["credentials"].Type().HasAttribute("basicAuth") {
			t.Errorf("the integration is %v", integration)
		}
	}
}

// The flow's placeholders are what Terraform puts in, and the rows have the key
// that the flow looks for.
func TestModuleFitsTheFlow(t *testing.T) {
	p := loadModule(t, moduleDir).plan(t, given(nil))
	front := p.resources["genesyscloud_flow.front[0]"].arguments
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(strings.SplitN(readText(t, flowFile), "\ninboundCall:", 2)[1], -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	substitutions := slices.Sorted(maps.Keys(front["substitutions"].AsValueMap()))
	if diff := cmp.Diff(slices.Compact(names), substitutions); diff != "" {
		t.Errorf("-flow +substitutions\n%s", diff)
	}
	if got := text(t, front["filepath"]); got != "terraform/../"+flowFile {
		t.Errorf("publishes %s", got)
	}
	rows := p.resources[`genesyscloud_architect_datatable_row.fallback["16505550123-18005550100"]`].arguments
	var columns map[string]string
	if err := json.Unmarshal([]byte(text(t, rows["properties_json"])), &columns); err != nil {
		t.Fatal(err)
	}
	want := append(slices.Sorted(maps.Keys(columns)), "key")
	if got := tableColumns(t); !slices.Equal(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(got))) {
		t.Errorf("a row has %v, the table %v", want, got)
	}
	ivr := p.resources["genesyscloud_architect_ivr.front[0]"].arguments
	for _, hours := range []string{"open", "closed", "holiday"} {
		if _, ok := ivr[hours+"_hours_flow_id"]; !ok {
			t.Errorf("no flow for %s hours", hours)
		}
	}
}

// What is not asked for is not made.
func TestModuleMakesNoMore(t *testing.T) {
	m := loadModule(t, moduleDir)
	least := m.plan(t, given(map[string]cty.Value{"publish_flow": cty.False, "phone_numbers": cty.SetValEmpty(cty.String), "fallback_rows": cty.EmptyTupleVal}))
	if got := slices.Sorted(maps.Keys(least.resources)); len(got) != 5 {
		t.Errorf("makes %v", got)
	}
	most := m.plan(t, given(map[string]cty.Value{"did_pools": cty.True}))
	if _, ok := most.resources[`genesyscloud_telephony_providers_edges_did_pool.number["+18005550100"]`]; !ok || len(most.resources) != 9 {
		t.Errorf("makes %v", slices.Sorted(maps.Keys(most.resources)))
	}
}

func TestModuleRefuses(t *testing.T) {
	m := loadModule(t, moduleDir)
	rows := func(change map[string]cty.Value) map[string]cty.Value {
		return map[string]cty.Value{"fallback_rows": cty.TupleVal([]cty.Value{row(change)})}
	}
	one := func(name, value string) map[string]cty.Value { return map[string]cty.Value{name: cty.StringVal(value)} }
	for name, tt := range map[string]struct {
		change map[string]cty.Value
		want   string
	}{
		"no https":                   {one("ringthrough_url", "http://route.example.com"), "https"},
		"a slash at the end":         {one("ringthrough_url", "https://route.example.com/"), "nothing after it"},
		"a line end in the token":    {one("lookup_token", "rt_0123456789abcdef\n"), "line ends"},
		"no token":                   {one("lookup_token", ""), "16 characters"},
		"OAuth":                      {one("credential_type", "userDefinedOAuth"), "userDefined or basicAuth"},
		"a quote in a key":           {one("integration_name", `ring"through`), "Letters, digits"},
		"a colon in a key":           {one("table_name", "a: b"), "Letters, digits"},
		"a quote in a name":          {one("normal_flow_name", `Main "IVR"`), "Quotes"},
		"a brace in a name":          {one("last_resort_queue_name", "{{x}}"), "braces"},
		"as slow as the flow's step": {map[string]cty.Value{"lookup_timeout_seconds": cty.NumberIntVal(4)}, "gives up after 4"},
		"a language's name":          {one("default_language", "English"), "en-us"},
		"a national number":          {map[string]cty.Value{"phone_numbers": cty.SetVal([]cty.Value{cty.StringVal("8005550100")})}, "E.164"},
		"a row without a plus":       {rows(one("ani", "16505550123")), "E.164"},
		"a row to a SIP address":     {rows(one("target_kind", "sip")), "queue, user or number"},
		"a row to nobody":            {rows(one("target", "")), "target must be there"},
		"half a backup":              {rows(one("backup_kind", "queue")), "or neither"},
		"armed at a local time":      {rows(one("armed_at", "2026-11-23T20:55:00+01:00")), "UTC"},
		"no flow to go on to":        {one("normal_flow_name", ""), "are needed"},
		"round in circles":           {one("normal_flow_name", "ringthrough front"), "circles"},
		"numbers, and no flow":       {map[string]cty.Value{"publish_flow": cty.False}, "need the flow"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := m.plan(t, given(tt.change)).refusals; len(got) != 1 || !strings.Contains(got[0], tt.want) {
				t.Errorf("got %q, want one with %q", got, tt.want)
			}
		})
	}
}

// Every name that is used is declared, every variable used and described, and
// nothing secret is put out.
func TestModuleIsWhole(t *testing.T) {
	m, schemas := loadModule(t, moduleDir), providerSchema(t)
	used := map[string]bool{}
	for _, b := range m.blocks {
		_ = hclsyntax.VisitAll(b.Body, func(n hclsyntax.Node) hcl.Diagnostics {
			e, ok := n.(*hclsyntax.ScopeTraversalExpr)
			if !ok || b.Type == "variable" && len(e.Traversal) == 1 {
				return nil
			}
			used[e.Traversal.RootName()+"."+second(e.Traversal)] = true
			m.checkReference(t, schemas, e.Traversal)
			return nil
		})
	}
	for name, b := range m.of("variable") {
		if !used["var."+name] || b.Body.Attributes["description"] == nil || b.Body.Attributes["type"] == nil {
			t.Errorf("variable %s is not used, or has no description or type", name)
		}
		if strings.Contains(name, "token") != (b.Body.Attributes["sensitive"] != nil) {
			t.Errorf("variable %s: is it secret?", name)
		}
	}
	for name := range m.locals() {
		if !used["local."+name] {
			t.Errorf("local.%s is not used", name)
		}
	}
	for name, b := range m.of("output") {
		if b.Body.Attributes["description"] == nil {
			t.Errorf("output %s has no description", name)
		}
	}
}

// checkReference says where a reference leads to nothing.
func (m module) checkReference(t *testing.T, schemas map[string]resourceSchema, v hcl.Traversal) {
	t.Helper()
	root, name := v.RootName(), second(v)
	switch root {
	case "var":
		if m.of("variable")[name] == nil {
			t.Errorf("%s: no variable %s", v.SourceRange(), name)
		}
	case "local":
		if m.locals()[name] == nil {
			t.Errorf("%s: no local %s", v.SourceRange(), name)
		}
	case "path", "each", "action", "name", "value", "key", "r", "n", "row": // Terraform's own, and the variables of for
	default:
		if m.of("resource")[root+"."+name] == nil {
			t.Errorf("%s: no resource %s.%s", v.SourceRange(), root, name)
		}
		for _, part := range v[2:] {
			if a, ok := part.(hcl.TraverseAttr); ok && schemas[root].Attributes[a.Name].Kind == "" {
				t.Errorf("%s: %s has no attribute %s", v.SourceRange(), root, a.Name)
			}
		}
	}
}

func TestExampleFitsTheModule(t *testing.T) {
	m, example := loadModule(t, moduleDir), loadModule(t, "terraform/example")
	call := example.of("module")["ringthrough"].Body
	for name := range call.Attributes {
		if name != "source" && m.of("variable")[name] == nil {
			t.Errorf("the example sets %s", name)
		}
	}
	for name, b := range m.of("variable") {
		if b.Body.Attributes["default"] == nil && call.Attributes[name] == nil {
			t.Errorf("the example doesn't set %s", name)
		}
	}
	ctx := &hcl.EvalContext{Variables: map[string]cty.Value{"var": cty.ObjectVal(map[string]cty.Value{"lookup_token": cty.StringVal("rt_0123456789abcdef")})}}
	inputs := valuesOf(t, call, ctx).arguments
	if source := text(t, inputs["source"]); source != "../" {
		t.Errorf("the example's source is %s", source)
	}
	delete(inputs, "source")
	if got := m.plan(t, inputs); len(got.refusals) > 0 || len(got.resources) != 8 {
		t.Errorf("makes %v, refuses %q", slices.Sorted(maps.Keys(got.resources)), got.refusals)
	}
	for _, output := range regexp.MustCompile(`module\.ringthrough\.(\w+)`).FindAllStringSubmatch(readText(t, "terraform/example/main.tf"), -1) {
		if m.of("output")[output[1]] == nil {
			t.Errorf("the module has no output %s", output[1])
		}
	}
}
