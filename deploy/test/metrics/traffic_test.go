package metrics_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// document has two lines: one that is made ready for a registration, and one
// whose limit is soon reached.
const document = `{
	"lines": [
		{"name": "support-us", "numbers": ["+18005550100"], "targets": [{"kind": "number", "address": "+15125550123"}, {"kind": "queue", "address": "WhatsApp activation"}]},
		{"name": "desk-uk", "numbers": ["+442079460100"], "limit": {"calls": 1, "per": "1h"}, "targets": [{"kind": "number", "address": "+442079460199"}]}
	],
	"entries": [
		{"pattern": "+16505550123", "label": "Meta call 1", "lines": ["support-us"], "expires_at": %q},
		{"pattern": "+442079460017", "label": "Meta call 2", "lines": ["desk-uk"]},
		{"pattern": "+16505550124", "label": "next week", "lines": ["support-us"], "not_before": %[1]q},
		{"pattern": "+16505550125", "label": "the last registration's", "enabled": false}
	]
}`

const (
	bot      = "+16505550123"
	otherBot = "+442079460017"
	tester   = "+15125550177"
	usLine   = "+18005550100"
	ukLine   = "+442079460100"
)

// traffic is what IVRs and people do with a service while Prometheus watches.
type traffic struct {
	*service
	watched *prometheus
	calls   int
	rests   int               // how often customers don't call where they could
	windows map[string]string // id by line and mode
}

func (s *service) setUp() {
	s.t.Helper()
	s.ops("POST", "/v1/apply", fmt.Sprintf(document, time.Now().Add(30*time.Hour).UTC().Format(time.RFC3339)), nil)
}

// lookup asks as an IVR does, and gives the lookup's id.
func (d *traffic) lookup(path, secret, ani, dnis string) string {
	d.t.Helper()
	d.calls++
	status, reply := d.ask("POST", path, secret, fmt.Sprintf(`{"ani":%q,"dnis":%q,"call_id":"call-%d"}`, ani, dnis, d.calls))
	if status != http.StatusOK {
		d.t.Fatalf("lookup: %d %s", status, reply)
	}
	var flat struct {
		ID string `json:"lookup_id"`
	}
	if err := json.Unmarshal(reply, &flat); err != nil {
		d.t.Fatal(err)
	}
	return flat.ID
}

func (d *traffic) call(ani, dnis string) string { return d.lookup("/v1/lookup", d.ivr, ani, dnis) }

// customers call all the time, and hear the menu. How many do varies.
func (d *traffic) customers() {
	for range 2 + d.calls/150%4 {
		d.lookup("/v1/lookup/pbx", pbxSecret, fmt.Sprintf("+44207946%04d", 200+d.calls%700), ukLine)
	}
	switch d.calls % 5 {
	case 0:
		d.call(fmt.Sprintf("+1512555%04d", d.calls%9000), usLine)
	case 1:
		d.call("anonymous", ukLine)
	}
}

// until has customers call until Prometheus has scraped n times more.
func (d *traffic) until(n int) {
	d.t.Helper()
	want, looks := d.watched.scrapes()+n, 0
	d.Await(d.t, "scrapes", func() bool {
		if looks++; looks%(d.rests+1) == 0 {
			d.customers()
		}
		return d.watched.scrapes() >= want
	})
}

func (d *traffic) open(line, mode, more string) {
	d.t.Helper()
	var made struct{ ID string }
	d.ops("POST", "/v1/windows", fmt.Sprintf(`{"line":%q,"mode":%q,"duration":"30m"%s}`, line, mode, more), &made)
	d.windows[line+" "+mode] = made.ID
}

func (d *traffic) shut(line, mode string) {
	d.t.Helper()
	d.ops("DELETE", "/v1/windows/"+d.windows[line+" "+mode], "", nil)
}

func (d *traffic) ended(id, result string) {
	d.t.Helper()
	if status, reply := d.ask("POST", "/v1/calls/"+id+"/result", d.ivr, fmt.Sprintf(`{"result":%q,"duration_seconds":"41"}`, result)); status != http.StatusNoContent {
		d.t.Fatalf("result: %d %s", status, reply)
	}
}

func (d *traffic) cameOf(id, outcome string) {
	d.t.Helper()
	d.ops("POST", "/v1/calls/"+id+"/outcome", fmt.Sprintf(`{"outcome":%q}`, outcome), nil)
}

// steps are one evening, in its order.
func (d *traffic) steps() []func() {
	return []func(){
		func() {},
		func() { d.open("support-us", "rehearsal", `,"callers":["`+tester+`"]`) },
		func() { d.ended(d.call(tester, usLine), "answered") },
		func() { d.shut("support-us", "rehearsal"); d.open("support-us", "listed", "") },
		func() { d.ended(d.call(bot, usLine), "no_answer") },
		func() { id := d.call(bot, usLine); d.ended(id, "answered"); d.cameOf(id, "code_received") },
		func() { d.shut("support-us", "listed") },
		func() { id := d.call(otherBot, ukLine); d.ended(id, "busy"); d.cameOf(id, "not_activation") },
		func() { d.call(otherBot, ukLine) }, // over the limit
		d.refusals,
		d.unreadable,
		func() {},
	}
}

// refusals are an IVR and a person with wrong tokens.
func (d *traffic) refusals() {
	for range 6 {
		d.ask("POST", "/v1/lookup", "rt_wrong", `{}`)
		d.ask("POST", "/v1/lookup/pbx", "rt_wrong", `{}`)
	}
	d.ask("GET", "/v1/entries", "rt_wrong", "")
}

func (d *traffic) unreadable() {
	for range 5 {
		d.ask("POST", "/v1/lookup", d.ivr, `{"ani":"+1650`)
	}
}
