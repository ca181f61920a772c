package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/ringthrough/ringthrough/flow"
)

// linePart is a part of a line that somebody can change apart from the rest:
// the API's name of it, people's, how it reads, and how it gets from one form
// to another.
type linePart struct {
	field, label string
	text         func(lineForm) string
	take         func(to *lineForm, from lineForm)
}

func lineParts() []linePart {
	return []linePart{
		{"name", "Name", func(f lineForm) string { return f.Name }, func(*lineForm, lineForm) {}},
		{"numbers", "Numbers", lineForm.Numbered, func(to *lineForm, from lineForm) { to.Numbers = from.Numbers }},
		{"targets", "People", lineForm.people, func(to *lineForm, from lineForm) { to.Targets = from.Targets }},
		{"policy", "When listed callers ring through", func(f lineForm) string { return f.Policy }, func(to *lineForm, from lineForm) { to.Policy = from.Policy }},
		{"attestation", "The carrier’s word", func(f lineForm) string { return f.Attestation }, func(to *lineForm, from lineForm) { to.Attestation = from.Attestation }},
		{"limit.calls", "Calls at most", func(f lineForm) string { return string(f.Limit.Calls) }, func(to *lineForm, from lineForm) { to.Limit.Calls = from.Limit.Calls }},
		{"limit.per", "In this time", func(f lineForm) string { return f.Limit.Per }, func(to *lineForm, from lineForm) { to.Limit.Per = from.Limit.Per }},
		{"redial_within", "A redial comes within", func(f lineForm) string { return f.RedialWithin }, func(to *lineForm, from lineForm) { to.RedialWithin = from.RedialWithin }},
		{"continue_url", "Where other callers carry on", func(f lineForm) string { return f.ContinueURL }, func(to *lineForm, from lineForm) { to.ContinueURL = from.ContinueURL }},
		{"announce", "What is said to who picks up", func(f lineForm) string { return f.Announce }, func(to *lineForm, from lineForm) { to.Announce = from.Announce }},
		{"timezone", "Time zone", func(f lineForm) string { return f.Timezone }, func(to *lineForm, from lineForm) { to.Timezone = from.Timezone }},
		{"default", "Takes calls to numbers of no line", func(f lineForm) string { return yesNo(f.Default) }, func(to *lineForm, from lineForm) { to.Default = from.Default }},
		{"enabled", "Switched on", func(f lineForm) string { return yesNo(f.Enabled) }, func(to *lineForm, from lineForm) { to.Enabled = from.Enabled }},
	}
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// people writes who picks up, one a line.
func (f lineForm) people() string {
	var b strings.Builder
	for i, t := range f.Targets {
		fmt.Fprintf(&b, "%d. %s %s", i+1, t.Kind, t.Address)
		for _, more := range []string{t.Label, string(t.Hours)} {
			if more != "" {
				b.WriteString(", " + more)
			}
		}
		b.WriteByte('\n')
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// raceView is what two people have made of one line at once.
type raceView struct {
	lineFormView
	Differences []difference
}

// difference is a part of a line that the two don't agree about.
type difference struct {
	Field, Label       string
	Base, Theirs, Mine string // Base is what both began with
	Known              bool   // Base is known
	Take               string // "theirs" where only they have changed it, else "mine"
}

// Both reports whether both have changed the part.
func (d difference) Both() bool { return d.Known && d.Base != d.Theirs && d.Base != d.Mine }

func differences(base *lineForm, theirs, mine lineForm) []difference {
	var all []difference
	for _, part := range lineParts() {
		d := difference{Field: part.field, Label: part.label, Theirs: part.text(theirs), Mine: part.text(mine), Take: "mine"}
		if d.Theirs == d.Mine {
			continue
		}
		if base != nil {
			d.Base, d.Known = part.text(*base), true
			if d.Base == d.Mine {
				d.Take = "theirs"
			}
		}
		all = append(all, d)
	}
	return all
}

// showRace shows what each of two people has written, and asks which shall
// hold; nothing that was typed is lost.
func (v *visit) showRace(view lineFormView, theirs lineForm) error {
	mine := view.canonical()
	all := differences(readBase(view.Base), theirs, mine)
	if len(all) == 0 {
		return v.done("/lines/"+view.Name, "Somebody else has saved the very same meanwhile.")
	}
	view.lineForm, view.Base = mine, theirs.asBase()
	view.Version = theirs.Version
	return v.showAs(http.StatusPreconditionFailed, "line-race.html", sheet{Title: "Two versions of " + view.Name, Here: "/lines", Data: raceView{view, all}})
}

// readBase is what a form was made from; nil where it doesn't say.
func readBase(text string) *lineForm {
	var base lineForm
	if text == "" || json.Unmarshal([]byte(text), &base) != nil {
		return nil
	}
	return &base
}

// settle takes from the other's version the parts for which somebody has
// decided so.
func (f *lineFormView) settle(sent url.Values) {
	base := readBase(f.Base)
	if base == nil {
		return
	}
	for _, part := range lineParts() {
		if sent.Get("take."+part.field) == "theirs" {
			part.take(&f.lineForm, *base)
		}
	}
}

// Place is the place of the person at i, as people count.
func (lineFormView) Place(i int) int { return i + 1 }

// HasAfter reports whether somebody stands behind the person at i.
func (f lineFormView) HasAfter(i int) bool { return i+1 < len(f.Targets) }

// Kinds are the kinds of target, as the form offers them.
func (lineFormView) Kinds() []flow.Kind { return flow.Kinds() }
