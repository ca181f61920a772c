package console

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/flow/store"
)

// pages are the templates. Each file of templates/ but layout.html is a page,
// which fills in the layout's "main"; those of templates/parts/ define what
// several pages have, and the fragments that pages load by themselves.
type pages struct {
	byName map[string]*template.Template
	parts  *template.Template // fragments, which pages load by themselves
}

func newPages(a *assets) *pages {
	base := template.New("").Funcs(template.FuncMap{
		"asset": a.url, "dict": dict, "may": may, "time": timeTag, "moment": momentTag, "words": words, "join": strings.Join, "grouped": grouped, "called": fieldName,
	})
	base = template.Must(base.ParseFS(files, "templates/layout.html", "templates/parts/*.html"))
	p := &pages{byName: map[string]*template.Template{}, parts: template.Must(base.Clone())}
	names, _ := fs.Glob(files, "templates/*.html") // the pattern is a good one
	for _, name := range names {
		if base := path.Base(name); base != "layout.html" {
			p.byName[base] = template.Must(template.Must(p.parts.Clone()).ParseFS(files, name))
		}
	}
	return p
}

// sheet is what a page is made of.
type sheet struct {
	Page  string // name of its template, which the page bears
	Title string
	Here  string     // path of the entry of the menu that the page belongs to
	Who   Person     // zero on pages for everybody
	Said  string     // what was just done
	Bad   *refusal   // why what was sent can't be taken; nil: nothing was
	Form  url.Values // what was sent, to be shown again
	Now   time.Time
	State string // what a page that shows news has seen already
	Data  any    // the page's own
}

// Val is what was sent of a field, or else what it is without that.
func (s *sheet) Val(field, otherwise string) string {
	if s.Form.Has(field) {
		return s.Form.Get(field)
	}
	return otherwise
}

// show answers with a page.
func (v *visit) show(name string, s sheet) error { return v.showAs(http.StatusOK, name, s) }

// showBad answers with a page that shows what was sent once more, and what is
// wrong with it. Any other error is given back.
func (v *visit) showBad(name string, s sheet, err error) error {
	refused := (*refusal)(nil)
	if !errors.As(err, &refused) || refused.Status >= http.StatusInternalServerError {
		return err
	}
	s.Bad, s.Form = refused, v.r.PostForm
	return v.showAs(refused.Status, name, s)
}

func (v *visit) showAs(status int, name string, s sheet) error {
	t, ok := v.pages.byName[name]
	if !ok {
		return fmt.Errorf("there is no page %s", name)
	}
	s.Page, s.Who, s.Now, s.State, s.Said = strings.TrimSuffix(name, ".html"), v.who, v.board.Now(), v.state, v.said()
	return v.write(status, t, "layout", &s)
}

// part answers with a fragment of a page.
func (v *visit) part(name string, s sheet) error {
	s.Who, s.Now = v.who, v.board.Now()
	return v.write(http.StatusOK, v.pages.parts, name, &s)
}

func (v *visit) write(status int, t *template.Template, name string, s *sheet) error {
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name, s); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	_, _ = v.w.Write(b.Bytes()) // the browser may have gone
	return nil
}

// fail answers with a page that says what went wrong. What people can't do
// anything about is logged, and not shown.
func (v *visit) fail(err error) {
	refused := (*refusal)(nil)
	if !errors.As(err, &refused) {
		v.log.Error().Err(err).Str("page", v.r.Method+" "+v.r.URL.Path).Msg("console page failed")
		refused = &refusal{Status: http.StatusInternalServerError, Detail: "Something went wrong here. It is in the program's log."}
	}
	if err := v.showAs(refused.Status, "failed.html", sheet{Title: http.StatusText(refused.Status), Data: refused}); err != nil {
		v.log.Error().Err(err).Msg("console page failed")
		http.Error(v.w, "internal error", http.StatusInternalServerError)
	}
}

// saidCookie holds a sentence about what was just done, until the next page
// shows it.
const saidCookie = "ringthrough-said"

// done sends the browser on after a form was taken, so that a reload doesn't
// send it again, with a sentence for the next page.
func (v *visit) done(to, sentence string) error {
	if value, err := v.sessions.cookies.Encode(saidCookie, sentence); err == nil {
		v.keepSaid(value, 60)
	}
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
	return nil
}

func (v *visit) keepSaid(value string, maxAge int) {
	http.SetCookie(v.w, v.sessions.cookie(v.r, saidCookie, value, maxAge))
}

func (v *visit) said() string {
	cookie, err := v.r.Cookie(saidCookie)
	if err != nil {
		return ""
	}
	v.keepSaid("", -1)
	var sentence string
	if v.sessions.cookies.Decode(saidCookie, cookie.Value, &sentence) != nil {
		return ""
	}
	return sentence
}

// dict hands several values to a part: dict "name" value …
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("dict: a name without a value")
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, errors.New("dict: a name that is no text")
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}

// may reports whether somebody may do what needs a role.
func may(p Person, role string) bool { return p.Role.Allows(store.Role(role)) }

// timeTag is a time of which the script shows the browser's own, to the
// second; momentTag one to the minute.
func timeTag(t time.Time) template.HTML   { return tag(t, "2006-01-02 15:04:05", "second") }
func momentTag(t time.Time) template.HTML { return tag(t, "2006-01-02 15:04", "minute") }

func tag(t time.Time, layout, to string) template.HTML {
	if t.IsZero() {
		return `<span class="none">–</span>`
	}
	utc := t.UTC()
	return template.HTML(`<time datetime="` + utc.Format(time.RFC3339) + `" data-to="` + to + `">` + utc.Format(layout) + ` UTC</time>`) //nolint:gosec // times and words of ours
}

// words is a name such as code_received as people write it.
func words(name any) string { return strings.ReplaceAll(fmt.Sprint(name), "_", " ") }
