package console

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/ringthrough/ringthrough/flow/store"
)

// maxForm bounds what is read of a form, in bytes.
const maxForm = 256 << 10

func (c *Console) serveSignIn(mux *http.ServeMux) {
	open := func(pattern string, answer func(*visit) error) {
		mux.Handle(pattern, c.guarded(func(w http.ResponseWriter, r *http.Request) {
			v := &visit{Console: c, w: w, r: r}
			r.Body = http.MaxBytesReader(w, r.Body, maxForm)
			if err := answer(v); err != nil {
				v.fail(err)
			}
		}))
	}
	open("GET /sign-in", (*visit).signInPage)
	open("POST /sign-in", (*visit).signIn)
	open("POST /sign-out", (*visit).signOut)
	open("GET "+openidPath, (*visit).goToProvider)
	open("GET "+openidCallback, (*visit).comeFromProvider)
}

// signInView is the page on which people sign in.
type signInView struct {
	Next   string // where to go then
	Again  keptForm
	OpenID string // name of the identity provider; empty: there is none
	At     string // where people go to sign in with it
}

// keptForm is a form that came when its sender was no longer signed in.
type keptForm struct {
	Path, Body string
	Lost       bool // it had files, which can't be kept
}

// askToSignIn answers somebody who has not signed in, or is no longer. What
// they have typed into a form is kept until they have.
func (v *visit) askToSignIn() {
	read := v.r.Method == http.MethodGet || v.r.Method == http.MethodHead
	switch {
	case v.r.Header.Get("HX-Request") != "": // a part of a page, which is where they want to be then
		v.w.Header().Set("HX-Redirect", signInThen(currentPath(v.r.Header.Get("HX-Current-URL"))))
		v.w.WriteHeader(http.StatusUnauthorized)
	case read:
		http.Redirect(v.w, v.r, signInThen(v.r.URL.RequestURI()), http.StatusSeeOther)
	default:
		v.keepForm()
	}
}

// signInThen is the sign-in page that takes people to a path of ours.
func signInThen(next string) string {
	if next = localPath(next); next == "/" {
		return "/sign-in"
	}
	return "/sign-in?" + url.Values{"next": {next}}.Encode()
}

// currentPath is the path of a URL that a browser is at.
func currentPath(at string) string {
	u, err := url.Parse(at)
	if err != nil {
		return "/"
	}
	return u.RequestURI()
}

func (v *visit) keepForm() {
	kept := keptForm{Path: v.r.URL.RequestURI()}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxForm)
	if err := v.r.ParseForm(); err != nil || strings.HasPrefix(v.r.Header.Get("Content-Type"), "multipart/") {
		kept.Lost = true
	}
	kept.Body = v.r.PostForm.Encode()
	s := sheet{Title: "Sign in", Bad: &refusal{Detail: "You are no longer signed in. What you typed is kept: sign in, then send it."}, Data: v.signInView("/", kept)}
	if err := v.showAs(http.StatusUnauthorized, "sign-in.html", s); err != nil {
		v.fail(err)
	}
}

func (v *visit) signInView(next string, kept keptForm) signInView {
	return signInView{Next: localPath(next), Again: kept, OpenID: v.openid.name(), At: v.providerLink()}
}

func (v *visit) signInPage() error {
	return v.show("sign-in.html", sheet{Title: "Sign in", Data: v.signInView(v.r.URL.Query().Get("next"), keptForm{})})
}

func (v *visit) signIn() error {
	if err := v.r.ParseForm(); err != nil {
		return &refusal{Status: http.StatusBadRequest, Detail: "The form could not be read."}
	}
	f := v.r.PostForm
	kept := keptForm{Path: f.Get("kept_path"), Body: f.Get("kept_body")}
	token, wrong := v.tokenOf(strings.TrimSpace(f.Get("token")))
	if wrong != "" {
		v.refused(v.r, wrong)
		s := sheet{Title: "Sign in", Bad: &refusal{Detail: wrong}, Data: v.signInView(f.Get("next"), kept)}
		return v.showAs(http.StatusUnauthorized, "sign-in.html", s)
	}
	return v.enter(Person{Name: token.Name, Role: token.Role, Token: token.ID}, f.Get("next"), kept)
}

// maxSecret bounds what is looked at of a secret that somebody types.
const maxSecret = 512

// tokenOf is the token that a secret belongs to, or why nobody is let in.
func (v *visit) tokenOf(secret string) (token store.Token, wrong string) {
	if secret == "" {
		return token, "Type or paste a token."
	}
	if len(secret) > maxSecret {
		return token, "That is too long for a token."
	}
	token, ok := v.board.Bearer([]byte(secret))
	switch {
	case !ok:
		return token, "That token is not known, or it has expired or been revoked."
	case !token.Role.Allows(store.RoleViewer):
		return token, "That token is for an IVR's lookups and doesn't open the console. Ask an admin for one with the role viewer, editor or admin."
	}
	return token, ""
}

// enter signs somebody in and takes them to where they wanted to be.
func (v *visit) enter(p Person, next string, kept keptForm) error {
	if err := v.sessions.begin(v.w, v.r, p); err != nil {
		return err
	}
	if fields, err := url.ParseQuery(kept.Body); err == nil && kept.Path != "" && kept.Path == localPath(kept.Path) {
		v.who = p
		return v.show("again.html", sheet{Title: "Signed in", Data: againView{kept.Path, fields}})
	}
	http.Redirect(v.w, v.r, localPath(next), http.StatusSeeOther)
	return nil
}

// againView is a form that was kept over a sign-in, to be sent now.
type againView struct {
	Path   string
	Fields url.Values
}

func (v *visit) signOut() error {
	v.sessions.end(v.w, v.r)
	return v.done("/sign-in", "You are signed out.")
}

// localPath is to where it is a path of ours, else the start page: nobody is
// sent elsewhere by a link to the sign-in page.
func localPath(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
		return "/"
	}
	return to
}
