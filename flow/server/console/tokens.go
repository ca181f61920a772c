package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzhttp"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

func (c *Console) serveTokens(mux *http.ServeMux) {
	c.page(mux, "GET /tokens", store.RoleAdmin, (*visit).tokensPage)
	c.page(mux, "GET /tokens/new", store.RoleAdmin, (*visit).newTokenPage)
	c.page(mux, "POST /tokens/new", store.RoleAdmin, (*visit).makeToken)
	c.page(mux, "GET /tokens/{id}/revoke", store.RoleAdmin, (*visit).revokePage)
	c.page(mux, "POST /tokens/{id}/revoke", store.RoleAdmin, (*visit).revokeToken)
}

// tokenRow is a token of the list.
type tokenRow struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Role      store.Role `json:"role"`
	CreatedAt time.Time  `json:"created_at"`
	CreatedBy string     `json:"created_by"`
	ExpiresAt time.Time  `json:"expires_at"`

	State string `json:"-"` // expired, or soon where it will be within a week; empty: neither
	Mine  bool   `json:"-"` // who looks has signed in with it
}

// soon is how long before its end a token is marked.
const soon = 7 * 24 * time.Hour

func (t tokenRow) stateAt(now time.Time) string {
	switch {
	case t.ExpiresAt.IsZero() || t.ExpiresAt.After(now.Add(soon)):
		return ""
	case t.ExpiresAt.After(now):
		return "soon"
	default:
		return "expired"
	}
}

// tokens are all of them, the newest first.
func (v *visit) tokens() ([]tokenRow, error) {
	all, err := get[struct {
		Items []tokenRow `json:"items"`
	}](v, "/v1/tokens", nil)
	now := v.board.Now()
	for i := range all.Items {
		t := &all.Items[i]
		t.State, t.Mine = t.stateAt(now), t.ID == v.who.Token
	}
	slices.SortStableFunc(all.Items, func(a, b tokenRow) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return all.Items, err
}

// tokensOnPage is how many tokens a page shows.
const tokensOnPage = 50

// tokensView is a page of the tokens.
type tokensView struct {
	Items      []tokenRow
	Total      int
	Page, Next int // from 1; Next is 0 on the last page
}

func (v *visit) tokensPage() error {
	all, err := v.tokens()
	if err != nil {
		return err
	}
	page, _ := strconv.Atoi(v.r.URL.Query().Get("page")) // what is no number is the first page
	view := tokensView{Total: len(all), Page: min(max(page, 1), 1+max(0, len(all)-1)/tokensOnPage)}
	first := (view.Page - 1) * tokensOnPage
	last := min(first+tokensOnPage, len(all))
	if view.Items = all[first:last]; last < len(all) {
		view.Next = view.Page + 1
	}
	return v.show("tokens.html", sheet{Title: "Tokens", Here: "/tokens", Data: view})
}

// tokenForm is the form by which a token is made.
type tokenForm struct {
	Roles []roleChoice
	Today time.Time // the first day on which a token may expire
}

// roleChoice is a role, and in a sentence what it may do.
type roleChoice struct {
	Role store.Role
	Does string
}

var roleChoices = []roleChoice{
	{store.RoleLookup, "For an IVR: it asks what to do with a call, and can do nothing else."},
	{store.RoleViewer, "Sees numbers, lines, windows and calls, and changes nothing."},
	{store.RoleEditor, "Does what a viewer does, edits numbers and lines, and arms lines."},
	{store.RoleAdmin, "Does what an editor does, makes and revokes tokens, sees hooks and the audit, and goes back to earlier revisions."},
}

func (v *visit) newTokenPage() error { return v.show("token-new.html", v.tokenSheet()) }

func (v *visit) tokenSheet() sheet {
	return sheet{Title: "New token", Here: "/tokens", Data: tokenForm{roleChoices, v.board.Now().UTC()}}
}

// tokenMade is a new token with its secret, which nobody sees again.
type tokenMade struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Role      store.Role `json:"role"`
	Token     string     `json:"token"`
	ExpiresAt time.Time  `json:"expires_at"`
}

