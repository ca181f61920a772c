package console_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// call is what is kept of a call.
func (r *rig) call(id string) store.Call {
	r.t.Helper()
	c, err := r.board.Store().Call(r.t.Context(), id)
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

// rang is a call from a number, and its row of the journal, in which those
// who are not let through come after the answer.
func (r *rig) rang(from ani.Number) store.Call {
	r.t.Helper()
	before := r.journalled()
	r.ring(from)
	r.until("the call stands in the journal", func() bool { return r.journalled() > before })
	return r.lastCall()
}

// journalled is how many calls stand in the journal.
func (r *rig) journalled() int {
	r.t.Helper()
	page, err := r.board.Store().Calls(r.t.Context(), store.CallQuery{Limit: 1000})
	if err != nil {
		r.t.Fatal(err)
	}
	return len(page.Items)
}

// until waits for what is to become true.
func (r *rig) until(what string, is func() bool) {
	r.t.Helper()
	look, late := time.NewTicker(5*time.Millisecond), time.After(browserWait)
	defer look.Stop()
	for !is() {
		select {
		case <-look.C:
		case <-late:
			r.t.Fatalf("waited in vain: %s", what)
		}
	}
}

func TestCallsAreFiltered(t *testing.T) {
	r := newRig(t).withLine()
	r.rang(caller)
	r.forward(time.Minute)
	r.opens(flow.ModeListed, nil)
	r.rang(stranger)
	today, tomorrow := r.now().UTC().Format(time.DateOnly), r.now().UTC().AddDate(0, 0, 1).Format(time.DateOnly)
	for _, c := range []struct {
		name, query string
		calls       int
		live        bool
	}{
		{"everything", "", 2, true},
		{"everything, sent with empty fields", "?line=&kind=&since=&until=", 2, true},
		{"those that rang through", "?kind=direct", 1, false},
		{"candidates", "?kind=candidate", 1, false},
		{"rehearsals", "?kind=rehearsal", 0, false},
		{"a line", "?line=support-us", 2, false},
		{"a line that there is not", "?line=nobody", 0, false},
		{"today", "?since=" + today + "&until=" + today, 2, false},
		{"from tomorrow", "?since=" + tomorrow, 0, false},
		{"to the second", "?since=2020-01-01T00:00:00Z&until=2020-01-02T00:00:00Z", 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := r.visitor("viewer").get("/calls"+c.query).is(t, http.StatusOK)
			if n := strings.Count(p.text, `<a href="/calls/`) - strings.Count(p.text, `<a href="/calls/candidates"`); n != c.calls {
				t.Errorf("%d calls, want %d:\n%s", n, c.calls, p.text)
			}
			if live := strings.Contains(p.text, "sse-connect"); live != c.live {
				t.Errorf("live: %v", live)
			}
		})
	}
	for name, query := range map[string]string{"a day that is none": "?since=yesterday", "a kind that there is not": "?kind=wrong", "no place in the journal": "?cursor=x"} {
		t.Run(name, func(t *testing.T) {
			r.visitor("viewer").get("/calls"+query).is(t, http.StatusUnprocessableEntity).shows(t, `role="alert"`)
		})
	}
}

func TestCallsComeByPages(t *testing.T) {
	r := newRig(t).withLine()
	r.setLine(func(l *flow.Line) { l.Limit.Calls = 1000 })
	r.opens(flow.ModeListed, nil)
	for range 60 {
		r.ring(caller)
	}
	v := r.visitor("viewer")
	p := v.get("/calls?line=support-us")
	older := htmlText(between(p.text, `<a class="button second" href="`, `"`))
	if !strings.HasPrefix(older, "/calls?cursor=") || !strings.Contains(older, "line=support-us") {
		t.Fatalf("the way on is %q", older)
	}
	q := v.get(older).is(t, http.StatusOK)
	if first, second := strings.Count(p.text, "<tr>"), strings.Count(q.text, "<tr>"); first != 51 || second != 11 {
		t.Errorf("%d and %d rows, with their heads", first, second)
	}
	q.shows(t, `href="/calls?line=support-us">Newest calls`)
	q.lacks(t, "Older calls")
}

func TestCallHasEverything(t *testing.T) {
	r := newRig(t).withLine()
	c := r.rang(caller)
	if _, err := r.board.Report(t.Context(), c.ID, flow.Report{Result: flow.ResultAnswered, Duration: 12 * time.Second}); err != nil {
		t.Fatal(err)
	}
	r.visitor("viewer").get("/calls/"+c.ID).is(t, http.StatusOK).shows(t, "nobody asked for this call", "is on the list", caller.String(), dialled.String(),
		`href="/lines/support-us"`, `href="/numbers/entry-1">Meta call 1`, "number <code>&#43;15125550123", "answered, 12 seconds", "nobody has said", "hook flat", c.ID)
	r.visitor("viewer").get("/calls/"+c.ID+"/now").is(t, http.StatusOK).lacks(t, "<html")
	r.visitor("viewer").get("/calls/nobody").is(t, http.StatusNotFound)
}

