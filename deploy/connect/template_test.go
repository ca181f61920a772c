// Package connect_test holds what is loaded into AWS against what can be had of
// it: the template against AWS's specification of resources, the zip by running
// it as Lambda does, and the contact flow by walking it with what the function
// answers. None of it has met an AWS account.
package connect_test

import (
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

// template is template.yaml with its short forms, such as !Ref, spelt out.
func template(t *testing.T) map[string]any {
	t.Helper()
	text, err := os.ReadFile("template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	spellOut(&root)
	var plain map[string]any
	if err := root.Decode(&plain); err != nil {
		t.Fatal(err)
	}
	return plain
}

// spellOut makes of !Ref x the map {Ref: x}, and of !If [...] {Fn::If: [...]}.
func spellOut(n *yaml.Node) {
	for _, child := range n.Content {
		spellOut(child)
	}
	name, short := strings.CutPrefix(n.Tag, "!")
	if !short || strings.HasPrefix(name, "!") {
		return
	}
	if name != "Ref" {
		name = "Fn::" + name
	}
	value := *n
	value.Tag = ""
	if parts := strings.SplitN(value.Value, ".", 2); name == "Fn::GetAtt" && len(parts) == 2 {
		value = yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{text(parts[0]), text(parts[1])}}
	}
	*n = yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{text(name), &value}}
}

func text(value string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: value} }

func TestTemplateIsWhatAWSKnows(t *testing.T) {
	var faults []string
	peer.Node(t, "cloudformation.js", template(t), &faults)
	if len(faults) > 0 {
		t.Error(strings.Join(faults, "\n"))
	}
}

// The judge finds what is wrong.
func TestFaultsAreFound(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(resources map[string]any)
		want  string
	}{
		"an unknown type":     {func(r map[string]any) { r["Log"].(map[string]any)["Type"] = "AWS::Logs::Group" }, "AWS::Logs::Group"},
		"an unknown property": {func(r map[string]any) { property(r, "Function")["Timeoutt"] = 3 }, "Timeoutt"},
		"a missing one":       {func(r map[string]any) { delete(property(r, "ConnectMayInvoke"), "Principal") }, "Principal"},
		"a text for a number": {func(r map[string]any) { property(r, "Function")["MemorySize"] = "much" }, "MemorySize"},
		"a name of nothing":   {func(r map[string]any) { property(r, "Function")["Description"] = map[string]any{"Ref": "Nothing"} }, "Nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			spoilt := template(t)
			test.spoil(spoilt["Resources"].(map[string]any))
			var faults []string
			peer.Node(t, "cloudformation.js", spoilt, &faults)
			if !strings.Contains(strings.Join(faults, "\n"), test.want) {
				t.Errorf("%s is not in %q", test.want, faults)
			}
		})
	}
}

func property(resources map[string]any, name string) map[string]any {
	return resources[name].(map[string]any)["Properties"].(map[string]any)
}

// What keeps the function safe and quick is set.
func TestFunction(t *testing.T) {
	resources := template(t)["Resources"].(map[string]any)
	function := property(resources, "Function")
	for name, want := range map[string]any{"Runtime": "provided.al2023", "Handler": "bootstrap", "CodeUri": "function.zip", "Timeout": 3} {
		if function[name] != want {
			t.Errorf("%s is %v", name, function[name])
		}
	}
	if function["ReservedConcurrentExecutions"] == nil {
		t.Error("no concurrency is reserved")
	}
	may := property(resources, "ConnectMayInvoke")
	if may["Principal"] != "connect.amazonaws.com" || may["SourceArn"] == nil || may["SourceAccount"] == nil {
		t.Errorf("who may invoke it: %v", may)
	}
}