// makeToken makes a token, and answers with the one page that has its secret.
// That page is not compressed: its size would tell somebody who can choose the
// name, and watch the line, what else stands in it.
func (v *visit) makeToken() error {
	sent, err := v.sent()
	if err != nil {
		return err
	}
	var made tokenMade
	if err = v.create(sent, &made); err != nil {
		return v.showBad("token-new.html", v.tokenSheet(), err)
	}
	v.w.Header().Set(gzhttp.HeaderNoCompression, "1")
	return v.showAs(http.StatusCreated, "token-made.html", sheet{Title: "Token " + made.Name, Here: "/tokens", Data: made})
}

func (v *visit) create(sent url.Values, made *tokenMade) error {
	expires, problem := expiryOf(sent, v.board.Now())
	if problem != nil {
		return problemsRefused(problem)
	}
	body := map[string]any{"name": strings.TrimSpace(sent.Get("name")), "role": sent.Get("role"), "expires_at": expires}
	return v.ask(question{method: http.MethodPost, path: "/v1/tokens", query: because(sent), body: body}, made)
}

// expirySpans are the spans that people choose from.
var expirySpans = map[string]int{"1d": 1, "30d": 30, "90d": 90, "1y": 365}

// expiryOf is when a token is to expire, as the API takes it; nil stands for
// never. Nobody gets a token without having said which.
func expiryOf(sent url.Values, now time.Time) (*string, ani.Problems) {
	choice := sent.Get("expires")
	if days, ok := expirySpans[choice]; ok {
		at := now.UTC().AddDate(0, 0, days).Format(time.RFC3339)
		return &at, nil
	}
	switch day := strings.TrimSpace(sent.Get("expires_at")); {
	case choice == "never":
		return nil, nil
	case choice != "day":
		return nil, ani.Problems{{Field: "expires_at", Text: "is not said: choose when the token ends, or never"}}
	case day == "":
		return nil, ani.Problems{{Field: "expires_at", Text: "is without a day: type the last day on which the token is good"}}
	default:
		at := dayBegins(day, 1)
		return &at, nil
	}
}

// revokeView is a token that is to be revoked.
type revokeView struct {
	tokenRow
	Last bool // no other valid token has the role admin
}

// token is the token that the address names.
func (v *visit) token() (revokeView, error) {
	all, err := v.tokens()
	if err != nil {
		return revokeView{}, err
	}
	id := v.r.PathValue("id")
	at := slices.IndexFunc(all, func(t tokenRow) bool { return t.ID == id })
	if at < 0 {
		return revokeView{}, &refusal{Status: http.StatusNotFound, Detail: "There is no such token, or it has been revoked already."}
	}
	admin := func(t tokenRow) bool { return t.Role == store.RoleAdmin && t.State != "expired" }
	others := slices.ContainsFunc(all, func(t tokenRow) bool { return t.ID != id && admin(t) })
	return revokeView{tokenRow: all[at], Last: admin(all[at]) && !others}, nil
}

// revokePage says what stops working.
func (v *visit) revokePage() error {
	view, err := v.token()
	if err != nil {
		return err
	}
	return v.show("token-revoke.html", revokeSheet(view))
}

func revokeSheet(t revokeView) sheet {
	return sheet{Title: "Revoke " + t.Name, Here: "/tokens", Data: t}
}

func (v *visit) revokeToken() error {
	sent, err := v.sent()
	if err != nil {
		return err
	}
	view, err := v.token()
	if err != nil {
		return err
	}
	err = v.ask(question{method: http.MethodDelete, path: "/v1/tokens/" + view.ID, query: because(sent)}, nil)
	if statusOf(err) == http.StatusConflict {
		view.Last = true // the page says it at length
		return v.showAs(http.StatusConflict, "token-revoke.html", revokeSheet(view))
	}
	if err != nil {
		return v.showBad("token-revoke.html", revokeSheet(view), err)
	}
	return v.done("/tokens", "The token "+view.Name+" is revoked.")
}