func TestOutcomeIsWrittenDown(t *testing.T) {
	for _, outcome := range []store.Outcome{store.OutcomeReceived, store.OutcomeMissed, store.OutcomeNotActivation} {
		t.Run(string(outcome), func(t *testing.T) {
			r := newRig(t).withLine()
			c := r.rang(caller)
			v := r.visitor("editor")
			v.get("/calls/"+c.ID).shows(t, `value="code_received" required`)
			p := v.post("/calls/"+c.ID+"/outcome", "outcome", string(outcome), "note", "heard it twice").is(t, http.StatusOK)
			p.shows(t, "It is written down", "heard it twice", "says editor", `value="`+string(outcome)+`"`)
			if got := r.call(c.ID); got.Outcome != outcome || got.Note != "heard it twice" {
				t.Errorf("kept: %s %q", got.Outcome, got.Note)
			}
		})
	}
}

func TestOutcomeIsRefused(t *testing.T) {
	r := newRig(t).withLine()
	c := r.rang(caller)
	v := r.visitor("editor")
	for name, fields := range map[string][]string{"none": {"note", "typed"}, "another": {"outcome", "lost", "note", "typed"}} {
		t.Run(name, func(t *testing.T) {
			v.post("/calls/"+c.ID+"/outcome", fields...).is(t, http.StatusUnprocessableEntity).shows(t, `id="e-outcome"`, `value="typed"`)
		})
	}
	v.post("/calls/"+c.ID+"/outcome", "outcome", "code_missed", "note", strings.Repeat("x", 1001)).is(t, http.StatusUnprocessableEntity).shows(t, `id="e-note"`, `value="code_missed" checked`)
	v.post("/calls/nobody/outcome", "outcome", "code_missed").is(t, http.StatusNotFound)
	if got := r.call(c.ID); got.Outcome != "" {
		t.Errorf("kept: %s", got.Outcome)
	}
}

func TestOutcomeFormIsGuarded(t *testing.T) {
	r := newRig(t).withLine()
	c := r.rang(caller)
	path := "/calls/" + c.ID + "/outcome"
	v := r.visitor("editor")
	v.header.Set("Sec-Fetch-Site", "cross-site")
	v.post(path, "outcome", "code_missed").is(t, http.StatusForbidden)
	r.visitor("viewer").post(path, "outcome", "code_missed").is(t, http.StatusForbidden)
	r.visitor("viewer").get("/calls/"+c.ID).lacks(t, "<form method=\"post\" action=\"/calls")
	v = r.visitor("editor")
	r.forward(3 * time.Hour)
	p := v.post(path, "outcome", "code_missed", "note", "typed").is(t, http.StatusUnauthorized)
	if got := r.call(c.ID); got.Outcome != "" {
		t.Fatalf("kept: %s", got.Outcome)
	}
	again := v.post("/sign-in", p.sent("token", "editor")...).is(t, http.StatusOK)
	v.post(path, again.sent()...).is(t, http.StatusOK)
	if got := r.call(c.ID); got.Outcome != store.OutcomeMissed || got.Note != "typed" {
		t.Errorf("kept: %s %q", got.Outcome, got.Note)
	}
}

func TestCandidateIsPromoted(t *testing.T) {
	r := newRig(t).withLine()
	r.opens(flow.ModeListed, func(w *flow.Window) { w.Note = "the third try" })
	r.forward(20 * time.Second)
	c := r.rang(stranger)
	v := r.visitor("editor")
	p := v.get("/calls/candidates").is(t, http.StatusOK)
	p.shows(t, "support-us</a>, <time", "the third try", stranger.String(), "&#43;442079460000 is not on the list", "probably the one", "It came ", `action="/calls/`+c.ID+`/promote"`)
	v.get("/calls").shows(t, "probably the one")
	v.get("/calls/"+c.ID).shows(t, "probably the one", "Was this the awaited call?")
	p = v.post("/calls/"+c.ID+"/promote", "label", "Meta, from London", "next", "/calls/candidates").is(t, http.StatusOK)
	p.shows(t, "&#43;442079460000 is on the list for support-us", ">on the list<")
	p.lacks(t, "/promote")
	if p.path != "/calls/candidates" {
		t.Errorf("ended up at %s", p.path)
	}
	if e := r.kept(stranger.String()); e.Label != "Meta, from London" || len(e.Lines) != 1 || e.Lines[0] != "support-us" || e.Source != "call "+c.ID {
		t.Errorf("kept: %+v", e)
	}
	if again := r.rang(stranger); again.Kind != store.CallDirect {
		t.Errorf("its next call is a %s", again.Kind)
	}
	v.post("/calls/"+c.ID+"/promote", "label", "again").is(t, http.StatusConflict).shows(t, "is on the list already")
}

