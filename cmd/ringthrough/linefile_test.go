package main

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/flow"
)

func TestALineFileHasTheFieldsOfALine(t *testing.T) {
	for _, tt := range []struct{ file, line reflect.Type }{
		{reflect.TypeFor[lineFile](), reflect.TypeFor[flow.Line]()},
		{reflect.TypeFor[limitFile](), reflect.TypeFor[flow.Limit]()},
		{reflect.TypeFor[targetFile](), reflect.TypeFor[flow.Target]()},
	} {
		if diff := cmp.Diff(keysOf(tt.line), keysOf(tt.file)); diff != "" {
			t.Errorf("%s: -want +got\n%s", tt.file, diff)
		}
	}
}

func keysOf(t reflect.Type) []string {
	var keys []string
	for f := range t.Fields() {
		key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func TestVerbatim(t *testing.T) {
	for _, tt := range []struct{ yaml, want string }{
		{"+18005550100", "+18005550100"},
		{"'+18005550100'", "+18005550100"},
		{`"+18005550100"`, "+18005550100"},
		{"0410", "0410"},
		{"0x1f", "0x1f"},
		{"1.50", "1.50"},
		{"1e3", "1e3"},
		{"4100 # the desk", "4100"},
		{"true", "true"},
		{"08:00-18:00", "08:00-18:00"},
		{"|-\n  two\n  lines", "two\nlines"},
		{"null", ""},
	} {
		var got struct {
			V verbatim `yaml:"v"`
		}
		if err := yaml.Unmarshal([]byte("v: "+tt.yaml), &got); err != nil || string(got.V) != tt.want {
			t.Errorf("%s is %q, %v; want %q", tt.yaml, got.V, err, tt.want)
		}
	}
}

// FuzzLineFile: a file that can be read says of a line what it says of it
// when it is read back as JSON.
func FuzzLineFile(f *testing.F) {
	f.Add("name: a\nnumbers: [+18005550100]\nlimit: {calls: 3}\n")
	f.Add("{\n\t\"name\": \"a\",\n\t\"enabled\": false\n}")
	f.Add("targets:\n- kind: mailbox\n  address: 0410\n  hours: Mo-Fr 08:00-18:00; Sa off\n")
	f.Add("name: a\nnumbers: !tag 000")
	f.Add("announce: |\n  a\n  b\nredial_within: 2m\n")
	f.Fuzz(func(t *testing.T, text string) {
		var file, again lineFile
		if readYAML([]byte(text), &file) != nil {
			return
		}
		fields, err := file.fields()
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := fields["limit"].(map[string]any)["per"]; !ok {
			t.Errorf("the limit lost its default: %v", fields["limit"])
		}
		b, err := json.Marshal(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &again); err != nil {
			t.Fatal(err)
		}
		if c, err := json.Marshal(again); err != nil || string(c) != string(b) {
			t.Errorf("%s reads back as %s, %v", b, c, err)
		}
	})
}
