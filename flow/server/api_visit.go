package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/rs/xid"

	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/switchboard"
)

// visit is one request to the ops API.
type visit struct {
	id    string // of the request: the client's, else one of ours
	path  string
	token store.Token // that let it in
	from  string      // network address
	note  string      // why it edits something

	key     string   // what the body names, where the visit was refused
	problem *Problem // that it was answered with; nil: none
}

type visitKey struct{}

// visitOf is the request that ctx belongs to. Every call of the ops API has
// one.
func visitOf(ctx context.Context) *visit {
	v, _ := ctx.Value(visitKey{}).(*visit) // attend has put it there
	return v
}

func (v *visit) author() store.Author {
	return store.Author{Name: v.token.Name, Role: v.token.Role, From: v.from}
}

// attend gives a request its id, and keeps a fault from showing more than
// that there was one.
func (a *api) attend(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	v := &visit{id: requestID(r.Header.Get("X-Request-Id")), path: r.Method + " " + r.URL.Path, from: remoteOf(r)}
	w.Header().Set("X-Request-Id", v.id)
	r.Header.Set("X-Request-Id", v.id) // for whoever logs the request
	w.Header().Set("Cache-Control", "no-store")
	ctx = huma.WithValue(ctx, visitKey{}, v)
	defer a.survive(ctx, v)
	next(ctx)
	a.recordRefusal(ctx, v)
}

// maxRequestID bounds the ids that are echoed and logged.
const maxRequestID = 128

// requestID is the client's own id where it is short and printable.
func requestID(s string) string {
	unprintable := func(r rune) bool { return r <= ' ' || r > '~' }
	if s == "" || len(s) > maxRequestID || strings.ContainsFunc(s, unprintable) {
		return xid.New().String()
	}
	return s
}

func (a *api) survive(ctx huma.Context, v *visit) {
	fault := recover()
	if fault == nil {
		return
	}
	if err, ok := fault.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(fault)
	}
	a.log.Error().Str("request_id", v.id).Str("call", v.path).Str("fault", fmt.Sprint(fault)).Strs("in", switchboard.Frames()).Msg("request failed")
	if ctx.Status() == 0 {
		_, w := humago.Unwrap(ctx)
		writeProblem(w, newProblem(http.StatusInternalServerError, "internal error"))
	}
}

// admit lets a request in whose token has the role that its call needs.
func (a *api) admit(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	least, ok := ctx.Operation().Metadata[roleKey].(store.Role)
	if !ok {
		least = store.RoleAdmin
	}
	v := visitOf(ctx.Context())
	var p *Problem
	if v.token, p = a.visitor(r, least, v); p != nil {
		v.refused(p)
		a.fail(w, r, p)
		return
	}
	next(ctx)
}

// visitor is who makes a request: somebody in the console, or the bearer of a
// token.
func (a *api) visitor(r *http.Request, least store.Role, v *visit) (store.Token, *Problem) {
	inside, ok := r.Context().Value(insiderKey{}).(insider)
	if !ok {
		return a.bearer(r, least, opsAPI)
	}
	v.from = inside.from
	if !inside.token.Role.Allows(least) {
		return inside.token, a.refuse(r, opsAPI, newProblem(http.StatusForbidden, "your role is "+string(inside.token.Role)+", and this needs "+string(least)))
	}
	return inside.token, nil
}

// take reads the body of a call that has one.
func (a *api) take(ctx huma.Context, next func(huma.Context)) {
	if op := ctx.Operation(); op.RequestBody == nil || op.Metadata[streamsKey] != nil {
		next(ctx)
		return
	}
	r, w := humago.Unwrap(ctx)
	body, p := bodyOf(r)
	if p != nil {
		a.fail(w, r, p)
		return
	}
	defer release(body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json") // one name for what bodyOf has let in
	next(ctx)
	if v := visitOf(ctx.Context()); v.problem != nil {
		v.key = keyIn(body)
	}
}

func bodyOf(r *http.Request) ([]byte, *Problem) {
	if r.ContentLength != 0 && !isJSON(r) {
		return nil, newProblem(http.StatusUnsupportedMediaType, "send JSON, with Content-Type: application/json")
	}
	body, err := readBody(r, maxAPIBody)
	switch {
	case errors.Is(err, errTooLarge):
		return nil, newProblem(http.StatusRequestEntityTooLarge, "the body is too large: at most 1 MiB")
	case err != nil:
		return nil, newProblem(http.StatusBadRequest, "the body broke off before its end")
	}
	return body, nil
}

// isJSON reports whether a body is JSON, as far as its sender says. A merge
// patch is one by another name (RFC 7396).
func isJSON(r *http.Request) bool {
	switch mediaType(r.Header.Get("Content-Type")) {
	case "", "application/json":
		return true
	case "application/merge-patch+json":
		return r.Method == http.MethodPatch
	default:
		return false
	}
}

// problem is err as the client is told; what it isn't told is logged.
func (a *api) problem(ctx context.Context, err error) *Problem {
	if errors.Is(err, context.DeadlineExceeded) {
		err = errors.Join(store.ErrUnavailable, err)
	}
	p := problemOf(err)
	visitOf(ctx).refused(p)
	if p.Status >= http.StatusInternalServerError && !errors.Is(ctx.Err(), context.Canceled) {
		v := visitOf(ctx)
		a.log.Error().Err(err).Str("request_id", v.id).Str("call", v.path).Int("status", p.Status).Msg("request failed")
	}
	return p
}
