package freeswitch

import (
	"cmp"
	"encoding/xml"
	"strconv"
	"strings"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dial"
	"github.com/ringthrough/ringthrough/flow/dialect/markup"
)

// dialplan is the answer to mod_xml_curl. What is not found there is looked
// for in the switch's static dialplan: that is how a call carries on.
func dialplan(in flow.Instruction, h *flow.Hook) flow.Reply {
	switch {
	case in.Act == flow.ActDirect && carries(in.Target, h):
		return extensionOf(direct(in, h), h)
	case in.Act == flow.ActHangUp:
		return extensionOf([]action{{Application: "hangup"}}, h)
	default:
		s := section{Name: "result", Result: &result{Status: "not found"}}
		return document(xmlCurl{Type: "freeswitch/xml", Section: s})
	}
}

// direct rings the target, then the backup, then goes on. A queue and a
// mailbox end it: the call comes back from them when all is over, and must not
// ring anybody after that.
func direct(in flow.Instruction, h *flow.Hook) []action {
	last := actionsFor(in.Target, h)
	if dialString(in.Target, h) != "" {
		last = append(last, afterBridge(in, h)...)
		last = append(ringing(h), last...)
	}
	for i, a := range last {
		if a.Application == "transfer" { // the switch asks about that extension as well
			marked := append([]action{}, last[:i]...)
			return append(append(marked, set(asked, in.LookupID)), last[i:]...)
		}
	}
	return last
}

// ringing says how long targets ring, and that the call goes on after one
// that didn't pick up and ends with one that did. The caller's leg is
// answered by neither, so that the caller hears ringing.
func ringing(h *flow.Hook) []action {
	all := []action{set("call_timeout", strconv.Itoa(dial.Seconds(h.DialTimeout, minRing, maxRing)))}
	if number := dial.CallerID(h); number != "" {
		all = append(all, set("effective_caller_id_number", number))
	}
	return append(all, set("hangup_after_bridge", "true"), set("continue_on_fail", "true"))
}

// How long a target rings, in seconds. The switch takes any; SIP itself ends
// most calls after three minutes.
const minRing, maxRing = 1, 180

// afterBridge is what follows when the target didn't pick up: the backup,
// and the way on. A backup that isn't dialled is the end of it.
func afterBridge(in flow.Instruction, h *flow.Hook) []action {
	backup := actionsFor(in.Backup, h)
	if len(backup) > 0 && dialString(in.Backup, h) == "" {
		return backup
	}
	return append(backup, onward(in.ContinueURL, h)...)
}

// onward is the way into the IVR for a caller whom nobody picked up, who is
// in our extension now and no longer on the way through the static dialplan:
// a tel: or sip: continue URL, or else the extension of the option
// continue_extension. Without either the switch hangs up.
func onward(url string, h *flow.Hook) []action {
	if t, ok := dial.TargetOf(url); ok {
		if way := dialString(t, h); way != "" {
			return []action{{"bridge", markup.Text(way)}}
		}
	}
	if way := h.Options["continue_extension"]; placed.MatchString(way) {
		return []action{{"transfer", markup.Text(way)}}
	}
	return nil
}

// actionsFor brings a caller to t; there are none where the hook can't.
//
// Unverified: callcenter. It is there only where the hook's option callcenter
// is true; a queue without a domain is an extension, which may hold anything.
func actionsFor(t flow.Target, h *flow.Hook) []action {
	if way := dialString(t, h); way != "" {
		return []action{{"bridge", markup.Text(way)}}
	}
	domain := mailbox(t, h)
	switch {
	case domain != "":
		return []action{{Application: "answer"}, {"voicemail", markup.Text("default " + domain + " " + t.Address)}}
	case t.Kind == flow.KindQueue && centre.MatchString(t.Address) && h.Options["callcenter"] == "true":
		return []action{{Application: "answer"}, {"callcenter", markup.Text(t.Address)}}
	case t.Kind == flow.KindQueue && placed.MatchString(t.Address):
		return []action{{Application: "answer"}, {"transfer", markup.Text(t.Address)}}
	default:
		return nil
	}
}

// extensionOf is a dialplan with one extension that is for every call. The
// context must be the one that was asked for, or global.
func extensionOf(actions []action, h *flow.Hook) flow.Reply {
	name := cmp.Or(h.FreeSWITCH.Context, "global")
	c := context{Name: markup.Text(name), Extension: ext{Name: "ringthrough", Actions: actions}}
	return document(xmlCurl{Type: "freeswitch/xml", Section: section{Name: "dialplan", Context: &c}})
}

func set(name, value string) action {
	return action{"set", markup.Text(name + "=" + strings.Map(harmless, value))}
}

// harmless keeps variables from being expanded in a value.
func harmless(r rune) rune {
	if strings.ContainsRune("${}", r) {
		return -1
	}
	return r
}

func document(v any) flow.Reply {
	return flow.Reply{Status: 200, ContentType: "text/xml", Body: markup.Document(v)}
}

// xmlCurl is https://developer.signalwire.com/freeswitch/FreeSWITCH-Explained/Modules/mod_xml_curl_1049001/.
type xmlCurl struct {
	XMLName xml.Name `xml:"document"`
	Type    string   `xml:"type,attr"`
	Section section  `xml:"section"`
}

type section struct {
	Name    string   `xml:"name,attr"`
	Context *context `xml:"context"`
	Result  *result  `xml:"result"`
}

type result struct {
	Status string `xml:"status,attr"`
}

type context struct {
	Name      markup.Text `xml:"name,attr"`
	Extension ext         `xml:"extension"`
}

type ext struct {
	Name    string   `xml:"name,attr"`
	Actions []action `xml:"condition>action"`
}

type action struct {
	Application string      `xml:"application,attr"`
	Data        markup.Text `xml:"data,attr,omitempty"`
}
