package server

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/ringthrough/ringthrough/flow"
)

// callbackLife is how long the URL that a platform reports to is good: no
// direct leg lasts longer.
const callbackLife = 2 * time.Hour

// What a platform calls back for.
const (
	callbackResult  = "result"
	callbackWhisper = "whisper"
)

// callbacks makes the URLs that platforms call back, and proves that they are
// ours: each is signed with a key that the store keeps.
type callbacks struct{ key []byte }

// leg is what such a URL stands for: the direct leg of a lookup, 1 for its
// target and 2 for its backup.
type leg struct {
	lookupID string
	n        int
}

// url is where the platform of h calls back about l; empty where the hook has
// no public URL.
func (c callbacks) url(h *flow.Hook, what string, l leg, now time.Time) string {
	if h.PublicURL == "" {
		return ""
	}
	exp := strconv.FormatInt(now.Add(callbackLife).Unix(), 10)
	query := url.Values{"id": {l.lookupID}, "leg": {strconv.Itoa(l.n)}, "exp": {exp}, "sig": {c.sign(h.Name, what, l, exp)}}
	return h.PublicURL + "/" + what + "?" + query.Encode()
}

// check is the leg that a callback is about.
func (c callbacks) check(h *flow.Hook, what, rawQuery string, now time.Time) (leg, error) {
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return leg{}, errCallback
	}
	l := leg{lookupID: query.Get("id")}
	l.n, err = strconv.Atoi(query.Get("leg"))
	exp := query.Get("exp")
	until, expErr := strconv.ParseInt(exp, 10, 64)
	if err != nil || expErr != nil || !hmac.Equal([]byte(c.sign(h.Name, what, l, exp)), []byte(query.Get("sig"))) {
		return leg{}, errCallback
	}
	if now.Unix() > until {
		return leg{}, errCallbackStale
	}
	return l, nil
}

var (
	errCallback      = newProblem(http.StatusForbidden, "this address was not made by us")
	errCallbackStale = newProblem(http.StatusForbidden, "this address is too old")
)

