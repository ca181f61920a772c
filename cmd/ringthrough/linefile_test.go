package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/ani"
)

// TestLineFile: a file is the whole line, with its defaults.
func TestLineFile(t *testing.T) {
	const text = "name: a\nnumbers: [+18005550100]\nlimit: {calls: 3}\nannounce: x 🎉 y\n"
	c := lineSetCmd{File: "-"}
	got, err := c.readFile(&session{stdin: strings.NewReader(text)})
	if err != nil {
		t.Fatal(err)
	}
	want, err := newLineFields()
	if err != nil {
		t.Fatal(err)
	}
	want["name"], want["announce"] = "a", "x 🎉 y"
	want["numbers"] = []any{"+18005550100"}
	want["limit"] = map[string]any{"calls": 3.0, "per": "1h"}
	if diff := cmp.Diff(want, got); diff != "" || c.Name != "a" {
		t.Errorf("%s: -want +got\n%s", c.Name, diff)
	}
}

func TestUnreadable(t *testing.T) {
	all := ani.Problems{{Field: "a", Text: "is A"}, {Field: "b", Text: "is B"}, {Field: "c", Text: "is C"}, {Field: "d", Text: "is D"}}
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"one field", all[:1], "read x.yaml: a can't be taken:\n  a is A"},
		{"more fields than are named at once", all, "read x.yaml: a, b, c and 1 more can't be taken:\n  a is A\n  b is B\n  c is C\n  d is D"},
		{"something else", errors.New("x"), "read x.yaml: x"},
	} {
		if got := unreadable("x.yaml", tt.err).Error(); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
