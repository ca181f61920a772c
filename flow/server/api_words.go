package server

import (
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

const (
	mustBeTime = "must be a time such as 2026-11-22T21:00:00Z"
	unknown    = "is not known here: leave it out"
	missing    = "is missing"
)

// inOurWords turns huma's own errors into problems. It stands at the end of
// what huma writes, so that huma.NewError, which is a variable for the whole
// program, stays as it is.
func inOurWords(ctx huma.Context, _ string, v any) (any, error) {
	if m, ok := v.(*huma.ErrorModel); ok {
		p := problemOfModel(m)
		visitOf(ctx.Context()).refused(p)
		return p, nil
	}
	return v, nil
}

func problemOfModel(m *huma.ErrorModel) *Problem {
	switch {
	case m.Status >= http.StatusInternalServerError:
		return newProblem(m.Status, "internal error")
	case m.Status == http.StatusBadRequest:
		return newProblem(m.Status, "the body is not JSON"+because(m))
	}
	p := newProblem(m.Status, "some fields can't be taken as they are")
	for _, d := range m.Errors {
		p.Errors = append(p.Errors, fieldProblem(d))
	}
	slices.SortStableFunc(p.Errors, func(a, b FieldProblem) int { return strings.Compare(a.Field, b.Field) })
	return p
}

// because says where the JSON breaks, or that there is none.
func because(m *huma.ErrorModel) string {
	for _, d := range m.Errors {
		if d.Location == "body" {
			return ": " + d.Message
		}
	}
	return ": it is empty"
}

func fieldProblem(d *huma.ErrorDetail) FieldProblem {
	place, field, _ := strings.Cut(d.Location, ".")
	if name, ok := strings.CutPrefix(d.Message, "expected required property "); ok {
		name, _, _ = strings.Cut(name, " ")
		return FieldProblem{Field: strings.TrimPrefix(field+"."+name, "."), Detail: missing}
	}
	if field == "" {
		field = place
	}
	return FieldProblem{Field: field, Detail: reword(d.Message)}
}

// reword says what huma says as the rest of a sentence that begins with the
// field's name.
func reword(message string) string {
	switch message {
	case "unexpected property", "unknown query parameter":
		return unknown
	case "expected string to be RFC 3339 date-time":
		return mustBeTime
	case "required query parameter is missing":
		return missing
	case "expected string":
		return "must be a text"
	case "expected boolean":
		return "must be true or false"
	case "expected integer", "invalid integer":
		return "must be a whole number"
	case "expected array":
		return "must be a list"
	case "expected object":
		return "must be an object"
	}
	if strings.HasPrefix(message, "invalid date/time") {
		return mustBeTime
	}
	for _, r := range []struct{ from, to string }{
		{"expected value to be one of ", "must be one of "},
		{"expected number >= ", "must be at least "},
		{"expected number <= ", "must be at most "},
		{"expected length <= ", "is too long: its characters may be at most "},
		{"expected length >= ", "is too short: its characters must be at least "},
		{"expected array length <= ", "has too many items: at most "},
		{"expected string to be ", "must be "},
	} {
		if rest, ok := strings.CutPrefix(message, r.from); ok {
			return r.to + rest
		}
	}
	return message
}
