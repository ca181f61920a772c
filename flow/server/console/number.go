package console

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/ringthrough/ringthrough/ani"
)

// numberView is the page of one entry.
type numberView struct {
	numberChoices
	Entry *numberNow // nil: it is to be made
	Taken *ani.Entry // the other entry that has the pattern; nil: none has
}

func (v *visit) newNumberPage() error {
	form := v.formOf(numberNow{Entry: ani.NewEntry()})
	maps.Copy(form, only(v.r.URL.Query(), "pattern", "label", "source", "lines"))
	return v.show("number-new.html", v.newNumberSheet(form))
}

func (v *visit) newNumberSheet(form url.Values) sheet {
	return sheet{Title: "Add a number", Here: "/numbers", Form: form, Data: numberView{numberChoices: v.choicesFor(form)}}
}

func (v *visit) addNumber() error {
	form, err := v.sent()
	if err != nil {
		return err
	}
	var made numberNow
	fields, err := v.fieldsOf(form)
	if err == nil {
		err = v.ask(question{method: http.MethodPost, path: "/v1/entries", query: because(form), body: fields}, &made)
	}
	if err != nil {
		return v.numberRefused("number-new.html", v.newNumberSheet(form), err)
	}
	return v.done("/numbers", made.Pattern.String()+" is on the list"+until(made)+".")
}

func (v *visit) numberPage() error {
	s, err := v.numberSheet()
	if err != nil {
		return err
	}
	return v.show("number.html", s)
}

// numberSheet is the page of the entry that the address names, as it is now.
func (v *visit) numberSheet() (sheet, error) {
	e, err := v.number()
	if err != nil {
		return sheet{}, err
	}
	form := v.formOf(e)
	title := e.Pattern.String()
	return sheet{Title: title, Here: "/numbers", Form: form, Data: numberView{numberChoices: v.choicesFor(form), Entry: &e}}, nil
}

// number reads the entry that the address names.
func (v *visit) number() (numberNow, error) {
	e, err := get[numberNow](v, v.numberPath(), nil)
	if statusOf(err) == http.StatusNotFound {
		err = &refusal{Status: http.StatusNotFound, Detail: "This number is not on the list, or no longer."}
	}
	return e, err
}

func (v *visit) numberPath() string { return "/v1/entries/" + pathPart(v.r.PathValue("id")) }

// pathPart is a part of a path that leads nowhere else.
func pathPart(s string) string {
	if strings.ContainsAny(s, `/\`) || s == "." || s == ".." {
		return "none"
	}
	return s
}

// saveNumber writes what was typed over the version that it was made from.
func (v *visit) saveNumber() error {
	form, err := v.sent()
	if err != nil {
		return err
	}
	fields, err := v.fieldsOf(form)
	if err != nil {
		return v.badNumber(form, err)
	}
	var saved numberNow
	q := question{method: http.MethodPatch, path: v.numberPath(), query: because(form), body: fields, ifMatch: version(form)}
	switch err := v.ask(q, &saved); statusOf(err) {
	case 0:
		if err != nil {
			return err
		}
		return v.done("/numbers/"+url.PathEscape(saved.ID), saved.Pattern.String()+" is saved"+until(saved)+".")
	case http.StatusPreconditionFailed:
		return v.showConflict(form, fields)
	default:
		return v.badNumber(form, err)
	}
}

// badNumber shows the entry's page with what was typed, and what is wrong
// with it.
func (v *visit) badNumber(form url.Values, wrong error) error {
	s, err := v.numberSheet()
	if statusOf(err) == http.StatusNotFound {
		return v.numberGone(form)
	}
	if err != nil {
		return err
	}
	view, _ := s.Data.(numberView)
	view.numberChoices = v.choicesFor(form)
	s.Data = view
	return v.numberRefused("number.html", s, wrong)
}

// numberGone keeps what was typed of an entry that somebody has deleted.
func (v *visit) numberGone(form url.Values) error {
	err := &refusal{Status: http.StatusNotFound, Detail: "Somebody has taken this number off the list meanwhile. What you typed is kept: save it to put the number on the list again."}
	return v.showBad("number-new.html", v.newNumberSheet(form), err)
}

// numberRefused shows what was typed and why it can't be taken; where another
// entry has the pattern, it says which.
func (v *visit) numberRefused(name string, s sheet, err error) error {
	view, ok := s.Data.(numberView)
	pattern, wrong := ani.ParsePattern(v.r.PostForm.Get("pattern"))
	if ok && statusOf(err) == http.StatusConflict && wrong == nil {
		ctx, cancel := v.context()
		defer cancel()
		if other, err := v.board.Store().EntryByPattern(ctx, pattern); err == nil {
			view.Taken = &other
			s.Data = view
		}
	}
	return v.showBad(name, s, err)
}

// switchNumber switches an entry off or on, whatever else somebody changes in
// it meanwhile.
func (v *visit) switchNumber() error {
	form, err := v.sent()
	if err != nil {
		return err
	}
	on := form.Get("to") == "on"
	var saved numberNow
	q := question{method: http.MethodPatch, path: v.numberPath(), query: because(form), body: map[string]any{"enabled": on}}
	if err := v.ask(q, &saved); err != nil {
		return v.numberUnchanged(err)
	}
	sentence := saved.Pattern.String() + " is switched off: it lets nobody through."
	if on {
		sentence = saved.Pattern.String() + " is switched on again" + until(saved) + "."
	}
	return v.done("/numbers/"+url.PathEscape(saved.ID), sentence)
}

func (v *visit) deleteNumber() error {
	form, err := v.sent()
	if err != nil {
		return err
	}
	e, err := v.number()
	if err != nil {
		return err
	}
	q := question{method: http.MethodDelete, path: v.numberPath(), query: because(form), ifMatch: version(form)}
	if err := v.ask(q, nil); err != nil {
		return v.numberUnchanged(err)
	}
	return v.done("/numbers", e.Pattern.String()+" is off the list. History keeps what it was.")
}

// numberUnchanged shows the entry as it is now, and why nothing was done.
func (v *visit) numberUnchanged(err error) error {
	if statusOf(err) == http.StatusPreconditionFailed {
		err = &refusal{Status: http.StatusPreconditionFailed, Detail: "Somebody else has changed this number meanwhile, so nothing was done. Here it is as it is now."}
	}
	s, gone := v.numberSheet()
	if gone != nil {
		return gone
	}
	form := s.Form
	v.r.PostForm = form // what was sent is not what the page's form shows
	return v.showBad("number.html", s, err)
}

// statusOf is the status of a refusal; 0 for any other error and for none.
func statusOf(err error) int {
	if refused := (*refusal)(nil); errors.As(err, &refused) {
		return refused.Status
	}
	return 0
}

// version is the version that a form was made from, as If-Match has it.
func version(form url.Values) string {
	n, err := strconv.ParseInt(form.Get("version"), 10, 64)
	if err != nil {
		return `"0"` // which nothing has: a form of ours says its version
	}
	return `"` + strconv.FormatInt(n, 10) + `"`
}

// because is the reason that somebody gives, as the API takes it.
func because(form url.Values) url.Values {
	if why := strings.TrimSpace(form.Get("why")); why != "" {
		return url.Values{"note": {why}}
	}
	return nil
}

// until says how long an entry is good for, as the end of a sentence.
func until(e numberNow) string {
	if e.ExpiresAt.IsZero() {
		return ", until somebody takes it off"
	}
	return ", until " + e.ExpiresAt.UTC().Format("2006-01-02 15:04") + " UTC"
}
