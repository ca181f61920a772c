package console_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

// fieldsOfLine are the fields of a line's form that it can't be without.
func fieldsOfLine() []string {
	return []string{
		"policy", "always", "attestation", "reject_failed", "limit.calls", "20", "limit.per", "1h", "redial_within", "90s", "timezone", "UTC", "enabled", "on",
	}
}

func TestLineIsMade(t *testing.T) {
	r := newRig(t).withLine()
	v := r.visitor("editor")
	v.get("/lines/new").is(t, http.StatusOK).shows(t, "New line", `value="20"`, `value="90s"`, `name="targets[0].address"`)
	p := v.post("/lines/new", "do", "save", "name", "sales", "numbers", " +1 (800) 555-0101\r\n\r\n+18005550102, +18005550103\n",
		"targets[0].kind", "number", "targets[0].address", "+1 512 555 0199", "targets[0].label", "Ana", "targets[0].hours", "Mo-Fr 08:00-18:00",
		"targets[1].kind", "number", "targets[1].address", "", "targets[1].label", "", "targets[1].hours", "",
		"targets[2].kind", "mailbox", "targets[2].address", "codes",
		"policy", "window", "attestation", "C", "limit.calls", "5", "limit.per", "30m", "redial_within", "2m", "continue_url", "https://ivr.example.com/start",
		"announce", "Six digits.", "timezone", "Europe/Berlin", "default", "on").is(t, http.StatusOK)
	p.shows(t, "The line sales is saved")
	if p.path != "/lines/sales" {
		t.Errorf("ended up at %s", p.path)
	}
	want := flow.Line{
		Name: "sales", Numbers: []ani.Number{ani.MustParse("+18005550101"), ani.MustParse("+18005550102"), ani.MustParse("+18005550103")}, Default: true, Enabled: false,
		Policy: flow.PolicyWindow, Attestation: flow.AttestationAtLeastC, Limit: flow.Limit{Calls: 5, Per: flow.Duration(30 * time.Minute)},
		Targets:      []flow.Target{{Kind: flow.KindNumber, Address: "+15125550199", Label: "Ana", Hours: "Mo-Fr 08:00-18:00"}, {Kind: flow.KindMailbox, Address: "codes"}},
		RedialWithin: flow.Duration(2 * time.Minute), ContinueURL: "https://ivr.example.com/start", Announce: "Six digits.", Timezone: "Europe/Berlin",
	}
	if d := cmp.Diff(want, r.line("sales").Line, cmp.Comparer(func(a, b ani.Number) bool { return a == b })); d != "" {
		t.Error(d)
	}
}

func TestLineFormIsRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		fields []string
		shows  []string
	}{
		{"a name with blanks", []string{"name", "Support US"}, []string{`id="e-name">Name must be`, `value="Support US"`, `href="#f-name"`}},
		{"a name that leads elsewhere", []string{"name", "../entries"}, []string{`id="e-name">Name must be`}},
		{"no name", []string{"name", ""}, []string{`id="e-name">Name must be`}},
		{"a number that is none", []string{"numbers", "+18005550101\nnobody"}, []string{"&#34;nobody&#34; is no number that can be read", "+18005550101\nnobody</textarea>"}},
		{"a number of another line", []string{"numbers", "+18005550101\n" + dialled.String()}, []string{"+18005550100 already belongs to the line support-us", `id="e-numbers"`}},
		{"hours of the second person, behind one that was left empty", []string{
			"targets[0].address", "", "targets[1].kind", "queue", "targets[1].address", "desk", "targets[2].kind", "number", "targets[2].address", "+15125550199", "targets[2].hours", "Mo-Fr 8-18",
		}, []string{`id="e-targets[1].hours">Hours have &#34;8-18&#34;`, "Person 2, hours", `name="targets[1].hours" type="text" value="Mo-Fr 8-18"`, `name="targets[0].address" type="text" value="desk"`}},
		{"an address that is no number", []string{"targets[0].kind", "number", "targets[0].address", "Dana"}, []string{`id="e-targets[0].address">Address is not a number`}},
		{"a kind that there is not", []string{"targets[0].kind", "pigeon", "targets[0].address", "Dana"}, []string{`id="e-targets[0].kind"`}},
		{"somebody twice", []string{"targets[0].kind", "queue", "targets[0].address", "desk", "targets[1].kind", "queue", "targets[1].address", "desk"}, []string{"This person is there twice"}},
		{"a limit that is no number", []string{"limit.calls", "many"}, []string{`id="e-limit.calls">Calls at most must be a whole number`, `value="many"`}},
		{"a limit that is too high", []string{"limit.calls", "10001"}, []string{`id="e-limit.calls"`, `value="10001"`}},
		{"a span that is none", []string{"limit.per", "an hour"}, []string{`id="e-limit.per"`, `value="an hour"`}},
		{"a redial that is too late", []string{"redial_within", "2h"}, []string{`id="e-redial_within">A redial comes within must be 0s to 1h`}},
		{"a zone that is none", []string{"timezone", "Berlin"}, []string{`id="e-timezone"`, `value="Berlin"`}},
		{"an address for the others that is none", []string{"continue_url", "ivr"}, []string{`id="e-continue_url"`}},
		{"too much to say", []string{"announce", strings.Repeat("x", 501)}, []string{`id="e-announce"`}},
		{"a policy that there is not", []string{"policy", "never"}, []string{`id="e-policy"`}},
		{"an attestation that there is not", []string{"attestation", "D"}, []string{`id="e-attestation"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t).withLine()
			before := r.board.Snapshot().Revision
			form := fieldsOfLine()
			form = append(form, "name", "sales", "targets[0].kind", "queue")
			p := r.visitor("editor").send(http.MethodPost, "/lines/new", merged(form, c.fields)).is(t, http.StatusUnprocessableEntity)
			p.shows(t, append(c.shows, `role="alert"`)...)
			if r.board.Snapshot().Revision != before {
				t.Error("something was saved")
			}
		})
	}
}

// merged is a form with fields in place of those of the same name.
func merged(form, fields []string) url.Values {
	all := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		all.Set(form[i], form[i+1])
	}
	for i := 0; i+1 < len(fields); i += 2 {
		all.Set(fields[i], fields[i+1])
	}
	return all
}

// field is the name of a field of the person at i.
func field(i int, part string) string { return fmt.Sprintf("targets[%d].%s", i, part) }

func TestASecondDefaultLineIsRefused(t *testing.T) {
	r := newRig(t).withLine()
	r.setLine(func(l *flow.Line) { l.Default = true })
	r.visitor("editor").post("/lines/new", append(fieldsOfLine(), "name", "sales", "default", "on")...).is(t, http.StatusUnprocessableEntity).
		shows(t, `id="e-default"`, "already the line support-us")
}

func TestALineIsNotMadeOverAnother(t *testing.T) {
	r := newRig(t).withLine()
	r.visitor("editor").post("/lines/new", append(fieldsOfLine(), "name", "support-us", "announce", "mine")...).is(t, http.StatusPreconditionFailed).
		shows(t, "there is a line support-us already", `value="mine"`)
	if v := r.line("support-us").Version; v != 1 {
		t.Errorf("version %d", v)
	}
}

func TestPeopleAreArrangedWithoutScript(t *testing.T) {
	people := []string{
		"targets[0].kind", "number", "targets[0].address", "+15125550123", "targets[0].label", "Dana", "targets[0].hours", "Mo-Fr 08:00-18:00",
		"targets[1].kind", "queue", "targets[1].address", "desk", "targets[1].label", "", "targets[1].hours", "",
		"targets[2].kind", "user", "targets[2].address", "ana", "targets[2].label", "not saved", "targets[2].hours", "",
	}
	for _, c := range []struct {
		name, button string
		want         []string
	}{
		{"another", "add", []string{"+15125550123", "desk", "ana", ""}},
		{"up", "up 2", []string{"+15125550123", "ana", "desk"}},
		{"the first can't go up", "up 0", []string{"+15125550123", "desk", "ana"}},
		{"down", "down 0", []string{"desk", "+15125550123", "ana"}},
		{"the last can't go down", "down 2", []string{"+15125550123", "desk", "ana"}},
		{"away", "remove 1", []string{"+15125550123", "ana"}},
		{"only looking", "look", []string{"+15125550123", "desk", "ana"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t).withLine()
			p := r.visitor("editor").post("/lines/support-us/edit", append(append(people, fieldsOfLine()...), "do", c.button, "version", "1", "announce", "typed")...).is(t, http.StatusOK)
			var got []string
			for i := 0; strings.Contains(p.text, `name="`+field(i, "address")); i++ {
				got = append(got, htmlText(between(p.text, `name="`+field(i, "address")+`" type="text" value="`, `"`)))
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
			p.shows(t, `value="typed"`, `value="1"`)
			if v := r.line("support-us").Version; v != 1 {
				t.Errorf("version %d: it was saved", v)
			}
		})
	}
}

func TestFormSaysWhomACallWouldReach(t *testing.T) {
	r := newRig(t).withLine()
	v := r.visitor("editor")
	hours := string(r.tomorrow())
	v.post("/lines/support-us/edit", append(fieldsOfLine(), "do", "look", "version", "1", "targets[0].kind", "number", "targets[0].address", "+15125550123", "targets[0].label", "Dana", "targets[0].hours", hours)...).
		shows(t, "would ring now", "nobody</span> until <time", "then <b>Dana</b>")
	v.get("/lines/support-us/edit").shows(t, "would ring now: <b>Dana</b>")
}

func TestLineIsEdited(t *testing.T) {
	r := newRig(t).withLine()
	b := r.browser("editor")
	b.goTo("/lines")
	b.judge("lines")
	b.click("support-us")
	b.reads("h1", "support-us")
	b.judge("line")
	b.click("Edit")
	b.reads("h1", "Edit support-us")
	b.fill("#f-announce", "Write down six digits.")
	b.click("Add another person")
	b.reads("legend", "Person 3")
	b.fill(`[id="f-targets[2].address"]`, "+15125550188")
	b.fill(`[id="f-targets[2].hours"]`, "Mo-Fr 8-18")
	b.judge("line-edit")
	b.click("Save")
	b.reads(".error", `have "8-18" in them`)
	b.judge("line-refused")
	b.fill(`[id="f-targets[2].hours"]`, "Mo-Fr 08:00-18:00")
	b.click("Save")
	b.reads(".said", "is saved")
	l := r.line("support-us")
	if len(l.Targets) != 3 || l.Targets[2].Hours != "Mo-Fr 08:00-18:00" || l.Announce != "Write down six digits." {
		t.Errorf("kept: %+v", l)
	}
	b.goTo("/lines/new")
	b.judge("line-new")
	b.goTo("/lines/support-us/delete")
	b.judge("line-delete")
}
