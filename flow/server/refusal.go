package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ringthrough/ringthrough/flow/store"
)

const (
	// refusalWait is how long a refusal waits until it stands in the audit. A
	// large import may hold the store for longer: then the log has it alone.
	refusalWait = 5 * time.Second

	// maxSignIns bounds, for each minute, the audit records of people who
	// could not show who they are.
	maxSignIns = 60
)

// signIns counts refused sign-ins. The zero value has counted none.
type signIns struct {
	mu    sync.Mutex
	since time.Time
	n     int
}

// more reports whether one more may be recorded.
func (s *signIns) more(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if age := now.Sub(s.since); age < 0 || age >= time.Minute {
		s.since, s.n = now, 0
	}
	s.n++
	return s.n <= maxSignIns
}

// refusedSignIn leaves a record of somebody who was not let in.
func (s *Server) refusedSignIn(r *http.Request, p *Problem) {
	now := s.board.Now()
	if !s.signIns.more(now) {
		s.metrics.Dropped("audit", "flood")
		return
	}
	s.audit(r.Context(), store.AuditRecord{At: now, From: remoteOf(r), Action: "sign_in", Note: r.Method + " " + r.URL.Path + ": " + p.Detail})
}

// refused keeps p in mind as what the visit came to.
func (v *visit) refused(p *Problem) { v.problem = p }

// recordRefusal leaves a record of a visit that was refused what it tried.
func (a *api) recordRefusal(ctx huma.Context, v *visit) {
	op := ctx.Operation()
	action, kind := tried(op.Method, op.Path)
	if v.problem == nil || !worthRecording(v.problem.Status, action, ctx.Query("dry_run")) {
		return
	}
	a.audit(ctx.Context(), store.AuditRecord{
		At: a.board.Now(), Actor: v.token.Name, Role: v.token.Role, From: v.from,
		Action: action, Kind: kind, Key: keyOf(ctx, v), Note: noteOf(v.problem),
	})
}

// worthRecording reports whether a problem refused something that matters: to
// somebody without the role anything does, to others what would have changed
// something.
func worthRecording(status int, action, dryRun string) bool {
	switch status {
	case http.StatusForbidden:
		return true
	case http.StatusConflict, http.StatusPreconditionFailed, http.StatusUnprocessableEntity:
		dry, _ := strconv.ParseBool(dryRun)
		return action != "read" && !dry
	default:
		return false
	}
}

// tried is what a call does, as the audit names it, and to what.
func tried(method, path string) (action string, kind store.Kind) {
	parts := strings.Split(path, "/") // /v1/entries/{id}
	kind = map[string]store.Kind{
		"entries": store.KindEntry, "import": store.KindEntry, "lines": store.KindLine, "windows": store.KindWindow,
		"tokens": store.KindToken, "calls": store.KindCall, "erase": store.KindNumber,
	}[parts[2]]
	switch last := parts[len(parts)-1]; last {
	case "outcome", "promote", "import", "apply", "restore", "erase":
		return last, kind
	}
	if kind == "" {
		return "read", kind
	}
	made, gone := "create", "delete"
	if kind == store.KindWindow {
		made, gone = "open", "close"
	}
	switch method {
	case http.MethodPost:
		return made, kind
	case http.MethodPut, http.MethodPatch:
		return "update", kind
	case http.MethodDelete:
		return gone, kind
	default:
		return "read", kind
	}
}

// keyOf is what was tried to be read or changed, as far as the request says.
func keyOf(ctx huma.Context, v *visit) string {
	for _, p := range ctx.Operation().Parameters {
		if p.In == "path" {
			return ctx.Param(p.Name)
		}
	}
	return v.key
}

// keyIn is what the body of a call names: the pattern of an entry, the name
// of a token, the line of a window.
func keyIn(body []byte) string {
	var named struct{ Pattern, Name, Line any }
	if json.Unmarshal(body, &named) != nil {
		return ""
	}
	for _, key := range []any{named.Pattern, named.Name, named.Line} {
		if s, ok := key.(string); ok {
			return s
		}
	}
	return ""
}

// maxNamed is how many bad fields a record names.
const maxNamed = 10

func noteOf(p *Problem) string {
	parts := []string{p.Error()}
	for i, e := range p.Errors {
		if i == maxNamed {
			parts = append(parts, fmt.Sprintf("and %d more", len(p.Errors)-i))
			break
		}
		parts = append(parts, e.Field+" "+e.Detail)
	}
	return strings.Join(parts, "; ")
}

// audit adds the record of a refused try. Where that can't be done, the try
// stays what it is, and the log has it.
func (s *Server) audit(ctx context.Context, r store.AuditRecord) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refusalWait)
	defer cancel()
	r.Key, r.Note = presentable(r.Key, 200), presentable(r.Note, 1000)
	err := s.board.Store().Refuse(ctx, r)
	if err == nil {
		return
	}
	s.metrics.Dropped("audit", "unavailable")
	s.log.Error().Err(err).Str("actor", r.Actor).Str("from", r.From).Str("action", r.Action).Str("kind", string(r.Kind)).Msg("a refused try is not in the audit")
}

// secret is what newSecret makes: people paste it where it doesn't belong.
var secret = regexp.MustCompile(`rt_[A-Za-z0-9_-]{16,}`)

// presentable is what somebody sent as it may be kept: as text, without
// tokens, in at most so many bytes.
func presentable(s string, most int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
	s = secret.ReplaceAllString(s, "rt_…")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
