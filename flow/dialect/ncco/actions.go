package ncco

import (
	"strings"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dial"
	"github.com/ringthrough/ringthrough/flow/dialect/jsontext"
)

// The options of a hook that this dialect knows.
const (
	optionNCCO = "ncco"      // what is said where the continue URL gives no NCCO
	optionUser = "user_type" // app (also where it is empty) or vbc
	optionName = "user_name" // whole: an app user's name may be a whole e-mail address
)

// maxTimeout is how long an endpoint may ring, in seconds. Unverified for
// NCCOs; it is the bound of the REST API's ringing_timer.
const maxTimeout = 120

// connect rings somebody.
// https://developer.vonage.com/en/voice/voice-api/ncco-reference#connect
type connect struct {
	Action     string     `json:"action"`
	From       string     `json:"from,omitempty"`
	RandomFrom bool       `json:"randomFromNumber,omitempty"` // some number of the account
	Timeout    int        `json:"timeout,omitempty"`
	EventType  string     `json:"eventType,omitempty"`
	EventURL   []string   `json:"eventUrl,omitempty"`
	Endpoint   []endpoint `json:"endpoint"`
}

type endpoint struct {
	Type      string    `json:"type"`
	Number    string    `json:"number,omitempty"`
	OnAnswer  *onAnswer `json:"onAnswer,omitempty"`
	URI       string    `json:"uri,omitempty"`
	User      string    `json:"user,omitempty"`
	Extension string    `json:"extension,omitempty"`
}

// onAnswer is what the person alone hears first. Only phone endpoints have it.
type onAnswer struct {
	URL string `json:"url"`
}

// notify asks a URL, whose reply may be an NCCO.
// https://developer.vonage.com/en/voice/voice-api/ncco-reference#notify
type notify struct {
	Action      string            `json:"action"`
	Payload     map[string]string `json:"payload"`
	EventURL    []string          `json:"eventUrl"`
	EventMethod string            `json:"eventMethod"`
}

type talk struct {
	Action   string `json:"action"`
	Text     string `json:"text"`
	Language string `json:"language,omitempty"`
}

func carries(t flow.Target, h *flow.Hook) bool {
	_, ok := endpointOf(t, h)
	return ok
}

// endpointOf is what a connect rings for t; nothing for queues and mailboxes.
func endpointOf(t flow.Target, h *flow.Hook) (endpoint, bool) {
	switch t.Kind {
	case flow.KindNumber:
		return endpoint{Type: "phone", Number: digits(t.Address)}, dial.IsNumber(t.Address)
	case flow.KindSIP:
		return endpoint{Type: "sip", URI: t.Address}, dial.IsSIP(t.Address)
	case flow.KindUser:
		return userOf(t.Address, h)
	default:
		return endpoint{}, false
	}
}

func userOf(address string, h *flow.Hook) (endpoint, bool) {
	name := dial.UserName(address)
	if h.Options[optionUser] == "vbc" {
		return endpoint{Type: "vbc", Extension: name}, name != "" && strings.Trim(name, "0123456789") == ""
	}
	if h.Options[optionName] == "whole" {
		return endpoint{Type: "app", User: address}, dial.IsUser(address)
	}
	return endpoint{Type: "app", User: name}, name != ""
}

// digits is a number as Vonage writes it.
func digits(number string) string { return strings.TrimPrefix(number, "+") }

// encode acknowledges reports with an empty body: an NCCO, even an empty one,
// would take the place of the one that runs.
func encode(in flow.Instruction, h *flow.Hook) flow.Reply {
	switch in.Act {
	case flow.ActDirect:
		to, ok := endpointOf(in.Target, h)
		if !ok {
			return carryOn(in, h)
		}
		if in.WhisperURL != "" && to.Type == "phone" {
			to.OnAnswer = &onAnswer{in.WhisperURL}
		}
		c := connectTo(to, in, h)
		c.Timeout = dial.Seconds(h.DialTimeout, 1, maxTimeout)
		if in.ResultURL != "" {
			c.EventType, c.EventURL = "synchronous", []string{in.ResultURL}
		}
		return jsontext.Reply([]any{c})
	case flow.ActHangUp:
		return jsontext.Reply([]any{}) // a call ends with the last action
	case flow.ActNothing:
		return flow.Reply{Status: 200}
	default:
		return carryOn(in, h)
	}
}

// connectTo shows the person a number of the account, which Vonage insists
// on: the hook's, else the one that was called, else any.
func connectTo(to endpoint, in flow.Instruction, h *flow.Hook) connect {
	c := connect{Action: "connect", From: digits(dial.CallerID(h)), Endpoint: []endpoint{to}}
	if called := in.Decision.Call.DNIS; c.From == "" && !called.IsZero() {
		c.From = digits(called.String())
	}
	c.RandomFrom = c.From == ""
	return c
}

// carryOn says what the customer's own server said. Where that can't be had,
// the least bad is, in this order: to dial a continue URL that is a tel: or
// sip: URI, the NCCO of the hook's options, to have Vonage ask the continue
// URL itself, and an HTTP error, on which Vonage turns to the application's
// fallback URL. An empty NCCO would end the call.
func carryOn(in flow.Instruction, h *flow.Hook) flow.Reply {
	if jsontext.IsArray(in.Continued) {
		return flow.Reply{Status: 200, ContentType: jsontext.MediaType, Body: in.Continued}
	}
	if t, ok := dial.TargetOf(in.ContinueURL); ok {
		to, _ := endpointOf(t, h)
		return jsontext.Reply([]any{connectTo(to, in, h)})
	}
	if static := []byte(h.Options[optionNCCO]); jsontext.IsArray(static) {
		return flow.Reply{Status: 200, ContentType: jsontext.MediaType, Body: static}
	}
	if strings.HasPrefix(in.ContinueURL, "http") {
		return jsontext.Reply([]any{notify{Action: "notify", Payload: payload(in), EventURL: []string{in.ContinueURL}, EventMethod: "POST"}})
	}
	return flow.Reply{Status: 404, ContentType: "text/plain", Body: []byte("the hook has no continue_url")}
}

// payload names the call as the answer webhook does. Vonage wants one.
func payload(in flow.Instruction) map[string]string {
	c := in.Decision.Call
	p := map[string]string{"lookup_id": in.LookupID}
	for key, value := range map[string]string{"from": digits(c.ANI.String()), "to": digits(c.DNIS.String()), "uuid": c.ID} {
		if value != "" {
			p[key] = value
		}
	}
	return p
}

// whisper is the NCCO of onAnswer.
func whisper(announce string, h *flow.Hook) flow.Reply {
	return jsontext.Reply([]any{talk{Action: "talk", Text: jsontext.Spoken(announce), Language: jsontext.Language(h)}})
}
