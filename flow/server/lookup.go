package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/server/signin"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/switchboard"
)

// maxInFlight is how many lookups may be under way at once. Each takes
// microseconds, or up to 50 ms where the journal is slow; more than this many
// means that callers would be kept waiting, and the platform's own way out is
// better for them.
const maxInFlight = 1024

// lookupFlat answers plain /v1/lookup.
func (s *Server) lookupFlat(w http.ResponseWriter, r *http.Request) {
	s.lookup(w, r, s.hooks.Load().flat)
}

// lookupHook answers /v1/lookup/{hook}.
func (s *Server) lookupHook(w http.ResponseWriter, r *http.Request) {
	e, ok := s.hooks.Load().byName[r.PathValue("hook")]
	if !ok {
		writeProblem(w, newProblem(http.StatusNotFound, "there is no such hook: hooks stand in the configuration file"))
		return
	}
	if e.dialect.OverSIP {
		writeProblem(w, newProblem(http.StatusNotFound, "the dialect of this hook, "+e.dialect.Name+", is asked over SIP at sip_listen: configure another dialect for whoever asks over HTTP"))
		return
	}
	s.lookup(w, r, e)
}

// lookup reads, verifies, decodes, decides and encodes. Whatever goes wrong
// after the sign-in, the platform is told to carry the call on.
func (s *Server) lookup(w http.ResponseWriter, r *http.Request, e *entrance) {
	start := time.Now()
	if s.inFlight.Add(1) > maxInFlight || s.draining.Load() {
		s.inFlight.Add(-1)
		s.shed(w, e)
		return
	}
	defer s.inFlight.Add(-1)
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		w.Header().Set("Allow", "GET, POST")
		writeProblem(w, newProblem(http.StatusMethodNotAllowed, "ask with GET or POST"))
		return
	}
	request, err := s.read(r, e)
	if problem := (*Problem)(nil); errors.As(err, &problem) {
		s.turnAway(w, e, problem)
		return
	}
	write(w, s.answer(r.Context(), request, err, e))
	release(request.Body)
	e.duration.Observe(time.Since(start).Seconds())
}

// read takes in a request whose sender has proved who they are. A *Problem
// turns the request away; any other error is a body that broke off.
func (s *Server) read(r *http.Request, e *entrance) (flow.Request, error) {
	if e.verifier == nil {
		if _, problem := s.bearer(r, store.RoleLookup, e.hook.Name); problem != nil {
			return flow.Request{}, problem
		}
	}
	body, err := readBody(r, e.maxBody)
	if errors.Is(err, errTooLarge) {
		e.troubles.notRead(s.board.Now(), remoteOf(r), err.Error())
		return flow.Request{}, e.tooLarge()
	}
	request := requestOf(r, body)
	if e.verifier != nil {
		attested, problem := s.verify(r, body, e, "")
		if problem != nil {
			return flow.Request{}, problem
		}
		request.Unattested = !attested
	}
	return request, err
}

func requestOf(r *http.Request, body []byte) flow.Request {
	return flow.Request{
		Method: r.Method, RawQuery: r.URL.RawQuery, ContentType: mediaType(r.Header.Get("Content-Type")),
		Header: r.Header.Get, Body: body,
	}
}

func (e *entrance) tooLarge() *Problem {
	return newProblem(http.StatusRequestEntityTooLarge, "the body is too large: at most "+strconv.FormatInt(e.maxBody, 10)+" bytes")
}

// verify judges a request to the hook's public URL, or to a path below it. It
// is attested where what it says of the attestation is signed too.
func (s *Server) verify(r *http.Request, body []byte, e *entrance, below string) (attested bool, _ *Problem) {
	signed := signin.Request{Method: r.Method, URL: e.hook.PublicURL + below, Header: r.Header, Body: body, TLS: r.TLS}
	if r.URL.RawQuery != "" {
		signed.URL += "?" + r.URL.RawQuery
	}
	attested, err := signin.Check(e.verifier, &signed, s.board.Now())
	switch {
	case err == nil:
		return attested, nil
	case errors.Is(err, signin.ErrMissing), e.scheme == "basic":
		return false, s.refuse(r, e.hook.Name, newProblem(http.StatusUnauthorized, err.Error()))
	default:
		return false, s.refuse(r, e.hook.Name, newProblem(http.StatusForbidden, err.Error()))
	}
}

