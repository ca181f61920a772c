package server

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// Problem is an error as RFC 9457 writes it.
type Problem struct {
	Type   string         `json:"type"` // always about:blank: title and status say all
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Detail string         `json:"detail,omitempty"`
	Errors []FieldProblem `json:"errors,omitempty"`
}

// FieldProblem is what is wrong with one field of what was sent.
type FieldProblem struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

func (p *Problem) Error() string {
	if p.Detail != "" {
		return p.Detail
	}
	return p.Title
}

// GetStatus is what huma asks of an error.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is what huma asks of an error.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

func newProblem(status int, detail string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}

// problemOf is the one place where an error becomes a status and a sentence.
// What it doesn't know is an internal error without a detail: the caller logs
// it.
func problemOf(err error) *Problem {
	var p *Problem
	var fields ani.Problems
	var crossing *ani.CrossingError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &fields):
		return fieldsProblem(fields)
	case errors.As(err, &crossing):
		return fieldsProblem(ani.Problems{{Field: "pattern", Text: crossing.Error()}})
	case errors.Is(err, flow.ErrMalformed):
		return newProblem(http.StatusBadRequest, err.Error())
	case errors.Is(err, store.ErrNotFound):
		return newProblem(http.StatusNotFound, "there is no such thing, or no longer")
	case errors.Is(err, store.ErrTaken):
		return newProblem(http.StatusConflict, "it is there already: edit that one instead")
	case errors.Is(err, store.ErrStale):
		return newProblem(http.StatusPreconditionFailed, "somebody else has changed it meanwhile: read it again, then repeat the edit")
	case errors.Is(err, store.ErrUnavailable), errors.Is(err, store.ErrDamaged):
		return newProblem(http.StatusServiceUnavailable, "the store can't be reached or written, so nothing was changed; lookups go on. Try again later")
	default:
		return newProblem(http.StatusInternalServerError, "internal error")
	}
}

func fieldsProblem(fields ani.Problems) *Problem {
	p := newProblem(http.StatusUnprocessableEntity, "some fields can't be taken as they are")
	for _, f := range fields {
		p.Errors = append(p.Errors, FieldProblem{Field: f.Field, Detail: f.Text})
	}
	return p
}

// writeProblem answers with p.
func writeProblem(w http.ResponseWriter, p *Problem) {
	b, err := json.Marshal(p)
	if err != nil {
		b = []byte(`{"title":"Internal Server Error","status":500}`)
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(b, '\n')) // the client may have gone
}
