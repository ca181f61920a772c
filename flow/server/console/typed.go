package console

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/ani"
)

// refusedBy is why the API refuses to do what somebody can mend, or try again
// later; nil for any other error.
func refusedBy(err error) *refusal {
	refused := (*refusal)(nil)
	if errors.As(err, &refused) && (refused.Status < http.StatusInternalServerError || refused.Status == http.StatusServiceUnavailable) {
		return refused
	}
	return nil
}

// problemsRefused is what the API would say of p; nil where nothing is wrong.
func problemsRefused(p ani.Problems) *refusal {
	if len(p) == 0 {
		return nil
	}
	wrong := &refusal{Status: http.StatusUnprocessableEntity, Detail: "some fields can't be taken as they are"}
	for _, problem := range p {
		wrong.Errors = append(wrong.Errors, fieldError{problem.Field, problem.Text})
	}
	return wrong
}

// fieldLabels are the fields that stand on pages under another name than the
// API's.
var fieldLabels = map[string]string{
	"ani": "Who calls", "dnis": "Whom they dial", "at": "When", "attestation": "The carrier’s word",
	"duration": "For how long", "opens_at": "From", "max_calls": "Close it after so many calls", "callers": "Your telephone’s number",
	"since": "From the day", "until": "To the day", "kind": "What",
}

// Place is the field that e is about, without the place in a list.
func (e fieldError) Place() string {
	field, _, _ := strings.Cut(e.Field, "[")
	return field
}

// Label is what people call the field.
func (e fieldError) Label() string {
	if label, ok := fieldLabels[e.Place()]; ok {
		return label
	}
	return fieldName(e.Field)
}

// At is what is wrong with a field itself, not with what is below it.
func (r *refusal) At(field string) string {
	if r == nil {
		return ""
	}
	for _, e := range r.Errors {
		if e.Field == field {
			return e.Detail
		}
	}
	return ""
}

// listed are the items of a text that has one a line, or commas between them.
func listed(text string) []string {
	items := []string{}
	for item := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' || r == ',' || r == ';' }) {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// clockLayouts are how browsers send the time of a datetime-local field.
var clockLayouts = []string{"2006-01-02T15:04", "2006-01-02T15:04:05"}

// timeTyped reads a time that was typed: of the clock in zone, or with a zone
// of its own as in RFC 3339. What it can't read is left to the API to refuse.
func timeTyped(text string, zone *time.Location) string {
	text = strings.TrimSpace(text)
	for _, layout := range clockLayouts {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t.Format(time.RFC3339)
		}
	}
	return text
}