// answer decides on a request and writes the platform's reply. A request
// that broke off with err cannot be read.
func (s *Server) answer(ctx context.Context, r flow.Request, err error, e *entrance) (reply flow.Reply) {
	defer func() {
		if fault := recover(); fault != nil {
			s.log.Error().Str("hook", e.hook.Name).Str("fault", fmt.Sprint(fault)).Strs("in", switchboard.Frames()).Msg("lookup failed")
			reply = e.dialect.Encode(e.instruction(switchboard.Answer{Decision: flow.Faulted(flow.Call{})}), e.hook)
			e.lookups[flow.ReasonError].Inc()
		}
	}()
	var call flow.Call
	if err == nil {
		call, err = e.dialect.Decode(r, e.hook)
	}
	if errors.Is(err, flow.ErrNotACall) {
		s.reportedHere(ctx, r, e)
		return e.dialect.Encode(flow.Instruction{Act: flow.ActNothing}, e.hook)
	}
	if err != nil {
		s.log.Info().Str("hook", e.hook.Name).Err(err).Msg("lookup could not be read")
		e.troubles.notRead(s.board.Now(), "", err.Error())
		call = flow.Call{Malformed: true}
	}
	call.Carries = e.carries
	if r.Unattested {
		call.Attestation = flow.AttestationNone
	}
	a := s.board.Lookup(e.hook.Name, call)
	e.lookups[a.Decision.Reason].Inc()
	s.tell(a, e)
	in := e.instruction(a)
	in.Format = formatOf(r.RawQuery)
	if in.Act == flow.ActDirect {
		s.addCallbacks(&in, e, leg{a.ID, 1})
	}
	s.fetchContinue(ctx, &in, r, e)
	return e.dialect.Encode(in, e.hook)
}

// Ask answers a request that came to a hook by another way than HTTP, from
// somebody who has proved who they are. It fails where there is no such hook.
func (s *Server) Ask(ctx context.Context, hook string, r flow.Request) (flow.Reply, error) {
	e, ok := s.hooks.Load().byName[hook]
	if !ok {
		return flow.Reply{}, fmt.Errorf("hook %s: %w", hook, store.ErrNotFound)
	}
	return s.answer(ctx, r, nil, e), nil
}

// instruction is an answer as the dialect is told it.
func (e *entrance) instruction(a switchboard.Answer) flow.Instruction {
	d := a.Decision
	in := flow.Instruction{
		Act: flow.ActContinue, LookupID: a.ID, Revision: a.Revision, Decision: d,
		ContinueURL: e.continueURL(d.ContinueURL),
	}
	if d.Route == flow.Direct {
		in.Act, in.Target, in.Backup = flow.ActDirect, d.Target, d.Backup
	}
	return in
}

// continueURL is a line's own, or else the hook's.
func (e *entrance) continueURL(ofLine string) string { return cmp.Or(ofLine, e.hook.ContinueURL) }

// tell counts and logs a call that was answered for the first time.
func (s *Server) tell(a switchboard.Answer, e *entrance) {
	if a.Repeated {
		return
	}
	d := a.Decision
	s.metrics.called(d)
	if d.Route == flow.Continue {
		if debug := s.log.Debug(); debug.Enabled() {
			debug.Str("lookup_id", a.ID).Str("hook", e.hook.Name).Str("line", d.Line).Str("ani", d.Call.ANI.Masked()).
				Str("reason", string(d.Reason)).Msg("call carries on")
		}
		return
	}
	caller := d.Call.ANI.Masked()
	if !d.Entry.IsZero() {
		caller = d.Call.ANI.String() // it is on the list, so it is nobody's private number
	}
	s.log.Info().Str("lookup_id", a.ID).Str("hook", e.hook.Name).Str("line", d.Line).Str("ani", caller).
		Str("reason", string(d.Reason)).Bool("expected", d.Expected).Str("target_kind", string(d.Target.Kind)).
		Int("attempt", d.Attempt).Msg("call rings through")
}