func (c callbacks) sign(hook, what string, l leg, exp string) string {
	mac := hmac.New(sha256.New, c.key)
	_, _ = fmt.Fprintf(mac, "%s\n%s\n%s\n%d\n%s", hook, what, l.lookupID, l.n, exp) // a hash takes everything
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// resultHook takes in what a platform reports of a direct leg, and says how
// the call goes on.
func (s *Server) resultHook(w http.ResponseWriter, r *http.Request) {
	s.callback(w, r, callbackResult, func(request flow.Request, e *entrance, l leg) flow.Reply {
		return s.afterLeg(r, request, e, l)
	})
}

// whisperHook says the announcement to whoever has picked up.
func (s *Server) whisperHook(w http.ResponseWriter, r *http.Request) {
	s.callback(w, r, callbackWhisper, func(_ flow.Request, e *entrance, l leg) flow.Reply {
		line, err := s.board.LineOf(r.Context(), l.lookupID)
		if err != nil {
			s.log.Warn().Err(err).Str("lookup_id", l.lookupID).Msg("announcement is not known")
		}
		return e.dialect.Whisper(line.Announce, e.hook)
	})
}

func (s *Server) callback(w http.ResponseWriter, r *http.Request, what string, answer func(flow.Request, *entrance, leg) flow.Reply) {
	e, ok := s.hooks.Load().byName[r.PathValue("hook")]
	if !ok || !e.callsBack(what) {
		writeProblem(w, newProblem(http.StatusNotFound, "this hook is not called back"))
		return
	}
	request, l, err := s.readCallback(r, e, what)
	if err != nil {
		s.turnAway(w, e, problemOf(err))
		return
	}
	write(w, answer(request, e, l))
	release(request.Body)
}

func (e *entrance) callsBack(what string) bool {
	return what == callbackResult && e.dialect.Result != nil || what == callbackWhisper && e.dialect.Whisper != nil
}

// readCallback takes in a callback whose address is ours and which, where the
// platform signs every request, is the platform's.
func (s *Server) readCallback(r *http.Request, e *entrance, what string) (flow.Request, leg, error) {
	l, err := s.callbacks.check(e.hook, what, r.URL.RawQuery, s.board.Now())
	if problem := (*Problem)(nil); errors.As(err, &problem) {
		return flow.Request{}, l, s.refuse(r, e.hook.Name, problem)
	}
	body, err := readBody(r, e.maxBody)
	if errors.Is(err, errTooLarge) {
		return flow.Request{}, l, e.tooLarge()
	}
	if e.signs {
		if _, problem := s.verify(r, body, e, "/"+what); problem != nil {
			return flow.Request{}, l, problem
		}
	}
	return requestOf(r, body), l, nil
}

// afterLeg says how a call goes on: an answered leg that is over ends it, one
// that nobody answered goes to the backup and then on into the IVR.
func (s *Server) afterLeg(r *http.Request, request flow.Request, e *entrance, l leg) flow.Reply {
	report, err := e.dialect.Result(request, e.hook)
	if errors.Is(err, flow.ErrNotACall) || err == nil && !report.Ended {
		return e.dialect.Encode(flow.Instruction{Act: flow.ActNothing, LookupID: l.lookupID}, e.hook)
	}
	if err != nil {
		s.log.Warn().Str("hook", e.hook.Name).Str("lookup_id", l.lookupID).Err(err).Msg("report could not be read")
		report = flow.Report{Result: flow.ResultFailed, Ended: true}
	}
	if handed, ok := s.legs.Get(l.lookupID); ok && l.n < handed && report.Result == flow.ResultAnswered {
		// Some platforms say "completed" of a leg after they said why it failed.
		return e.dialect.Encode(flow.Instruction{Act: flow.ActNothing, LookupID: l.lookupID}, e.hook)
	}
	if err := s.reportLeg(r.Context(), l.lookupID, report); err != nil {
		s.log.Error().Err(err).Str("lookup_id", l.lookupID).Msg("result was not kept")
	}
	if report.Result == flow.ResultAnswered || s.board.Answered(r.Context(), l.lookupID) {
		return e.dialect.Encode(flow.Instruction{Act: flow.ActHangUp, LookupID: l.lookupID}, e.hook)
	}
	return s.nextLeg(r, request, e, l)
}

// nextLeg rings the backup after the target, and nobody after the backup.
func (s *Server) nextLeg(r *http.Request, request flow.Request, e *entrance, l leg) flow.Reply {
	left, err := s.board.Unanswered(r.Context(), l.lookupID, e.carries)
	if err != nil {
		s.log.Error().Err(err).Str("lookup_id", l.lookupID).Msg("backup is not known")
	}
	call := flow.Call{ANI: left.Call.ANI, DNIS: left.Call.DNIS, ID: left.Call.CallID}
	in := flow.Instruction{LookupID: l.lookupID, Act: flow.ActContinue, ContinueURL: e.continueURL(left.Line.ContinueURL)}
	in.Decision.Call, in.Decision.Line, in.Decision.Announce = call, left.Line.Name, left.Line.Announce
	if l.n == 1 && !left.Backup.IsZero() {
		in.Act, in.Target = flow.ActDirect, left.Backup
		s.legs.Add(l.lookupID, 2)
		s.addCallbacks(&in, e, leg{l.lookupID, 2})
	}
	if e.dialect.Question != nil {
		request = e.dialect.Question(call)
	}
	s.fetchContinue(r.Context(), &in, request, e)
	return e.dialect.Encode(in, e.hook)
}

// reportedHere takes in a report that came to the address of lookups, from a
// platform that has no other for it.
func (s *Server) reportedHere(ctx context.Context, request flow.Request, e *entrance) {
	if e.dialect.Result == nil {
		return
	}
	report, err := e.dialect.Result(request, e.hook)
	if err != nil || !report.Ended || report.CallID == "" {
		return
	}
	if id, ok := s.board.LookupOf(e.hook.Name, report.CallID); ok {
		if err := s.reportLeg(ctx, id, report); err != nil {
			s.log.Error().Err(err).Str("lookup_id", id).Msg("result was not kept")
		}
	}
}

// addCallbacks tells the platform where to report the leg, and where to hear
// what the callee is told first.
func (s *Server) addCallbacks(in *flow.Instruction, e *entrance, l leg) {
	now := s.board.Now()
	if e.dialect.Result != nil {
		in.ResultURL = s.callbacks.url(e.hook, callbackResult, l, now)
	}
	if e.dialect.Whisper != nil && in.Decision.Announce != "" {
		in.WhisperURL = s.callbacks.url(e.hook, callbackWhisper, l, now)
	}
}
