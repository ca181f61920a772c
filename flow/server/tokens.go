package server

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"github.com/rs/xid"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

// tokenView is a token as the API shows it: without its secret, which nobody
// has any more.
type tokenView struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Role      store.Role `json:"role" enum:"lookup,viewer,editor,admin"`
	CreatedAt time.Time  `json:"created_at"`
	CreatedBy string     `json:"created_by"`
	ExpiresAt time.Time  `json:"expires_at,omitzero" doc:"it lets in until just before; not there: for ever"`
}

// newToken are the fields of a token that is to be made.
type newToken struct {
	Name      string     `json:"name" doc:"who or what bears it, on one line; at most 200 bytes"`
	Role      store.Role `json:"role" enum:"lookup,viewer,editor,admin"`
	ExpiresAt *string    `json:"expires_at,omitempty" nullable:"true" format:"date-time" doc:"it lets in until just before; null: for ever"`
}

// tokenShown is a new token with its secret.
type tokenShown struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Role      store.Role `json:"role" enum:"lookup,viewer,editor,admin"`
	Token     string     `json:"token" doc:"the secret; it is never shown again"`
	ExpiresAt time.Time  `json:"expires_at,omitzero"`
}

type tokenAt struct {
	ID string `path:"id" maxLength:"64"`
}

func (a *api) registerTokens() {
	const all = "/v1/tokens"
	handle(a, a.operation(store.RoleAdmin, "list-tokens", http.MethodGet, all, "List tokens, without their secrets"), a.listTokens)
	create := a.operation(store.RoleAdmin, "create-token", http.MethodPost, all, "Make a token, and show it once")
	create.DefaultStatus = http.StatusCreated
	edits(a, create, a.createToken)
	edits(a, a.operation(store.RoleAdmin, "revoke-token", http.MethodDelete, all+"/{id}", "Revoke a token"), a.revokeToken)
}

func (a *api) listTokens(ctx context.Context, _ *struct{}) (*reply[list[tokenView]], error) {
	tokens, err := a.board.Store().Tokens(ctx)
	if err != nil {
		return nil, err
	}
	views := make([]tokenView, len(tokens))
	for i, t := range tokens {
		views[i] = tokenView{ID: t.ID, Name: t.Name, Role: t.Role, CreatedAt: t.CreatedAt, CreatedBy: t.CreatedBy, ExpiresAt: t.ExpiresAt}
	}
	return &reply[list[tokenView]]{list[tokenView]{Items: views}}, nil
}

func (a *api) createToken(ctx context.Context, in *struct{ Body body[newToken] }) (*reply[tokenShown], error) {
	var fields newToken
	if err := in.Body.over(&fields); err != nil {
		return nil, err
	}
	t, err := fields.token(a.board.Now())
	if err != nil {
		return nil, err
	}
	secret := newSecret()
	t.Hash = sha256.Sum256([]byte(secret))
	if err := a.edit(ctx, "", store.Change{Op: store.OpCreate, Kind: store.KindToken, Key: t.ID, Token: &t}); err != nil {
		return nil, err
	}
	return &reply[tokenShown]{tokenShown{ID: t.ID, Name: t.Name, Role: t.Role, Token: secret, ExpiresAt: t.ExpiresAt}}, nil
}

// token is the token that f describes, but for its secret. The error is
// ani.Problems.
func (f *newToken) token(now time.Time) (store.Token, error) {
	var p ani.Problems
	t := store.Token{ID: xid.New().String(), Name: strings.TrimSpace(f.Name), Role: f.Role, ExpiresAt: timeIn("expires_at", f.ExpiresAt, &p)}
	if t.Name == "" {
		p.Add("name", "is empty: say who or what bears the token")
	}
	p.Text("name", t.Name, 200)
	if !t.ExpiresAt.IsZero() && !t.ExpiresAt.After(now) {
		p.Add("expires_at", "is in the past")
	}
	return t, p.Err()
}

// newSecret is 256 bits from the system's source, behind letters that secret
// scanners can know it by.
func newSecret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // it never fails
	return "rt_" + base64.RawURLEncoding.EncodeToString(b)
}

func (a *api) revokeToken(ctx context.Context, in *tokenAt) (*struct{}, error) {
	a.revoking.Lock()
	defer a.revoking.Unlock()
	if a.lastAdmin(in.ID) {
		return nil, newProblem(http.StatusConflict, "this is the last valid admin token: make another one first")
	}
	return nil, a.edit(ctx, "", store.Change{Op: store.OpDelete, Kind: store.KindToken, Key: in.ID})
}

// lastAdmin reports whether the token id is valid for an admin, and no other
// is.
func (a *api) lastAdmin(id string) bool {
	now := a.board.Now()
	valid := func(t store.Token) bool {
		return t.Role == store.RoleAdmin && (t.ExpiresAt.IsZero() || now.Before(t.ExpiresAt))
	}
	last := false
	for _, t := range a.board.Tokens() {
		if valid(t) && t.ID != id {
			return false
		}
		last = last || valid(t)
	}
	return last
}
