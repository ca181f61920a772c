package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

var telephone = ani.MustParse("+15125550188")

// One registration, from the sign-in page to the code on paper, with a
// colleague who watches on another screen.
func TestActivateANumber(t *testing.T) {
	r := newRig(t).withLine()
	r.ring(stranger) // the IVR has asked before
	b, colleague := r.browser("editor"), r.browser("viewer")
	colleague.goTo("/activate/support-us")
	colleague.reads("#live-rehearsal", "No test dial")

	b.click("Activate")
	b.sees("#which")
	b.judge("activate-choose")
	b.click("support-us")
	b.reads("#number", "+18005550100")
	b.fill("#numbers", "+16505550199, Meta call 2")
	b.click("Put them on the list")
	b.reads("#live-entries", "+16505550199")
	colleague.reads("#live-entries", "+16505550199")

	b.fill("#caller", telephone.String())
	b.click("Open a rehearsal for 15 minutes")
	b.reads("#live-rehearsal", "Dial the line’s number now")
	r.ring(telephone)
	b.reads("#live-rehearsal", "it rang at number")
	colleague.reads("#live-rehearsal", "it rang at number")

	b.click("Arm the line")
	b.reads("#live-arm", "Armed.")
	colleague.reads("#live-state", "armed")
	r.ring(stranger)
	b.reads("#live-watch", "candidate")
	r.ring(caller)
	b.reads("#live-watch", "rang through")
	b.judge("activate")
	b.click("The code is on paper")
	b.reads("#live-caught", "code received")
	colleague.reads("#live-caught", "code received")
	b.click("Disarm the line")
	b.reads("#live-arm", "not armed")
	colleague.reads("#live-arm", "not armed")
}

// The same without a script, and with everything that can be mistyped.
func TestActivateWithoutScripts(t *testing.T) {
	r := newRig(t).withLine()
	v := r.visitor("editor")
	v.get("/activate").shows(t, `href="/activate/support-us"`)
	v.get("/activate?number=%2B18005550100").shows(t, "It belongs to the line")
	v.get("/activate/support-us").shows(t, "+18005550100", "Meta call 1", "Arm the line")
	if p := v.get("/activate/nowhere"); p.status != http.StatusNotFound {
		t.Errorf("a line that isn't there: %d", p.status)
	}

	p := v.post("/activate/support-us/callers", "numbers", "+16505550198\n0471 1234\n+16505550123, again", "source", "mail <b>", "keep", "72h")
	if p.status != http.StatusUnprocessableEntity {
		t.Errorf("bad numbers: %d", p.status)
	}
	p.shows(t, "0471 1234", "mail &lt;b&gt;")
	if typed := between(p.text, "<textarea", "</textarea>"); strings.Contains(typed, "+16505550198") || !strings.Contains(typed, "0471 1234") {
		t.Errorf("what is left to be mended is %q", typed)
	}
	v.post("/activate/support-us/callers", "numbers", " \n").shows(t, "paste them, one a line")

	p = v.post("/activate/support-us/rehearse", "caller", "nonsense")
	if p.status != http.StatusUnprocessableEntity {
		t.Errorf("a caller that is no number: %d", p.status)
	}
	p.shows(t, `value="nonsense"`, "caller-error")
	v.post("/activate/support-us/rehearse", "caller", telephone.String()).shows(t, "Now dial the line’s number")
	if p := v.post("/activate/support-us/arm", "duration", "9999h"); p.status != http.StatusUnprocessableEntity {
		t.Errorf("armed for too long: %d", p.status)
	}
	v.post("/activate/support-us/arm", "duration", "15m").shows(t, "Request the code now")
	r.ring(caller)
	p = v.get("/activate/support-us")
	v.post("/activate/support-us/outcome", "call", p.hidden(t, "call"), "outcome", "code_missed", "note", "nobody was there").shows(t, "It is written down: code missed.")
	if c := r.lastCall(); c.Outcome != store.OutcomeMissed || c.OutcomeBy != "editor" || c.Note != "nobody was there" {
		t.Errorf("written down: %+v", c)
	}
	if p := v.post("/activate/support-us/outcome", "call", "nobodys", "outcome", "code_missed"); p.status != http.StatusNotFound {
		t.Errorf("a call that isn't there: %d", p.status)
	}
}

