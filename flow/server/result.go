package server

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect"
	"github.com/ringthrough/ringthrough/flow/store"
)

// result takes in how a direct leg or a candidate's stay ended, from platforms
// whose flow tells it:
// POST /v1/calls/{id}/result, signed in like the lookup.
func (s *Server) result(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	e := s.entranceOf(r, id)
	request, err := s.read(r, e)
	if err == nil {
		err = s.report(r, id, request)
	}
	release(request.Body)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header()["Cache-Control"] = noStore
	w.WriteHeader(http.StatusNoContent)
}

// entranceOf is how whoever reports on the lookup id proves themselves: as
// its hook asks, where that is something a flow can do by itself; else by a
// lookup token.
func (s *Server) entranceOf(r *http.Request, id string) *entrance {
	open := s.hooks.Load()
	name, err := s.board.HookOf(r.Context(), id)
	if e := open.byName[name]; err == nil && e != nil && slices.Contains([]string{"basic", "mtls", schemeNone}, e.scheme) {
		return e
	}
	return open.flat
}

func (s *Server) report(r *http.Request, id string, request flow.Request) error {
	flat, _ := dialect.ByName("flat")
	report, err := flat.Result(request, nil)
	if err != nil {
		return err
	}
	err = s.reportLeg(r.Context(), id, report)
	if errors.Is(err, store.ErrNotFound) {
		return newProblem(http.StatusNotFound, "the journal has no call of this lookup id: results belong to lookups that were answered direct, or came while a window was open")
	}
	return err
}

// reportLeg keeps, counts and logs how a direct leg ended.
func (s *Server) reportLeg(ctx context.Context, id string, report flow.Report) error {
	done, err := s.board.Report(ctx, id, report)
	if err == nil {
		s.metrics.reported(done, report.Result)
		s.log.Info().Str("lookup_id", id).Str("line", done.Line).Str("result", string(report.Result)).Msg("call ended")
	}
	return err
}

// fail answers with err as a problem, and logs what the problem doesn't say.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err)
	if p.Status >= http.StatusInternalServerError {
		s.log.Error().Err(err).Str("request_id", requestID(r.Header.Get("X-Request-Id"))).Str("method", r.Method).Str("path", r.URL.Path).Int("status", p.Status).Msg("request failed")
	}
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", challenge(schemeToken))
	}
	writeProblem(w, p)
}
