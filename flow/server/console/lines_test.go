package console_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// line is what is kept of a line.
func (r *rig) line(name string) store.Line {
	r.t.Helper()
	l, err := r.board.Store().Line(r.t.Context(), name)
	if err != nil {
		r.t.Fatal(err)
	}
	return l
}

// setLine changes the line support-us as somebody else would.
func (r *rig) setLine(change func(*flow.Line)) {
	r.t.Helper()
	l := r.line("support-us").Line
	change(&l)
	r.edit(store.Change{Op: store.OpPut, Kind: store.KindLine, Key: l.Name, Line: &l})
}

// opens makes a window on support-us for an hour, and gives its id.
func (r *rig) opens(mode flow.Mode, change func(*flow.Window)) string {
	r.t.Helper()
	w := flow.Window{ID: "window-" + string(mode), Line: "support-us", Mode: mode, OpensAt: r.now(), ClosesAt: r.now().Add(time.Hour)}
	if change != nil {
		change(&w)
	}
	r.edit(store.Change{Op: store.OpCreate, Kind: store.KindWindow, Key: w.ID, Window: &w})
	return w.ID
}

// tomorrow are hours that are closed until tomorrow, wherever today is.
func (r *rig) tomorrow() flow.Hours {
	return flow.Hours(r.now().UTC().AddDate(0, 0, 1).Weekday().String()[:2] + " 08:00-18:00")
}

func TestLinesShowTheirState(t *testing.T) {
	for _, c := range []struct {
		name  string
		done  func(*rig)
		shows []string
	}{
		{"ready", func(*rig) {}, []string{">ready<", "<b>Dana</b>", "+15125550123", ">WhatsApp<"}},
		{"armed", func(r *rig) { r.opens(flow.ModeListed, nil) }, []string{">armed<", "data-until="}},
		{"diverted", func(r *rig) { r.opens(flow.ModeAnyone, nil) }, []string{">diverted to everyone<"}},
		{"switched off", func(r *rig) { r.setLine(func(l *flow.Line) { l.Enabled = false }) }, []string{">switched off<"}},
		{"nobody picks up", func(r *rig) { r.setLine(func(l *flow.Line) { l.Targets = nil }) }, []string{">not ready<", "nobody"}},
		{"nobody before tomorrow", func(r *rig) {
			r.setLine(func(l *flow.Line) { l.Targets = l.Targets[:1]; l.Targets[0].Hours = r.tomorrow() })
		}, []string{">not ready<", "nobody</span> until <time", "then <b>Dana</b>"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t).withLine()
			c.done(r)
			v := r.visitor("viewer")
			for _, path := range []string{"/lines", "/now/lines-table", "/lines/support-us", "/lines/support-us/now"} {
				v.get(path).is(t, http.StatusOK).shows(t, c.shows...)
			}
		})
	}
}

func TestLinesWithoutAny(t *testing.T) {
	r := newRig(t)
	r.visitor("editor").get("/lines").is(t, http.StatusOK).shows(t, "There are no lines yet", `href="/lines/new"`)
	r.visitor("viewer").get("/lines").lacks(t, "/lines/new")
	r.visitor("viewer").get("/lines/nobody").is(t, http.StatusNotFound).shows(t, "no line nobody")
}

func TestLinePageHasEverything(t *testing.T) {
	r := newRig(t).withLine()
	r.setLine(func(l *flow.Line) {
		l.Announce, l.ContinueURL = "Write down six digits.", "https://ivr.example.com/start"
	})
	for i := range 12 {
		r.opens(flow.ModeListed, func(w *flow.Window) {
			w.ID += string(rune('a' + i))
			w.Note = "try " + w.ID
			w.OpensAt = w.OpensAt.Add(time.Duration(i) * time.Millisecond)
		})
	}
	r.ring(stranger)
	v := r.visitor("editor")
	p := v.get("/lines/support-us").is(t, http.StatusOK)
	p.shows(t, "+18005550100", ">rings first<", ">backup<", "20 calls in 1h", "redial within 90s", "Write down six digits.", "https://ivr.example.com/start",
		"Is it safe to request a code?", `class="state ok"`, "try window-listedl", `href="/activate/support-us"`, `href="/calls?line=support-us"`, `href="/lines/support-us/explain"`,
		stranger.String(), "not listed", "/numbers/new?pattern=%2b442079460000")
	p.lacks(t, "try window-listeda")
	v.get(between(p.text, `<p><a href="`, `"`)).is(t, http.StatusOK).shows(t, "try window-listeda")
	r.visitor("viewer").get("/lines/support-us").lacks(t, "<form method=\"post\" action=\"/windows", "/lines/support-us/edit", "/delete", stranger.String())
}

