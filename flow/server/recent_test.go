package server

import (
	"testing"
	"time"
)

func TestRecent(t *testing.T) {
	r := newRig(t)
	r.line()
	r.do("editor", "PUT", "/v1/lines/other", `{"numbers":["+442079460001"]}`)
	r.entry("+447700900123")
	ring := func(from, to string) {
		r.do("lookup", "POST", "/v1/lookup", `{"ani":"`+from+`","dnis":"`+to+`"}`)
		r.clock.forward(time.Second)
	}
	r.do("editor", "GET", "/v1/recent", "").want(t, 200, `{"items":[]}`)
	ring("+33142685300", "+18005550100")
	ring("+447700900177", "+442079460001")
	ring("anonymous", "+18005550100")
	ring("+447700900123", "+18005550100") // is let through
	const (
		french   = `{"at":"2026-11-22T21:00:00Z","hook":"flat","line":"support-us","ani":"+33142685300","dnis":"+18005550100","reason":"not_listed"}`
		british  = `{"at":"2026-11-22T21:00:01Z","hook":"flat","line":"other","ani":"+447700900177","dnis":"+442079460001","reason":"not_listed","entry_near":"+447700900123"}`
		withheld = `{"at":"2026-11-22T21:00:02Z","hook":"flat","line":"support-us","ani":"","dnis":"+18005550100","reason":"ani_withheld"}`
	)
	r.do("editor", "GET", "/v1/recent", "").want(t, 200, `{"items":[`+withheld+`,`+british+`,`+french+`]}`)
	r.do("editor", "GET", "/v1/recent?line=support-us", "").want(t, 200, `{"items":[`+withheld+`,`+french+`]}`)
	r.clock.forward(15*time.Minute - 4*time.Second)
	r.do("editor", "GET", "/v1/recent?line=support-us", "").want(t, 200, `{"items":[`+withheld+`]}`)
	r.do("editor", "GET", "/v1/recent?line=nobody", "").wantProblem(t, 422, badFields, "line", `names "nobody", but there is no such line`)
	r.do("viewer", "GET", "/v1/recent", "").wantProblem(t, 403, "the token's role is viewer, and this needs editor")
}
