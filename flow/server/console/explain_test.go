package console_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

func TestExplainAnswersAnyQuestion(t *testing.T) {
	for _, c := range []struct {
		name, path string
		shows      []string
	}{
		{"a listed caller", "/lines/support-us/explain?ani=%2B16505550123", []string{"The call would ring through", "<b>Dana</b>", "and at queue <code>WhatsApp</code> if nobody picks up", "raise the alarm", "16. Otherwise"}},
		{"in another spelling", "/lines/support-us/explain?ani=(650)+555-0123", []string{"The call would ring through"}},
		{"a stranger", "/lines/support-us/explain?ani=%2B442079460000", []string{"The call would carry on into the IVR", "+442079460000 is not on the list", "9. Is it on the list?", ">decides<"}},
		{"nobody's number", "/lines/support-us/explain?ani=anonymous", []string{"the caller withholds the number"}},
		{"no number", "/lines/support-us/explain?ani=", []string{"no caller&#39;s number was given"}},
		{"a number that the carrier says is false", "/lines/support-us/explain?ani=%2B16505550123&attestation=failed", []string{"attestation failed is less than is asked", `value="failed" selected`}},
		{"any line", "/explain?ani=%2B16505550123&line=support-us", []string{"The call would ring through", `<option selected>support-us`}},
		{"a called number", "/explain?ani=%2B16505550123&dnis=%2B1+800+555+0100", []string{"The call would ring through", `href="/lines/support-us"`}},
		{"a number of no line", "/explain?ani=%2B16505550123&dnis=%2B442079460000", []string{"belongs to no line"}},
		{"nothing dialled", "/explain?ani=%2B16505550123", []string{"no called number was given"}},
		{"in the line's night", "/lines/support-us/explain?ani=%2B16505550123&at=2026-11-23T03:00", []string{"nobody of support-us can be reached now", "2026-11-23 02:00:00 UTC", "By the clock of Europe/Berlin"}},
		{"in the line's day", "/lines/support-us/explain?ani=%2B16505550123&at=2026-11-23T08:30", []string{"The call would ring through", "2026-11-23 07:30:00 UTC"}},
		{"at a time with its own zone", "/lines/support-us/explain?ani=%2B16505550123&at=2026-11-23T08:30:00-05:00", []string{"The call would ring through", "2026-11-23 13:30:00 UTC"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t).withLine()
			if strings.Contains(c.path, "&at=") {
				r.setLine(func(l *flow.Line) {
					l.Timezone = "Europe/Berlin"
					for i := range l.Targets {
						l.Targets[i].Hours = "Mo-Fr 08:00-18:00"
					}
				})
			}
			p := r.visitor("viewer").get(c.path).is(t, http.StatusOK)
			p.text = strings.ReplaceAll(p.text, "&#43;", "+")
			p.shows(t, c.shows...)
			if n := strings.Count(p.text, `<th scope="row">`); n != 16 {
				t.Errorf("%d rules", n)
			}
		})
	}
}

func TestExplainAsksFirst(t *testing.T) {
	r := newRig(t).withLine()
	v := r.visitor("viewer")
	for _, path := range []string{"/explain", "/lines/support-us/explain"} {
		p := v.get(path).is(t, http.StatusOK)
		p.lacks(t, "Each rule")
		p.shows(t, `method="get"`)
	}
	v.get("/lines/nobody/explain").is(t, http.StatusNotFound)
}

func TestExplainIsRefused(t *testing.T) {
	r := newRig(t).withLine()
	r.setLine(func(l *flow.Line) { l.Numbers = []ani.Number{} })
	v := r.visitor("viewer")
	for _, c := range []struct{ name, path, shows string }{
		{"a time that is none", "/explain?ani=%2B16505550123&dnis=%2B18005550100&at=tonight", `id="e-at"`},
		{"a number that is too long", "/explain?ani=" + strings.Repeat("1", 300), `id="e-ani"`},
		{"a line without a number", "/lines/support-us/explain?ani=%2B16505550123", `id="e-dnis"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			v.get(c.path).is(t, http.StatusUnprocessableEntity).shows(t, c.shows, `role="alert"`)
		})
	}
}

func TestExplainLeavesNoTrace(t *testing.T) {
	r := newRig(t).withLine()
	r.opens(flow.ModeListed, nil)
	before := r.board.Snapshot().Revision
	r.visitor("viewer").get("/lines/support-us/explain?ani=%2B16505550123").is(t, http.StatusOK).lacks(t, "raise the alarm")
	if r.board.Snapshot().Revision != before || !r.board.Seen("support-us").At.IsZero() {
		t.Error("the call that nobody made is remembered")
	}
}

func TestExplainInABrowser(t *testing.T) {
	r := newRig(t).withLine()
	b := r.browser("viewer")
	b.goTo("/lines/support-us")
	b.click("What would happen to a call now?")
	b.reads("h1", "What would happen to a call to support-us now?")
	b.fill("#f-ani", caller.String())
	b.click("What would happen?")
	b.reads("h2", "The call would ring through")
	b.judge("explain-direct")
	b.goTo("/explain?ani=%2B442079460000&line=support-us")
	b.judge("explain-continue")
}