func TestLinesShowMarkupAsText(t *testing.T) {
	r := newRig(t).withLine()
	r.setLine(func(l *flow.Line) { l.Targets[0].Label, l.Announce = markup, markup })
	r.opens(flow.ModeAnyone, func(w *flow.Window) { w.Note = markup })
	v := r.visitor("editor")
	for _, path := range []string{
		"/lines", "/lines/support-us", "/lines/support-us/windows", "/lines/support-us/edit", "/lines/support-us/explain?ani=%2B16505550123", "/explain?ani=" + "%3Cscript%3Ealert(1)%3C/script%3E&at=%22%3E%3Cimg",
		"/windows/new?line=support-us&mode=listed&note=%3Cscript%3Ealert(1)%3C/script%3E", "/lines/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
	} {
		p := v.get(path)
		p.shows(t, "&lt;script&gt;alert(1)")
		p.lacks(t, "<script>alert", "<img")
	}
	v.post("/windows", "line", "support-us", "mode", "anyone", "duration", "15m", "note", markup).is(t, http.StatusOK).lacks(t, "<script>alert", "<img")
	v.post("/lines/new", "name", markup, "numbers", markup, "targets[0].address", markup, "base", markup).is(t, http.StatusUnprocessableEntity).lacks(t, "<script>alert", "<img")
}

func TestLineIsDeletedByWhoeverIsSure(t *testing.T) {
	r := newRig(t).withLine()
	window := r.opens(flow.ModeListed, nil)
	v := r.visitor("editor")
	p := v.get("/lines/support-us/delete").is(t, http.StatusOK)
	p.shows(t, "Delete support-us?", dialled.String(), "1 window that is open", "2 people")
	r.setLine(func(l *flow.Line) { l.Announce = "changed meanwhile" })
	p = v.post("/lines/support-us/delete", "version", p.hidden(t, "version")).is(t, http.StatusPreconditionFailed)
	p.shows(t, "somebody else has changed it meanwhile", "Delete support-us?")
	v.post("/lines/support-us/delete", "version", p.hidden(t, "version")).is(t, http.StatusOK).shows(t, "The line support-us is deleted.")
	if _, there := r.board.Snapshot().Line("support-us"); there {
		t.Error("the line is still there")
	}
	if w, err := r.board.Store().Window(t.Context(), window); err != nil || w.State(r.now()) != "closed" {
		t.Errorf("its window is %s, %v", w.State(r.now()), err)
	}
	v.post("/lines/support-us/delete", "version", "1").is(t, http.StatusNotFound)
}

func TestLineThatEntriesNameStays(t *testing.T) {
	r := newRig(t).withLine()
	r.lists(func(e *ani.Entry) { e.Lines = []string{"support-us"} }, "+442079460001")
	r.visitor("editor").post("/lines/support-us/delete", "version", "1").is(t, http.StatusConflict).shows(t, "Delete support-us?", "Change or delete them first")
	if _, there := r.board.Snapshot().Line("support-us"); !there {
		t.Error("the line is gone")
	}
}

func TestLineFormsAreGuarded(t *testing.T) {
	for _, c := range []struct {
		name, path string
		fields     []string
	}{
		{"new", "/lines/new", append(fieldsOfLine(), "name", "sales")},
		{"edit", "/lines/support-us/edit", append(fieldsOfLine(), "announce", "changed", "version", "1")},
		{"delete", "/lines/support-us/delete", []string{"version", "1"}},
	} {
		t.Run(c.name, func(t *testing.T) { guardsForm(t, newRig(t).withLine(), "editor", "viewer", c.path, c.fields...) })
	}
}
