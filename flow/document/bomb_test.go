package document

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/ani"
)

// laughs is a list of ten aliases to the list before it, and so on.
func laughs(levels int, first string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "x0: &x0 %s\n", first)
	for i := range levels {
		fmt.Fprintf(&b, "x%d: &x%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*x%d,", i), 10), ","))
	}
	return b.String()
}

// TestBombs: a small text that stands for a huge one takes little memory.
func TestBombs(t *testing.T) {
	names := "[" + strings.Repeat("a,", 5000) + "]"
	for name, text := range map[string]string{
		"a billion laughs":               laughs(9, "[lol]") + "lines: *x9\n",
		"a billion merges":               laughs(9, "{pattern: +16505550123}") + "entries: [{<<: *x9}]\n",
		"merges of merges":               "entries:\n- &a0 {pattern: x}\n" + mergesOfMerges(14),
		"one list again and again":       "entries:\n- {lines: &l " + names + "}\n" + strings.Repeat("- {lines: *l}\n", 5000),
		"one entry again and again":      "entries:\n- &e {lines: " + names + "}\n" + strings.Repeat("- *e\n", 5000),
		"a deep list":                    "lines: " + strings.Repeat("[", 1<<20),
		"a deep list that is closed":     "lines: " + strings.Repeat("[", 1<<20) + strings.Repeat("]", 1<<20),
		"a deep list of dashes":          "lines:\n  " + strings.Repeat("- ", 1<<20),
		"many nothings":                  "lines: [" + strings.Repeat(",", 10<<20) + "]",
		"many empty lines":               strings.Repeat("\n", 10<<20) + "x",
		"deep JSON":                      `{"lines":` + strings.Repeat(`[`, 1<<20) + strings.Repeat(`]`, 1<<20) + "}",
		"many problems":                  "entries: [" + strings.Repeat("x,", 100_000) + "]",
		"many problems of one":           "entries: [{lines: [" + strings.Repeat("[],", 100_000) + "]}]",
		"many unknown keys":              "{" + strings.Repeat("x: 1, ", 100_000) + "}",
		"many names that Normalize sees": "entries: [{lines: [" + strings.Repeat("~,", 100_000) + "]}]",
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Read([]byte(text))
			runtime.ReadMemStats(&after)
			if _, ok := errors.AsType[ani.Problems](err); !ok {
				t.Errorf("%v is no problem", err)
			}
			if len(fmt.Sprint(err)) > 1<<20 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
			if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 768 {
				t.Errorf("%d MiB were used", used)
			}
		})
	}
}

// mergesOfMerges has levels of entries that merge the one before twice.
func mergesOfMerges(levels int) string {
	var b strings.Builder
	for i := range levels {
		fmt.Fprintf(&b, "- &a%d {<<: [%s]}\n", i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i), 10), ","))
	}
	return b.String()
}
