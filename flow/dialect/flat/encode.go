package flat

import (
	"net/url"
	"strings"

	"github.com/go-faster/jx"

	"github.com/ringthrough/ringthrough/flow"
)

// maxReply is how many bytes a reply may have: Asterisk reads 4096 and drops
// the rest.
const maxReply = 4095

// encode writes the answer in the format that was asked for, JSON if that is
// none of them.
func encode(in flow.Instruction, _ *flow.Hook) flow.Reply {
	switch strings.ToLower(in.Format) {
	case "form":
		return flow.Reply{Status: 200, ContentType: "application/x-www-form-urlencoded", Body: fit(in, writeForm)}
	case "text":
		return flow.Reply{Status: 200, ContentType: "text/plain", Body: []byte(route(in.Act))}
	case "status":
		return flow.Reply{Status: status(in.Act), ContentType: "text/plain", Body: []byte(route(in.Act))}
	default:
		return flow.Reply{Status: 200, ContentType: "application/json", Body: fit(in, writeJSON)}
	}
}

// status answers with a code alone, for Exotel's Passthru and its like. They
// don't follow the 302, which has no Location.
func status(a flow.Act) int {
	if a == flow.ActDirect {
		return 200
	}
	return 302
}

// fit leaves the detail out of an answer that would be too long: no platform
// acts on it, and texts of the longest kind triple in a form.
func fit(in flow.Instruction, write func(Answer) []byte) []byte {
	a := AnswerTo(in)
	body := write(a)
	if len(body) > maxReply {
		a.Detail = ""
		body = write(a)
	}
	return body
}

func writeJSON(a Answer) []byte {
	pairs := a.Pairs()
	size := len("{}")
	for i := range pairs {
		size += len(pairs[i].Key) + len(pairs[i].Value) + len(`,"":""`)
	}
	b := append(make([]byte, 0, size), '{')
	for i := range pairs {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), pairs[i].Key...), '"', ':')
		b = appendString(b, pairs[i].Value)
	}
	return append(b, '}')
}

// appendString leaves to jx only what needs an escape: nearly nothing does,
// and every caller waits for this.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == '"' || s[i] == '\\' {
			w := jx.Writer{Buf: b}
			w.Str(s)
			return w.Buf
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// writeForm escapes all but the unreserved characters of RFC 3986, a blank
// as %20: Asterisk's hashcompat leaves a + as it is.
func writeForm(a Answer) []byte {
	b := make([]byte, 0, 1024)
	for i, p := range a.Pairs() {
		if i > 0 {
			b = append(b, '&')
		}
		b = append(append(b, p.Key...), '=')
		b = append(b, strings.ReplaceAll(url.QueryEscape(p.Value), "+", "%20")...)
	}
	return b
}
