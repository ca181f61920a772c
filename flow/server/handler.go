package server

import (
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"time"

	"github.com/ringthrough/ringthrough/flow/switchboard"
)

// Public serves what IVRs and load balancers need: lookups, results, probes.
func (s *Server) Public() http.Handler {
	mux := http.NewServeMux()
	s.public(mux)
	return router{s, mux}
}

// All serves everything: what Public does, the ops API and the metrics.
func (s *Server) All() http.Handler { return router{s, s.all} }

func (s *Server) public(mux *http.ServeMux) {
	mux.HandleFunc("/v1/lookup", s.lookupFlat)
	mux.HandleFunc("/v1/lookup/{hook}", s.lookupHook)
	mux.HandleFunc("/v1/lookup/{hook}/result", s.resultHook)
	mux.HandleFunc("/v1/lookup/{hook}/whisper", s.whisperHook)
	mux.HandleFunc("POST /v1/calls/{id}/result", s.result)
	mux.HandleFunc("GET /livez", s.live)
	mux.HandleFunc("GET /readyz", s.ready)
}

func (s *Server) everything() *http.ServeMux {
	mux := http.NewServeMux()
	s.public(mux)
	mux.Handle("GET /metrics", s.metrics.handler())
	s.api(mux)
	return mux
}

// router keeps a fault in one request from ending the program, answers what
// no route serves with a problem, and takes the way that every call takes
// past the routes.
type router struct {
	s   *Server
	mux *http.ServeMux
}

func (h router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer h.survive(w, r)
	// Whoever asks again and again without waiting for an answer would keep a
	// processor for 10 ms each time: a thousand of them, and everybody else
	// waits for seconds.
	runtime.Gosched()
	if r.URL.Path == "/v1/lookup" {
		h.s.lookupFlat(w, r)
		return
	}
	if handler, pattern := h.mux.Handler(r); pattern == "" {
		refuseRoute(w, r, handler)
		return
	}
	h.mux.ServeHTTP(w, r)
}

func (h router) survive(w http.ResponseWriter, r *http.Request) {
	fault := recover()
	if fault == nil {
		return
	}
	if err, ok := fault.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(fault)
	}
	h.s.log.Error().Str("method", r.Method).Str("path", r.URL.Path).Str("fault", fmt.Sprint(fault)).Strs("in", switchboard.Frames()).Msg("request failed")
	writeProblem(w, newProblem(http.StatusInternalServerError, "internal error"))
}

// refuseRoute writes as a problem what the mux would write as plain text:
// that there is no such page, or not for this method.
func refuseRoute(w http.ResponseWriter, r *http.Request, mux http.Handler) {
	verdict := statusOnly{header: http.Header{}}
	mux.ServeHTTP(&verdict, r)
	switch verdict.status {
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", verdict.header.Get("Allow"))
		writeProblem(w, newProblem(verdict.status, "this can be asked with "+verdict.header.Get("Allow")))
	case http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		w.Header().Set("Location", verdict.header.Get("Location"))
		w.WriteHeader(verdict.status)
	default:
		writeProblem(w, newProblem(http.StatusNotFound, "nothing is served here"))
	}
}

// statusOnly keeps a reply's status and header and lets its body go.
type statusOnly struct {
	header http.Header
	status int
}

func (s *statusOnly) Header() http.Header         { return s.header }
func (s *statusOnly) Write(b []byte) (int, error) { return len(b), nil }
func (s *statusOnly) WriteHeader(status int)      { s.status = status }

// live says that the process can answer at all.
func (s *Server) live(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "alive\n") }

// ready says that lookups are answered from a snapshot. A store that is away
// doesn't make the server unready: lookups go on.
func (s *Server) ready(w http.ResponseWriter, _ *http.Request) {
	if s.leaving.Load() {
		say(w, http.StatusServiceUnavailable, "draining\n")
		return
	}
	if s.board.Away() {
		say(w, http.StatusOK, fmt.Sprintf("ready; the store is away: revision %d serves, as it was at %s\n", s.board.Snapshot().Revision, s.board.Current().Format(time.RFC3339)))
		return
	}
	say(w, http.StatusOK, "ready\n")
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // whoever probes may have gone
}
