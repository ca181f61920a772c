package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// windows are the windows of support-us, the newest first.
func (r *rig) windows() []flow.Window {
	r.t.Helper()
	page, err := r.board.Store().Windows(r.t.Context(), store.WindowQuery{Line: "support-us", At: r.now(), Limit: 10})
	if err != nil {
		r.t.Fatal(err)
	}
	return page.Items
}

func TestWindowIsOpened(t *testing.T) {
	for _, c := range []struct {
		name   string
		fields []string
		said   string
		want   func(w flow.Window) bool
	}{
		{"armed", []string{"mode", "listed", "duration", "30m", "max_calls", "2", "note", "ticket 7"}, "support-us is armed",
			func(w flow.Window) bool {
				return w.Mode == flow.ModeListed && w.ClosesAt.Sub(w.OpensAt) == 30*time.Minute && w.MaxCalls == 2 && w.Note == "ticket 7"
			}},
		{"a rehearsal for two telephones", []string{"mode", "rehearsal", "duration", "15m", "callers", "(512) 555-0177, +442079460000"}, "The rehearsal is open",
			func(w flow.Window) bool {
				return w.Mode == flow.ModeRehearsal && len(w.Callers) == 2 && w.Callers[0].String() == "+15125550177" && w.Callers[1] == stranger
			}},
		{"planned, by the clock of the line", []string{"mode", "listed", "duration", "1h", "opens_at", "2101-07-01T12:00"}, "The window is planned",
			func(w flow.Window) bool { return w.OpensAt.Equal(time.Date(2101, 7, 1, 10, 0, 0, 0, time.UTC)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t).withLine()
			r.setLine(func(l *flow.Line) { l.Timezone = "Europe/Berlin" })
			p := r.visitor("editor").post("/windows", append(c.fields, "line", "support-us", "next", "/calls")...).is(t, http.StatusOK)
			p.shows(t, c.said)
			if p.path != "/calls" {
				t.Errorf("ended up at %s", p.path)
			}
			if w := r.windows()[0]; !c.want(w) {
				t.Errorf("opened: %+v", w)
			}
		})
	}
}

func TestWindowIsRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		fields []string
		shows  []string
	}{
		{"no span", []string{"mode", "listed", "duration", "a while"}, []string{`id="e-duration"`, `value="a while"`, "Arm the line"}},
		{"too long", []string{"mode", "listed", "duration", "8d"}, []string{`id="e-duration">For how long is too far off`}},
		{"a rehearsal of nobody", []string{"mode", "rehearsal", "duration", "15m", "callers", " "}, []string{`id="e-callers"`}},
		{"a rehearsal of no number", []string{"mode", "rehearsal", "duration", "15m", "callers", "me"}, []string{`id="e-callers"`, `value="me"`}},
		{"so many calls", []string{"mode", "listed", "duration", "15m", "max_calls", "few"}, []string{`id="e-max_calls">Close it after so many calls must be a whole number`, `value="few"`}},
		{"a time that is none", []string{"mode", "listed", "duration", "15m", "opens_at", "tonight"}, []string{`id="e-opens_at"`}},
		{"a note that is too long", []string{"mode", "listed", "duration", "15m", "note", strings.Repeat("x", 1001)}, []string{`id="e-note"`}},
		{"a mode that there is not", []string{"mode", "always", "duration", "15m"}, []string{`role="alert"`, "mode=listed"}},
		{"everybody, for too long", []string{"mode", "anyone", "duration", "3h"}, []string{`id="e-duration">For how long is too far off`}},
		{"everybody, for no span", []string{"mode", "anyone", "duration", "a while"}, []string{`id="e-duration"`}},
		{"everybody, for no time", []string{"mode", "anyone", "duration", ""}, []string{`id="e-duration"`}},
		{"everybody, from no time", []string{"mode", "anyone", "duration", "1h", "opens_at", "tonight"}, []string{`id="e-opens_at"`}},
		{"everybody, so many calls", []string{"mode", "anyone", "duration", "1h", "max_calls", "few"}, []string{`id="e-max_calls"`}},
		{"everybody, when it is past already", []string{"mode", "anyone", "sure", "yes", "closes_at", "2020-01-01T00:00:00Z"}, []string{`id="e-duration"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t).withLine()
			p := r.visitor("editor").post("/windows", append(c.fields, "line", "support-us", "next", "/calls")...).is(t, http.StatusUnprocessableEntity)
			p.shows(t, c.shows...)
			if len(r.windows()) > 0 {
				t.Errorf("opened: %+v", r.windows())
			}
		})
	}
}

func TestEverybodyIsDivertedByWhoeverIsSure(t *testing.T) {
	r := newRig(t).withLine()
	v := r.visitor("editor")
	v.get("/windows/new?line=support-us&mode=anyone").shows(t, "nobody hears the IVR", `value="15m"`)
	p := v.post("/windows", "line", "support-us", "mode", "anyone", "duration", "30m", "note", "no numbers came", "next", "/activate/support-us").is(t, http.StatusOK)
	p.shows(t, "EVERY caller of this line (&#43;18005550100) will reach these people until <time", "<b>Dana</b>", "WhatsApp")
	if len(r.windows()) > 0 {
		t.Fatal("it is open before anybody was sure")
	}
	closes, err := time.Parse(time.RFC3339, p.hidden(t, "closes_at"))
	if err != nil {
		t.Fatal(err)
	}
	r.forward(5 * time.Minute)
	p = v.post("/windows", "line", "support-us", "mode", "anyone", "closes_at", p.hidden(t, "closes_at"), "note", p.hidden(t, "note"), "next", p.hidden(t, "next"), "sure", p.hidden(t, "sure")).is(t, http.StatusOK)
	p.shows(t, "Every caller of support-us rings through now.")
	if p.path != "/activate/support-us" {
		t.Errorf("ended up at %s", p.path)
	}
	if w := r.windows()[0]; w.Mode != flow.ModeAnyone || !w.ClosesAt.Equal(closes) || w.Note != "no numbers came" {
		t.Errorf("opened: %+v, and the page said until %s", w, closes)
	}
}

func TestWindowOfNoLine(t *testing.T) {
	r := newRig(t).withLine()
	v := r.visitor("editor")
	for _, mode := range []string{"listed", "anyone"} {
		v.post("/windows", "line", "nobody", "mode", mode, "duration", "15m").is(t, http.StatusNotFound)
	}
	v.get("/windows/new").is(t, http.StatusNotFound)
}

func TestWindowIsClosed(t *testing.T) {
	for _, c := range []struct {
		name string
		mode flow.Mode
		at   time.Duration
		next string
		said string
		path string
	}{
		{"armed", flow.ModeListed, 0, "/calls", "support-us is disarmed", "/calls"},
		{"diverted, from the start page", flow.ModeAnyone, 0, "", "back to normal", "/"},
		{"planned", flow.ModeListed, time.Hour, "/lines/support-us", "called off", "/lines/support-us"},
		{"closed already", flow.ModeListed, -2 * time.Hour, "/calls", "was closed already", "/calls"},
		{"with a way that leads elsewhere", flow.ModeListed, 0, "https://example.com/", "disarmed", "/"},
		{"with a way that leads elsewhere in disguise", flow.ModeListed, 0, "//example.com/", "disarmed", "/"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t).withLine()
			id := r.opens(c.mode, func(w *flow.Window) { w.OpensAt, w.ClosesAt = w.OpensAt.Add(c.at), w.ClosesAt.Add(c.at) })
			p := r.visitor("editor").post("/windows/"+id+"/close", "next", c.next).is(t, http.StatusOK)
			p.shows(t, c.said)
			if p.path != c.path {
				t.Errorf("ended up at %s", p.path)
			}
			if state := r.windows()[0].State(r.now()); state != "closed" {
				t.Errorf("it is %s", state)
			}
		})
	}
	newRig(t).visitor("editor").post("/windows/nobody/close").is(t, http.StatusNotFound)
}

func TestWindowFormsAreGuarded(t *testing.T) {
	t.Run("open", func(t *testing.T) {
		guardsForm(t, newRig(t).withLine(), "editor", "viewer", "/windows", "line", "support-us", "mode", "listed", "duration", "15m")
	})
	t.Run("divert", func(t *testing.T) {
		guardsForm(t, newRig(t).withLine(), "editor", "viewer", "/windows", "line", "support-us", "mode", "anyone", "duration", "15m", "sure", "yes")
	})
	t.Run("close", func(t *testing.T) {
		r := newRig(t).withLine()
		id := r.opens(flow.ModeListed, func(w *flow.Window) { w.ClosesAt = w.ClosesAt.Add(24 * time.Hour) })
		guardsForm(t, r, "editor", "viewer", "/windows/"+id+"/close", "next", "/calls")
	})
	newRig(t).withLine().visitor("viewer").get("/windows/new?line=support-us").is(t, http.StatusForbidden)
}

func TestALineIsDivertedAndBack(t *testing.T) {
	r := newRig(t).withLine()
	b, colleague := r.browser("editor"), r.browser("viewer")
	colleague.goTo("/lines/support-us")
	colleague.reads("h1", "support-us")
	b.goTo("/lines/support-us")
	b.click("Divert every caller")
	b.reads("h1", "Divert every caller of support-us")
	b.judge("window")
	b.click("Go on")
	b.reads(".loud", "EVERY caller")
	b.judge("window-sure")
	b.click("Yes, divert every caller")
	b.reads(".said", "Every caller of support-us rings through now.")
	colleague.reads(".state", "diverted to everyone")
	b.judge("line-diverted")
	colleague.reads("#windows td", "open")
	b.click("End it now")
	b.reads(".said", "back to normal")
	colleague.reads("#windows td", "closed")
	colleague.reads("h2 .state", "ready")
}
