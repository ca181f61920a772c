package console

import (
	"net/http"
	"time"

	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/switchboard"
)

// Hook is an entrance that IVRs ask at, and what went wrong there since the
// program started.
type Hook struct {
	Name        string // "flat" is plain /v1/lookup, which is always there
	Dialect     string
	Scheme      string // of signing in
	Region      string // of national numbers; empty: the called number's
	ContinueURL bool   // other callers have an address to carry on at
	SendsOn     bool   // the platform needs one
	CalledBack  bool   // the platform reports how a call went

	Refusals   int64 // sign-ins that were refused
	Refused    Trouble
	Unreadable Trouble // a request that could not be read
}

// Trouble is something that went wrong. The zero Trouble is none.
type Trouble struct {
	At   time.Time
	From string // network address; empty where it isn't known
	Why  string // without secrets and numbers
}

// flatHook is the entrance that needs no configuration.
const flatHook = "flat"

func (c *Console) serveHooks(mux *http.ServeMux) {
	c.page(mux, "GET /hooks", store.RoleAdmin, (*visit).hooksPage)
}

// hookNow is an entrance and what it was last asked.
type hookNow struct {
	Hook
	Seen   switchboard.Sighting
	Caller string // of Seen, as it may be shown; empty: there was none, or it is forgotten
}

// Path is where the entrance is.
func (h hookNow) Path() string {
	switch {
	case h.Name == flatHook:
		return "/v1/lookup"
	case h.Scheme == "peers":
		return "the SIP port"
	}
	return "/v1/lookup/" + h.Name
}

// State says in a word how the entrance does: refused, open, asked or unasked.
func (h hookNow) State() string {
	switch {
	case h.Refused.At.After(h.Seen.At):
		return "refused"
	case h.Scheme == "none":
		return "open"
	case h.Seen.At.IsZero():
		return "unasked"
	default:
		return "asked"
	}
}

// hooksView is the page of all entrances.
type hooksView struct {
	Hooks   []hookNow
	Started time.Time
}

func (v *visit) hooksPage() error {
	return v.show("hooks.html", sheet{Title: "Hooks", Here: "/hooks", Data: hooksView{v.everyHook(), v.board.Started()}})
}

func (v *visit) everyHook() []hookNow {
	var all []hookNow
	for _, h := range v.hooks() {
		now := hookNow{Hook: h, Seen: v.board.SeenBy(h.Name)}
		if now.Caller = now.Seen.ANI.Masked(); v.onList(now.Seen.Line, now.Seen.ANI) {
			now.Caller = now.Seen.ANI.String() // it is nobody's private number
		}
		all = append(all, now)
	}
	return all
}

// hooksNow are the entrances that somebody uses or means to.
func (v *visit) hooksNow() []hookNow {
	var used []hookNow
	for _, h := range v.everyHook() {
		if h.Name != flatHook || !h.Seen.At.IsZero() {
			used = append(used, h)
		}
	}
	return used
}