func TestPromotionIsRefused(t *testing.T) {
	r := newRig(t).withLine()
	r.opens(flow.ModeListed, nil)
	c := r.rang(stranger)
	v := r.visitor("editor")
	v.post("/calls/"+c.ID+"/promote", "label", strings.Repeat("x", 201)).is(t, http.StatusUnprocessableEntity).shows(t, "Label</a> is too long", strings.Repeat("x", 201))
	v.post("/calls/nobody/promote", "label", "").is(t, http.StatusNotFound)
	hidden := r.rang(ani.Number{})
	v.get("/calls/"+hidden.ID).is(t, http.StatusOK).lacks(t, "/promote")
	v.post("/calls/"+hidden.ID+"/promote", "label", "").is(t, http.StatusUnprocessableEntity).shows(t, "no caller&#39;s number")
	guardsForm(t, r, "editor", "viewer", "/calls/"+c.ID+"/promote", "label", "kept")
	r.visitor("viewer").get("/calls/candidates").lacks(t, "/promote")
}

func TestCandidatesOfOpenWindows(t *testing.T) {
	r := newRig(t).withLine()
	v := r.visitor("viewer")
	v.get("/calls/candidates").is(t, http.StatusOK).shows(t, "There are none.")
	r.opens(flow.ModeRehearsal, func(w *flow.Window) { w.Callers = []ani.Number{stranger} })
	v.get("/calls/candidates").shows(t, "There are none.")
	r.opens(flow.ModeListed, nil)
	v.get("/calls/candidates").shows(t, "Nobody has called yet", ">open<")
	for i := range 60 {
		r.ring(ani.MustParse(fmt.Sprintf("+4420794601%02d", i)))
	}
	r.until("the candidates stand in the journal", func() bool { return r.journalled() == 60 })
	p := v.get("/calls/candidates")
	p.lacks(t, "Nobody has called yet")
	older := htmlText(between(p.text, `href="/calls/candidates?`, `"`))
	if q := v.get("/calls/candidates?"+older).is(t, http.StatusOK); strings.Count(p.text, "<article") != 50 || strings.Count(q.text, "<article") != 10 {
		t.Errorf("%d and %d candidates", strings.Count(p.text, "<article"), strings.Count(q.text, "<article"))
	}
}

func TestRecentCallersAreForEditors(t *testing.T) {
	r := newRig(t).withLine()
	r.lists(nil, "+442079460009")
	v := r.visitor("editor")
	v.get("/calls/recent").is(t, http.StatusOK).shows(t, "Nobody")
	r.ring(stranger)
	p := v.get("/calls/recent").is(t, http.StatusOK)
	p.shows(t, "support-us", stranger.String(), "not listed", "close to", "&#43;442079460009", ">flat<", `href="/numbers/new?pattern=%2b442079460000&amp;lines=support-us"`)
	v.get("/numbers/new?"+"pattern="+url.QueryEscape(stranger.String())+"&lines=support-us").shows(t, `value="&#43;442079460000"`)
	v.get("/calls/recent?line=support-us").shows(t, "Only support-us is shown", stranger.String())
	v.get("/calls/recent?line=nobody").is(t, http.StatusUnprocessableEntity)
	r.visitor("viewer").get("/calls/recent").is(t, http.StatusForbidden)
	r.forward(16 * time.Minute)
	v.get("/calls/recent").lacks(t, stranger.String())
}

func TestCallsShowMarkupAsText(t *testing.T) {
	r := newRig(t).withLine()
	r.lists(func(e *ani.Entry) { e.Label = markup }, "+442079460001")
	r.opens(flow.ModeListed, func(w *flow.Window) { w.Note = markup })
	direct, candidate := r.rang(ani.MustParse("+442079460001")), r.rang(ani.MustParse("+442079460007"))
	v := r.visitor("editor")
	v.post("/calls/"+direct.ID+"/outcome", "outcome", "code_missed", "note", markup).is(t, http.StatusOK)
	for _, path := range []string{"/calls", "/calls/" + direct.ID, "/calls/" + candidate.ID, "/calls/candidates", "/calls?since=" + url.QueryEscape(markup)} {
		p := v.get(path)
		p.shows(t, "&lt;script&gt;alert(1)")
		p.lacks(t, "<script>alert", "<img")
	}
}

func TestCallsArriveByThemselves(t *testing.T) {
	r := newRig(t).withLine()
	r.opens(flow.ModeListed, nil)
	b := r.browser("editor")
	b.goTo("/calls")
	b.reads("p", "No such call.")
	r.ring(stranger)
	b.reads("td", "candidate")
	r.ring(caller)
	b.reads("td", "rang through")
	b.judge("calls")
	b.goTo("/calls/candidates")
	b.judge("candidates")
	b.goTo("/calls/recent")
	b.judge("recent")
	b.goTo("/calls")
	b.click(stranger.String())
	b.reads("h2", "Was this the awaited call?")
	b.judge("call-candidate")
	b.fill(`input[name="label"]`, "Meta, from London")
	b.click("Put " + stranger.String() + " on the list")
	b.reads(".said", "is on the list for support-us")
	direct := r.rang(caller)
	b.goTo("/calls/" + direct.ID)
	b.reads("dd", "not known yet")
	if _, err := r.board.Report(t.Context(), direct.ID, flow.Report{Result: flow.ResultAnswered, Duration: 12 * time.Second}); err != nil {
		t.Fatal(err)
	}
	b.reads("dd", "answered, 12 seconds")
	b.judge("call-direct")
}