func TestViewersOnlyWatch(t *testing.T) {
	r := newRig(t).withLine()
	v := r.visitor("viewer")
	p := v.get("/activate/support-us")
	if p.status != http.StatusOK || strings.Contains(p.text, "Arm the line</button>") || strings.Contains(p.text, "<textarea") {
		t.Errorf("status %d, or what a viewer may not do is offered", p.status)
	}
	for _, path := range []string{"arm", "rehearse", "callers", "outcome"} {
		if p := v.post("/activate/support-us/"+path, "duration", "15m", "caller", telephone.String(), "numbers", stranger.String()); p.status != http.StatusForbidden {
			t.Errorf("%s: %d", path, p.status)
		}
	}
	if live := r.board.Snapshot().Live("support-us"); live.CountOpen(flow.ModeListed, r.now()) > 0 || live.CountOpen(flow.ModeRehearsal, r.now()) > 0 {
		t.Error("a viewer has opened a window")
	}
}

// lastCall is the newest call of the journal.
func (r *rig) lastCall() store.Call {
	r.t.Helper()
	page, err := r.board.Store().Calls(r.t.Context(), store.CallQuery{Limit: 1})
	if err != nil || len(page.Items) == 0 {
		r.t.Fatalf("no call in the journal: %v", err)
	}
	return page.Items[0]
}

func between(text, from, to string) string {
	_, after, _ := strings.Cut(text, from)
	inside, _, _ := strings.Cut(after, to)
	return inside
}

// A line that is armed is not armed once more without a word, and one that
// was armed several times is disarmed at once.
func TestArmedTwice(t *testing.T) {
	r := newRig(t).withLine()
	v := r.visitor("editor")
	v.post("/activate/support-us/arm", "duration", "15m")
	if p := v.post("/activate/support-us/arm", "duration", "1h"); p.status != http.StatusConflict {
		t.Errorf("armed twice: %d", p.status)
	}
	r.opens(flow.ModeListed, func(w *flow.Window) { w.ID = "of-the-api" })
	live := r.board.Snapshot().Live("support-us")
	if n := live.CountOpen(flow.ModeListed, r.now()); n != 2 {
		t.Fatalf("%d windows are open, want 2", n)
	}
	v.post("/windows/of-the-api/close", "next", "/activate/support-us").shows(t, "support-us is disarmed.")
	live = r.board.Snapshot().Live("support-us")
	if n := live.CountOpen(flow.ModeListed, r.now()); n != 0 {
		t.Errorf("%d windows are still open", n)
	}
}

// Each call has a form of its own, so that a robot that calls again doesn't
// get what was written about the call before.
func TestEveryCallIsAskedAbout(t *testing.T) {
	r := newRig(t).withLine()
	v := r.visitor("editor")
	r.ring(caller)
	first := r.lastCall()
	r.forward(2 * time.Minute)
	r.ring(caller)
	v.get("/activate/support-us").shows(t, `id="outcome-`+first.ID+`"`, `id="outcome-`+r.lastCall().ID+`"`)
}

func TestCallersThatAreListedAlreadyAreDone(t *testing.T) {
	r := newRig(t).withLine()
	v := r.visitor("editor")
	v.post("/activate/support-us/callers", "numbers", caller.String()+"\n+16505550177", "keep", "72h").shows(t, "The numbers are on the list.")
	if p := v.post("/activate/support-us/callers", "numbers", "+16505550178", "keep", "abc"); p.status != http.StatusUnprocessableEntity {
		t.Errorf("kept for a span that isn't offered: %d", p.status)
	}
}

func TestOddAddresses(t *testing.T) {
	v := newRig(t).withLine().visitor("viewer")
	for _, path := range []string{"/calls/stream", "/calls/%2e%2e", "/calls/..%2fwindows", "/calls/..%2f..%2fmetrics", "/numbers/..%2flines", "/lines/nowhere"} {
		if p := v.get(path); p.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, p.status)
		}
	}
}
