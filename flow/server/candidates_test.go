package server

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// marks are the likely and signs of a call; nil where they are not there.
func marks(call any) []any {
	c := call.(map[string]any)
	likely, ok := c["likely"]
	signs, too := c["signs"]
	if !ok && !too {
		return nil
	}
	return []any{likely, signs}
}

// The most likely candidate of a window is marked, with its signs, wherever a
// call is shown. Direct calls have neither.
func TestCandidates(t *testing.T) {
	r := newRig(t)
	r.armed()
	r.entry("+16505550100")
	direct := r.call("+16505550100", "c1")
	r.clock.forward(40 * time.Second)
	bot := r.call("+442079460000", "c2")
	r.clock.forward(20 * time.Second)
	customer := r.call("+15125550188", "c3")
	r.do("lookup", "POST", "/v1/calls/"+bot+"/result", `{"result":"answered","duration_seconds":"35"}`).want(t, 204, "")
	r.do("lookup", "POST", "/v1/calls/"+customer+"/result", `{"result":"answered","duration_seconds":"300"}`).want(t, 204, "")
	r.settled()

	botMarks := []any{true, []any{"came 40s after the window opened, as quickly as the bot does", "calls from GB, and the line is in US", "hung up after 35s, like a robot that has said its code"}}
	customerMarks := []any{false, []any{"came 60s after the window opened, as quickly as the bot does", "calls from US, like this line's customers", "stayed for 5m, and robots don't wait"}}
	want := func(where string, call any, want []any) {
		t.Helper()
		if diff := cmp.Diff(want, marks(call)); diff != "" {
			t.Errorf("%s: -want +got\n%s", where, diff)
		}
	}
	items := parsed(t, r.do("viewer", "GET", "/v1/calls", "").body).(map[string]any)["items"].([]any)
	want("the customer in the list", items[0], customerMarks)
	want("the bot in the list", items[1], botMarks)
	want("the direct call in the list", items[2], nil)
	want("the customer in a part of the list", parsed(t, r.do("viewer", "GET", "/v1/calls?limit=1", "").body).(map[string]any)["items"].([]any)[0], customerMarks)
	want("the bot alone", parsed(t, r.do("viewer", "GET", "/v1/calls/"+bot, "").body), botMarks)
	want("the direct call alone", parsed(t, r.do("viewer", "GET", "/v1/calls/"+direct, "").body), nil)
	said := r.do("editor", "POST", "/v1/calls/"+bot+"/outcome", `{"outcome":"not_activation"}`)
	want("the bot, of which somebody knows better", parsed(t, said.body), []any{false, append([]any{"somebody says that it was no activation call"}, botMarks[1].([]any)...)})
}

// What carried on while no window was open is not kept, and has no result.
func TestResultOfACallThatIsNotKept(t *testing.T) {
	r := newRig(t)
	r.line()
	id := r.call("+442079460000", "c1") // no window is open
	r.do("lookup", "POST", "/v1/calls/"+id+"/result", `{"result":"answered"}`).wantProblem(t, 404,
		"the journal has no call of this lookup id: results belong to lookups that were answered direct, or came while a window was open")
}
