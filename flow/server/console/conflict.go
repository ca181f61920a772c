package console

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/ringthrough/ringthrough/ani"
)

// conflictView is an entry that two people have changed at the same time.
type conflictView struct {
	numberChoices
	Theirs numberNow
	Fields []fieldPair // A is theirs, B yours
	Differ int         // how many of them differ
}

// showConflict shows what somebody else has saved beside what was typed. What
// was typed goes with the page, so that any way out of it has all of it.
func (v *visit) showConflict(form url.Values, yours map[string]any) error {
	theirs, err := v.number()
	if statusOf(err) == http.StatusNotFound {
		return v.numberGone(form)
	}
	if err != nil {
		return err
	}
	pairs, err := sidesOf(theirs.Entry, yours)
	if err != nil {
		return err
	}
	form = maps.Clone(form)
	form.Set("version", strconv.FormatInt(theirs.Version, 10))
	view := conflictView{numberChoices: v.choicesFor(form), Theirs: theirs, Fields: pairs, Differ: len(differing(slices.Clone(pairs)))}
	return v.showAs(http.StatusPreconditionFailed, "number-conflict.html", sheet{
		Title: "Two versions of " + theirs.Pattern.String(), Here: "/numbers", Form: form, Data: view,
	})
}

// sidesOf compares an entry with what somebody has typed into its form, in
// the fields that the form has.
func sidesOf(theirs ani.Entry, yours map[string]any) ([]fieldPair, error) {
	yours = maps.Clone(yours)
	if raw, ok := yours["pattern"].(string); ok {
		if pattern, err := ani.ParsePattern(raw); err == nil {
			yours["pattern"] = pattern
		}
	}
	if lines, ok := yours["lines"].([]string); ok {
		yours["lines"] = append([]string{}, slices.Sorted(slices.Values(lines))...)
	}
	a, err := json.Marshal(theirs)
	if err != nil {
		return nil, fmt.Errorf("compare two versions: %w", err)
	}
	b, err := json.Marshal(yours)
	if err != nil {
		return nil, fmt.Errorf("compare two versions: %w", err)
	}
	pairs, err := compare(a, b)
	return slices.DeleteFunc(pairs, func(p fieldPair) bool { return p.Name == fieldName("enabled") }), err
}
