package server

import (
	"context"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

// verifyWait is how long a walk along the whole audit may take: a few seconds
// for each million of records.
const verifyWait = 5 * time.Minute

type auditQuery struct {
	Actor   string    `query:"actor" maxLength:"200" doc:"name of the token"`
	Kind    string    `query:"kind" enum:"entry,line,window,token,call,number"`
	Key     string    `query:"key" maxLength:"200" doc:"id of the entry, window, token or call; name of the line"`
	Refused string    `query:"refused" enum:"true,false" doc:"what was refused, or what was done; both unless said otherwise"`
	Since   time.Time `query:"since" doc:"records from then on"`
	Until   time.Time `query:"until" doc:"records until just before"`
	Limit   int       `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"items at most"`
	Cursor  string    `query:"cursor" maxLength:"500" doc:"next_cursor of the part before"`
}

// auditState is what a walk along the audit's chain has found.
type auditState struct {
	OK      bool   `json:"ok" doc:"no record was changed, cut out or cut off"`
	Records int64  `json:"records" doc:"that are there"`
	Pruned  int64  `json:"pruned" doc:"older ones that are there no more, as retention is configured: the chain begins with the hash of the last of them"`
	Erased  int64  `json:"erased" doc:"of those that are there, how many a number was taken out of: only their digests are checked"`
	Head    string `json:"head" doc:"SHA-256 of the chain as far as it holds, in hex: written down elsewhere, it shows later that nothing before it was changed"`
	Broken  int64  `json:"broken" doc:"id of the first record that was changed, or after which one is missing; 0: none"`
	Problem string `json:"problem" doc:"what is wrong there"`
}

func (a *api) registerAudit() {
	handle(a, a.operation(store.RoleAdmin, "list-audit", http.MethodGet, "/v1/audit", "List who did what, and what was refused, the newest first"), a.listAudit)
	verify := a.operation(store.RoleAdmin, "verify-audit", http.MethodGet, "/v1/audit/verify", "Make sure that no audit record was changed or cut out")
	verify.Middlewares = huma.Middlewares{unhurried(verifyWait)}
	handleWithin(a, verify, verifyWait, a.verifyAudit)
}

// unhurried puts off the moment at which the listener closes a reply, and the
// one at which it takes a client that has nothing more to say for gone.
func unhurried(wait time.Duration) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		_, w := humago.Unwrap(ctx)
		control := http.NewResponseController(w)
		_ = control.SetWriteDeadline(time.Now().Add(wait + replyWait)) // not every writer has one
		_ = control.SetReadDeadline(time.Time{})
		next(ctx)
	}
}

func (a *api) listAudit(ctx context.Context, in *auditQuery) (*reply[page[store.AuditRecord]], error) {
	q := store.AuditQuery{
		Actor: in.Actor, Kind: store.Kind(in.Kind), Key: in.Key, Since: in.Since.UTC(), Until: in.Until.UTC(), Limit: in.Limit, Cursor: in.Cursor,
	}
	if in.Refused != "" {
		refused := in.Refused == "true"
		q.Refused = &refused
	}
	if !q.Since.IsZero() && !q.Until.IsZero() && !q.Since.Before(q.Until) {
		return nil, ani.Problems{{Field: "until", Text: "must be after since"}}
	}
	part, err := a.board.Store().Audit(ctx, q)
	return pageOf(part, err, func(r store.AuditRecord) store.AuditRecord { return r })
}

func (a *api) verifyAudit(ctx context.Context, _ *struct{}) (*reply[auditState], error) {
	state, err := a.board.Store().VerifyAudit(ctx)
	if err != nil {
		return nil, err
	}
	return &reply[auditState]{auditState{
		OK: state.Broken == 0, Records: state.Records, Pruned: state.Pruned, Erased: state.Erased, Head: hex.EncodeToString(state.Head[:]), Broken: state.Broken, Problem: state.Problem,
	}}, nil
}
