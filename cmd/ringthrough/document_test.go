package main

import "testing"

func TestDescriptionsKeepTexts(t *testing.T) {
	for name, text := range map[string]string{
		"JSON with escapes": `{"lines":[{"name":"a","numbers":["+18005550100"],"announce":"x \ud83c\udf89 y"}]}`,
		"JSON":              `{"lines":[{"name":"a","numbers":["+18005550100"],"announce":"x 🎉 y"}]}`,
		"YAML":              "lines:\n  - {name: a, numbers: [+18005550100], announce: x 🎉 y}",
	} {
		t.Run(name, func(t *testing.T) {
			changes, err := readDocument([]byte(text))
			if err != nil || len(changes) != 1 {
				t.Fatalf("%+v, %v", changes, err)
			}
			if line := changes[0].Line; line.Announce != "x 🎉 y" || line.Numbers[0].String() != "+18005550100" {
				t.Errorf("%+v", line)
			}
		})
	}
}
