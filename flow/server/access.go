package server

import (
	"net"
	"net/http"
	"strings"

	"github.com/ringthrough/ringthrough/flow/store"
)

// maxSecret bounds what is hashed of a secret that somebody sends.
const maxSecret = 512

// secretOf is the token that a request shows: as Bearer, as the password of
// Basic, or as X-API-Key. It is empty where it shows none.
func secretOf(r *http.Request) string {
	if auth := r.Header.Get("Authorization"); auth != "" {
		if scheme, rest, ok := strings.Cut(auth, " "); ok && strings.EqualFold(scheme, "Bearer") {
			return strings.TrimSpace(rest)
		}
		if _, password, ok := r.BasicAuth(); ok {
			return password
		}
	}
	return r.Header.Get("X-API-Key")
}

// bearer is who makes a request, where the token that it shows allows at
// least role. entrance is the hook's name for the metric, "flat" or opsAPI. A
// token whose role doesn't is returned with the problem.
func (s *Server) bearer(r *http.Request, least store.Role, entrance string) (store.Token, *Problem) {
	secret := secretOf(r)
	if secret == "" {
		return store.Token{}, s.refuse(r, entrance, newProblem(http.StatusUnauthorized, "no token was shown: send one as \"Authorization: Bearer …\""))
	}
	token, ok := store.Token{}, false
	if len(secret) <= maxSecret {
		token, ok = s.board.Bearer([]byte(secret))
	}
	if !ok {
		return store.Token{}, s.refuse(r, entrance, newProblem(http.StatusUnauthorized, "the token is not known, or it has expired or been revoked"))
	}
	if !token.Role.Allows(least) {
		return token, s.refuse(r, entrance, newProblem(http.StatusForbidden, "the token's role is "+string(token.Role)+", and this needs "+string(least)))
	}
	return token, nil
}

// opsAPI is the ops API's and the console's name among the entrances.
const opsAPI = "api"

// refuse counts and logs a refused sign-in, and keeps it in mind for the
// console; one to the ops API stands in the audit too. What was shown is in
// none of them.
func (s *Server) refuse(r *http.Request, entrance string, p *Problem) *Problem {
	s.metrics.authFailures.WithLabelValues(entrance).Inc()
	if e := s.hooks.Load().named(entrance); e != nil {
		e.troubles.refused(s.board.Now(), remoteOf(r), p.Detail)
	}
	s.log.Warn().Str("request_id", requestID(r.Header.Get("X-Request-Id"))).Str("hook", entrance).Str("from", remoteOf(r)).Str("method", r.Method).Str("path", r.URL.Path).
		Int("status", p.Status).Msg("sign-in refused")
	if entrance == opsAPI && p.Status == http.StatusUnauthorized {
		s.refusedSignIn(r, p)
	}
	return p
}

// remoteOf is the network address of whoever sent r.
func remoteOf(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host
	}
	return r.RemoteAddr
}
