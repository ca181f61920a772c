package console_test

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// sent is a form as a browser would send it: its hidden fields, and those
// that are given.
func (p page) sent(fields ...string) []string {
	var all []string
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`).FindAllStringSubmatch(p.text, -1) {
		all = append(all, m[1], htmlText(m[2]))
	}
	return append(all, fields...)
}

// raced is an edit of support-us that somebody else's comes before: theirs
// has other people and another limit, mine another announcement and limit.
func raced(t *testing.T, r *rig) (v *visitor, race page) {
	t.Helper()
	v = r.visitor("editor")
	p := v.get("/lines/support-us/edit").is(t, http.StatusOK)
	r.setLine(func(l *flow.Line) { l.Targets, l.Limit.Calls = l.Targets[:1], 7 })
	mine := p.sent("numbers", "+1 800 555 0100", "targets[0].kind", "number", "targets[0].address", "+15125550123", "targets[0].label", "Dana", "targets[0].hours", "",
		"targets[1].kind", "queue", "targets[1].address", "WhatsApp", "targets[1].label", "", "targets[1].hours", "", "announce", "Six digits.",
		"policy", "always", "attestation", "reject_failed", "limit.calls", "5", "limit.per", "1h", "redial_within", "90s", "timezone", "UTC", "enabled", "on", "do", "save")
	race = v.post("/lines/support-us/edit", mine...).is(t, http.StatusPreconditionFailed)
	if l := r.line("support-us"); l.Version != 2 || l.Announce != "" {
		t.Fatalf("it was saved: %+v", l)
	}
	return v, race
}

func TestALostRaceOfALineShowsBothVersions(t *testing.T) {
	r := newRig(t).withLine()
	_, race := raced(t, r)
	race.shows(t, "Two versions of support-us", "somebody else saved this line", "Six digits.", "2. queue WhatsApp", "both changed it", "they left it as it was", "you left it as it was",
		`name="take.targets" value="theirs" checked`, `name="take.announce" value="mine" checked`, `name="take.limit.calls" value="mine" checked`)
	race.lacks(t, "take.numbers", "take.timezone")
}

func TestTheTwoVersionsOfALineArePutTogether(t *testing.T) {
	for _, c := range []struct {
		name   string
		take   []string
		people int
		calls  int
		said   string
	}{
		{"as the page proposes", []string{"take.targets", "theirs", "take.announce", "mine", "take.limit.calls", "mine"}, 1, 5, "Six digits."},
		{"all mine", []string{"take.targets", "mine", "take.announce", "mine", "take.limit.calls", "mine"}, 2, 5, "Six digits."},
		{"all theirs", []string{"take.targets", "theirs", "take.announce", "theirs", "take.limit.calls", "theirs"}, 1, 7, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t).withLine()
			v, race := raced(t, r)
			v.post("/lines/support-us/edit", race.sent(append(c.take, "do", "save")...)...).is(t, http.StatusOK).shows(t, "is saved")
			if l := r.line("support-us"); len(l.Targets) != c.people || l.Limit.Calls != c.calls || l.Announce != c.said || len(l.Numbers) != 1 || !l.Enabled {
				t.Errorf("kept: %+v", l.Line)
			}
		})
	}
}

func TestARaceIsLostTwice(t *testing.T) {
	r := newRig(t).withLine()
	v, race := raced(t, r)
	r.setLine(func(l *flow.Line) { l.Timezone = "Europe/Berlin" })
	again := v.post("/lines/support-us/edit", race.sent("take.targets", "theirs", "take.limit.calls", "mine", "do", "save")...).is(t, http.StatusPreconditionFailed)
	again.shows(t, "Europe/Berlin", "Six digits.", `name="take.timezone" value="theirs" checked`, `name="take.announce" value="mine" checked`)
	again.lacks(t, "take.targets")
	v.post("/lines/support-us/edit", again.sent("take.timezone", "theirs", "do", "save")...).is(t, http.StatusOK)
	if l := r.line("support-us"); l.Timezone != "Europe/Berlin" || l.Announce != "Six digits." || l.Limit.Calls != 5 || len(l.Targets) != 1 {
		t.Errorf("kept: %+v", l.Line)
	}
}

func TestWhatWasChosenCanBeEditedOnceMore(t *testing.T) {
	r := newRig(t).withLine()
	v, race := raced(t, r)
	p := v.post("/lines/support-us/edit", race.sent("take.targets", "theirs", "do", "look")...).is(t, http.StatusOK)
	p.shows(t, "Edit support-us", `value="Six digits."`, `name="version" value="2"`)
	p.lacks(t, `name="targets[1].address"`)
}

func TestTwoWhoSaveTheSameDoNotQuarrel(t *testing.T) {
	r := newRig(t).withLine()
	v := r.visitor("editor")
	p := v.get("/lines/support-us/edit")
	r.setLine(func(l *flow.Line) { l.Targets, l.Announce = nil, "Six digits." })
	v.post("/lines/support-us/edit", p.sent(append(fieldsOfLine(), "numbers", dialled.String(), "announce", "Six digits.")...)...).is(t, http.StatusOK).shows(t, "the very same")
}

func TestAnEditOfADeletedLineIsKept(t *testing.T) {
	r := newRig(t).withLine()
	v := r.visitor("editor")
	form := v.get("/lines/support-us/edit").sent(append(fieldsOfLine(), "numbers", dialled.String(), "announce", "typed")...)
	r.edit(store.Change{Op: store.OpDelete, Kind: store.KindLine, Key: "support-us"})
	p := v.post("/lines/support-us/edit", form...).is(t, http.StatusPreconditionFailed)
	p.shows(t, "deleted the line support-us", `value="typed"`, `action="/lines/new"`, `value="support-us"`)
	v.post("/lines/new", p.sent(append(fieldsOfLine(), "name", "support-us", "announce", "typed")...)...).is(t, http.StatusOK)
	if l := r.line("support-us"); l.Announce != "typed" {
		t.Errorf("kept: %+v", l.Line)
	}
}

func TestRacersSeeBothVersions(t *testing.T) {
	r := newRig(t).withLine()
	b := r.browser("editor")
	b.goTo("/lines/support-us/edit")
	b.fill("#f-announce", "Six digits.")
	r.setLine(func(l *flow.Line) { l.Targets[1].Hours = "Mo-Fr 08:00-18:00"; l.Announce = "WhatsApp calls." })
	b.click("Save")
	b.reads("h1", "Two versions of support-us")
	b.judge("line-race")
	b.click("Save what I chose")
	b.reads(".said", "is saved")
	if l := r.line("support-us"); l.Announce != "Six digits." || l.Targets[1].Hours != "Mo-Fr 08:00-18:00" {
		t.Errorf("kept: %+v", l.Line)
	}
}
