package sip302

import (
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
)

// A caller is one that the message names.
func FuzzDecode(f *testing.F) {
	f.Add("INVITE sip:+18005550100@x SIP/2.0\r\nFrom: <sip:+16505550123;verstat=TN-Validation-Passed-A@y>;tag=1\r\nCall-ID: a@b\r\n\r\n")
	f.Add("INVITE tel:+18005550100 SIP/2.0\r\nf: <sip:anonymous@anonymous.invalid>\r\ni: a\r\nP-Asserted-Identity: \"a, b\" <tel:+1-650-555-0123>\r\nDiversion: <sip:1@x>\r\n\r\n")
	f.Add("INVITE sip:x SIP/2.0\r\nTo: <sip:%2B18005550100@y>\r\nFrom:\r\n <sip:1 650 555 0123@z>\r\nHistory-Info: <sip:+1@x;cause=302>;index=1.1, ;index=1\r\n\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		h := sampleHook()
		// A folded line is one value with a blank in it.
		unfolded := strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ").Replace(text)
		texts := append(strings.FieldsFunc(text, func(r rune) bool { return r == '\r' || r == '\n' }), unfolded)
		for _, line := range texts {
			_, value, _ := strings.Cut(line, ":")
			texts = append(texts, strings.Trim(value, " \t"))
		}
		r := flow.Request{Method: "INVITE", ContentType: "message/sip", Body: []byte(text), Header: func(string) string { return "" }}
		c, err := Dialect().Decode(r, &h)
		if err == nil && c.ID != "" {
			texts = append(texts, c.ID) // folded, it stands nowhere as it is
		}
		dialecttest.CheckDecode(t, Dialect(), r, &h, texts)
	})
}

// Whatever stands in an instruction and its hook, the reply is a status line
// and Contacts, and there are none in a refusal.
func FuzzEncode(f *testing.F) {
	f.Add("direct", "number", "+15125550123", "sip:{number}@gw.example.com", "Meta\r\nContact: <sip:evil@example.com>")
	f.Add("direct", "sip", "sip:desk@pbx.example.com>;q=1\r\nVia: x", "", "")
	f.Add("continue", "user", `dana"`, "sip:{number}@a?b", "\x00\xff")
	f.Fuzz(func(t *testing.T, act, kind, address, template, announce string) {
		h := &flow.Hook{SIPTemplate: template, ContinueURL: announce, CallerID: announce}
		target := flow.Target{Kind: flow.Kind(kind), Address: address, Label: announce}
		in := flow.Instruction{Act: flow.Act(act), LookupID: announce, Decision: flow.Decision{Announce: announce}, Target: target, Backup: target}
		want, n := "SIP/2.0 404 Not Found", 0
		if act == "direct" && carries(target, h) {
			want, n = "SIP/2.0 302 Moved Temporarily", 2
		}
		if got := contacts(t, encode(in, h), want); len(got) != n {
			t.Fatalf("%s to %v: %q", act, target, got)
		}
	})
}
