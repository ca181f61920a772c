package console_test

import "testing"

func TestNowShowsACallAsItArrives(t *testing.T) {
	r := newRig(t).withLine()
	b := r.browser("viewer")
	b.reads("article", "support-us")
	r.ring(caller)
	b.reads("td", "nobody asked for this call")
	b.judge("now")
}
