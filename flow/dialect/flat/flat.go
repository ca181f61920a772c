// Package flat speaks to every platform that can read a flat object: a JSON
// object, a form or a query string comes in, an object of nothing but strings
// goes out. It knows no connection and leaves the reading of numbers to flow.
package flat

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

// Dialect is flat, version 1. Its names of fields and keys are frozen.
func Dialect() flow.Dialect {
	return flow.Dialect{Name: "flat", Decode: decode, Encode: encode, Result: result}
}

// The fields of a lookup.
const (
	fieldANI = iota
	fieldDNIS
	fieldCallID
	fieldAttestation
	fieldRegion
)

// lookupNames are the names of the fields, in the order in which they win
// over each other. CXone, Exotel, Genesys, Twilio and Vonage are where most of
// them come from.
var lookupNames = newNames([][]string{
	fieldANI:         {"ani", "from", "caller", "caller_id", "callfrom", "cli", "calling_number", "callerid"},
	fieldDNIS:        {"dnis", "to", "called", "calledaddress", "callto", "did", "called_number"},
	fieldCallID:      {"call_id", "callsid", "calluuid", "callid", "contact_id", "conversationid", "conversation_id", "uuid"},
	fieldAttestation: {"attestation", "verstat", "stirverstat", "attest"},
	fieldRegion:      {"region", "country"},
})

func decode(r flow.Request, h *flow.Hook) (flow.Call, error) {
	f, err := read(r, lookupNames)
	if err != nil {
		return flow.Call{Malformed: true}, err
	}
	return h.Reading.Call(flow.Fields{
		ANI:         f[fieldANI].dialled(),
		DNIS:        f[fieldDNIS].dialled(),
		CallID:      f[fieldCallID].text,
		Attestation: f[fieldAttestation].text,
		Region:      region(f[fieldRegion].text),
	}), nil
}

// region is an ISO 3166 alpha-2 code in capitals, empty for anything else:
// a country's name in the field must not take the hook's region away.
func region(text string) string {
	code := strings.ToUpper(text)
	if len(code) != 2 || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return ""
	}
	return code
}

// The fields of a result.
const (
	fieldResult = iota
	fieldDuration
)

var resultNames = newNames([][]string{
	fieldResult:   {"result"},
	fieldDuration: {"duration_seconds"},
})

func result(r flow.Request, _ *flow.Hook) (flow.Report, error) {
	f, err := read(r, resultNames)
	if err != nil {
		return flow.Report{}, err
	}
	var p ani.Problems
	report := flow.Report{Result: flow.Result(f[fieldResult].text), Ended: true}
	if !slices.Contains(flow.Results(), report.Result) {
		p.Add("result", "must be answered, no_answer, busy or failed")
	}
	var ok bool
	if report.Duration, ok = readSeconds(f[fieldDuration].text); !ok {
		p.Add("duration_seconds", "must be 0 to 86400 seconds, such as 12, or be left out")
	}
	if err := p.Err(); err != nil {
		return flow.Report{}, err
	}
	return report, nil
}

// readSeconds reads plain decimal seconds, at most a day; nothing is none.
func readSeconds(text string) (time.Duration, bool) {
	if text == "" {
		return 0, true
	}
	if strings.Trim(text, "0123456789.") != "" {
		return 0, false
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || seconds > (24*time.Hour).Seconds() {
		return 0, false
	}
	return time.Duration(seconds * float64(time.Second)), true
}