// shed turns a lookup away before any of its work is done.
func (s *Server) shed(w http.ResponseWriter, e *entrance) {
	why := "overloaded"
	if s.draining.Load() {
		why = "draining"
	}
	s.metrics.Dropped("lookup", why)
	w.Header().Set("Retry-After", "1")
	s.turnAway(w, e, newProblem(http.StatusServiceUnavailable, "the service is "+why+": carry the call on"))
}

// turnAway answers with an HTTP error, but for a platform that would drop the
// caller on one: that is told to carry on.
func (s *Server) turnAway(w http.ResponseWriter, e *entrance, p *Problem) {
	if e.dialect.DropsOnError && (p.Status == http.StatusServiceUnavailable || p.Status == http.StatusRequestEntityTooLarge) {
		write(w, e.dialect.Encode(e.instruction(switchboard.Answer{Decision: flow.Faulted(flow.Call{})}), e.hook))
		return
	}
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", challenge(e.scheme))
	}
	writeProblem(w, p)
}

func challenge(scheme string) string {
	if scheme == "basic" {
		return `Basic realm="ringthrough"`
	}
	return `Bearer realm="ringthrough"`
}

func write(w http.ResponseWriter, r flow.Reply) {
	h := w.Header()
	if r.ContentType != "" {
		h["Content-Type"] = []string{r.ContentType}
	}
	h["Cache-Control"] = noStore
	if r.Status != 0 && r.Status != http.StatusOK {
		w.WriteHeader(r.Status)
	}
	_, _ = w.Write(r.Body) // the platform may have hung up
}

var noStore = []string{"no-store"} // net/http only reads it

var bodies = sync.Pool{New: func() any { b := make([]byte, 0, 4096); return &b }}

// readBody reads a body whole, up to limit bytes. It gives errTooLarge, or why
// the body did not come to its end. The body goes back with release.
func readBody(r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, errTooLarge
	}
	if r.ContentLength == 0 {
		return nil, nil
	}
	var body []byte
	if spare, ok := bodies.Get().(*[]byte); ok {
		body = (*spare)[:0]
	}
	for {
		if len(body) == cap(body) {
			body = append(body, 0)[:len(body)]
		}
		n, err := r.Body.Read(body[len(body):min(cap(body), int(limit)+1)])
		body = body[:len(body)+n]
		switch {
		case int64(len(body)) > limit:
			return nil, errTooLarge
		case errors.Is(err, io.EOF):
			return body, nil
		case err != nil:
			return nil, err
		}
	}
}

var errTooLarge = errors.New("the body is too large")

func release(body []byte) {
	if cap(body) > 0 && cap(body) <= flow.DefaultMaxBody {
		bodies.Put(&body)
	}
}

// mediaType is a Content-Type without its parameters, in lower case.
func mediaType(s string) string {
	if s == "application/json" || s == "application/x-www-form-urlencoded" || s == "" {
		return s
	}
	if t, _, err := mime.ParseMediaType(s); err == nil {
		return t
	}
	return strings.ToLower(s)
}

// formatOf is the value of the query's format, in lower case.
func formatOf(rawQuery string) string {
	if !strings.Contains(strings.ToLower(rawQuery), "format=") {
		return ""
	}
	query, _ := url.ParseQuery(rawQuery)
	for name, values := range query {
		if strings.EqualFold(name, "format") {
			return strings.ToLower(values[0])
		}
	}
	return ""
}
