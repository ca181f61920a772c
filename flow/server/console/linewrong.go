package console

import (
	"fmt"
	"strings"
)

// wrongField is what the API says of a field, with the place of the field on
// the page and what people call it there.
type wrongField struct{ Field, Label, Detail string }

// WrongFields are what has to be mended, each with the place on the page
// where that is.
func (f lineFormView) WrongFields(r *refusal) []wrongField {
	var all []wrongField
	for _, e := range r.Errors {
		place, label := e.Field, labelOf(e.Field)
		switch {
		case strings.HasPrefix(e.Field, "numbers"):
			place, label = "numbers", f.numberCalled(e)
		case strings.HasPrefix(e.Field, "targets"):
			place, label = f.personCalled(e.Field)
		}
		all = append(all, wrongField{place, label, e.Detail})
	}
	return all
}

// numberCalled is the number that e is about, unless e quotes it itself.
func (f lineFormView) numberCalled(e fieldError) string {
	var i int
	if _, err := fmt.Sscanf(e.Field, "numbers[%d]", &i); err != nil || i < 0 || i >= len(f.Numbers) || strings.HasPrefix(e.Detail, `"`) {
		return "Numbers:"
	}
	return f.Numbers[i]
}

// personCalled is where a field of somebody who picks up is, and what people
// call it.
func (f lineFormView) personCalled(field string) (place, label string) {
	var i int
	if _, err := fmt.Sscanf(field, "targets[%d]", &i); err != nil {
		return "people", "The people"
	}
	_, part, _ := strings.Cut(field, ".")
	if part == "" {
		return targetField(i, "address"), fmt.Sprintf("Person %d", i+1)
	}
	return field, fmt.Sprintf("Person %d, %s", i+1, part)
}

func labelOf(field string) string {
	for _, p := range lineParts() {
		if p.field == field {
			return p.label
		}
	}
	return field
}

// Numbered writes the numbers as the form has them, one a line.
func (f lineForm) Numbered() string { return strings.Join(f.Numbers, "\n") }

// NumbersWrong are what is wrong with single numbers.
func (f lineFormView) NumbersWrong(r *refusal) []wrongField {
	if r == nil {
		return nil
	}
	var all []wrongField
	for _, w := range f.WrongFields(r) {
		if w.Field == "numbers" {
			all = append(all, w)
		}
	}
	return all
}
